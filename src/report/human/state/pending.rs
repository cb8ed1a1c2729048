//! What waits to be written where plays run side by side: a stream shows the results of a task together, below one
//! heading, and not between those of another play's; and nothing is written while somebody is asked.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::State;
use crate::event::{PlayInfo, TaskInfo};

/// How long a line waits for the rest of its task.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is not written yet.
#[derive(Debug, Default)]
pub(super) struct AllPending {
    /// Lines of tasks that are not through, by the numbers of the tasks.
    tasks: IndexMap<u64, Pending>,
    /// Lines of plays, from the time when somebody was asked.
    held: Vec<String>,
}

#[derive(Debug)]
struct Pending {
    task: Arc<TaskInfo>,
    lines: Vec<String>,
    since: Duration,
}

impl AllPending {
    /// Adds lines of a task.
    pub(super) fn add(&mut self, task: &Arc<TaskInfo>, lines: &[String], now: Duration) {
        let new = || Pending { task: Arc::clone(task), lines: Vec::new(), since: now };
        self.tasks.entry(task.id).or_insert_with(new).lines.extend_from_slice(lines);
    }

    /// Keeps lines until nobody is asked any more.
    pub(super) fn hold(&mut self, lines: &[String]) {
        self.held.extend_from_slice(lines);
    }
}

impl State {
    /// Returns whether lines of a task wait for the rest of it.
    pub(super) fn waits(&self, task: &TaskInfo) -> bool {
        let others = self.plays.values().filter(|now| now.play.beside).count() > 1;
        self.is_held(&task.play) || task.play.beside && others && !self.look.folds()
    }

    /// Returns whether nothing is written of a play now, because somebody is asked.
    pub(super) fn is_held(&self, play: &PlayInfo) -> bool {
        play.beside && self.asking > 0
    }

    /// Writes the lines of tasks that are meant, unless somebody is asked.
    pub(super) fn flush_pending(&mut self, meant: impl Fn(&TaskInfo) -> bool) {
        if self.asking > 0 {
            return;
        }
        let held = std::mem::take(&mut self.pending.held);
        self.write(&held);
        let all = std::mem::take(&mut self.pending.tasks).into_iter();
        let (meant, rest) = all.partition(|(_, one)| meant(&one.task));
        self.pending.tasks = rest;
        let meant: IndexMap<u64, Pending> = meant;
        for pending in meant.into_values() {
            self.write_heading(&pending.task);
            self.write(&pending.lines);
        }
    }

    /// Writes the lines that have waited for long.
    pub(super) fn flush_waiting(&mut self, now: Duration) {
        let late =
            self.pending.tasks.values().filter(|one| now.saturating_sub(one.since) >= PATIENCE);
        let late: Vec<u64> = late.map(|one| one.task.id).collect();
        if !late.is_empty() {
            self.flush_pending(|task| late.contains(&task.id));
        }
    }
}
