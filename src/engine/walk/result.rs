//! What the walk makes of a result: counts, notified handlers, and how it goes on.

use std::sync::Arc;
use std::time::Duration;

use super::{Flow, Walker};
use crate::base::{Value, suggest};
use crate::engine::broken::Broken;
use crate::engine::frame::Frame;
use crate::engine::result::Raw;
use crate::engine::scope::{self, Reader};
use crate::engine::task::{self, Once};
use crate::event::{Event, Status, TaskInfo, TaskResult};
use crate::playbook::{Keyword, Task};

impl Walker {
    /// Counts a result and says how the walk goes on.
    pub(in crate::engine) fn take(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        done: &Once,
        count: bool,
    ) -> Flow {
        let result = &done.result;
        if count {
            self.run.tally.count(&self.host, result);
        }
        let has_run = matches!(result.status, Status::Ok | Status::Changed | Status::Failed);
        if let Some(role) = frame.role().filter(|_| count && has_run) {
            self.begun.insert(role.identity.clone());
        }
        for word in &done.notify {
            if let Err(flow) = self.notify(word) {
                return flow;
            }
        }
        match result.status {
            Status::Ok | Status::Changed | Status::Skipped => Flow::Next,
            Status::Failed if result.ignored => Flow::Next,
            Status::Unreachable if result.ignored => Flow::Next,
            Status::Unreachable => {
                self.batch.lose(&self.host);
                self.spread_failure(task, frame);
                Flow::Lost
            }
            Status::Failed => {
                self.failure = Some((Arc::clone(task), Arc::clone(result)));
                if frame.rescued && count {
                    self.run.tally.rescue(&self.host);
                }
                // Hosts that wait for each other also go to their `rescue` together.
                if !frame.rescued || self.play.together {
                    self.spread_failure(task, frame);
                }
                Flow::Failed
            }
        }
    }

    /// Makes a failure everybody's, when the task says so.
    pub(super) fn spread_failure(&self, task: &Arc<Task>, frame: &Frame) {
        let scope = scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let fatal = reader.flag(Keyword::AnyErrorsFatal).ok().flatten();
        let once = reader.flag(Keyword::RunOnce).ok().flatten().unwrap_or(false);
        if fatal.unwrap_or(self.run.options.any_errors_fatal) || once {
            self.batch.lockstep.fail_all(self.index);
        }
    }

    /// Notes that a handler was notified.
    pub(in crate::engine) fn notify(&mut self, word: &str) -> Result<(), Flow> {
        for unusable in self.play.handlers.take_unusable() {
            self.run.warn(unusable);
        }
        let reached = self.play.handlers.reached(word);
        if reached.is_empty() {
            let near =
                suggest::closest(word, self.play.handlers.words().iter().map(String::as_str))
                    .map(|near| format!(". Did you mean '{near}'?"))
                    .unwrap_or_default();
            let text = format!(
                "The requested handler '{word}' was not found in either the main handlers list nor in the listening handlers list{near}"
            );
            if self.run.options.missing_handler_is_error {
                self.batch.fail_run(text);
                return Err(Flow::End);
            }
            self.run.warn(text);
        }
        if !reached.is_empty() && !self.notified.iter().any(|known| known == word) {
            self.notified.push(word.to_owned());
        }
        Ok(())
    }

    /// Finds the handlers that are meant by what was notified.
    pub(super) fn gather_notified(&mut self) {
        for word in std::mem::take(&mut self.notified) {
            let before = self.waiting.len();
            self.waiting.extend(self.play.handlers.reached(&word));
            if self.waiting.len() > before {
                let (play, host) = (Arc::clone(&self.play.info), Arc::clone(&self.host));
                self.run.sink.event(&Event::Notified { play, handler: word, host });
            }
        }
    }

    /// Sets `ansible_failed_task` and `ansible_failed_result` for the rescue.
    pub(super) fn tell_failure(&self) {
        let Some((task, result)) = &self.failure else { return };
        let name = task.name.as_ref().map(|name| name.value.to_string()).unwrap_or_default();
        let about =
            Value::map([("name", Value::from(name)), ("action", task.action.word.as_str().into())]);
        let values = [
            (Value::from("ansible_failed_task"), about),
            (Value::from("ansible_failed_result"), task::with_exceptions(&result.values).into()),
        ];
        self.play.store.set(&self.host, values);
    }

    /// Returns a failure as the result of a task, for what fails before any unit runs.
    pub(in crate::engine) fn report_failure(
        &self,
        info: Arc<TaskInfo>,
        broken: impl Into<Broken>,
        ignored: bool,
    ) -> Once {
        let raw = Raw::broken(broken);
        let result = Arc::new(TaskResult { ignored, ..raw.finish(Duration::ZERO) });
        self.run.sink.event(&Event::HostDone {
            task: info,
            host: Arc::clone(&self.host),
            result: Arc::clone(&result),
        });
        Once { result, notify: Vec::new() }
    }

    /// Reports that a task does not apply.
    pub(in crate::engine) fn report_skip(
        &self,
        info: Arc<TaskInfo>,
        condition: Option<Value>,
    ) -> Once {
        let raw = Raw::skipped(condition);
        let result = Arc::new(raw.finish(Duration::ZERO));
        self.run.sink.event(&Event::HostDone {
            task: info,
            host: Arc::clone(&self.host),
            result: Arc::clone(&result),
        });
        Once { result, notify: Vec::new() }
    }
}
