//! Kafka clusters: keeps topics as they should be, and moves partitions between brokers.
//!
//! [`ensure`] goes in rounds: look at all topics at once, plan the next kind of change for all of them (pure, see
//! `plan`), do it with one request, look again; until Kafka itself says that all replicas are in step. A run that breaks
//! off at any point is taken up by the next one: what is under way is found in the cluster, not remembered here.

mod apply;
mod balance;
mod batch;
mod client;
mod cluster;
mod error;
mod execute;
mod health;
mod message;
mod plan;
mod quorum;
mod simulate;
mod spread;
mod survey;
#[cfg(test)]
mod tests;
mod throttle;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Address, Changes, Observer, scram};
use crate::base::Secret;

pub use apply::{ensure, look, predict, table};
pub use client::Client;
pub use cluster::{ensure_cluster, predict_cluster};
pub use error::Error;
pub use health::Condition;
pub use message::Call;
pub use quorum::{Quorum, Voter};
pub use survey::Survey;

/// How a password is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// In the clear.
    Plain,
    /// By a proof.
    Scram(scram::Mechanism),
}

impl Mechanism {
    /// Returns its name in the protocol.
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Scram(mechanism) => mechanism.name(),
        }
    }
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// How it is shown.
    pub mechanism: Mechanism,
}

/// What happens to settings of a topic that are not named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Others {
    /// They stay.
    #[default]
    Keep,
    /// They go back to the brokers' own.
    Remove,
}

/// A topic as it should be. What is not said is left as it is, and as the brokers have it for a new one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Whether it should be there.
    pub present: bool,
    /// How many partitions it has.
    pub partitions: Option<usize>,
    /// How many replicas each partition has.
    pub factor: Option<usize>,
    /// Settings; none as a value means the brokers' own.
    pub config: BTreeMap<String, Option<String>>,
}

impl Topic {
    /// Returns a topic of which nothing is said but that it should be there.
    pub fn named(name: &str) -> Self {
        let config = BTreeMap::new();
        Self { name: name.to_owned(), present: true, partitions: None, factor: None, config }
    }
}

/// What the topics should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The topics.
    pub topics: Vec<Topic>,
    /// What happens to settings that are not named.
    pub others: Others,
    /// How many bytes a second a broker may send, and receive, for replicas that move.
    pub throttle: Option<u64>,
    /// How long all of it may take.
    pub timeout: Duration,
}

/// A broker as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// Where it listens.
    pub address: Address,
    /// Its number, when it has to be a certain one.
    pub id: Option<i32>,
}

/// What becomes of the shares that brokers have of all replicas.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shares {
    /// They become even.
    Even,
    /// They stay.
    #[default]
    Keep,
}

/// What a cluster should be.
#[derive(Clone, Debug)]
pub struct ClusterWish {
    /// Its brokers.
    pub brokers: Vec<Member>,
    /// The numbers of the brokers that are to have no replicas.
    pub emptied: BTreeSet<i32>,
    /// What becomes of the shares of the others.
    pub shares: Shares,
    /// How many bytes a second a broker may send, and receive, for replicas that move.
    pub throttle: Option<u64>,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl ClusterWish {
    /// Returns whether partitions may have to move.
    fn moves(&self) -> bool {
        !self.emptied.is_empty() || self.shares == Shares::Even
    }
}
