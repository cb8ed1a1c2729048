//! Consul clusters: joins servers until they elect a leader, adopts a cluster that is there, and takes members out of it.
//!
//! [`ensure`] goes in rounds: ask every agent, plan one step (pure, see `plan`), do it; until the leader itself says that
//! all servers are well. Two clusters are never made one, and nothing is done that would leave the servers without a
//! majority. A run that breaks off at any point is taken up by the next one.

mod apply;
mod client;
mod error;
mod health;
mod leave;
mod plan;
mod read;
mod settings;
mod simulate;
mod survey;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{Address, Changes, Observer};
use crate::base::Secret;

pub use apply::{ensure, look, predict};
pub use error::Error;
pub use read::Member;
pub use settings::{Setting, settings};
pub use survey::Survey;

/// An agent as it was named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seat {
    /// Where its HTTP API listens.
    pub address: Address,
    /// Its node name, when it has to be a certain one.
    pub node: Option<String>,
}

/// Where the first management token comes from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Acl {
    /// From the servers' configuration, or from who set up the cluster; or there are no access control lists.
    #[default]
    Configured,
    /// It is made here.
    Bootstrap,
}

/// What happens to servers that are not named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Others {
    /// They stay.
    #[default]
    Keep,
    /// They are taken out.
    Remove,
}

/// How the HTTP API is reached.
#[derive(Clone, Default)]
pub struct Transport {
    /// Whether it is `https`.
    pub secure: bool,
    /// Certificates, and whether they are checked.
    pub options: super::http::Options,
}

/// What the cluster should be.
#[derive(Clone)]
pub struct Wish {
    /// The servers.
    pub servers: Vec<Seat>,
    /// Agents that are no servers.
    pub clients: Vec<Seat>,
    /// The data center that all have to be in; nothing means that of the first one.
    pub datacenter: Option<String>,
    /// The token of an operator.
    pub token: Option<Secret>,
    /// The token that agents take before there is a leader (`agent_master`, `agent_recovery`).
    pub agent_token: Option<Secret>,
    /// Where the first management token comes from.
    pub acl: Acl,
    /// Settings of autopilot.
    pub autopilot: Vec<Setting>,
    /// What happens to servers that are not named.
    pub others: Others,
    /// How the HTTP API is reached.
    pub transport: Transport,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl Wish {
    /// Returns all agents, the servers first.
    fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.servers.iter().chain(&self.clients)
    }

    /// Returns one of all agents.
    fn seat(&self, at: usize) -> &Seat {
        self.servers.get(at).unwrap_or_else(|| &self.clients[at - self.servers.len()])
    }

    /// Returns whether one of all agents is a server.
    fn is_server(&self, at: usize) -> bool {
        at < self.servers.len()
    }
}
