//! Redis Sentinel: one master, replicas that copy it, and sentinels that watch it and agree on who it is.
//!
//! [`ensure`] goes in rounds: ask every node and every sentinel, plan one step (pure, see `plan`), do it; until the
//! sentinels themselves say that they can fail over. A master that the sentinels chose stays the master. No node loses
//! data of its own unless that is asked for. A run that breaks off at any point is taken up by the next one.

mod apply;
mod health;
mod master;
mod plan;
mod read;
mod simulate;
mod survey;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::client::Login;
use super::{Address, Changes, Error};
use crate::base::Secret;

pub use apply::{ensure, look, predict};
pub use survey::{Survey, Table};

/// The settings that sentinels have for a master and tell.
pub const SETTINGS: [&str; 5] = [
    "client-reconfig-script",
    "down-after-milliseconds",
    "failover-timeout",
    "notification-script",
    "parallel-syncs",
];

/// What happens to nodes and sentinels that are not named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Others {
    /// The sentinels keep them in mind.
    #[default]
    Keep,
    /// Those that are gone are forgotten.
    Remove,
}

/// What happens to data that several nodes have, each its own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Strife {
    /// Nothing is done.
    #[default]
    Refuse,
    /// One node keeps its own, the others lose theirs.
    Discard,
}

/// A name and a password.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The user; nothing means the default one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

impl Account {
    fn login(&self) -> Login<'_> {
        Login { username: self.username.as_deref(), password: self.password.as_ref() }
    }
}

/// What should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The name that the sentinels give the master.
    pub name: String,
    /// The nodes with the data.
    pub nodes: Vec<Address>,
    /// The sentinels.
    pub sentinels: Vec<Address>,
    /// How many sentinels have to agree that the master is gone.
    pub quorum: usize,
    /// Who logs in at the nodes.
    pub account: Account,
    /// Who logs in at the sentinels.
    pub sentinel_account: Account,
    /// Settings of the sentinels for this master.
    pub settings: Vec<(String, String)>,
    /// What happens to nodes and sentinels that are not named.
    pub others: Others,
    /// What happens to data that several nodes have, each its own.
    pub strife: Strife,
    /// How long all of it may take.
    pub timeout: Duration,
}
