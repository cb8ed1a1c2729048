//! Asks every member who it is, and the set how it is.

use std::time::Duration;

use bson::{Bson, Document, doc};

use super::client::{Client, number};
use super::config::{Config, same_host};
use super::error::code;
use super::{Error, Wish};
use crate::clusters::{Address, Dial};

/// A replica set as it is.
#[derive(Clone, Debug)]
pub struct Survey {
    /// What the named members are, in their order.
    pub(super) nodes: Vec<State>,
    /// The set that they belong to, as far as it lets itself be asked.
    pub(super) set: Option<Set>,
    /// Why the set does not let itself be asked: nobody can log in.
    pub(super) denied: Option<String>,
}

/// What a member is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It waits for a configuration; perhaps it holds data.
    Bare { data: bool },
    /// It does not answer.
    Down(String),
    /// It has a configuration of the set in which it is not.
    Lost,
    /// It belongs to the set.
    Member,
}

/// What the set says of itself.
#[derive(Clone, Debug)]
pub(super) struct Set {
    /// Its configuration.
    pub(super) config: Config,
    /// How each member is.
    pub(super) health: Vec<Health>,
    /// The primary, as `host:port`.
    pub(super) primary: Option<String>,
    /// Who told it.
    pub(super) told_by: Address,
}

/// How a member is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Health {
    /// Its number.
    pub(super) id: i32,
    /// MongoDB's word for its state.
    pub(super) state: String,
    /// Whether it is in touch with the others.
    pub(super) up: bool,
    /// How far behind the primary it is.
    pub(super) behind: Duration,
}

impl Set {
    /// Returns how a member is.
    pub(super) fn health(&self, id: i32) -> Option<&Health> {
        self.health.iter().find(|health| health.id == id)
    }

    /// Returns whether a member is in touch with the others and does its work.
    pub(super) fn is_well(&self, id: i32) -> bool {
        self.health(id).is_some_and(|health| {
            health.up && ["PRIMARY", "SECONDARY", "ARBITER"].contains(&health.state.as_str())
        })
    }

    /// Returns whether a member is the primary.
    pub(super) fn is_primary(&self, host: &str) -> bool {
        self.primary.as_deref().is_some_and(|primary| same_host(primary, host))
    }
}

/// All members that were talked to, connected as long as they are needed.
pub(super) struct Clients<'a> {
    dial: &'a dyn Dial,
    clients: Vec<Client<'a>>,
}

impl<'a> Clients<'a> {
    /// Returns none.
    pub(super) fn new(dial: &'a dyn Dial) -> Self {
        Self { dial, clients: Vec::new() }
    }

    /// Returns the one at an address.
    pub(super) fn at(&mut self, address: &Address) -> &mut Client<'a> {
        let index = self.clients.iter().position(|client| client.address == *address);
        let index = index.unwrap_or_else(|| {
            self.clients.push(Client::new(address.clone(), self.dial));
            self.clients.len() - 1
        });
        &mut self.clients[index]
    }
}

/// Asks all members once.
pub(super) async fn survey(wish: &Wish, clients: &mut Clients<'_>) -> Result<Survey, Error> {
    let mut nodes = Vec::new();
    let mut primary = None;
    let mut tellers = Vec::new();
    for member in &wish.members {
        let client = clients.at(&member.address);
        let hello = match client.hello().await {
            Err(Error::Io { source, .. }) => {
                nodes.push(State::Down(source.to_string()));
                continue;
            }
            hello => hello?,
        };
        let state = state(wish, client, &hello).await?;
        let arbiter = hello.get_bool("arbiterOnly").unwrap_or(false);
        if matches!(state, State::Member | State::Lost) && !arbiter {
            tellers.push(member.address.clone());
        }
        let known = hello.get_str("primary").ok().filter(|_| state == State::Member);
        primary = primary.or_else(|| known.map(str::to_owned));
        nodes.push(state);
    }
    let mut survey = Survey { nodes, set: None, denied: None };
    // The primary knows best, and it may be none of those that are named.
    let first = primary.as_deref().and_then(|host| host.parse().ok());
    tellers.sort_by_key(|address| Some(address) != first.as_ref());
    if let Some(first) = first.filter(|first| !tellers.contains(first)) {
        tellers.insert(0, first);
    }
    for teller in tellers {
        match told(wish, clients.at(&teller)).await {
            Ok(set) => {
                let complete = set.primary.is_some();
                let newer = |old: &Set| old.config.age() < set.config.age();
                if survey.set.as_ref().is_none_or(newer) {
                    survey.set = Some(set);
                }
                if complete {
                    break;
                }
            }
            Err(error) if is_denial(&error) => {
                survey.denied.get_or_insert_with(|| error.to_string());
            }
            Err(Error::Io { .. }) => {}
            Err(error) if error.code() == Some(code::NOT_YET_INITIALIZED) => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(set) = &mut survey.set {
        survey.denied = None;
        if survey.nodes.contains(&State::Lost) {
            call(wish, set, clients).await;
        }
    }
    Ok(survey)
}

/// Calls those that are not named: one of them may have moved away without anybody having noticed yet.
async fn call(wish: &Wish, set: &mut Set, clients: &mut Clients<'_>) {
    for seat in &set.config.seats {
        let is_named =
            wish.members.iter().any(|member| same_host(&member.address.to_string(), &seat.host));
        let Ok(address) = seat.host.parse::<Address>() else { continue };
        if !is_named
            && clients.at(&address).hello().await.is_err()
            && let Some(health) = set.health.iter_mut().find(|health| health.id == seat.id)
        {
            health.up = false;
        }
    }
}

/// Returns whether an error says that the login is wrong, or that there has to be one.
pub(super) fn is_denial(error: &Error) -> bool {
    let codes = [code::AUTHENTICATION_FAILED, code::UNAUTHORIZED, code::USER_NOT_FOUND];
    error.code().is_some_and(|code| codes.contains(&code))
}

async fn state(wish: &Wish, client: &mut Client<'_>, hello: &Document) -> Result<State, Error> {
    let address = client.address.clone();
    if hello.get_str("msg").ok() == Some("isdbgrid") {
        return Err(Error::Impossible(format!(
            "{address} is a mongos, no member of a replica set"
        )));
    }
    match hello.get_str("setName") {
        Ok(name) if name == wish.name => return Ok(State::Member),
        Ok(name) => {
            return Err(Error::Impossible(format!(
                "{address} belongs to the replica set {name}, not to {}: take it out there and empty its data folder first",
                wish.name
            )));
        }
        Err(_) => {}
    }
    if !hello.get_bool("isreplicaset").unwrap_or(false) {
        return Err(Error::Impossible(format!(
            "MongoDB at {address} does not run as a member of a replica set: set `replication.replSetName: {}` in its configuration (or `--replSet`) and restart it",
            wish.name
        )));
    }
    unconfigured(wish, client).await
}

/// Tells apart those that wait for their first configuration and those that were left out of one.
async fn unconfigured(wish: &Wish, client: &mut Client<'_>) -> Result<State, Error> {
    if let Some(login) = &wish.login {
        match client.log_in(login).await {
            Ok(()) => {}
            // It has no users yet.
            Err(error) if is_denial(&error) => return Ok(State::Bare { data: false }),
            Err(error) => return Err(error),
        }
    }
    let status = client.ask("admin", doc! {"replSetGetStatus": 1}).await;
    match status.err().and_then(|error| error.code()) {
        Some(code::UNAUTHORIZED) => return Ok(State::Bare { data: false }),
        Some(code::NOT_YET_INITIALIZED) | None => {}
        Some(_) => return Ok(State::Lost),
    }
    // Users are data as well.
    let data = client.is_logged_in() || {
        let status = client.ask("admin", doc! {"serverStatus": 1}).await?;
        let catalog = status.get_document("catalogStats").ok();
        catalog.and_then(|catalog| number(catalog, "collections")).unwrap_or(0) > 0
    };
    Ok(State::Bare { data })
}

async fn told(wish: &Wish, client: &mut Client<'_>) -> Result<Set, Error> {
    if let Some(login) = &wish.login {
        client.log_in(login).await?;
    }
    let answer = client.ask("admin", doc! {"replSetGetConfig": 1}).await?;
    let config = Config::read(answer.get_document("config").unwrap_or(&Document::new()));
    if config.name() != wish.name {
        return Err(Error::Impossible(format!(
            "{} holds the data of the replica set {}, not of {}",
            client.address,
            config.name(),
            wish.name
        )));
    }
    let status = match client.ask("admin", doc! {"replSetGetStatus": 1}).await {
        Err(error) if error.code() == Some(code::INVALID_REPLICA_SET_CONFIG) => Document::new(),
        status => status?,
    };
    let members = status.get_array("members").cloned().unwrap_or_default();
    let members: Vec<&Document> = members.iter().filter_map(Bson::as_document).collect();
    let is_primary = |member: &&&Document| {
        number(member, "state") == Some(1) && number(member, "health") == Some(1)
    };
    let primary = members.iter().find(is_primary).copied();
    Ok(Set {
        config,
        health: members.iter().map(|member| health(member, primary)).collect(),
        primary: primary.and_then(|member| member.get_str("name").ok()).map(str::to_owned),
        told_by: client.address.clone(),
    })
}

fn health(member: &Document, primary: Option<&Document>) -> Health {
    let written = |member: &Document| {
        member.get_datetime("optimeDate").map_or(0, |time| time.timestamp_millis())
    };
    let behind = primary.map_or(0, |primary| written(primary) - written(member));
    Health {
        id: number(member, "_id").and_then(|id| i32::try_from(id).ok()).unwrap_or(-1),
        state: member.get_str("stateStr").unwrap_or("UNKNOWN").to_owned(),
        up: number(member, "health") == Some(1),
        behind: Duration::from_millis(u64::try_from(behind).unwrap_or(0)),
    }
}
