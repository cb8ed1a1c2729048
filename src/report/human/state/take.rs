//! What the report makes of the results of tasks and items.

use std::sync::Arc;
use std::time::Duration;

use super::State;
use crate::event::{PlayInfo, Status, TaskInfo, TaskResult};
use crate::report::colors::Role;
use crate::report::human::entry::{Entry, Said, Word};
use crate::report::human::group::Group;
use crate::report::human::result;
use crate::report::mask::masked;
use crate::report::settings::Show;

impl State {
    /// Takes what came of a task, or of an item, on a host.
    pub(super) fn done(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, result: &TaskResult) {
        let now = self.plays.get_mut(&task.play.id);
        if let Some(now) = now.filter(|_| result.status != Status::Skipped) {
            now.tasks.insert(task.id);
        }
        let shown = self.look.settings.action_warnings == Show::Yes;
        for warning in result.warnings.iter().filter(|_| shown) {
            self.warn(&format!("{host}: {}", masked(&warning.as_str().into())));
        }
        if shown {
            result.deprecations.iter().for_each(|deprecation| self.deprecated(deprecation));
        }
        let is_item = result.label.is_some();
        // What is to be said of a loop was said of its items.
        let said = if result.looped { None } else { result::said(task, result, &self.look) };
        match said {
            Some(said) => {
                let label = result
                    .label
                    .as_deref()
                    .map(|label| if result.no_log { "hidden" } else { label });
                self.totals.note(task, host, label, &said);
                self.say(task, host, label, said, result.took);
            }
            None if is_item => {}
            None => self.quiet(task, host, result),
        }
    }

    /// Says something of a host: at once in a stream, together with other hosts on a terminal.
    pub(super) fn say(
        &mut self,
        task: &Arc<TaskInfo>,
        host: &Arc<str>,
        item: Option<&str>,
        said: Said,
        took: Duration,
    ) {
        self.spoken(&task.play);
        if matches!(said.word, Word::Failed | Word::Unreachable) {
            self.written.1.get_or_insert(self.written.0);
        }
        if !self.look.folds() {
            let items = item.map(str::to_owned).into_iter().collect();
            let entry = Entry { said, items, hosts: vec![Arc::clone(host)] };
            let lines = entry.lines(&self.look, took);
            self.write_below(task, &lines);
            return;
        }
        if matches!(said.word, Word::Failed | Word::Unreachable) && self.failed_at.is_none() {
            self.failed_at = Some((self.clock)());
        }
        let group = self.group(task);
        group.say(host, item, said);
        group.took(took);
    }

    /// Notes a host of which there is nothing to say but its status.
    pub(super) fn quiet(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, result: &TaskResult) {
        let (word, reason) = match result.status {
            Status::Ok => (Word::Ok, String::new()),
            Status::Skipped => (Word::Skipped, result::skip_reason(result)),
            Status::Changed | Status::Failed | Status::Unreachable => return,
        };
        let hidden = match word {
            Word::Ok => self.look.settings.ok_hosts,
            _ => self.look.settings.skipped_hosts,
        };
        if hidden == Show::No {
            return;
        }
        if self.look.folds() {
            let group = self.group(task);
            group.took(result.took);
            if word == Word::Ok { group.ok(host) } else { group.skip(host) }
        } else if self.look.settings.verbosity > 0 {
            self.say(task, host, None, Said::message(word, reason), result.took);
        }
    }

    pub(super) fn group(&mut self, task: &Arc<TaskInfo>) -> &mut Group {
        self.groups.entry(task.id).or_insert_with(|| Group::new(task))
    }

    pub(super) fn included(
        &mut self,
        play: &PlayInfo,
        file: &str,
        hosts: &[Arc<str>],
        label: Option<&str>,
    ) {
        if self.look.settings.verbosity > 0 {
            let item = label.map(|label| format!(" ({label})")).unwrap_or_default();
            let hosts = self.look.hosts(hosts, self.look.room());
            let text = format!("included {file}{item} for {hosts}{}", play.mark());
            self.heading = None;
            let text = self.look.paint(Role::Included, &text);
            self.write_between(play, &[text]);
        }
    }
}
