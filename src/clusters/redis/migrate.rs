//! Moves slots while the cluster serves them: `SETSLOT`, `MIGRATE`, `SETSLOT` again.
//!
//! The one that gets a slot is told first, so that no client is sent to somebody who knows nothing of it. Whatever is
//! broken off leaves a slot open on one side or on both, with each key on one of them; the next run ends it.

use std::time::Duration;

use super::client::Client;
use super::resp::Reply;
use super::survey::Roll;
use super::{Error, Instance, Slots};

/// How many slots are on their way at once.
const BATCH: usize = 64;
/// How many keys move at once.
const KEYS: &str = "100";
/// How long keys may take to move, in milliseconds: one may be a list of gigabytes.
const PATIENCE: &str = "60000";

/// Moves slots, with the keys in them.
pub(super) async fn migrate(
    roll: &mut Roll<'_>,
    instances: &[Instance],
    [from, to]: [&Instance; 2],
    slots: &Slots,
) -> Result<(), Error> {
    let mut rest = slots.clone();
    while !rest.is_empty() {
        let batch = rest.take(BATCH);
        let open = |word, other: &str| set_slots(&batch, &[word, other]);
        obeyed(roll.at(&to.address), &open("IMPORTING", &from.id)).await?;
        obeyed(roll.at(&from.address), &open("MIGRATING", &to.id)).await?;
        for slot in batch.iter() {
            empty(roll, from, to, &slot.to_string()).await?;
        }
        obeyed(roll.at(&to.address), &open("NODE", &to.id)).await?;
        // The rest would hear of it anyway, a little later; some have, and one that has no slots left is a replica now.
        for other in instances.iter().filter(|other| other.id != to.id && !other.own().replica) {
            let _late = roll.at(&other.address).ask(&open("NODE", &to.id)).await;
        }
    }
    Ok(())
}

/// Takes slots for settled.
pub(super) async fn settle(client: &mut Client<'_>, slots: &Slots) -> Result<(), Error> {
    obeyed(client, &set_slots(slots, &["STABLE"])).await
}

fn set_slots(slots: &Slots, words: &[&str]) -> Vec<Vec<String>> {
    let command = |slot: u16| {
        let start = ["CLUSTER", "SETSLOT", &slot.to_string()].map(str::to_owned);
        start.into_iter().chain(words.iter().map(|word| (*word).to_owned())).collect()
    };
    slots.iter().map(command).collect()
}

/// Sends commands that say nothing but that they were obeyed.
async fn obeyed(client: &mut Client<'_>, commands: &[Vec<String>]) -> Result<(), Error> {
    for (reply, words) in client.ask(commands).await?.into_iter().zip(commands) {
        client.expect_text(reply, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Moves the keys of a slot until none is left.
async fn empty(
    roll: &mut Roll<'_>,
    from: &Instance,
    to: &Instance,
    slot: &str,
) -> Result<(), Error> {
    loop {
        let client = roll.at(&from.address);
        let question = vec!["CLUSTER", "GETKEYSINSLOT", slot, KEYS];
        let keys = match client.ask(std::slice::from_ref(&question)).await?.pop() {
            Some(Reply::Many(keys)) => keys,
            other => {
                client.expect_text(other.unwrap_or(Reply::Nothing), &question)?;
                return Ok(());
            }
        };
        if keys.is_empty() {
            return Ok(());
        }
        let port = to.address.port.to_string();
        // What a broken move left on the other side is older than what is here.
        let mut words: Vec<Vec<u8>> = ["MIGRATE", &to.ip, &port, "", "0", PATIENCE, "REPLACE"]
            .into_iter()
            .chain(client.credentials())
            .chain(["KEYS"])
            .map(|word| word.as_bytes().to_vec())
            .collect();
        words.extend(keys.into_iter().filter_map(|key| match key {
            Reply::Text(key) => Some(key),
            _ => None,
        }));
        let limit = Duration::from_secs(120);
        let reply = client.ask_within(limit, &[words]).await?.pop().unwrap_or(Reply::Nothing);
        client.expect_text(reply, &["MIGRATE", &to.ip, &port])?;
    }
}
