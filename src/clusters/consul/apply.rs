//! Does what is planned, step by step, and waits until the leader itself says that all is well.

use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::plan::{Step, plan};
use super::simulate::{self, describe, fresh};
use super::survey::{State, Survey, survey};
use super::{Changes, Error, Observer, Wish, read};
use crate::base::{Secret, Value, json};
use crate::clusters::Dial;
use crate::clusters::http::encode_form;
use crate::clusters::pace::{Next, Pace, Round, Trouble};

/// How long agents may take to start before they count as gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a token may take until all have heard of it.
const HEARSAY: Duration = Duration::from_secs(5);
/// How long a server that leaves may take.
const FAREWELL: Duration = Duration::from_secs(15);
/// How long the leader may take to forget a server that the gossip has forgotten.
const OBLIVION: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

/// Asks all agents, for a prediction: those that are not there yet and that nobody knows count as just started.
pub async fn look(wish: &Wish, dial: &dyn Dial) -> Result<Survey, Error> {
    let mut found = survey(wish, dial).await?;
    let known: Vec<(String, String)> = found.base().map_or_else(Vec::new, |(_, base)| {
        base.members.iter().map(|member| (member.name.clone(), member.address.clone())).collect()
    });
    for at in 0..found.agents.len() {
        let seat = wish.seat(at);
        let is_known = known.iter().any(|(name, address)| {
            seat.node.as_ref().map_or(seat.address.host == *address, |node| node == name)
        });
        if matches!(found.agents[at], State::Down(_)) && !is_known {
            let mut agent = fresh(wish, at);
            if let Some((_, base)) = found.base() {
                agent.datacenter.clone_from(&base.datacenter);
                agent.version.clone_from(&base.version);
                agent.expect = base.expect;
            }
            found.agents[at] = State::Up(agent);
        }
    }
    found.settled = true;
    Ok(found)
}

/// Returns what would be done.
pub fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    simulate::predict(wish, survey)
}

/// Makes the cluster what it should be; returns also how it is then.
pub async fn ensure(
    wish: &Wish,
    dial: &dyn Dial,
    observer: &dyn Observer,
) -> Result<(Changes, Survey), Error> {
    let mut pace = Pace::new(wish.timeout);
    let mut changes = Changes::default();
    let mut before = None;
    loop {
        let found = survey(wish, dial).await;
        let (round, found) = match found {
            Ok(found) if before.is_none() && is_starting(&found, &pace) => {
                (Ok(Round::Later("not all agents answer".into())), found)
            }
            Ok(mut found) => {
                found.settled = pace.has_settled(HEARSAY);
                before.get_or_insert_with(|| describe(wish, &found));
                (round(wish, &found, (dial, &pace), &mut changes.warnings).await, found)
            }
            Err(error) => (Err(error), Survey::default()),
        };
        if pace.next(round, observer).await? {
            changes.before = before.unwrap_or_default();
            changes.after = describe(wish, &found);
            changes.steps = pace.steps;
            return Ok((changes, found));
        }
    }
}

/// Returns whether some agents may only just be starting.
fn is_starting(found: &Survey, pace: &Pace) -> bool {
    let down = found.agents.iter().any(|state| matches!(state, State::Down(_)));
    down && !pace.has_waited(PATIENCE)
}

/// Plans one step and does it.
async fn round(
    wish: &Wish,
    found: &Survey,
    (dial, pace): (&dyn Dial, &Pace),
    warnings: &mut Vec<String>,
) -> Result<Round, Error> {
    let plan = plan(wish, found)?;
    *warnings = plan.warnings;
    let step = match plan.next {
        Next::Rest => return Ok(Round::Rest),
        Next::Wait(reason) => return Ok(Round::Later(reason)),
        Next::Do(step) => step,
    };
    let text = step.text(wish);
    if let (Step::Leave { name, at, .. }, true) = (&step, pace.steps.contains(&text)) {
        return Err(Error::Impossible(format!(
            "{name} ({at}) left and came back: whatever starts it there has to be stopped first"
        )));
    }
    execute(wish, &step, found, dial).await?;
    Ok(Round::Step(text))
}

async fn execute(wish: &Wish, step: &Step, found: &Survey, dial: &dyn Dial) -> Result<(), Error> {
    // Whoever knows a leader passes on what is meant for it.
    let led = |state: &State| match state {
        State::Up(agent) => agent.server && agent.leader.is_some(),
        State::Locked { led, .. } => *led,
        State::Down(_) => false,
    };
    let place = found.agents.iter().position(led).unwrap_or(0);
    let base = Client::new(wish.seat(place).address.clone(), wish, dial);
    match step {
        Step::Bootstrap => return bootstrap(wish, &base).await,
        Step::Configure { settings } => {
            let there = base.get("operator/autopilot/configuration").await?;
            let wished = settings.iter().fold(there, |there, setting| setting.put(&there));
            base.put("operator/autopilot/configuration", &json::write(&wished)).await?;
        }
        Step::DropPeer { id, .. } => {
            let query = encode_form(&[("id".to_owned(), id.clone())]);
            base.ask("DELETE", &format!("operator/raft/peer?{query}"), "").await?;
        }
        Step::Forget { name, id } => {
            base.agent("PUT", &format!("agent/force-leave/{}?prune", escaped(name))).await?;
            let there = |members: &[read::Member], peers: &[read::Peer]| {
                members.iter().any(|member| member.name == *name && !member.has_left())
                    || peers.iter().any(|peer| peer.id == *id)
            };
            parted(&base, OBLIVION, |members, peers| !there(members, peers)).await?;
        }
        Step::Join { at, gossip, .. } => {
            let client = Client::new(wish.seat(*at).address.clone(), wish, dial);
            let place = escaped(&gossip.to_string());
            client.agent("PUT", &format!("agent/join/{place}")).await.map_err(lasting)?;
        }
        Step::Leave { id, at, .. } => {
            Client::new(at.clone(), wish, dial).agent("PUT", "agent/leave").await?;
            parted(&base, FAREWELL, |_, peers| !peers.iter().any(|peer| peer.id == *id)).await?;
        }
    }
    Ok(())
}

/// Returns a name as a part of a path.
fn escaped(name: &str) -> String {
    encode_form(&[(String::new(), name.to_owned())]).trim_start_matches('=').replace('+', "%20")
}

/// Returns an error of joining as one that stays, when waiting does not help.
fn lasting(error: Error) -> Error {
    let Error::Refused { address, reason, .. } = &error else { return error };
    let hint = if reason.contains("No installed keys could decrypt")
        || reason.contains("encryption is not configured")
        || reason.contains("Encryption is configured but")
    {
        "the gossip's key (`encrypt`) has to be the same on all agents"
    } else if reason.contains("wrong datacenter") {
        "`datacenter` has to be the same on all agents"
    } else if reason.contains("conflicting node ID") {
        "one agent was copied from the other, or a node of that name was set up anew while the old one still counts as alive; empty the data folder of the copy, or wait until the old one has failed"
    } else {
        return error;
    };
    Error::Impossible(format!("Consul at {address} cannot be joined: {reason}; {hint}"))
}

/// Waits until somebody has left; it goes on in any case, since what is left over is seen when all are asked again.
async fn parted(
    client: &Client<'_>,
    limit: Duration,
    gone: impl Fn(&[read::Member], &[read::Peer]) -> bool,
) -> Result<(), Error> {
    let start = Instant::now();
    while start.elapsed() < limit {
        let answers = async {
            let own = client.agent("GET", "agent/self").await?;
            let members = client.agent("GET", "agent/members").await?;
            Ok((own, members, client.get("operator/raft/configuration").await?))
        };
        match answers.await {
            Ok((own, members, raft)) => {
                let members = read::agent(&own, &members).map(|agent| agent.members);
                if gone(&members.unwrap_or_default(), &read::peers(&raft)) {
                    return Ok(());
                }
            }
            // When a leader leaves, another one has to be elected.
            Err(error @ Error::Refused { .. }) if !error.may_pass() => return Err(error),
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Makes the given token the first one with which everything is allowed.
async fn bootstrap(wish: &Wish, base: &Client<'_>) -> Result<(), Error> {
    let Some(token) = &wish.token else {
        return Err(Error::Impossible(
            "`bootstrap_acl` needs the `token` that is to be made".into(),
        ));
    };
    // From 1.11 on it is made as it is wished; before, Consul makes one up.
    let body = Value::map([("BootstrapSecret", Value::from(token.reveal()))]);
    let answer = base.ask_with(None, "PUT", "acl/bootstrap", &json::write(&body)).await;
    let made = match answer {
        Err(Error::Refused { reason, .. }) if reason.contains("no longer allowed") => {
            return Err(Error::Impossible(format!(
                "Consul at {} does not know `token`, and the first management token was made before ({reason}): give that one. If nobody has it, write the number of the reset index into the file `acl-bootstrap-reset` in the data folder of the leader, and run this again",
                base.address
            )));
        }
        answer => answer?,
    };
    let secret = made.get("SecretID").and_then(Value::as_str).unwrap_or_default();
    if secret == token.reveal() {
        return Ok(());
    }
    let first = Secret::new(secret);
    let policies = Value::list([Value::map([("Name", Value::from("global-management"))])]);
    let body = Value::map([
        ("SecretID", Value::from(token.reveal())),
        ("Description", Value::from("the operators' token")),
        ("Policies", policies),
    ]);
    base.ask_with(Some(&first), "PUT", "acl/token", &json::write(&body)).await?;
    // Nobody knows the one that was made up.
    if let Some(id) = made.get("AccessorID").and_then(Value::as_str) {
        base.ask("DELETE", &format!("acl/token/{}", escaped(id)), "").await?;
    }
    Ok(())
}
