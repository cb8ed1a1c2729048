//! What can go wrong with a replica set.

use std::io;

use crate::clusters::Address;
use crate::clusters::scram;

/// An error of a replica set.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream to a member failed.
    #[error("cannot talk to MongoDB at {address}: {source}")]
    Io {
        /// The member.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// A member answered with an error.
    #[error("MongoDB at {address} refused `{command}`: {reason}{}", hint(*code))]
    Refused {
        /// The member.
        address: Address,
        /// The name of the command.
        command: String,
        /// MongoDB's number of the error.
        code: i32,
        /// Its words.
        reason: String,
    },
    /// The login went wrong.
    #[error("cannot log in at MongoDB {address}: {source}")]
    Login {
        /// The member.
        address: Address,
        /// Why.
        source: scram::Error,
    },
    /// What is wished cannot be, or would destroy something.
    #[error("{0}")]
    Impossible(String),
    /// It did not come true in time.
    #[error("the replica set is not as wished after {seconds} s: {reason}")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
}

/// Codes of MongoDB's errors, from its `error_codes.yml`.
pub(super) mod code {
    pub(in super::super) const USER_NOT_FOUND: i32 = 11;
    pub(in super::super) const UNAUTHORIZED: i32 = 13;
    pub(in super::super) const AUTHENTICATION_FAILED: i32 = 18;
    pub(in super::super) const COMMAND_NOT_FOUND: i32 = 59;
    pub(in super::super) const INVALID_REPLICA_SET_CONFIG: i32 = 93;
    pub(in super::super) const NOT_YET_INITIALIZED: i32 = 94;
    pub(in super::super) const NEW_CONFIG_INCOMPATIBLE: i32 = 103;
}

impl Error {
    /// Returns MongoDB's number of the error.
    pub(super) fn code(&self) -> Option<i32> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Returns whether waiting can help: the member starts, another election is on, the last change is under way.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Io { .. } => true,
            Self::Refused { code, .. } => ![
                code::UNAUTHORIZED,
                code::AUTHENTICATION_FAILED,
                code::COMMAND_NOT_FOUND,
                code::INVALID_REPLICA_SET_CONFIG,
                code::NEW_CONFIG_INCOMPATIBLE,
            ]
            .contains(code),
            Self::Login { .. } | Self::Impossible(_) | Self::Timeout { .. } => false,
        }
    }
}

fn hint(code: i32) -> &'static str {
    match code {
        code::AUTHENTICATION_FAILED => {
            "; is it the password that the set was made with, and does the user exist?"
        }
        code::UNAUTHORIZED => {
            "; give `login_user` and `login_password` of a user with the role `root`"
        }
        _ => "",
    }
}
