//! Does what is planned, and waits until the cluster itself says that it is well.

use std::time::Duration;

use tokio::time::Instant;

use super::layout::name;
use super::migrate::{migrate, settle};
use super::survey::{Roll, instance};
use super::{Error, Instance, SLOTS, Slots, Step, Wish, describe, plan};
use crate::clusters::{Changes, Dial, Observer};

/// How long nodes may take to hear of each other before is planned anew.
const GOSSIP: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the cluster what it should be.
pub async fn ensure(
    wish: &Wish,
    dial: &dyn Dial,
    observer: &dyn Observer,
) -> Result<Changes, Error> {
    let mut end = Instant::now() + wish.timeout;
    let mut roll = Roll::new(wish, dial);
    let mut instances = roll.survey(end).await?;
    let mut changes = Changes { before: describe(&instances), ..Changes::default() };
    loop {
        let plan = plan(wish, &instances)?;
        changes.warnings = roll.warnings();
        changes.warnings.extend(plan.warnings);
        let mut trouble = None;
        if plan.steps.is_empty() {
            let Some(reason) = complaint(&instances) else { break };
            trouble = Some(reason);
            tokio::time::sleep(PAUSE).await;
        }
        for step in &plan.steps {
            if let (Step::Move { .. }, Some(reason)) = (step, disagreement(&instances)) {
                trouble = Some(reason);
                break;
            }
            if let Err(error) = execute(step, &mut roll, &instances).await {
                if !error.is_passing() {
                    return Err(error);
                }
                // Somebody may not have heard of somebody yet: look again, plan again.
                trouble = Some(error.to_string());
                break;
            }
            if let Step::Move { .. } = step {
                // Moving takes as long as there are keys: the time is that of waiting.
                end = Instant::now() + wish.timeout;
            }
            if let Some(text) = step.say(&instances) {
                observer.step(&text);
                changes.steps.push(text);
            }
        }
        if Instant::now() >= end {
            let reason = trouble.unwrap_or_else(|| "it did not come to rest".into());
            return Err(Error::Timeout { seconds: wish.timeout.as_secs(), reason });
        }
        instances = match plan.steps.is_empty() {
            true => roll.survey(end).await?,
            false => agreed(&mut roll, end.min(Instant::now() + GOSSIP)).await?,
        };
    }
    changes.steps.dedup();
    changes.after = describe(&instances);
    Ok(changes)
}

/// Looks until all instances know each other and agree on who serves what, or the time is over.
async fn agreed(roll: &mut Roll<'_>, end: Instant) -> Result<Vec<Instance>, Error> {
    loop {
        let instances = roll.survey(end).await?;
        if disagreement(&instances).is_none() || Instant::now() >= end {
            return Ok(instances);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn disagreement(instances: &[Instance]) -> Option<String> {
    let claims = |instance: &Instance| {
        let mut claims: Vec<(String, String)> = instance
            .peers
            .iter()
            .filter(|peer| !peer.slots.is_empty())
            .map(|peer| (peer.id.clone(), peer.slots.to_string()))
            .collect();
        claims.sort_unstable();
        claims
    };
    for instance in instances.iter().filter(|instance| !instance.leaving) {
        for other in instances.iter().filter(|other| !other.leaving) {
            match instance.peer(&other.id) {
                None => {
                    return Some(format!(
                        "{} does not know {} yet",
                        instance.address, other.address
                    ));
                }
                Some(peer) if !peer.myself && !peer.connected => {
                    return Some(format!(
                        "{} has no connection to {}; is its bus port {} open between the hosts?",
                        instance.address, other.address, other.bus
                    ));
                }
                Some(peer) if peer.master != other.own().master => {
                    return Some(format!(
                        "{} has not heard yet what {} copies",
                        instance.address, other.address
                    ));
                }
                Some(_) => {}
            }
        }
        if claims(instance) != claims(&instances[0]) {
            return Some(format!(
                "{} and {} do not agree on who serves which slots",
                instances[0].address, instance.address
            ));
        }
    }
    None
}

/// Returns what is not well, or nothing.
fn complaint(instances: &[Instance]) -> Option<String> {
    for instance in instances {
        if let Some(peer) = instance.peers.iter().find(|peer| peer.failed && !peer.slots.is_empty())
        {
            return Some(format!(
                "the slots {} belong to {}, which is gone; start it again, or let a replica of it take over (`CLUSTER FAILOVER TAKEOVER`)",
                peer.slots,
                name(instances, &peer.id)
            ));
        }
    }
    if let Some(reason) = disagreement(instances) {
        return Some(reason);
    }
    for instance in instances {
        let own = instance.own();
        if own.replica && !instance.follows {
            let master = own.master.as_deref().map(|id| name(instances, id)).unwrap_or_default();
            return Some(format!(
                "{} does not follow its master {master}; are `masterauth` and `masteruser` right there?",
                instance.address
            ));
        }
        let served =
            instance.peers.iter().fold(Slots::default(), |slots, peer| slots.or(&peer.slots));
        if served.len() < usize::from(SLOTS) {
            return Some(format!(
                "{} knows nobody who serves {}",
                instance.address,
                Slots::all().without(&served)
            ));
        }
        if !instance.ok {
            return Some(format!("{} says cluster_state:fail", instance.address));
        }
    }
    None
}

async fn execute(step: &Step, roll: &mut Roll<'_>, instances: &[Instance]) -> Result<(), Error> {
    let at = |node: &usize| &instances[*node].address;
    match step {
        Step::AddSlots { node, slots } => {
            let words = slot_words(slots, instances[*node].version);
            let mut line = vec!["CLUSTER"];
            line.extend(words.iter().map(String::as_str));
            roll.at(at(node)).text(&line).await?;
        }
        Step::Forget { at: of, id } => {
            // Another one may have heard of it again, or it may be forgotten meanwhile.
            let known = instance(roll.at(at(of))).await?.peer(id).is_some();
            if known {
                roll.at(at(of)).text(&["CLUSTER", "FORGET", id]).await?;
            }
        }
        Step::Meet { at: of, node } => {
            let other = &instances[*node];
            let (port, bus) = (other.address.port.to_string(), other.bus.to_string());
            let mut line = vec!["CLUSTER", "MEET", &other.ip, &port];
            if other.bus != other.address.port.saturating_add(10_000) {
                line.push(&bus);
            }
            roll.at(at(of)).text(&line).await?;
        }
        Step::Replicate { node, master } => {
            roll.at(at(node)).text(&["CLUSTER", "REPLICATE", master]).await?;
        }
        Step::Move { from, to, slots } => {
            migrate(roll, instances, [&instances[*from], &instances[*to]], slots).await?;
        }
        Step::Settle { node, slots } => {
            settle(roll.at(at(node)), slots).await?;
        }
        Step::Reset { node } => {
            roll.at(at(node)).text(&["CLUSTER", "RESET", "SOFT"]).await?;
        }
        Step::SetEpoch { node, epoch } => {
            let epoch = epoch.to_string();
            // Only a courtesy: nodes settle collisions by themselves.
            let _refused =
                roll.at(at(node)).ask(&[vec!["CLUSTER", "SET-CONFIG-EPOCH", &epoch]]).await?;
        }
    }
    Ok(())
}

/// Returns the words that add slots: ranges from version 7 on, each slot before.
fn slot_words(slots: &Slots, version: u32) -> Vec<String> {
    if version >= 7 {
        let ranges = slots
            .ranges()
            .into_iter()
            .flat_map(|(first, last)| [first.to_string(), last.to_string()]);
        return std::iter::once("ADDSLOTSRANGE".to_owned()).chain(ranges).collect();
    }
    std::iter::once("ADDSLOTS".to_owned())
        .chain(slots.iter().map(|slot| slot.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_in_words() {
        let mut slots = Slots::range(0, 2);
        slots.insert(9, 9);
        assert_eq!(slot_words(&slots, 7).join(" "), "ADDSLOTSRANGE 0 2 9 9");
        assert_eq!(slot_words(&slots, 6).join(" "), "ADDSLOTS 0 1 2 9");
    }
}
