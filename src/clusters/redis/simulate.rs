//! What steps come to, without doing them: for predictions, and for planning several steps at once.

use super::{Changes, Error, Instance, Peer, Slots, Step, Wish, describe, plan};

/// How often is planned anew: one round to meet, one to lay out; the rest is for what others do meanwhile.
pub(super) const ROUNDS: usize = 6;

/// Returns what would be done, and what the cluster would be afterwards.
pub fn predict(wish: &Wish, instances: &[Instance]) -> Result<Changes, Error> {
    let mut instances = instances.to_vec();
    let mut prediction = Changes { before: describe(&instances), ..Changes::default() };
    for _ in 0..ROUNDS {
        let plan = plan(wish, &instances)?;
        prediction.warnings = plan.warnings;
        if plan.steps.is_empty() {
            break;
        }
        prediction.steps.extend(plan.steps.iter().filter_map(|step| step.say(&instances)));
        apply(&mut instances, &plan.steps);
    }
    prediction.after = describe(&instances);
    Ok(prediction)
}

/// Changes the instances as the steps would.
pub(super) fn apply(instances: &mut Vec<Instance>, steps: &[Step]) {
    for step in steps {
        match step {
            Step::AddSlots { node, slots } => {
                change(instances, *node, |peer| peer.slots = peer.slots.or(slots));
            }
            Step::Forget { at, id } => instances[*at].peers.retain(|peer| peer.id != *id),
            Step::Move { from, to, slots } => {
                let other = instances[*to].id.clone();
                change(instances, *from, |peer| {
                    peer.slots = peer.slots.without(slots);
                    peer.open.retain(|open| !slots.contains(open.slot));
                });
                change(instances, *to, |peer| {
                    peer.slots = peer.slots.or(slots);
                    peer.open.retain(|open| !slots.contains(open.slot));
                });
                // A master without slots copies the one that got them: so do its replicas.
                let empty = instances[*from].own().slots.is_empty();
                let from = instances[*from].id.clone();
                let copies: Vec<usize> = (0..instances.len())
                    .filter(|node| empty && instances[*node].own().master.as_ref() == Some(&from))
                    .collect();
                for node in copies {
                    change(instances, node, |peer| peer.master = Some(other.clone()));
                }
            }
            Step::Settle { node, slots } => change(instances, *node, |peer| {
                peer.open.retain(|open| !slots.contains(open.slot));
            }),
            Step::Meet { at, node } => meet(instances, *at, *node),
            Step::Replicate { node, master } => change(instances, *node, |peer| {
                peer.replica = true;
                peer.master = Some(master.clone());
            }),
            Step::Reset { node } => {
                change(instances, *node, |peer| {
                    peer.replica = false;
                    peer.master = None;
                    peer.slots = Slots::default();
                });
                instances[*node].peers.retain(|peer| peer.myself);
            }
            Step::SetEpoch { node, epoch } => change(instances, *node, |peer| peer.epoch = *epoch),
        }
    }
    // Whoever has left is nobody's business any more.
    instances.retain(|instance| !instance.leaving || instance.peers.len() > 1);
}

/// Changes an instance in the eyes of all who know it.
fn change(instances: &mut [Instance], node: usize, change: impl Fn(&mut Peer)) {
    let id = instances[node].id.clone();
    let seen = instances.iter_mut().flat_map(|instance| instance.peers.iter_mut());
    seen.filter(|peer| peer.id == id).for_each(change);
}

/// Lets all whom two instances know know each other.
fn meet(instances: &mut [Instance], at: usize, node: usize) {
    let mut known: Vec<Peer> = Vec::new();
    for index in [at, node] {
        for peer in &instances[index].peers {
            if !known.iter().any(|other| other.id == peer.id) {
                known.push(Peer { myself: false, ..peer.clone() });
            }
        }
    }
    // What somebody says of himself counts more than what others say.
    for peer in &mut known {
        if let Some(instance) = instances.iter().find(|instance| instance.id == peer.id) {
            *peer = Peer {
                myself: false,
                ip: instance.ip.clone(),
                connected: true,
                ..instance.own().clone()
            };
        }
    }
    for instance in
        instances.iter_mut().filter(|instance| known.iter().any(|peer| peer.id == instance.id))
    {
        for peer in &known {
            if !instance.peers.iter().any(|other| other.id == peer.id) {
                instance.peers.push(peer.clone());
            }
        }
    }
}
