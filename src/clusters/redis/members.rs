//! All members of a cluster, and who of them serves and who copies: the second half of the plan. Pure.

use std::collections::BTreeMap;

use super::place::{Candidate, Seat, assign};
use super::{Error, Instance, Peer, Plan, SLOTS, Slots, Step, Wish};

/// The cluster as the instances together know it.
pub(super) struct Members {
    members: BTreeMap<String, Member>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    index: Option<usize>,
    host: String,
    place: String,
    slots: Slots,
    master: Option<String>,
    replica: bool,
    failed: bool,
}

impl Members {
    /// Puts together what the instances know.
    pub(super) fn read(instances: &[Instance]) -> Self {
        let mut members = BTreeMap::new();
        let mut claimed = Slots::default();
        for (index, instance) in instances.iter().enumerate() {
            claimed = claimed.or(&instance.own().slots);
            let mut member = Member::of(instance.own());
            member.index = Some(index);
            member.host.clone_from(&instance.ip);
            member.place = instance.address.to_string();
            members.insert(instance.id.clone(), member);
        }
        for peer in
            instances.iter().flat_map(|instance| &instance.peers).filter(|peer| peer.is_member())
        {
            let member = members.entry(peer.id.clone()).or_insert_with(|| Member::of(peer));
            if member.index.is_none() {
                // Of a stranger all that counts is said by others; what the instances serve themselves is theirs.
                member.slots = member.slots.or(&peer.slots).without(&claimed);
            }
        }
        Self { members }
    }

    /// Returns the slots that somebody serves.
    pub(super) fn slots(&self) -> Slots {
        self.members.values().fold(Slots::default(), |slots, member| slots.or(&member.slots))
    }

    /// Returns those who serve slots.
    pub(super) fn holders(&self) -> impl Iterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, member)| !member.slots.is_empty())
    }

    /// Returns the instances that are masters of nothing.
    pub(super) fn free(&self, instances: &[Instance]) -> Vec<usize> {
        let is_free = |instance: &Instance| {
            !instance.leaving && !instance.own().replica && instance.own().slots.is_empty()
        };
        (0..instances.len()).filter(|node| is_free(&instances[*node])).collect()
    }

    /// Returns the master that an instance copies, when that one serves slots.
    pub(super) fn master_of(&self, instance: &Instance) -> Option<&String> {
        let master = instance.own().master.as_ref()?;
        let (id, _) = self.holders().find(|(id, _)| *id == master)?;
        Some(id)
    }

    /// Gives the slots that nobody has to masters.
    pub(super) fn serve(
        &mut self,
        wish: &Wish,
        instances: &[Instance],
        plan: &mut Plan,
    ) -> Result<(), Error> {
        let mut missing = Slots::all().without(&self.slots());
        let holders = self.holders().count();
        let lacking = wish.masters().saturating_sub(holders);
        let mut free = self.free(instances);
        if missing.is_empty() {
            return Ok(());
        }
        let mut masters: Vec<usize> = self
            .holders()
            .filter_map(|(_, member)| member.index)
            .filter(|node| !instances[*node].leaving)
            .collect();
        for _ in 0..lacking {
            let Some(next) = self.next_master(&masters, &free, instances) else { break };
            free.retain(|node| *node != next);
            refuse_keys(&instances[next])?;
            masters.push(next);
        }
        if masters.is_empty() {
            return Err(Error::Impossible(format!(
                "the slots {missing} are served by nobody, and none of the nodes can take them: all are replicas"
            )));
        }
        masters.sort_unstable();
        let has: Vec<usize> =
            masters.iter().map(|node| instances[*node].own().slots.len()).collect();
        for (node, count) in masters.iter().zip(shares(&has, missing.len())) {
            let slots = missing.take(count);
            if let Some(member) = self.members.get_mut(&instances[*node].id) {
                member.slots = member.slots.or(&slots);
            }
            if !slots.is_empty() {
                plan.steps.push(Step::AddSlots { node: *node, slots });
            }
        }
        Ok(())
    }

    /// Returns the free instance on the host with the fewest masters.
    pub(super) fn next_master(
        &self,
        masters: &[usize],
        free: &[usize],
        instances: &[Instance],
    ) -> Option<usize> {
        let strangers = || self.holders().filter(|(_, member)| member.index.is_none());
        let on = |host: &str| {
            let own = masters.iter().filter(|node| instances[**node].ip == host).count();
            own + strangers().filter(|(_, member)| member.host == host).count()
        };
        free.iter().copied().min_by_key(|node| (on(&instances[*node].ip), *node))
    }

    /// Gives every instance without slots a master.
    pub(super) fn copy(
        &self,
        wish: &Wish,
        instances: &[Instance],
        plan: &mut Plan,
    ) -> Result<(), Error> {
        let masters: Vec<(&String, &Member)> =
            self.holders().filter(|(_, member)| !member.failed).collect();
        if masters.is_empty() {
            return Ok(());
        }
        let seat = |id: &String| masters.iter().position(|(master, _)| *master == id);
        let strangers: Vec<usize> = self
            .members
            .values()
            .filter(|member| member.index.is_none() && member.replica && !member.failed)
            .filter_map(|member| member.master.as_ref().and_then(seat))
            .collect();
        let seats: Vec<Seat> = masters
            .iter()
            .enumerate()
            .map(|(index, (_, member))| Seat {
                host: member.host.clone(),
                others: strangers.iter().filter(|seat| **seat == index).count(),
            })
            .collect();
        let nodes: Vec<usize> = (0..instances.len())
            .filter(|node| {
                let member = self.members.get(&instances[*node].id);
                !instances[*node].leaving && member.is_some_and(|member| member.slots.is_empty())
            })
            .collect();
        let candidates: Vec<Candidate> = nodes
            .iter()
            .map(|node| Candidate {
                host: instances[*node].ip.clone(),
                current: instances[*node].own().master.as_ref().and_then(seat),
            })
            .collect();
        let least = wish.replicas.min((nodes.len() + strangers.len()) / seats.len());
        let places = assign(&candidates, &seats, least);
        for ((node, candidate), place) in nodes.iter().zip(&candidates).zip(&places) {
            if candidate.current != Some(*place) {
                refuse_keys(&instances[*node])?;
                plan.steps.push(Step::Replicate { node: *node, master: masters[*place].0.clone() });
            }
            if candidate.host == seats[*place].host {
                plan.warnings.push(format!(
                    "{} copies {} on the same host: both would be lost with it; spread the nodes over more hosts",
                    instances[*node].address, masters[*place].1.place
                ));
            }
        }
        Ok(())
    }
}

impl Member {
    fn of(peer: &Peer) -> Self {
        Self {
            index: None,
            host: peer.ip.clone(),
            place: format!("{}:{}", peer.ip, peer.port),
            slots: peer.slots.clone(),
            master: peer.master.clone(),
            replica: peer.replica,
            failed: peer.failed,
        }
    }
}

/// Refuses an instance that would lose keys by becoming a replica, or bring them where they do not belong.
pub(super) fn refuse_keys(instance: &Instance) -> Result<(), Error> {
    let own = instance.own();
    if instance.keys == 0 || own.replica || !own.slots.is_empty() {
        return Ok(());
    }
    Err(Error::Impossible(format!(
        "Redis at {} is not empty: it holds {} keys that are in no cluster; save them, then empty it (`FLUSHALL`)",
        instance.address, instance.keys
    )))
}

/// Returns how many of the missing slots each master gets, so that all come as near to each other as can be.
pub(super) fn shares(has: &[usize], missing: usize) -> Vec<usize> {
    let below = |level: usize| has.iter().map(|count| level.saturating_sub(*count)).sum::<usize>();
    let level = (0..=usize::from(SLOTS)).rev().find(|level| below(*level) <= missing).unwrap_or(0);
    let mut rest = missing - below(level);
    has.iter()
        .map(|count| {
            let more = usize::from(rest > 0 && *count <= level);
            rest -= more;
            level.saturating_sub(*count) + more
        })
        .collect()
}
