//! What can go wrong with a Kafka cluster.

use std::io;

use kafka_protocol::error::ResponseError;
use kafka_protocol::protocol::StrBytes;

use super::message::Call;
use crate::clusters::{Address, scram};

/// An error of a Kafka cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream to a broker failed.
    #[error("cannot talk to Kafka at {address}: {}", story(source))]
    Io {
        /// The broker.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// A broker cannot be reached where it says that it is.
    #[error(
        "broker {id} says that it is at {address}, and there is a difficulty: {}; check `advertised.listeners`",
        story(source)
    )]
    Advertised {
        /// The broker's number.
        id: i32,
        /// Where it says that it is.
        address: Address,
        /// Why.
        source: io::Error,
    },
    /// Kafka answered with an error.
    #[error("Kafka refused `{request}`{}: {reason}{}", of(what), hint(*code))]
    Refused {
        /// The name of the request.
        request: &'static str,
        /// What it was about: a topic, a partition, nothing.
        what: String,
        /// Kafka's number of the error.
        code: i16,
        /// Its words.
        reason: String,
    },
    /// A broker does not know a request.
    #[error(
        "the broker at {address} does not know {request}: that needs Kafka {since} or newer, and a listener that is not only for controllers"
    )]
    TooOld {
        /// The broker.
        address: Address,
        /// The name of the request.
        request: &'static str,
        /// The Kafka that brought it.
        since: &'static str,
    },
    /// The login went wrong.
    #[error("cannot log in at Kafka {address}: {reason}")]
    Login {
        /// The broker.
        address: Address,
        /// Why.
        reason: String,
    },
    /// What is wished cannot be, or would destroy something.
    #[error("{0}")]
    Impossible(String),
    /// It did not come true in time.
    #[error("the cluster is not as wished after {seconds} s: {reason}")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
        /// What is missing.
        reason: String,
    },
}

/// Codes of Kafka's errors, from its `Errors.java`.
pub(super) mod code {
    pub(in super::super) const TOPIC_AUTHORIZATION_FAILED: i16 = 29;
    pub(in super::super) const CLUSTER_AUTHORIZATION_FAILED: i16 = 31;
    pub(in super::super) const UNSUPPORTED_SASL_MECHANISM: i16 = 33;
    pub(in super::super) const ILLEGAL_SASL_STATE: i16 = 34;
    pub(in super::super) const TOPIC_ALREADY_EXISTS: i16 = 36;
    pub(in super::super) const INVALID_PARTITIONS: i16 = 37;
    pub(in super::super) const INVALID_REPLICATION_FACTOR: i16 = 38;
    pub(in super::super) const INVALID_REQUEST: i16 = 42;
    pub(in super::super) const REASSIGNMENT_IN_PROGRESS: i16 = 60;
    pub(in super::super) const TOPIC_DELETION_DISABLED: i16 = 73;
}

impl Error {
    /// Returns whether waiting can help: a broker starts, another controller is elected, the last change is under way.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Advertised { .. } => true,
            // More partitions were asked for than a broker knew of: it had not heard of the last change.
            Self::Refused {
                request: "CreatePartitions", code: code::INVALID_PARTITIONS, ..
            } => true,
            Self::Refused { code, .. } => {
                [code::TOPIC_ALREADY_EXISTS, code::REASSIGNMENT_IN_PROGRESS].contains(code)
                    || ResponseError::try_from_code(*code).is_some_and(|error| error.is_retriable())
            }
            Self::TooOld { .. }
            | Self::Login { .. }
            | Self::Impossible(_)
            | Self::Timeout { .. } => false,
        }
    }

    pub(super) fn login(address: &Address, source: scram::Error) -> Self {
        Self::Login { address: address.clone(), reason: source.to_string() }
    }
}

/// Returns an error when a code is one.
pub(super) fn check<C: Call>(
    code: i16,
    message: Option<&StrBytes>,
    what: impl FnOnce() -> String,
) -> Result<(), Error> {
    let Some(error) = ResponseError::try_from_code(code) else { return Ok(()) };
    let message = message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let reason = message.unwrap_or_else(|| error.to_string());
    Err(Error::Refused { request: C::NAME, what: what(), code, reason })
}

fn of(what: &str) -> String {
    if what.is_empty() { String::new() } else { format!(" for {what}") }
}

/// Kafka closes the connection when it does not like what comes first.
fn story(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            "it closed the connection; does this listener ask for a login, or for TLS?".into()
        }
        io::ErrorKind::TimedOut => "no answer in time".into(),
        _ => source.to_string(),
    }
}

fn hint(code: i16) -> &'static str {
    match code {
        code::TOPIC_AUTHORIZATION_FAILED | code::CLUSTER_AUTHORIZATION_FAILED => {
            "; the user who logs in needs more rights (ACLs), or to be one of `super.users`"
        }
        code::INVALID_REPLICATION_FACTOR => "; are all brokers up?",
        code::TOPIC_DELETION_DISABLED => "; the brokers have `delete.topic.enable=false`",
        _ => "",
    }
}
