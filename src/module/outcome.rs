//! What comes of a task on one host: an outcome or a failure, both with values to register.

use crate::base::{Map, Value};
use crate::system;

use super::BadArgument;

/// What a module reports. `changed` and diffs are the job's: a module cannot claim them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Why nothing changed, or a short word on what did; becomes `msg` when not empty.
    pub message: String,
    /// Values to register besides the usual ones.
    pub values: Map,
    /// Facts to set on the host.
    pub facts: Map,
    /// Whether the module found that it does not apply.
    pub skipped: bool,
    /// Overrides what the job saw: `Some(false)` for a program that reports its own changes.
    pub changed: Option<bool>,
}

impl Outcome {
    /// Returns an outcome that says why nothing had to change.
    pub fn same(reason: impl Into<String>) -> Self {
        Self { message: reason.into(), ..Self::default() }
    }

    /// Returns an outcome without words.
    pub fn done() -> Self {
        Self::default()
    }

    /// Returns an outcome that was skipped, with the reason.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { message: reason.into(), skipped: true, ..Self::default() }
    }

    /// Adds a value to register.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// Adds several values to register.
    #[must_use]
    pub fn with_all<K: Into<Value>>(
        mut self,
        values: impl IntoIterator<Item = (K, Value)>,
    ) -> Self {
        self.values.extend(values);
        self
    }
}

/// Why a task failed on a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// What went wrong, why, and what to do.
    pub message: String,
    /// Values to register (`rc`, `stdout`, …).
    pub values: Map,
}

impl Failure {
    /// Returns a failure with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), values: Map::new() }
    }

    /// Adds a value to register.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// Returns the failure of a program, with what it wrote.
    pub fn program(message: impl Into<String>, output: &system::Output) -> Self {
        Self::new(message)
            .with("rc", output.code)
            .with("stdout", output.out())
            .with("stderr", output.err())
    }
}

impl From<system::Error> for Failure {
    fn from(error: system::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<BadArgument> for Failure {
    fn from(error: BadArgument) -> Self {
        let failure = Self::new(error.message);
        match error.details {
            Some(details) => failure.with("details", details),
            None => failure,
        }
    }
}
