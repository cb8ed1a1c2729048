//! Before a task runs: its banner, `--start-at-task` and `--step`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Walker;
use crate::engine::frame::Frame;
use crate::engine::include::brings_role;
use crate::engine::lockstep::Step;
use crate::engine::scope::{self, Reader};
use crate::engine::start_at;
use crate::engine::task::source_text;
use crate::event::{Event, TaskInfo};
use crate::playbook::{Keyword, Task};
use crate::template::Scope;

impl Walker {
    /// Makes the task known to reporters, once for all hosts of the step.
    pub(in crate::engine) fn announce(
        &self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Step,
        reader: &Reader<'_>,
    ) -> Arc<TaskInfo> {
        let info = step.info.get_or_init(|| {
            // The banner speaks for all hosts and shows the variables of the first.
            let first = step.hosts.first().filter(|host| **host != self.host);
            let scope = first.map(|host| scope::of_task(&self.run, &self.play, host, task, frame));
            let scope = scope.map_or_else(
                || Arc::clone(&reader.scope),
                |scope| Arc::new(scope) as Arc<dyn Scope>,
            );
            let reader = Reader { scope, ..*reader };
            let name = task.name.as_ref().map(|name| match reader.resolve(name) {
                Ok(value) => value.to_string(),
                Err(_) => name.value.to_string(),
            });
            let info = Arc::new(TaskInfo {
                play: Arc::clone(&self.play.info),
                id: self.run.next_id(),
                name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| plain_name(task)),
                role: frame.role().filter(|_| !brings_role(task)).map(|role| role.name.clone()),
                action: task.action.word.clone(),
                at: task.at.clone(),
                handler: frame.handlers,
                rescued: frame.rescued,
                check: reader
                    .flag(Keyword::CheckMode)
                    .ok()
                    .flatten()
                    .unwrap_or(self.run.options.check),
            });
            self.run.sink.event(&Event::TaskStarted(Arc::clone(&info)));
            info
        });
        Arc::clone(info)
    }

    pub(super) fn is_before_start(&mut self, task: &Task, frame: &Frame) -> bool {
        let Some(start) = &self.run.options.start_at else { return false };
        if !self.searching {
            return false;
        }
        // Facts are gathered where the task is, for what comes from there on.
        if start_at::is_gathering(task, &self.play.play) {
            return false;
        }
        let found = start_at::is_meant(start, task, frame);
        if found {
            self.searching = false;
            self.run.searching.store(false, Ordering::Relaxed);
        }
        !found
    }

    pub(super) fn may_step(&self, info: &TaskInfo) -> bool {
        !self.run.options.step || self.play.ask_step(&self.run, info)
    }
}

/// Returns what a task without a name is called: its unit, and of an include of a role the role, as the playbook has it.
fn plain_name(task: &Task) -> String {
    let word = &task.action.word;
    let role = task.action.args.iter().find(|one| matches!(&*one.name, "name" | "role"));
    match role.filter(|_| brings_role(task)) {
        Some(role) => format!("{word} : {}", source_text(&role.value)),
        None => word.clone(),
    }
}
