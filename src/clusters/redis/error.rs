//! What can go wrong with Redis.

use std::io;

use super::Address;
use crate::clusters::pace::Trouble;

/// An error of a Redis Cluster, or of a master with replicas and sentinels.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream to an instance failed.
    #[error("cannot talk to Redis at {address}: {source}")]
    Io {
        /// The instance.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// An instance answered with an error.
    #[error("Redis at {address} refused `{command}`: {reason}{}", hint(reason))]
    Refused {
        /// The instance.
        address: Address,
        /// What was asked, without passwords.
        command: String,
        /// Its words.
        reason: String,
    },
    /// An instance answered with something unexpected.
    #[error("Redis at {address} answered something unexpected to `{command}`")]
    Garbled {
        /// The instance.
        address: Address,
        /// What was asked.
        command: String,
    },
    /// What is wished cannot be, or would destroy something.
    #[error("{0}")]
    Impossible(String),
    /// It did not come true in time.
    #[error("Redis is not as wished after {seconds} s: {reason}")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
}

impl Trouble for Error {
    fn may_pass(&self) -> bool {
        self.is_passing()
    }

    fn overdue(seconds: u64, reason: String) -> Self {
        Self::Timeout { seconds, reason }
    }
}

impl Error {
    /// Returns whether waiting can help: the instance starts, loads, or has not heard of the others yet.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Garbled { .. } => true,
            Self::Refused { reason, .. } => {
                let lasting = [
                    "NOAUTH",
                    "WRONGPASS",
                    "NOPERM",
                    "DENIED",
                    "ERR AUTH",
                    "ERR Client sent AUTH",
                    "ERR invalid password",
                    "ERR This instance has cluster support disabled",
                    "ERR unknown command",
                ];
                !lasting.iter().any(|start| reason.starts_with(start))
            }
            Self::Impossible(_) | Self::Timeout { .. } => false,
        }
    }
}

fn hint(reason: &str) -> &'static str {
    match reason {
        text if text.starts_with("NOAUTH") => "; give `password`",
        text if text.starts_with("WRONGPASS") || text.starts_with("ERR invalid password") => {
            "; the instance was set up with another password"
        }
        text if text.starts_with("ERR AUTH") || text.starts_with("ERR Client sent AUTH") => {
            "; the instance has no password: set `requirepass` and `masterauth`, or leave `password` out"
        }
        text if text.starts_with("NOPERM") => "; the user needs that command (`ACL SETUSER`)",
        text if text.starts_with("DENIED") => {
            "; set a password, or `protected-mode no` where only the cluster can reach it"
        }
        text if text.contains("cluster support disabled") => {
            "; set `cluster-enabled yes` in its configuration and restart it"
        }
        _ => "",
    }
}
