//! MongoDB replica sets: forms one out of bare members, adopts and repairs one that is there, and keeps its users.
//!
//! [`ensure`] goes in rounds: look at every member, plan one step (pure, see `plan`), do it; until the set itself says
//! that it is well. Every step leaves a set that works, so a run that breaks off at any point is taken up by the next
//! one. New members have no vote until they have caught up; at most one vote changes at a time.

mod apply;
mod client;
mod config;
mod error;
mod plan;
mod repair;
mod simulate;
mod survey;
#[cfg(test)]
mod tests;
mod user;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Address, Changes, Observer};
use crate::base::Secret;

pub use apply::{ensure, look, predict, table};
pub use client::Client;
pub use error::Error;
pub use survey::Survey;
pub use user::{Password, Role, User, UserChange, ensure_user};

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// The database that knows the user.
    pub database: String,
}

/// What happens to members that are not named.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Others {
    /// They stay.
    #[default]
    Keep,
    /// They are taken out.
    Remove,
}

/// What to do when no primary can be elected, because too many members are gone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lost {
    /// Wait, and say so.
    #[default]
    Wait,
    /// Force the configuration on one of those that are left.
    Force,
}

/// A member as it should be. What is not said is left as it is, and usual for a new one.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Where the other members and the clients reach it.
    pub address: Address,
    /// Its number in the set; with a number it is found under a new address.
    pub id: Option<i32>,
    /// Whether it only votes.
    pub arbiter: bool,
    /// How many seconds it stays behind.
    pub delay: Option<i64>,
    /// Whether clients do not see it.
    pub hidden: Option<bool>,
    /// How much it wants to be primary.
    pub priority: Option<f64>,
    /// Its tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Whether it votes.
    pub votes: Option<bool>,
}

impl Member {
    /// Returns a usual member.
    pub fn at(address: Address) -> Self {
        Self {
            address,
            id: None,
            arbiter: false,
            delay: None,
            hidden: None,
            priority: None,
            tags: None,
            votes: None,
        }
    }
}

/// What the replica set should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// Its members.
    pub members: Vec<Member>,
    /// Who logs in; also the first user, who is made while the set has none.
    pub login: Option<Login>,
    /// What happens to members that are not named.
    pub others: Others,
    /// What to do when no primary can be elected.
    pub lost: Lost,
    /// How long all of it may take.
    pub timeout: Duration,
}
