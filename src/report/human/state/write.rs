//! How the report writes: headings, groups of hosts that ended alike, warnings.

use std::collections::HashMap;
use std::sync::Arc;

use super::State;
use crate::base::{Deprecation, Mistake};
use crate::event::{PlayInfo, TaskInfo};
use crate::report::colors::Role;
use crate::report::human::group::{self, Group};
use crate::report::settings::Show;
use crate::report::streams::put;

impl State {
    pub(super) fn warn(&mut self, text: &str) {
        let text = text.trim_end();
        if self.warned.insert(text.to_owned()) {
            self.tell(Role::Warning, "warning:", text);
        }
    }

    /// Tells what will not work for ever, where it stands.
    pub(super) fn deprecated(&mut self, deprecation: &Deprecation) {
        if self.look.settings.deprecations == Show::No {
            return;
        }
        let mut mistake = Mistake::new(deprecation.message.as_str(), &deprecation.at);
        if let Some(help) = deprecation.help {
            mistake = mistake.hint(help);
        }
        let text = mistake.to_string();
        if self.warned.insert(text.clone()) {
            self.tell(Role::Deprecated, "deprecated:", text.trim_end());
        }
    }

    /// Writes a line to standard error.
    pub(super) fn tell(&mut self, role: Role, word: &str, text: &str) {
        self.flush_idle();
        self.pane.erase(&mut self.streams.out);
        put(&mut self.streams.err, &format!("{} {text}\n", self.look.paint(role, word)));
    }

    /// Writes what is left of the tasks before one that begins.
    pub(super) fn flush_before(&mut self, task: &TaskInfo) {
        let play = &task.play;
        let is_before = |group: &Group| !play.beside || group.task.play.id == play.id;
        let idle = self.groups.iter().filter(|(_, group)| is_before(group));
        let idle: Vec<u64> = idle.map(|(id, _)| *id).filter(|id| !self.running.has(*id)).collect();
        self.flush(&idle);
        if play.together {
            self.flush_pending(|task| task.play.id == play.id);
        }
    }

    /// Writes the groups of tasks that run nowhere any more.
    pub(super) fn flush_idle(&mut self) {
        let idle: Vec<u64> =
            self.groups.keys().copied().filter(|id| !self.running.has(*id)).collect();
        self.flush(&idle);
    }

    pub(super) fn flush_failed(&mut self) {
        let failed = self.groups.iter().filter(|(_, group)| group.has_failed());
        let failed: Vec<u64> = failed.map(|(id, _)| *id).collect();
        self.flush(&failed);
    }

    pub(super) fn flush_all(&mut self) {
        let all: Vec<u64> = self.groups.keys().copied().collect();
        self.flush(&all);
    }

    /// Writes everything that is left of a play.
    pub(super) fn flush_play(&mut self, play: &PlayInfo) {
        let its = self.groups.iter().filter(|(_, group)| group.task.play.id == play.id);
        let its: Vec<u64> = its.map(|(id, _)| *id).collect();
        self.flush(&its);
        self.flush_pending(|task| task.play.id == play.id);
    }

    pub(super) fn flush(&mut self, tasks: &[u64]) {
        for id in tasks {
            if self.groups.get(id).is_some_and(|group| self.is_held(&group.task.play)) {
                continue;
            }
            let Some(mut group) = self.groups.shift_remove(id) else { continue };
            let nobody = HashMap::new();
            let now = self.plays.get(&group.task.play.id);
            let lines = group.lines(&self.look, now.map_or(&nobody, |now| &now.order));
            if let [line] = &lines[..]
                && !line.starts_with(' ')
            {
                // All hosts of the task in one line, the heading among them.
                self.heading = Some(*id);
                self.spoken(&group.task.play);
                self.write(&lines);
            } else if !lines.is_empty() {
                self.write_below(&group.task, &lines);
            }
        }
        self.failed_at = None;
    }

    /// Writes lines below the heading of a task, and the heading when another one stands above.
    pub(super) fn write_below(&mut self, task: &Arc<TaskInfo>, lines: &[String]) {
        if self.waits(task) {
            let now = (self.clock)();
            self.pending.add(task, lines, now);
            return;
        }
        self.write_heading(task);
        self.write(lines);
    }

    /// Writes the heading of a task, unless it stands above.
    pub(super) fn write_heading(&mut self, task: &TaskInfo) {
        if self.heading != Some(task.id) {
            self.heading = Some(task.id);
            self.write(&[group::heading(task, &self.look)]);
        }
    }

    /// Writes lines that belong to no task. Where plays run side by side, what follows gets its heading again.
    pub(super) fn write_between(&mut self, play: &PlayInfo, lines: &[String]) {
        if play.beside {
            self.flush_pending(|task| task.play.id == play.id);
            self.heading = None;
        }
        if self.is_held(play) {
            return self.pending.hold(lines);
        }
        self.write(lines);
    }

    pub(super) fn write(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.pane.erase(&mut self.streams.out);
        put(&mut self.streams.out, &text);
        self.written.0 += lines.len();
    }
}
