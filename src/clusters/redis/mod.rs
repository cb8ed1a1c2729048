//! Redis Cluster: forms a cluster out of instances, repairs one that was half formed, and leaves a good one alone.
//!
//! [`look`] asks every instance what it knows, [`predict`] says what would be done, [`ensure`] does it: in rounds of
//! looking, planning (pure, see `plan`) and acting, until all instances agree, all slots are served and all replicas
//! follow. A run that breaks off at any point is taken up by the next one, also in the middle of moving slots. Without
//! being told to, nothing is taken out of a cluster but the memory of instances that are gone, and no instance with keys
//! joins a foreign cluster.

mod apply;
mod client;
mod error;
mod layout;
mod members;
mod migrate;
mod moves;
mod node;
mod place;
mod plan;
mod resp;
pub mod sentinel;
mod simulate;
mod slots;
mod survey;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{Address, Changes};
use crate::base::Secret;

pub use apply::ensure;
pub use error::Error;
pub use layout::describe;
pub use node::{Peer, parse_nodes};
pub use plan::{Plan, Step, plan};
pub use simulate::predict;
pub use slots::{SLOTS, Slots};
pub use survey::{Instance, look};

/// What the cluster should be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The instances.
    pub nodes: Vec<Address>,
    /// Whether nodes of the cluster that are not named are taken out, once others have their slots.
    pub remove_others: bool,
    /// How many replicas each master has.
    pub replicas: usize,
    /// The user to log in as; nothing means the default one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl Wish {
    /// Returns who logs in.
    fn login(&self) -> client::Login<'_> {
        client::Login { username: self.username.as_deref(), password: self.password.as_ref() }
    }

    /// Returns how many masters there should be.
    pub fn masters(&self) -> usize {
        self.nodes.len() / (self.replicas + 1)
    }
}
