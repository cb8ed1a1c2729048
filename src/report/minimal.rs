//! Ansible's short formats: `minimal`, which ad-hoc runs print as well, and `oneline`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::ansible::{all_shown, config_line, dump, failure, role_of, shown};
use super::colors::Role;
use super::diff;
use super::settings::{Format, Settings, Show, ValueFormat};
use super::streams::{Streams, put};
use super::told::{self, Told};
use crate::base::{Deprecation, Map, Value};
use crate::event::{Event, Sink, Status, TaskInfo, TaskResult};
use crate::template;

/// Units whose output is shown as it is instead of their values.
const PROGRAMS: [&str; 5] = ["command", "raw", "script", "shell", "win_command"];

/// The report.
pub(super) struct Minimal {
    settings: Settings,
    state: Mutex<State>,
}

struct State {
    streams: Streams,
    told: Told,
    seen: HashSet<String>,
}

impl Minimal {
    /// Returns the report.
    pub(super) fn new(settings: Settings, streams: Streams) -> Self {
        Self {
            settings,
            state: Mutex::new(State { streams, told: Told::default(), seen: HashSet::new() }),
        }
    }

    /// Returns the lines of a result.
    fn text(&self, task: &TaskInfo, host: &str, result: &TaskResult) -> String {
        let (word, role) = match result.status {
            Status::Ok => ("SUCCESS", Role::Ok),
            Status::Changed => ("CHANGED", Role::Changed),
            Status::Skipped => ("SKIPPED", Role::Skipped),
            Status::Failed => ("FAILED", Role::Error),
            Status::Unreachable => ("UNREACHABLE", Role::Unreachable),
        };
        let failed = result.status == Status::Failed;
        // What a job left is values, whatever ran in it.
        let of_job = !failed && result.values.contains_key("ansible_job_id");
        let program = is_program(task) && result.status != Status::Unreachable && !of_job;
        // The sum of a loop has its results as values here.
        let all = TaskResult { looped: false, ..result.clone() };
        let whole = failed || self.settings.format == Format::Oneline;
        let shown = if whole {
            all_shown(&all, self.settings.verbosity)
        } else {
            shown(task, &all, self.settings.verbosity)
        };
        let text = match (result.status, self.settings.format) {
            (Status::Skipped, _) => format!("{host} | SKIPPED"),
            (Status::Failed, Format::Oneline) if program => {
                let text = template::json(&shown.clone().into(), Some(0)).replace('\n', "");
                format!("{}\n{host} | {word}! => {text}", oneline(host, word, &shown))
            }
            (_, Format::Oneline) if program => oneline(host, word, &shown),
            (_, _) if program && self.settings.format != Format::Oneline => {
                output(host, word, &shown)
            }
            (status, format) => {
                let bang =
                    if matches!(status, Status::Failed | Status::Unreachable) { "!" } else { "" };
                let text = if format == Format::Oneline {
                    let indent = if result.loud && !result.no_log { 4 } else { 0 };
                    template::json(&shown.into(), Some(indent)).replace('\n', "")
                } else {
                    dump(shown, true, ValueFormat::Json)
                };
                format!("{host} | {word}{bang} => {text}")
            }
        };
        self.settings.colors.paint(role, &text) + "\n"
    }

    fn deprecated(&self, state: &mut State, deprecation: &Deprecation) {
        if self.settings.deprecations == Show::Yes {
            let text = state.told.deprecation(deprecation, &self.settings.colors);
            put(&mut state.streams.err, &text.unwrap_or_default());
        }
    }

    fn shows_diffs(&self, result: &TaskResult) -> bool {
        !result.no_log && self.settings.format == Format::Minimal
    }

    fn differences(&self, result: &TaskResult) -> String {
        let style = diff::Style { context: self.settings.context, values: diff::Values::Json };
        let mut text = String::new();
        for difference in result.diffs.iter().filter(|_| self.shows_diffs(result)) {
            let lines = diff::lines(difference, style);
            let some = !lines.is_empty();
            for (kind, line) in lines {
                text += &role_of(kind)
                    .map_or(line.clone(), |role| self.settings.colors.paint(role, &line));
                text.push('\n');
            }
            if some {
                text.push('\n');
            }
        }
        text
    }
}

impl Sink for Minimal {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Deprecated(deprecation) => self.deprecated(&mut state, deprecation),
            Event::HostDone { task, host, result } => {
                for deprecation in &result.deprecations {
                    self.deprecated(&mut state, deprecation);
                }
                let mut text = self.differences(result);
                let failed = matches!(result.status, Status::Failed | Status::Unreachable);
                if failed && !result.looped && self.settings.format == Format::Minimal {
                    let block = failure(task, result);
                    if state.seen.insert(block.clone()) {
                        text += &(self.settings.colors.paint(Role::Error, &block) + "\n");
                    }
                }
                text += &self.text(task, host, result);
                put(&mut state.streams.out, &text);
            }
            Event::RunStarted { .. } if self.settings.verbosity > 0 => {
                put(&mut state.streams.out, &(config_line(&self.settings) + "\n"));
            }
            Event::Debug(text) => {
                let text = self.settings.colors.paint(Role::Debug, &told::debug(text));
                put(&mut state.streams.out, &format!("{text}\n"));
            }
            Event::Said { text, .. } => put(&mut state.streams.out, &format!("{text}\n")),
            Event::Error(text) => {
                put(&mut state.streams.err, &told::error(text, &self.settings.colors));
            }
            Event::Warning(text) => {
                if let Some(line) = state.told.warning(text, &self.settings.colors) {
                    put(&mut state.streams.err, &line);
                }
            }
            _ => {}
        }
    }
}

fn is_program(task: &TaskInfo) -> bool {
    PROGRAMS.contains(&task.action.rsplit('.').next().unwrap_or_default())
}

fn field(values: &Map, name: &str) -> String {
    values.get(name).map(ToString::to_string).unwrap_or_default()
}

fn status(values: &Map) -> String {
    values.get("rc").and_then(Value::as_int).unwrap_or(-1).to_string()
}

/// Returns what a program wrote below the host and its status.
fn output(host: &str, word: &str, values: &Map) -> String {
    let text = ["stdout", "stderr", "msg"].map(|name| field(values, name)).concat();
    format!("{host} | {word} | rc={} >>\n{text}", status(values))
}

/// Returns what a program wrote, on one line.
fn oneline(host: &str, word: &str, values: &Map) -> String {
    let text = |name: &str| field(values, name).replace('\n', "\\n").replace('\r', "\\r");
    let err = text("stderr");
    let err = if err.is_empty() { String::new() } else { format!(" (stderr) {err}") };
    format!("{host} | {word} | rc={} | (stdout) {}{err}", status(values), text("stdout"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_show_what_they_wrote() {
        let values = Map::from_iter([
            ("rc", Value::from(3)),
            ("stdout", "out\nout2".into()),
            ("stderr", "err".into()),
        ]);
        assert_eq!(output("h1", "FAILED", &values), "h1 | FAILED | rc=3 >>\nout\nout2err");
        assert_eq!(
            oneline("h1", "FAILED", &values),
            "h1 | FAILED | rc=3 | (stdout) out\\nout2 (stderr) err"
        );
    }
}
