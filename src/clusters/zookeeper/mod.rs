//! ZooKeeper ensembles: waits until the servers are one, and changes its list of servers where that needs no restart.
//!
//! An ensemble forms by itself, out of the files that each server has. [`ensure`] goes in rounds: ask every server, judge
//! what they say (pure, see `health`), plan one change of the list (pure, see `plan`), do it; until all of them are in
//! step with one leader. ZooKeeper itself takes a new list only when most of those on it are in step.

mod apply;
mod client;
mod digest;
mod error;
mod health;
mod jute;
mod list;
mod plan;
mod simulate;
mod survey;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use std::time::Duration;

use super::{Address, Changes, Observer};
use crate::base::Secret;

pub use apply::{Row, ensure, look, predict, table};
pub use client::Client;
pub use error::Error;
pub use survey::Survey;

/// How a password is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// In the clear, to ZooKeeper's own scheme `digest`.
    Digest,
    /// By a proof, to SASL's DIGEST-MD5.
    Sasl,
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// How it is shown.
    pub proof: Proof,
}

/// What a server is in the ensemble.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Role {
    /// It holds the data and does not vote.
    Observer,
    /// It votes.
    #[default]
    Participant,
}

impl Role {
    /// Returns ZooKeeper's word for it.
    fn name(self) -> &'static str {
        match self {
            Self::Observer => "observer",
            Self::Participant => "participant",
        }
    }
}

/// What happens to the list of servers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lists {
    /// It is changed: servers that are missing come on to it.
    #[default]
    Change,
    /// Servers that are not named are taken from it, too.
    Exact,
    /// It stays as it is.
    Keep,
}

/// A server as it should be. What is not said is left as it is, and usual for a new one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// Where clients reach it, and where it is asked.
    pub address: Address,
    /// Its number, `myid`.
    pub id: Option<u64>,
    /// Where the other servers reach it, if that is another host.
    pub peer: Option<String>,
    /// The port of the data.
    pub peer_port: Option<u16>,
    /// The port of elections.
    pub election_port: Option<u16>,
    /// Whether it votes.
    pub role: Option<Role>,
    /// Where it listens to clients, if the list should say something else than `address`.
    pub client: Option<Address>,
}

impl Member {
    /// Returns a usual server.
    pub fn at(address: Address) -> Self {
        Self {
            address,
            id: None,
            peer: None,
            peer_port: None,
            election_port: None,
            role: None,
            client: None,
        }
    }

    /// Returns the host at which the other servers reach it.
    fn host(&self) -> &str {
        self.peer.as_deref().unwrap_or(&self.address.host)
    }
}

/// What the ensemble should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its servers.
    pub servers: Vec<Member>,
    /// Who logs in, to change the list.
    pub login: Option<Login>,
    /// What happens to the list of servers.
    pub lists: Lists,
    /// How long all of it may take.
    pub timeout: Duration,
}
