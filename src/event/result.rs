//! What came of a task on a host.

use std::sync::Arc;
use std::time::Duration;

use crate::base::{Deprecation, Map, Mistake, Position};
use crate::module::Diff;

/// How a task ended on a host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Status {
    /// Nothing had to change.
    #[default]
    Ok,
    /// Something changed or would.
    Changed,
    /// It did not apply.
    Skipped,
    /// It failed.
    Failed,
    /// The host could not be reached.
    Unreachable,
}

/// A step on the way from a task to what is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// What was being done, or what is wrong.
    pub text: String,
    /// Where that stands.
    pub at: Position,
}

/// What came of a task, or of one loop item, on a host.
#[derive(Clone, Debug, Default)]
pub struct TaskResult {
    /// How it ended.
    pub status: Status,
    /// Whether a failure is ignored.
    pub ignored: bool,
    /// Everything that is registered, final.
    pub values: Arc<Map>,
    /// Differences.
    pub diffs: Vec<Diff>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// What will not work for ever.
    pub deprecations: Vec<Deprecation>,
    /// Whether nothing of it may be shown.
    pub no_log: bool,
    /// The host that did the work, when it was another one.
    pub delegate: Option<Arc<str>>,
    /// The address of that host, when it is not its name.
    pub delegate_address: Option<Arc<str>>,
    /// The item's label, when this is one item of a loop.
    pub label: Option<String>,
    /// Whether this sums up a loop whose items were reported one by one.
    pub looped: bool,
    /// The arguments of the module, with `-vvv`.
    pub invocation: Option<Arc<Map>>,
    /// Whether to show the values without `-v` (`debug`).
    pub loud: bool,
    /// The way from the task to what is wrong, when it failed before its unit ran.
    pub causes: Vec<Cause>,
    /// What is wrong there, with its place.
    pub mistake: Option<Box<Mistake>>,
    /// How long it took.
    pub took: Duration,
}

impl TaskResult {
    /// Returns the registered message, when there is one.
    pub fn message(&self) -> Option<String> {
        self.values.get("msg").map(ToString::to_string)
    }
}
