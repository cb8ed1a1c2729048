//! What comes of an action.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::connection::Unreachable;
use crate::module::{BadArgument, Diff, Failure, Outcome};
use crate::protocol::Reply;
use crate::template;

/// A success.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Whether something changed or would.
    pub changed: bool,
    /// What is reported.
    pub outcome: Outcome,
    /// Differences.
    pub diffs: Vec<Diff>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// What is to change in the run.
    pub effects: Vec<Effect>,
    /// Whether the result is shown without `-v` (`debug`).
    pub loud: bool,
}

impl Done {
    /// Returns a success without changes.
    pub fn ok(outcome: Outcome) -> Self {
        Self { outcome, ..Self::default() }
    }

    /// Returns a success with changes.
    pub fn changed(outcome: Outcome) -> Self {
        Self { changed: true, outcome, ..Self::default() }
    }

    /// Adds a value to what is reported.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.outcome = self.outcome.with(name, value);
        self
    }

    /// Adds an effect.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

/// Something that an action wants changed in the run.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Set variables of the host (`set_fact`).
    SetFacts {
        /// The variables.
        values: Map,
        /// Whether they are facts that are cached.
        cacheable: bool,
    },
    /// Set variables as `include_vars` does.
    IncludeVars(Map),
    /// Add a host to the inventory.
    AddHost {
        /// Its name.
        name: Arc<str>,
        /// Its groups.
        groups: Vec<String>,
        /// Its variables.
        vars: Map,
    },
    /// Put the host into a group.
    GroupBy {
        /// The group.
        group: String,
        /// The groups above it.
        parents: Vec<String>,
    },
    /// Add to what is shown at the end (`set_stats`).
    Stats {
        /// The values.
        values: Map,
        /// Whether they belong to the host.
        per_host: bool,
        /// Whether they are added to what is there.
        aggregate: bool,
    },
}

/// A failure, with what was done before.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Why.
    pub failure: Failure,
    /// Whether something had changed before.
    pub changed: bool,
    /// Differences.
    pub diffs: Vec<Diff>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The template that could not be filled, when that is why.
    pub template: Option<Box<template::Error>>,
}

/// Why an action did not succeed.
#[derive(Clone, Debug)]
pub enum Error {
    /// It failed.
    Failed(Box<Failed>),
    /// The host cannot be used.
    Unreachable(Unreachable),
}

impl Error {
    /// Returns a failure with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Failure::new(message).into()
    }

    /// Returns a failure that is the task's own: what is told begins with `Task failed`.
    pub fn raised(message: impl Into<String>) -> Self {
        template::Error::new(template::ErrorKind::Invalid, message).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(Failed {
            failure,
            changed: false,
            diffs: Vec::new(),
            warnings: Vec::new(),
            template: None,
        }))
    }
}

impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Failed(Box::new(Failed {
            failure: Failure::new(error.to_string()),
            changed: false,
            diffs: Vec::new(),
            warnings: Vec::new(),
            template: Some(Box::new(error)),
        }))
    }
}

impl From<BadArgument> for Error {
    fn from(error: BadArgument) -> Self {
        Failure::from(error).into()
    }
}

impl From<Unreachable> for Error {
    fn from(error: Unreachable) -> Self {
        Self::Unreachable(error)
    }
}

/// Returns the reply of a module as the result of an action.
pub fn from_reply(reply: Reply) -> Result<Done, Error> {
    match reply {
        Reply::Done { changed, outcome, diffs, warnings } => {
            Ok(Done { changed, outcome, diffs, warnings, ..Done::default() })
        }
        Reply::Failed { changed, failure, diffs, warnings } => {
            Err(Error::Failed(Box::new(Failed {
                failure,
                changed,
                diffs,
                warnings,
                template: None,
            })))
        }
    }
}
