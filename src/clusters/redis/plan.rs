//! From what is there to what is wished: the next steps. Pure.
//!
//! First all instances have to know each other; then slots that nobody has are given to masters, and what is no master
//! copies one. What is there stays: masters keep their slots, replicas their masters where those run elsewhere.

use super::members::{Members, refuse_keys};
use super::{Address, Error, Instance, Peer, Slots, Wish, moves, simulate};

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
    /// It gives slots to another one, with the keys in them.
    Move {
        /// The instance.
        from: usize,
        /// The other one.
        to: usize,
        /// The slots.
        slots: Slots,
    },
    /// It copies a master.
    Replicate {
        /// The instance.
        node: usize,
        /// The master.
        master: String,
    },
    /// It becomes an empty master again and forgets all others.
    Reset {
        /// The instance.
        node: usize,
    },
    /// It takes slots for settled that were on their way to or from a node that is gone.
    Settle {
        /// The instance.
        node: usize,
        /// The slots.
        slots: Slots,
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
    lay_out(wish, instances)
}

/// Returns the steps for instances that know each other.
fn lay_out(wish: &Wish, instances: &[Instance]) -> Result<Plan, Error> {
    let mut plan = Plan { steps: moves::unfinished(instances), warnings: Vec::new() };
    let mut members = Members::read(instances);
    if plan.steps.is_empty() {
        members.serve(wish, instances, &mut plan)?;
    }
    if plan.steps.is_empty() {
        plan.steps = moves::moves(wish, instances)?;
    }
    // Whoever gets slots first has to have them; then is seen who copies whom.
    if plan.steps.iter().any(|step| matches!(step, Step::Move { .. } | Step::Settle { .. })) {
        return Ok(plan);
    }
    members.copy(wish, instances, &mut plan)?;
    forget(wish, instances, &mut plan);
    part(instances, &mut plan);
    Ok(plan)
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

/// Returns the replicas that have to become masters again because there are too few of them to serve the slots.
fn resets(wish: &Wish, instances: &[Instance]) -> Vec<usize> {
    let members = Members::read(instances);
    let missing = Slots::all().without(&members.slots());
    let holders = members.holders().count();
    let free = members.free(instances).len();
    let lacking = wish.masters().saturating_sub(holders + free);
    if missing.is_empty() || lacking == 0 || instances.iter().any(|instance| instance.keys > 0) {
        return Vec::new();
    }
    let mut replicas: Vec<usize> =
        (0..instances.len()).filter(|node| instances[*node].own().replica).collect();
    // First those that copy nothing.
    replicas.sort_by_key(|node| members.master_of(&instances[*node]).is_some());
    replicas.truncate(lacking);
    replicas
}

/// Lets all instances forget nodes that were replaced: gone, without slots, at an address where now another one is.
fn forget(wish: &Wish, instances: &[Instance], plan: &mut Plan) {
    let is_ours = |id: &str| instances.iter().any(|instance| instance.id == id);
    let is_named = |peer: &Peer| {
        let at = Address { host: peer.ip.clone(), port: peer.port };
        wish.nodes.contains(&at) && !instances.iter().any(|instance| instance.address == at)
    };
    let is_replaced = |peer: &Peer| {
        let there = instances
            .iter()
            .any(|instance| (&instance.ip, instance.address.port) == (&peer.ip, peer.port));
        let replaced = peer.no_address || there || wish.remove_others;
        peer.failed && peer.slots.is_empty() && replaced && !is_named(peer)
    };
    for (at, instance) in instances.iter().enumerate() {
        let gone = instance.peers.iter().filter(|peer| !is_ours(&peer.id) && is_replaced(peer));
        plan.steps.extend(gone.map(|peer| Step::Forget { at, id: peer.id.clone() }));
    }
}

/// Takes out those that have given all their slots away: everybody forgets them, and they forget everybody.
fn part(instances: &[Instance], plan: &mut Plan) {
    let leaving = instances.iter().enumerate().filter(|(_, instance)| instance.leaving);
    for (node, instance) in leaving.filter(|(_, instance)| instance.own().slots.is_empty()) {
        let stays = |(_, other): &(usize, &Instance)| !other.leaving;
        let friends = instances.iter().enumerate().filter(stays);
        let friends = friends.filter(|(_, other)| other.peer(&instance.id).is_some());
        plan.steps.extend(friends.map(|(at, _)| Step::Forget { at, id: instance.id.clone() }));
        plan.steps.push(Step::Reset { node });
    }
}
