//! What runs now: since when, how far it is, what it said last.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::layout::progress;
use crate::event::TaskInfo;
use crate::report::text;

/// A task that runs on a host.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) task: Arc<TaskInfo>,
    pub(super) host: Arc<str>,
    pub(super) since: Duration,
    /// How far it is.
    pub(super) far: Option<String>,
    /// The last line it wrote.
    pub(super) line: Option<String>,
}

/// All that runs now, longest first.
#[derive(Debug, Default)]
pub(super) struct AllRunning(IndexMap<(u64, Arc<str>), Running>);

impl AllRunning {
    /// Notes that a task begins on a host.
    pub(super) fn begin(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, since: Duration) {
        let running = Running {
            task: Arc::clone(task),
            host: Arc::clone(host),
            since,
            far: None,
            line: None,
        };
        self.0.insert((task.id, Arc::clone(host)), running);
    }

    /// Notes that a task is through on a host.
    pub(super) fn end(&mut self, task: &TaskInfo, host: &Arc<str>) {
        self.0.shift_remove(&(task.id, Arc::clone(host)));
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn get(&mut self, task: &TaskInfo, host: &Arc<str>) -> Option<&mut Running> {
        self.0.get_mut(&(task.id, Arc::clone(host)))
    }

    /// Notes how far something is.
    pub(super) fn far(
        &mut self,
        task: &TaskInfo,
        host: &Arc<str>,
        (what, done, all): (&str, u64, u64),
    ) {
        if let Some(running) = self.get(task, host) {
            running.far = Some(progress(what, done, all));
        }
    }

    /// Notes how many tries are left.
    pub(super) fn tries(&mut self, task: &TaskInfo, host: &Arc<str>, left: u32) {
        if let Some(running) = self.get(task, host) {
            running.far = Some(format!("{left} tries left"));
        }
    }

    /// Notes what something wrote.
    pub(super) fn wrote(&mut self, task: &TaskInfo, host: &Arc<str>, output: &str) {
        if let (Some(running), Some(line)) = (self.get(task, host), text::last_line(output)) {
            running.line = Some(line);
        }
    }

    /// Returns whether a task still runs somewhere.
    pub(super) fn has(&self, task: u64) -> bool {
        self.0.keys().any(|(id, _)| *id == task)
    }

    /// Returns what runs, by task, each with its hosts.
    pub(super) fn by_task(&self) -> Vec<(Arc<TaskInfo>, Vec<&Running>)> {
        let mut tasks: Vec<(Arc<TaskInfo>, Vec<&Running>)> = Vec::new();
        for running in self.0.values() {
            match tasks.iter_mut().find(|(task, _)| task.id == running.task.id) {
                Some((_, hosts)) => hosts.push(running),
                None => tasks.push((Arc::clone(&running.task), vec![running])),
            }
        }
        tasks
    }
}
