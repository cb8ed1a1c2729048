//! What the recap counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Status, TaskResult};

/// The counts of one host.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Stats {
    /// Tasks that went well, changes included.
    pub ok: u32,
    /// Tasks that changed something.
    pub changed: u32,
    /// Times the host could not be reached.
    pub unreachable: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Tasks that did not apply.
    pub skipped: u32,
    /// Failures that a `rescue` took care of.
    pub rescued: u32,
    /// Failures that were ignored.
    pub ignored: u32,
}

/// Counts for all hosts.
#[derive(Debug, Default)]
pub struct Tally(Mutex<HashMap<Arc<str>, Stats>>);

impl Tally {
    /// Counts a result.
    pub fn count(&self, host: &Arc<str>, result: &TaskResult) {
        self.change(host, |stats| match result.status {
            Status::Ok => stats.ok += 1,
            Status::Changed => {
                stats.ok += 1;
                stats.changed += 1;
            }
            Status::Skipped => stats.skipped += 1,
            Status::Failed | Status::Unreachable if result.ignored => {
                stats.ok += 1;
                stats.ignored += 1;
                if result.values.get("changed").is_some_and(crate::base::Value::truth) {
                    stats.changed += 1;
                }
            }
            Status::Failed => stats.failed += 1,
            Status::Unreachable => stats.unreachable += 1,
        });
    }

    /// Counts a failure as rescued instead of failed.
    pub fn rescue(&self, host: &Arc<str>) {
        self.change(host, |stats| {
            stats.failed = stats.failed.saturating_sub(1);
            stats.rescued += 1;
        });
    }

    fn change(&self, host: &Arc<str>, change: impl FnOnce(&mut Stats)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(all.entry(Arc::clone(host)).or_default());
    }

    /// Returns the counts, sorted by host as Ansible's recap is.
    pub fn all(&self) -> Vec<(Arc<str>, Stats)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = all.iter().map(|(host, stats)| (Arc::clone(host), *stats)).collect();
        all.sort();
        all
    }
}
