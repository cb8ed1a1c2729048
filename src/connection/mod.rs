//! Connections: one stream a host and user, with a helper at its end.
//!
//! [`Helper`] is what everybody uses: requests, events, files and TCP streams over one pair of byte streams. How those
//! come about differs: a child process, or a program at the end of an SSH channel (`shell`), which a script puts there when
//! it is missing (`deploy`), either through `sudo` or `su` (`escalate`).
#![forbid(unsafe_code)]

mod credit;
mod deploy;
mod dialogue;
mod escalate;
mod feed;
mod greeting;
mod helper;
mod pool;
mod programs;
mod pulse;
mod running;
mod shell;
pub mod ssh;
mod stream;
mod target;

use std::fmt;

pub use feed::{Feed, NoFeed};
pub use helper::Helper;
pub use pool::{Operator, Pool, Warn};
pub use programs::{Program, Programs};
pub use stream::Stream;
pub use target::{Escalation, SshWay, Target, Way};

/// Why a host cannot be used: it counts as unreachable.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreachable {
    /// What, why, and what to do.
    pub message: String,
    /// Whether the way was open and privileges could not be had: counts as a failed task, as in Ansible.
    pub denied: bool,
}

impl Unreachable {
    /// Returns the reason why a host cannot be reached.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), denied: false }
    }

    /// Returns the reason why another user's privileges cannot be had.
    pub fn denied(message: impl Into<String>) -> Self {
        Self { message: message.into(), denied: true }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreachable {}
