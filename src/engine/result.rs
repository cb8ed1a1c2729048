//! What is made of a result: what counts as changed and failed, what is registered.

use std::sync::Arc;
use std::time::Duration;

use super::broken::Broken;
use crate::actions::{Done, Effect, Error, Failed};
use crate::base::{Map, Value};
use crate::connection::Unreachable;
use crate::event::{Status, TaskResult};
use crate::module::{Diff, Outcome, diff_values};

/// The result of one try, before it is registered.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    /// Whether something changed.
    pub changed: bool,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it did not apply.
    pub skipped: bool,
    /// Whether the host cannot be reached.
    pub unreachable: bool,
    /// What is registered.
    pub values: Map,
    /// Facts for the host.
    pub facts: Map,
    /// What is to change in the run.
    pub effects: Vec<Effect>,
    /// Differences.
    pub diffs: Vec<Diff>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The arguments of the module, where they are to be shown.
    pub invocation: Option<Arc<Map>>,
    /// Whether it is shown without `-v`.
    pub loud: bool,
    /// What went wrong apart from the unit.
    pub broken: Option<Box<Broken>>,
}

impl Raw {
    /// Returns a failure with a message.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self {
            failed: true,
            values: Map::from_iter([("msg", message.into().into())]),
            ..Self::default()
        }
    }

    /// Returns the failure of a task whose unit did not run.
    pub(super) fn broken(broken: impl Into<Broken>) -> Self {
        let broken = broken.into();
        Self { broken: Some(Box::new(broken.clone())), ..Self::failed(broken.message()) }
    }

    /// Returns the result of a task whose condition does not hold.
    pub(super) fn skipped(condition: Option<Value>) -> Self {
        let mut values = Map::new();
        values.insert("skip_reason", "Conditional result was False".into());
        if let Some(condition) = condition {
            values.insert("false_condition", condition);
        }
        Self { skipped: true, values, ..Self::default() }
    }

    /// Returns the same without differences, which nobody asked for.
    pub(super) fn without_differences(mut self) -> Self {
        self.diffs.clear();
        self.values.remove("diff");
        self
    }

    /// Returns the result of a host that cannot be used.
    pub(super) fn unreachable(reason: &Unreachable) -> Self {
        let values = Map::from_iter([("msg", Value::from(&reason.message))]);
        Self { unreachable: !reason.denied, failed: reason.denied, values, ..Self::default() }
    }

    /// Returns the result of a unit.
    pub(super) fn of(result: Result<Done, Error>) -> Self {
        match result {
            Ok(done) => Self::of_done(done),
            Err(Error::Unreachable(reason)) => Self::unreachable(&reason),
            Err(Error::Failed(failed)) => {
                let Failed { failure, changed, diffs, warnings, template } = *failed;
                let mut values = failure.values;
                let broken = template.map(|error| Box::new(Broken::from(*error)));
                let message = broken.as_ref().map_or(failure.message, |broken| broken.message());
                values.insert("msg", message.into());
                Self { failed: true, changed, values, diffs, warnings, broken, ..Self::default() }
            }
        }
    }

    fn of_done(done: Done) -> Self {
        let Done { changed, outcome, diffs, warnings, effects, loud } = done;
        let Outcome { message, mut values, facts, skipped, changed: claimed } = outcome;
        if !message.is_empty() && !values.contains_key("msg") {
            values.insert("msg", message.into());
        }
        if !facts.is_empty() {
            values.insert("ansible_facts", facts.clone().into());
        }
        let changed = claimed.unwrap_or(changed);
        Self { changed, skipped, values, facts, effects, diffs, warnings, loud, ..Self::default() }
    }

    /// Returns what a condition sees under the registered name, and what is registered in the end.
    pub(super) fn registered(&self) -> Map {
        let mut values = self.values.clone();
        for name in ["stdout", "stderr"] {
            let lines = format!("{name}_lines");
            if let Some(text) = values.get(name).and_then(Value::as_str).map(str::to_owned)
                && !values.contains_key(&lines)
            {
                values.insert(lines, lines_of(&text));
            }
        }
        if !self.diffs.is_empty() && !values.contains_key("diff") {
            values.insert("diff", diff_values(&self.diffs));
        }
        if !self.warnings.is_empty() {
            values.insert("warnings", Value::list(self.warnings.iter().map(Value::from)));
        }
        values.insert("changed", self.changed.into());
        if self.skipped {
            values.insert("skipped", true.into());
        }
        if self.unreachable {
            values.insert("unreachable", true.into());
        } else if !self.skipped {
            values.insert("failed", self.failed.into());
        }
        values
    }

    /// Returns how it ended.
    pub(super) fn status(&self) -> Status {
        if self.unreachable {
            Status::Unreachable
        } else if self.failed {
            Status::Failed
        } else if self.skipped {
            Status::Skipped
        } else if self.changed {
            Status::Changed
        } else {
            Status::Ok
        }
    }

    /// Returns the result as reporters and `register` take it.
    pub(super) fn finish(self, took: Duration) -> TaskResult {
        let (causes, mistake) =
            self.broken.clone().map(|broken| broken.into_parts()).unwrap_or_default();
        TaskResult {
            causes,
            mistake,
            status: self.status(),
            values: Arc::new(self.registered()),
            diffs: self.diffs,
            warnings: self.warnings,
            invocation: self.invocation,
            loud: self.loud,
            took,
            ..TaskResult::default()
        }
    }
}

/// Splits as Python's `splitlines` does for what programs write.
fn lines_of(text: &str) -> Value {
    Value::list(text.lines().map(Value::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered() {
        let mut raw = Raw { changed: true, ..Raw::default() };
        raw.values.insert("stdout", "a\nb\n".into());
        let values = raw.registered();
        assert_eq!(values.get("stdout_lines"), Some(&Value::list(["a".into(), "b".into()])));
        assert_eq!(values.get("changed"), Some(&true.into()));
        assert_eq!(values.get("failed"), Some(&false.into()));
        assert!(!values.contains_key("skipped"));
    }
}
