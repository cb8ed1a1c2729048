//! What `ansible-playbook` writes, line for line, for programs that read it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::colour::Role;
use super::{Options, Paper, difference, json, lock, recap};
use crate::event::{Event, Sink, Status, TaskInfo, TaskResult};

/// The reporter.
pub struct Ansible {
    paper: Paper,
    options: Options,
    /// The task whose banner was written last.
    last: Mutex<Option<u64>>,
}

impl Ansible {
    /// Returns a reporter that writes to a writer.
    pub fn new(writer: impl Write + Send + 'static, options: Options) -> Self {
        Self { paper: Paper::new(writer), options, last: Mutex::default() }
    }

    fn banner(&self, words: &str) {
        self.paper.line(&format!("\n{}", recap::banner(words, self.options.columns)));
    }

    /// Writes the banner of a task, unless it is the last one written: with the free strategy tasks alternate.
    fn task(&self, task: &TaskInfo) {
        let mut last = lock(&self.last);
        if *last == Some(task.id) {
            return;
        }
        *last = Some(task.id);
        let word = if task.handler { "RUNNING HANDLER" } else { "TASK" };
        self.banner(&format!("{word} [{}]", task.title()));
        if self.options.verbosity >= 2 {
            self.paper.line(&format!("task path: {}", task.at));
        }
    }

    fn result(&self, task: &TaskInfo, host: &str, result: &TaskResult) {
        self.task(task);
        self.differences(result);
        let host = match result.delegate.as_deref().filter(|delegate| *delegate != host) {
            Some(delegate) => format!("[{host} -> {delegate}]"),
            None => format!("[{host}]"),
        };
        let item =
            result.label.as_ref().map(|label| format!(" => (item={label})")).unwrap_or_default();
        let (role, line) = match result.status {
            Status::Ok | Status::Changed => {
                let (role, word) = if result.status == Status::Ok {
                    (Role::Ok, "ok")
                } else {
                    (Role::Changed, "changed")
                };
                let shown = result.loud || self.options.verbosity > 0;
                let values =
                    if shown { format!(" => {}", json::result(result)) } else { String::new() };
                (role, format!("{word}: {host}{item}{values}"))
            }
            Status::Skipped => {
                let values = if self.options.verbosity > 0 {
                    format!(" => {}", json::result(result))
                } else {
                    String::new()
                };
                let gap = if item.is_empty() { "" } else { " " };
                (Role::Skipped, format!("skipping: {host}{item}{gap}{values}"))
            }
            Status::Failed if result.label.is_some() => {
                let item = result.label.as_deref().unwrap_or_default();
                (Role::Failed, format!("failed: {host} (item={item}) => {}", json::result(result)))
            }
            Status::Failed => {
                (Role::Failed, format!("fatal: {host}: FAILED! => {}", json::result(result)))
            }
            Status::Unreachable => (
                Role::Unreachable,
                format!("fatal: {host}: UNREACHABLE! => {}", json::result(result)),
            ),
        };
        if result.status == Status::Skipped && !self.options.skipped {
            return;
        }
        let line = self.options.colours.paint(role, &line);
        let ignoring = if result.ignored && result.label.is_none() { "\n...ignoring" } else { "" };
        self.paper.line(&format!("{line}{ignoring}"));
    }

    fn differences(&self, result: &TaskResult) {
        if self.options.diff && !result.looped && !result.no_log {
            for text in
                result.diffs.iter().filter_map(|diff| difference::text(diff, self.options.colours))
            {
                self.paper.line(&format!("{text}\n"));
            }
        }
    }

    /// Writes what is left to say of a host after its items were reported one by one.
    fn done(&self, task: &TaskInfo, host: &str, result: &Arc<TaskResult>) {
        let empty = result
            .values
            .get("results")
            .and_then(crate::base::Value::as_list)
            .is_some_and(|list| list.is_empty());
        if !result.looped || empty {
            self.result(task, host, result);
        }
        if result.looped && result.ignored {
            self.paper.line("...ignoring");
        }
        for warning in &result.warnings {
            self.paper.line(&format!("[WARNING]: {warning}"));
        }
    }
}

impl Sink for Ansible {
    fn event(&self, event: &Event) {
        match event {
            Event::PlayStarted { name, .. } => {
                *lock(&self.last) = None;
                self.banner(&format!("PLAY [{name}]"));
            }
            Event::NoHostsMatched => self.paper.line("skipping: no hosts matched"),
            Event::NoHostsRemaining => self.banner("NO MORE HOSTS LEFT"),
            Event::TaskStarted(task) => self.task(task),
            Event::ItemDone { task, host, result } => self.result(task, host, result),
            Event::HostDone { task, host, result } => self.done(task, host, result),
            Event::Retry { task, host, left, result } => {
                let values = if self.options.verbosity > 1 {
                    format!("Result was: {}", json::result(result))
                } else {
                    String::new()
                };
                let line = format!(
                    "FAILED - RETRYING: [{host}]: {} ({left} retries left).{values}",
                    task.title()
                );
                self.paper.line(&line);
            }
            Event::Included { file, hosts, label } => {
                let item =
                    label.as_ref().map(|label| format!(" => (item={label})")).unwrap_or_default();
                let hosts: Vec<&str> = hosts.iter().map(|host| &**host).collect();
                let line = format!("included: {file} for {}{item}", hosts.join(", "));
                self.paper.line(&self.options.colours.paint(Role::Skipped, &line));
            }
            Event::Notified { handler, host } if self.options.verbosity > 1 => {
                self.paper.line(&format!("NOTIFIED HANDLER {handler} for {host}"));
            }
            Event::Warning(text) => self.paper.line(&format!("[WARNING]: {text}")),
            Event::RunEnded { stats, .. } => {
                self.banner("PLAY RECAP");
                for line in recap::lines(stats, self.options.colours) {
                    self.paper.line(&line);
                }
                self.paper.line("");
            }
            Event::RunStarted { .. }
            | Event::HostStarted { .. }
            | Event::Output { .. }
            | Event::Progress { .. }
            | Event::Notified { .. } => {}
        }
    }
}
