//! Slots that move from one master to another: to new masters, away from those that leave, and to the end what was
//! broken off. Pure.

use std::collections::BTreeMap;

use super::members::{Members, refuse_keys, shares};
use super::{Error, Instance, SLOTS, Slots, Step, Wish};

/// Returns the steps that bring to an end what another run began: slots are moved on to where they were going.
pub(super) fn unfinished(instances: &[Instance]) -> Vec<Step> {
    let of = |id: &str| instances.iter().position(|instance| instance.id == id);
    let holder =
        |slot: u16| instances.iter().position(|instance| instance.own().slots.contains(slot));
    // Who waits for a slot hears nothing more of its owner, and takes no keys when it never heard of it.
    let knows = |node: usize, from: usize, slot: u16| {
        let owner = instances[node].peer(&instances[from].id);
        owner.is_some_and(|owner| owner.slots.contains(slot))
    };
    let mut moves: BTreeMap<(usize, usize), Slots> = BTreeMap::new();
    let mut settled: BTreeMap<usize, Slots> = BTreeMap::new();
    for (node, instance) in instances.iter().enumerate() {
        for open in &instance.own().open {
            let from = holder(open.slot);
            let to = if open.comes { Some(node) } else { of(&open.other) };
            let slots = match (from, to) {
                (Some(from), Some(to)) if from != to && knows(node, from, open.slot) => {
                    moves.entry((from, to)).or_default()
                }
                _ => settled.entry(node).or_default(),
            };
            slots.insert(open.slot, open.slot);
        }
    }
    // What nobody can move yet is settled first, so that all come to agree on who has it.
    let settled = settled.into_iter().map(|(node, slots)| Step::Settle { node, slots });
    let moves = moves.into_iter().map(|((from, to), slots)| Step::Move { from, to, slots });
    settled.chain(moves).collect()
}

/// Returns the steps that take all slots from those that leave, and give masters that are new, or have next to nothing,
/// their share. Other differences between masters stay as they are.
pub(super) fn moves(wish: &Wish, instances: &[Instance]) -> Result<Vec<Step>, Error> {
    let mut masters = Masters::choose(wish, instances)?;
    let mut steps = Vec::new();
    for (node, instance) in instances.iter().enumerate().filter(|(_, instance)| instance.leaving) {
        let mut slots = instance.own().slots.clone();
        let counts: Vec<usize> = masters.held.iter().map(|(_, held)| held.len()).collect();
        for (index, count) in shares(&counts, slots.len()).into_iter().enumerate() {
            masters.give(node, index, slots.take(count), &mut steps);
        }
    }
    let fair = usize::from(SLOTS) / masters.held.len().max(1);
    for index in 0..masters.held.len() {
        let held = masters.held[index].1.len();
        if held * 2 >= fair {
            continue;
        }
        let mut need = fair - held;
        while need > 0 {
            let Some((richest, spare)) = masters.richest(fair) else { break };
            let count = spare.min(need);
            let from = masters.held[richest].0;
            let slots = masters.held[richest].1.take(count);
            masters.give(from, index, slots, &mut steps);
            need -= count;
        }
    }
    Ok(steps)
}

/// Those that serve slots in the end, and which.
struct Masters {
    held: Vec<(usize, Slots)>,
}

impl Masters {
    fn choose(wish: &Wish, instances: &[Instance]) -> Result<Self, Error> {
        let members = Members::read(instances);
        let serves = |node: &usize| !instances[*node].own().slots.is_empty();
        let stays = |node: &usize| !instances[*node].leaving;
        let mut masters: Vec<usize> =
            (0..instances.len()).filter(|node| serves(node) && stays(node)).collect();
        let strangers = members.holders().count() - (0..instances.len()).filter(serves).count();
        let mut free = members.free(instances);
        for _ in masters.len() + strangers..wish.masters() {
            let Some(next) = members.next_master(&masters, &free, instances) else { break };
            free.retain(|node| *node != next);
            refuse_keys(&instances[next])?;
            masters.push(next);
        }
        if masters.is_empty() && instances.iter().any(|instance| instance.leaving) {
            return Err(Error::Impossible(
                "all masters would be taken out: none of the nodes named could take their slots"
                    .into(),
            ));
        }
        let held = masters.into_iter().map(|node| (node, instances[node].own().slots.clone()));
        Ok(Self { held: held.collect() })
    }

    /// Returns who has most, and how many slots more than it should.
    fn richest(&self, fair: usize) -> Option<(usize, usize)> {
        let spare = |index: usize| self.held[index].1.len().saturating_sub(fair);
        let richest = (0..self.held.len()).max_by_key(|index| spare(*index))?;
        Some((richest, spare(richest))).filter(|(_, spare)| *spare > 0)
    }

    fn give(&mut self, from: usize, index: usize, slots: Slots, steps: &mut Vec<Step>) {
        if slots.is_empty() {
            return;
        }
        let (to, held) = &mut self.held[index];
        *held = held.or(&slots);
        steps.push(Step::Move { from, to: *to, slots });
    }
}
