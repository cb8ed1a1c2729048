//! What can go wrong with an ensemble.

use std::io;

use crate::clusters::Address;

/// An error of an ensemble.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream to a server failed.
    #[error("cannot talk to ZooKeeper at {address}: {source}")]
    Io {
        /// The server.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// A server answered with an error.
    #[error("ZooKeeper at {address} refused {request}: {}", meaning(*code))]
    Refused {
        /// The server.
        address: Address,
        /// What was asked of it.
        request: &'static str,
        /// ZooKeeper's number of the error.
        code: i32,
    },
    /// The login went wrong.
    #[error("cannot log in at ZooKeeper {address}: {reason}")]
    Login {
        /// The server.
        address: Address,
        /// Why.
        reason: String,
    },
    /// What is wished cannot be, or would destroy something.
    #[error("{0}")]
    Impossible(String),
    /// It did not come true in time.
    #[error("the ensemble is not as wished after {seconds} s: {reason}")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
}

/// Numbers of ZooKeeper's errors, from its `KeeperException.Code`.
pub(super) mod code {
    pub(in super::super) const AUTHENTICATION_FAILED: i32 = -115;
    pub(in super::super) const BAD_ARGUMENTS: i32 = -8;
    pub(in super::super) const BAD_VERSION: i32 = -103;
    pub(in super::super) const LOGIN_REQUIRED: i32 = -124;
    pub(in super::super) const NO_AUTHORITY: i32 = -102;
    pub(in super::super) const NO_NODE: i32 = -101;
    pub(in super::super) const NO_QUORUM: i32 = -13;
    pub(in super::super) const NODE_EXISTS: i32 = -110;
    pub(in super::super) const RECONFIGURATION_DISABLED: i32 = -123;
    pub(in super::super) const RECONFIGURATION_UNDER_WAY: i32 = -14;
    pub(in super::super) const UNIMPLEMENTED: i32 = -6;
}

fn meaning(code: i32) -> String {
    match code {
        code::AUTHENTICATION_FAILED => "the login failed".into(),
        code::BAD_ARGUMENTS => {
            "it does not take such a list of servers (with `standaloneEnabled`, which is usual, two of them have to vote at least)".into()
        }
        code::BAD_VERSION => "somebody else changed it meanwhile".into(),
        code::LOGIN_REQUIRED => {
            "it wants a login: give `login_user`, `login_password` and `login_mechanism: sasl`".into()
        }
        code::NO_AUTHORITY => "this needs the super user: give `login_user` and `login_password`, and start the servers with `-Dzookeeper.DigestAuthenticationProvider.superDigest=USER:BASE64`, where BASE64 is that of the SHA-1 of `USER:PASSWORD` (with SASL `-Dzookeeper.superUser=USER`)".into(),
        code::NO_NODE => "there is no such node".into(),
        code::NO_QUORUM => {
            "too few of the servers that would vote then are in step with the leader".into()
        }
        code::NODE_EXISTS => "such a node is there already".into(),
        code::RECONFIGURATION_DISABLED => "`reconfigEnabled` is off".into(),
        code::RECONFIGURATION_UNDER_WAY => "the last change is still under way".into(),
        code::UNIMPLEMENTED => "it does not know how".into(),
        _ => format!("error {code}"),
    }
}

impl Error {
    /// Returns ZooKeeper's number of the error.
    pub(super) fn code(&self) -> Option<i32> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Returns whether waiting can help: the server starts, another election is on, the last change is under way.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Io { .. } => true,
            Self::Refused { code, .. } => {
                [code::BAD_VERSION, code::NO_QUORUM, code::RECONFIGURATION_UNDER_WAY, -4, -7, -112]
                    .contains(code)
            }
            Self::Login { .. } | Self::Impossible(_) | Self::Timeout { .. } => false,
        }
    }
}
