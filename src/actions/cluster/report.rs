//! What all modules of clusters say in one way: each step when it is done, and the difference at the end.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use crate::actions::{Context, Done, Error, Failed, Listener};
use crate::clusters::{Changes, Observer};
use crate::module::{Diff, Failure, Outcome};
use crate::protocol::Event;

/// Hands the steps on and keeps them, so that a run that fails half way says that something changed.
pub(super) struct Steps {
    listener: Arc<dyn Listener>,
    heard: Mutex<Vec<String>>,
}

impl Observer for Steps {
    fn step(&self, text: &str) {
        let bytes = format!("{text}\n").into_bytes();
        self.listener.event(Event::Output { err: false, bytes });
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}

impl Steps {
    /// Starts without any.
    pub(super) fn new(cx: &Context<'_>) -> Self {
        Self { listener: Arc::clone(&cx.listener), heard: Mutex::default() }
    }

    /// Gives a failure what was done before it.
    pub(super) fn result<T, E: Display>(self, result: Result<T, E>) -> Result<T, Error> {
        let heard = self.heard.into_inner().unwrap_or_else(PoisonError::into_inner);
        result.map_err(|error| {
            Error::Failed(Box::new(Failed {
                changed: !heard.is_empty(),
                failure: Failure::new(error.to_string()).with("steps", heard),
                diffs: Vec::new(),
                warnings: Vec::new(),
                template: None,
            }))
        })
    }
}

/// Returns what was done with a cluster, or would be, as the result of its task.
pub(super) fn changed_cluster(cx: &Context<'_>, name: &str, changes: Changes) -> Done {
    let changed = !changes.steps.is_empty();
    let outcome =
        if changed { Outcome::done() } else { Outcome::same("the cluster is as it should be") };
    let diff = Diff::Text {
        before_header: name.to_owned(),
        after_header: name.to_owned(),
        before: changes.before,
        after: changes.after,
    };
    Done {
        changed,
        outcome: outcome.with("steps", changes.steps),
        diffs: if changed && cx.stage.diff { vec![diff] } else { Vec::new() },
        warnings: changes.warnings,
        ..Done::default()
    }
}
