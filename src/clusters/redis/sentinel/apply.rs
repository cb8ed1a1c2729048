//! Does what is planned, step by step, and waits until the sentinels themselves say that they can fail over.

use std::time::Duration;

use super::super::client::Client;
use super::super::survey::PATIENCE;
use super::plan::{Step, plan};
use super::simulate::{self, describe, fresh};
use super::survey::{Clients, State, Survey, survey};
use super::{Address, Changes, Error, Wish};
use crate::clusters::pace::{Next, Pace, Plan, Round};
use crate::clusters::{Dial, Observer};

/// How long it may take until all have heard of something; sentinels ask the nodes every ten seconds.
const HEARSAY: Duration = Duration::from_secs(11);

/// Asks all, for a prediction: those that do not answer and that nobody knows count as just started.
pub async fn look(wish: &Wish, dial: &dyn Dial) -> Result<Survey, Error> {
    let mut found = survey(wish, &mut Clients::new(wish, dial)).await?;
    let mut known: Vec<Address> = Vec::new();
    for (_, watched) in found.watching() {
        known.extend(watched.master.clone());
        known.extend(watched.replicas.iter().chain(&watched.sentinels).map(|(at, _)| at.clone()));
    }
    known.extend(found.nodes_up().filter_map(|(_, node)| node.master.clone()));
    for (at, state) in found.nodes.iter_mut().enumerate() {
        if matches!(state, State::Down(_)) && !known.contains(&wish.nodes[at]) {
            *state = State::Up(fresh(wish, at));
        }
    }
    for (address, state) in wish.sentinels.iter().zip(&mut found.sentinels) {
        if matches!(state, State::Down(_)) && !known.contains(address) {
            *state = State::Up(None);
        }
    }
    found.settled = true;
    Ok(found)
}

/// Returns what would be done.
pub fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    simulate::predict(wish, survey)
}

/// Makes it so; returns also how it is then.
pub async fn ensure(
    wish: &Wish,
    dial: &dyn Dial,
    observer: &dyn Observer,
) -> Result<(Changes, Survey), Error> {
    let mut clients = Clients::new(wish, dial);
    let mut pace = Pace::new(wish.timeout);
    let mut changes = Changes::default();
    let (mut before, mut told, mut notes) = (None, Vec::new(), Vec::new());
    loop {
        let mut found = survey(wish, &mut clients).await?;
        found.settled = pace.has_settled(HEARSAY);
        found.told.clone_from(&told);
        let round = if before.is_none() && is_starting(&found, &pace) {
            Ok(Round::Later("not all nodes and sentinels answer".into()))
        } else {
            before.get_or_insert_with(|| describe(wish, &found));
            match plan(wish, &found) {
                Ok(Plan { next, warnings }) => {
                    changes.warnings = warnings;
                    if let Next::Do(Step::Watch { sentinel, .. }) = &next {
                        told.push(*sentinel);
                    }
                    act(wish, next, &mut clients, &mut notes).await
                }
                Err(error) => Err(error),
            }
        };
        if pace.next(round, observer).await? {
            changes.before = before.unwrap_or_default();
            changes.after = describe(wish, &found);
            changes.steps = pace.steps;
            changes.warnings.extend(notes);
            return Ok((changes, found));
        }
    }
}

/// Returns whether somebody may only just be starting.
fn is_starting(found: &Survey, pace: &Pace) -> bool {
    let down = found.nodes.iter().any(|state| matches!(state, State::Down(_)))
        || found.sentinels.iter().any(|state| matches!(state, State::Down(_)));
    down && !pace.has_waited(PATIENCE)
}

async fn act(
    wish: &Wish,
    next: Next<Step>,
    clients: &mut Clients<'_>,
    notes: &mut Vec<String>,
) -> Result<Round, Error> {
    let step = match next {
        Next::Rest => return Ok(Round::Rest),
        Next::Wait(reason) => return Ok(Round::Later(reason)),
        Next::Do(step) => step,
    };
    if let Some(note) = execute(wish, &step, clients).await? {
        notes.push(note);
    }
    Ok(Round::Step(step.text(wish)))
}

/// Does a step; returns what the operator should know of it.
async fn execute(
    wish: &Wish,
    step: &Step,
    clients: &mut Clients<'_>,
) -> Result<Option<String>, Error> {
    let name = wish.name.as_str();
    match step {
        Step::Follow { node, master } => {
            let port = master.port.to_string();
            let client = clients.node(*node);
            all(client, vec![vec!["REPLICAOF", &master.host, &port]]).await?;
            keep(client).await
        }
        Step::Promote { node } => {
            let client = clients.node(*node);
            all(client, vec![vec!["REPLICAOF", "NO", "ONE"]]).await?;
            keep(client).await
        }
        Step::Login { node } => {
            let password = wish.account.password.as_ref().map_or("", |password| password.reveal());
            let mut commands = vec![vec!["CONFIG", "SET", "masterauth", password]];
            if let Some(user) = &wish.account.username {
                commands.push(vec!["CONFIG", "SET", "masteruser", user]);
            }
            let client = clients.node(*node);
            all(client, commands).await?;
            keep(client).await
        }
        Step::Forget { sentinel } => {
            let command = vec!["SENTINEL", "RESET", name];
            all(clients.sentinel(*sentinel), vec![command]).await?;
            Ok(None)
        }
        Step::Set { sentinel, settings } => {
            all(clients.sentinel(*sentinel), sets(name, pairs(settings))).await?;
            Ok(None)
        }
        Step::Watch { sentinel, master, instead, settings } => {
            let (port, quorum) = (master.port.to_string(), wish.quorum.to_string());
            let mut commands = Vec::new();
            if instead.is_some() {
                commands.push(vec!["SENTINEL", "REMOVE", name]);
            }
            commands.push(vec!["SENTINEL", "MONITOR", name, &master.host, &port, &quorum]);
            commands.extend(sets(name, login(wish).into_iter().chain(pairs(settings))));
            // Together, so that a run that breaks off leaves no sentinel without the password.
            all(clients.sentinel(*sentinel), commands).await?;
            Ok(None)
        }
    }
}

/// Returns how a sentinel logs in at the nodes, as settings.
fn login(wish: &Wish) -> Vec<(&str, &str)> {
    let mut settings = Vec::new();
    if let Some(password) = &wish.account.password {
        settings.push(("auth-pass", password.reveal()));
        settings.extend(wish.account.username.as_deref().map(|user| ("auth-user", user)));
    }
    settings
}

fn pairs(settings: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn sets<'a>(name: &'a str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Vec<&'a str>> {
    pairs.map(|(option, value)| vec!["SENTINEL", "SET", name, option, value]).collect()
}

/// Sends commands together; the first error counts. Of a setting only the name is told: it may be a password.
async fn all(client: &mut Client<'_>, commands: Vec<Vec<&str>>) -> Result<(), Error> {
    let replies = client.ask(&commands).await?;
    for (reply, words) in replies.into_iter().zip(&commands) {
        let hidden = usize::from(words.get(1) == Some(&"SET"));
        client.expect_text(reply, &words[..words.len() - hidden])?;
    }
    Ok(())
}

/// Has a node write its configuration, so that it is the same after a restart.
async fn keep(client: &mut Client<'_>) -> Result<Option<String>, Error> {
    match client.text(&["CONFIG", "REWRITE"]).await {
        Err(Error::Refused { address, reason, .. }) => Ok(Some(format!(
            "{address} cannot write this into its configuration ({reason}): after a restart it is as before, until the sentinels or this task set it right"
        ))),
        answer => answer.map(|_| None),
    }
}
