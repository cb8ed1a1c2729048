//! From what is there to what is wished: the next steps. Pure.
//!
//! First all instances have to know each other; then slots that nobody has are given to masters, and what is no master
//! copies one. What is there stays: masters keep their slots, replicas their masters where those run elsewhere.

use std::collections::BTreeMap;

use super::place::{Candidate, Seat, assign};
use super::{Error, Instance, Peer, SLOTS, Slots, Wish, simulate};

/// Something to do with an instance; instances are named by their place in the wish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// It serves these slots.
    AddSlots {
        /// The instance.
        node: usize,
        /// The slots.
        slots: Slots,
    },
    /// It forgets a node that is gone.
    Forget {
        /// The instance.
        at: usize,
        /// The node.
        id: String,
    },
    /// It makes the acquaintance of another one.
    Meet {
        /// The instance.
        at: usize,
        /// The other one.
        node: usize,
    },
    /// It copies a master.
    Replicate {
        /// The instance.
        node: usize,
        /// The master.
        master: String,
    },
    /// It, empty and a replica of nothing, becomes a master again and forgets all others.
    Reset {
        /// The instance.
        node: usize,
    },
    /// It starts with a version of its own, so that the first claims do not collide.
    SetEpoch {
        /// The instance.
        node: usize,
        /// The version.
        epoch: u64,
    },
}

/// What to do next.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What cannot be as it should, and what to do about it.
    pub warnings: Vec<String>,
}

/// Returns what to do next; nothing when all is as wished.
pub fn plan(wish: &Wish, instances: &[Instance]) -> Result<Plan, Error> {
    check(wish, instances)?;
    let mut steps = join(instances)?;
    let mut together = instances.to_vec();
    simulate::apply(&mut together, &steps);
    let resets = resets(wish, &together);
    if !resets.is_empty() {
        // Those that are reset know nobody afterwards, so somebody who stays has to meet all.
        let groups = groups(instances);
        let base = (0..instances.len()).find(|node| !resets.contains(node)).unwrap_or(0);
        let apart = |node: &usize| resets.contains(node) || groups[*node] != groups[base];
        steps = resets.iter().map(|node| Step::Reset { node: *node }).collect();
        let strangers = (0..instances.len()).filter(apart);
        steps.extend(strangers.map(|node| Step::Meet { at: base, node }));
    }
    if !steps.is_empty() {
        return Ok(Plan { steps, warnings: Vec::new() });
    }
    Layout::read(instances).plan(wish, instances)
}

fn check(wish: &Wish, instances: &[Instance]) -> Result<(), Error> {
    let masters = wish.masters();
    if masters < 3 {
        return Err(Error::Impossible(format!(
            "a Redis cluster needs at least 3 masters: {} nodes with {} replicas of each master make {masters}; give at least {} nodes",
            wish.nodes.len(),
            wish.replicas,
            3 * (wish.replicas + 1)
        )));
    }
    for (index, instance) in instances.iter().enumerate() {
        if let Some(twin) = instances[..index].iter().find(|other| other.id == instance.id) {
            return Err(Error::Impossible(format!(
                "{} and {} are the same instance; name each one once",
                twin.address, instance.address
            )));
        }
    }
    Ok(())
}

/// Returns for each instance the number of its group: those that know each other.
fn groups(instances: &[Instance]) -> Vec<usize> {
    let mut groups: Vec<usize> = (0..instances.len()).collect();
    for (index, instance) in instances.iter().enumerate() {
        for (other_index, other) in instances.iter().enumerate().skip(index + 1) {
            if instance.peer(&other.id).is_some() && other.peer(&instance.id).is_some() {
                let (from, to) = (groups[other_index], groups[index]);
                groups.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
        }
    }
    groups
}

/// Returns the steps that bring all instances together.
fn join(instances: &[Instance]) -> Result<Vec<Step>, Error> {
    let groups = groups(instances);
    let claimed = |group: usize| {
        let members = instances.iter().zip(&groups).filter(|(_, of)| **of == group);
        members.fold(Slots::default(), |slots, (instance, _)| {
            instance.peers.iter().fold(slots, |slots, peer| slots.or(&peer.slots))
        })
    };
    let size = |group: usize| groups.iter().filter(|of| **of == group).count();
    let main = *groups
        .iter()
        .max_by_key(|group| (claimed(**group).len(), size(**group), std::cmp::Reverse(**group)))
        .unwrap_or(&0);
    let base = groups.iter().position(|group| *group == main).unwrap_or(0);
    let mut taken = claimed(main);
    let mut steps = Vec::new();
    for (node, instance) in instances.iter().enumerate().filter(|(node, _)| groups[*node] != main) {
        let first = groups.iter().position(|group| *group == groups[node]) == Some(node);
        if first {
            let slots = claimed(groups[node]);
            if !slots.and(&taken).is_empty() {
                return Err(Error::Impossible(format!(
                    "Redis at {} belongs to another cluster, with the slots {}: both cannot be joined; take it out there first, or empty it (`FLUSHALL`, then `CLUSTER RESET HARD`)",
                    instance.address,
                    slots.and(&taken)
                )));
            }
            taken = taken.or(&slots);
        }
        refuse_keys(instance)?;
        steps.push(Step::Meet { at: base, node });
    }
    if steps.len() + 1 == instances.len() && instances.iter().all(is_untouched) {
        let epochs =
            (0..instances.len()).map(|node| Step::SetEpoch { node, epoch: node as u64 + 1 });
        steps = epochs.chain(steps).collect();
    }
    Ok(steps)
}

fn is_untouched(instance: &Instance) -> bool {
    instance.peers.len() == 1 && instance.own().epoch == 0 && instance.own().slots.is_empty()
}

/// Refuses an instance that would lose keys by becoming a replica, or bring them where they do not belong.
fn refuse_keys(instance: &Instance) -> Result<(), Error> {
    let own = instance.own();
    if instance.keys == 0 || own.replica || !own.slots.is_empty() {
        return Ok(());
    }
    Err(Error::Impossible(format!(
        "Redis at {} is not empty: it holds {} keys that are in no cluster; save them, then empty it (`FLUSHALL`)",
        instance.address, instance.keys
    )))
}

/// Returns the replicas that have to become masters again because there are too few of them to serve the slots.
fn resets(wish: &Wish, instances: &[Instance]) -> Vec<usize> {
    let layout = Layout::read(instances);
    let missing = Slots::all().without(&layout.slots());
    let holders = layout.holders().count();
    let free = layout.free(instances).len();
    let lacking = wish.masters().saturating_sub(holders + free);
    if missing.is_empty() || lacking == 0 || instances.iter().any(|instance| instance.keys > 0) {
        return Vec::new();
    }
    let mut replicas: Vec<usize> =
        (0..instances.len()).filter(|node| instances[*node].own().replica).collect();
    // First those that copy nothing.
    replicas.sort_by_key(|node| layout.master_of(&instances[*node]).is_some());
    replicas.truncate(lacking);
    replicas
}

/// The cluster as the instances together know it.
struct Layout {
    members: BTreeMap<String, Member>,
}

#[derive(Clone, Debug)]
struct Member {
    index: Option<usize>,
    host: String,
    place: String,
    slots: Slots,
    master: Option<String>,
    replica: bool,
    failed: bool,
}

impl Layout {
    fn read(instances: &[Instance]) -> Self {
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

    fn slots(&self) -> Slots {
        self.members.values().fold(Slots::default(), |slots, member| slots.or(&member.slots))
    }

    fn holders(&self) -> impl Iterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, member)| !member.slots.is_empty())
    }

    /// Returns the instances that are masters of nothing.
    fn free(&self, instances: &[Instance]) -> Vec<usize> {
        let is_free = |own: &Peer| !own.replica && own.slots.is_empty();
        (0..instances.len()).filter(|node| is_free(instances[*node].own())).collect()
    }

    /// Returns the master that an instance copies, when that one serves slots.
    fn master_of(&self, instance: &Instance) -> Option<&String> {
        let master = instance.own().master.as_ref()?;
        let (id, _) = self.holders().find(|(id, _)| *id == master)?;
        Some(id)
    }

    fn plan(mut self, wish: &Wish, instances: &[Instance]) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        self.serve(wish, instances, &mut plan)?;
        self.copy(wish, instances, &mut plan)?;
        forget(instances, &mut plan);
        Ok(plan)
    }

    /// Gives the slots that nobody has to masters.
    fn serve(&mut self, wish: &Wish, instances: &[Instance], plan: &mut Plan) -> Result<(), Error> {
        let mut missing = Slots::all().without(&self.slots());
        let holders = self.holders().count();
        let lacking = wish.masters().saturating_sub(holders);
        let mut free = self.free(instances);
        if missing.is_empty() {
            if lacking > 0 && !free.is_empty() {
                plan.warnings.push(format!(
                    "the cluster has {holders} masters and keeps them; the new nodes become replicas. For more masters, move slots to them (`redis-cli --cluster rebalance`)"
                ));
            }
            return Ok(());
        }
        let mut masters: Vec<usize> =
            self.holders().filter_map(|(_, member)| member.index).collect();
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
    fn next_master(
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
    fn copy(&self, wish: &Wish, instances: &[Instance], plan: &mut Plan) -> Result<(), Error> {
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
                self.members.get(&instances[*node].id).is_some_and(|member| member.slots.is_empty())
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

/// Returns how many of the missing slots each master gets, so that all come as near to each other as can be.
fn shares(has: &[usize], missing: usize) -> Vec<usize> {
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

/// Lets all instances forget nodes that were replaced: gone, without slots, at an address where now another one is.
fn forget(instances: &[Instance], plan: &mut Plan) {
    let is_ours = |id: &str| instances.iter().any(|instance| instance.id == id);
    let is_replaced = |peer: &Peer| {
        let there = instances
            .iter()
            .any(|instance| (&instance.ip, instance.address.port) == (&peer.ip, peer.port));
        peer.failed && peer.slots.is_empty() && (peer.no_address || there)
    };
    for (at, instance) in instances.iter().enumerate() {
        let gone = instance.peers.iter().filter(|peer| !is_ours(&peer.id) && is_replaced(peer));
        plan.steps.extend(gone.map(|peer| Step::Forget { at, id: peer.id.clone() }));
    }
}
