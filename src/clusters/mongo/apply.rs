//! Does what is planned, step by step, and waits until the set itself says that it is well.

use std::time::Duration;

use bson::doc;
use tokio::time::Instant;

use super::client::Client;
use super::config::Config;
use super::error::code;
use super::plan::{Step, plan};
use super::simulate::{self, describe};
use super::survey::{Clients, State, Survey, is_denial, survey};
use super::{Changes, Error, Observer, Wish};
use crate::clusters::pace::Next;
use crate::clusters::{Address, Dial};

/// How long members may take to start before they count as gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a member that holds data may take to find its configuration in them.
const AWAKENING: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);
/// How long a primary that stepped down stays away from elections, in seconds.
const STEPPED_DOWN: i32 = 60;

/// Asks all members, for a prediction: where none answers, none is there yet.
pub async fn look(wish: &Wish, dial: &dyn Dial) -> Result<Survey, Error> {
    let start = Instant::now();
    let mut clients = Clients::new(dial);
    let mut found = survey(wish, &mut clients).await?;
    while found.nodes.contains(&State::Bare { data: true }) && start.elapsed() < AWAKENING {
        tokio::time::sleep(PAUSE).await;
        found = survey(wish, &mut clients).await?;
    }
    if found.nodes.iter().all(|state| matches!(state, State::Down(_))) {
        found.nodes.fill(State::Bare { data: false });
    }
    Ok(found)
}

/// Returns what would be done.
pub fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    simulate::predict(wish, survey)
}

/// Returns the members as they are: address, number, state.
pub fn table(survey: &Survey) -> Vec<(String, i32, String)> {
    let Some(set) = &survey.set else { return Vec::new() };
    let state = |id| set.health(id).map_or_else(|| "UNKNOWN".into(), |health| health.state.clone());
    set.config.seats.iter().map(|seat| (seat.host.clone(), seat.id, state(seat.id))).collect()
}

/// Makes the replica set what it should be; returns also how it is then.
pub async fn ensure(
    wish: &Wish,
    dial: &dyn Dial,
    observer: &dyn Observer,
) -> Result<(Changes, Survey), Error> {
    let start = Instant::now();
    let mut clients = Clients::new(dial);
    let mut changes = Changes::default();
    let mut before = None;
    loop {
        let settled = before.is_some();
        let trouble = match survey(wish, &mut clients).await {
            Ok(found) if !settled && is_starting(&found, start.elapsed(), wish) => {
                "not all members answer".to_owned()
            }
            Ok(found) => {
                before.get_or_insert_with(|| describe(&found));
                match round(wish, &found, &mut clients, &mut changes).await {
                    Ok(Round::Rest) => {
                        changes.before = before.unwrap_or_default();
                        changes.after = describe(&found);
                        return Ok((changes, found));
                    }
                    Ok(Round::Step(text)) => {
                        observer.step(&text);
                        changes.steps.push(text);
                        continue;
                    }
                    Ok(Round::Later(reason)) => reason,
                    // The set may just be electing, or still be busy with the last change.
                    Err(error) if error.is_passing() => error.to_string(),
                    Err(error) => return Err(error),
                }
            }
            Err(error) if error.is_passing() => error.to_string(),
            Err(error) => return Err(error),
        };
        if start.elapsed() >= wish.timeout {
            return Err(Error::Timeout { seconds: wish.timeout.as_secs(), reason: trouble });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns whether some members may only just be starting.
fn is_starting(found: &Survey, waited: Duration, wish: &Wish) -> bool {
    found.nodes.iter().any(|state| match state {
        State::Down(_) => waited < PATIENCE.min(wish.timeout),
        State::Bare { data: true } => waited < AWAKENING,
        _ => false,
    })
}

/// What came of a round.
enum Round {
    /// It cannot go on yet.
    Later(String),
    /// Nothing is left to do.
    Rest,
    /// A step was done: in words.
    Step(String),
}

/// Plans one step and does it.
async fn round(
    wish: &Wish,
    found: &Survey,
    clients: &mut Clients<'_>,
    changes: &mut Changes,
) -> Result<Round, Error> {
    let plan = plan(wish, found)?;
    changes.warnings = plan.warnings;
    let step = match plan.next {
        Next::Rest => return Ok(Round::Rest),
        Next::Wait(reason) => return Ok(Round::Later(reason)),
        Next::Do(step) => step,
    };
    let later = execute(wish, &step, found, clients).await?;
    Ok(later.map_or_else(|| Round::Step(step.text(wish)), Round::Later))
}

/// Does a step; returns why not, when it cannot be done yet.
async fn execute(
    wish: &Wish,
    step: &Step,
    found: &Survey,
    clients: &mut Clients<'_>,
) -> Result<Option<String>, Error> {
    match step {
        Step::FirstUser => first_user(wish, found, clients).await,
        Step::Initiate { first } => initiate(wish, *first, clients).await.map(|()| None),
        Step::Reconfigure { config, forced_on, .. } => {
            let set = found.set.as_ref();
            let primary = set.and_then(|set| set.primary.as_ref()?.parse().ok());
            let Some(address) = forced_on.clone().or(primary) else {
                return Ok(Some("there is no primary".into()));
            };
            let client = clients.at(&address);
            if let Some(login) = &wish.login {
                client.log_in(login).await?;
            }
            let command = match forced_on {
                // A forced configuration gets a version far ahead by itself.
                Some(_) => doc! {"replSetReconfig": config.document(), "force": true},
                None => doc! {"replSetReconfig": config.next()},
            };
            client.ask("admin", command).await.map(|_| None)
        }
        Step::Resign { host } => {
            let Ok(address) = host.parse() else {
                return Err(Error::Impossible(format!("{host} is no address")));
            };
            let client = clients.at(&address);
            if let Some(login) = &wish.login {
                client.log_in(login).await?;
            }
            let command = doc! {"replSetStepDown": STEPPED_DOWN, "secondaryCatchUpPeriodSecs": 15};
            match client.ask("admin", command).await {
                // Before 4.2 it closes all connections when it steps down.
                Ok(_) | Err(Error::Io { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        }
    }
}

/// Begins the set. Without users, MongoDB lets only those do so who come from its own host.
async fn initiate(wish: &Wish, first: usize, clients: &mut Clients<'_>) -> Result<(), Error> {
    let address = &wish.members[first].address;
    match clients.at(address).ask("admin", command(wish, first)).await {
        Err(error) if error.code() == Some(code::UNAUTHORIZED) => {}
        answer => return answer.map(|_| ()),
    }
    let mut refusal = None;
    for at in candidates(wish, first) {
        let client = clients.at(&loopback(wish, at));
        match client.ask("admin", command(wish, at)).await {
            // It is none of this host, or one that is there already.
            Err(error) if is_elsewhere(&error) => refusal = Some(error),
            Err(Error::Io { .. }) => {}
            answer => return answer.map(|_| ()),
        }
    }
    Err(refusal.filter(|error| !is_elsewhere(error)).unwrap_or_else(|| {
        Error::Impossible(format!(
            "{address} asks for a login and has no users yet: MongoDB then listens only to its own host, so run this task on a host of the set"
        ))
    }))
}

fn command(wish: &Wish, at: usize) -> bson::Document {
    let config = Config::first(&wish.name, &wish.members[at]);
    doc! {"replSetInitiate": config.document()}
}

/// Returns the members that a set can begin with, the planned one first.
fn candidates(wish: &Wish, first: usize) -> impl Iterator<Item = usize> {
    let members = 0..wish.members.len();
    let others = members.filter(move |at| *at != first && !wish.members[*at].arbiter);
    std::iter::once(first).chain(others)
}

fn loopback(wish: &Wish, at: usize) -> Address {
    Address { host: "127.0.0.1".into(), port: wish.members[at].address.port }
}

fn is_elsewhere(error: &Error) -> bool {
    error.code() == Some(code::INVALID_REPLICA_SET_CONFIG)
        || matches!(error, Error::Refused { reason, .. } if reason.contains("maps to this node"))
}

/// Makes the first user: possible on the primary's own host, as long as there is no user.
async fn first_user(
    wish: &Wish,
    found: &Survey,
    clients: &mut Clients<'_>,
) -> Result<Option<String>, Error> {
    let denied = || Error::Impossible(found.denied.clone().unwrap_or_default());
    let Some(login) = &wish.login else { return Err(denied()) };
    let mut later = None;
    let members = (0..found.nodes.len()).filter(|at| found.nodes[*at] == State::Member);
    for at in members {
        let client = clients.at(&loopback(wish, at));
        let hello = match client.hello().await {
            Err(Error::Io { .. }) => continue,
            hello => hello?,
        };
        if hello.get_str("setName").ok() != Some(wish.name.as_str()) {
            continue;
        }
        if !hello.get_bool("isWritablePrimary").unwrap_or(false) {
            let primary = hello.get_str("primary").ok();
            // Just elected, it may still get ready.
            let other = primary.filter(|primary| Some(*primary) != hello.get_str("me").ok());
            later = Some(match later {
                Some(None) => None,
                _ => other.map(str::to_owned),
            });
            continue;
        }
        return match create(client, login).await {
            Err(error) if is_denial(&error) => Err(denied()),
            result => result.map(|()| None),
        };
    }
    match later {
        // An election is on.
        Some(None) => Ok(Some("there is no primary yet".into())),
        Some(Some(primary)) => Err(Error::Impossible(format!(
            "{}; if the set has no users yet, run this task on the host of its primary {primary}",
            denied()
        ))),
        None => Err(denied()),
    }
}

async fn create(client: &mut Client<'_>, login: &super::Login) -> Result<(), Error> {
    let user = doc! {
        "createUser": &login.user,
        "pwd": login.password.reveal(),
        "roles": [{"role": "root", "db": "admin"}],
    };
    client.ask(&login.database, user).await.map(|_| ())
}
