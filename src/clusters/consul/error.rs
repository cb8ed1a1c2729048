//! What can go wrong with a Consul cluster.

use crate::clusters::pace::Trouble;
use crate::clusters::{Address, http};

/// An error of a Consul cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The exchange with an agent failed.
    #[error("cannot talk to Consul at {address}: {source}{}", plain(source))]
    Http {
        /// The agent.
        address: Address,
        /// Why.
        source: http::Error,
    },
    /// An agent answered with an error.
    #[error("Consul at {address} refused `{request}`: {reason}{}", hint(*status, reason))]
    Refused {
        /// The agent.
        address: Address,
        /// What was asked.
        request: String,
        /// The status of HTTP.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// What answered is no Consul.
    #[error("what answers `{request}` at {address} is no Consul agent{}", if *secure { "" } else { "; does it speak https there? Then say `scheme: https`" })]
    Garbled {
        /// The agent.
        address: Address,
        /// What was asked.
        request: String,
        /// Whether it was asked by `https`.
        secure: bool,
    },
    /// What is wished cannot be, or would destroy something.
    #[error("{0}")]
    Impossible(String),
    /// It did not come true in time.
    #[error("the Consul cluster is not as wished after {seconds} s: {reason}")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
}

impl Error {
    /// Returns whether an agent does not know the token, or does not let it do this.
    pub(super) fn is_denial(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403, .. })
    }
}

impl Trouble for Error {
    /// The agent starts, or an election is on.
    fn may_pass(&self) -> bool {
        match self {
            Self::Http { source, .. } => !matches!(source, http::Error::Tls(..)),
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            Self::Garbled { .. } | Self::Impossible(_) | Self::Timeout { .. } => false,
        }
    }

    fn overdue(seconds: u64, reason: String) -> Self {
        Self::Timeout { seconds, reason }
    }
}

/// Returns what to do when there is no TLS at the other end.
fn plain(source: &http::Error) -> &'static str {
    match source {
        http::Error::Tls(_, reason) if reason.contains("InvalidContentType") => {
            "; does it speak http there? Then leave `scheme: https` out"
        }
        _ => "",
    }
}

fn hint(status: u16, reason: &str) -> &'static str {
    match status {
        401 | 403 => {
            "; `token` has to be one that is known there and may do everything (policy `global-management`)"
        }
        400 if reason.contains("HTTP request to an HTTPS server") => "; say `scheme: https`",
        _ => "",
    }
}
