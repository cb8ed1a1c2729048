//! Ansible's own `default` format, to the byte, for scripts that read it: under the name `ansible-playbook`, or with
//! `stdout_callback = default`.

mod custom;
mod error;
mod line;
mod meta;
mod values;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::colors::{Palette, Role};
use super::diff;
use super::mask::masked;
use super::recap;
use super::settings::{Place, Settings, Show, ValueFormat};
use super::streams::{Streams, put};
use super::told::{self, Told};
use crate::base::{Deprecation, Map, Position, Value};
use crate::event::{Event, JobState, PlayInfo, Sink, Status, TaskInfo, TaskResult};

pub(super) use error::{block as failure, origin};
pub(super) use values::{all_shown, dump, is_debug, shown};

/// The report.
pub(super) struct Default {
    state: Mutex<State>,
}

struct State {
    settings: Settings,
    streams: Streams,
    /// The task whose banner is above: its number, and where it stands.
    banner: Option<(u64, Position)>,
    /// Where the `meta` task stands whose banner is above.
    meta: Option<Position>,
    told: Told,
    /// Errors that were shown: each is shown once.
    seen: HashSet<String>,
}

/// Returns the line that says which configuration is used.
pub(super) fn config_line(settings: &Settings) -> String {
    match &settings.config_file {
        Some(path) => {
            format!("Using {} as config file", crate::base::path::absolute(path).display())
        }
        None => "No config file found; using defaults".to_owned(),
    }
}

impl Default {
    /// Returns the report.
    pub(super) fn new(settings: Settings, streams: Streams) -> Self {
        let state = State {
            settings,
            streams,
            banner: None,
            meta: None,
            told: Told::default(),
            seen: HashSet::new(),
        };
        Self { state: Mutex::new(state) }
    }
}

impl Sink for Default {
    fn event(&self, event: &Event) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).event(event);
    }
}

impl State {
    fn event(&mut self, event: &Event) {
        match event {
            Event::RunStarted { .. } => self.begin(),
            Event::PlayStarted { play, check, .. } => self.play(play, *check),
            Event::PlayLeftOut { play, reason } => {
                self.play(play, false);
                self.say(Role::Skipped, &format!("skipping: {reason}"));
            }
            Event::NoHostsMatched(play) => {
                self.say(Role::Skipped, &format!("skipping: no hosts matched{}", play.mark()));
            }
            Event::TaskStarted(task) => {
                if self.titles_first(task) {
                    self.title(task);
                }
            }
            Event::HostStarted { task, host } => {
                if self.settings.host_starts == Show::Yes {
                    self.title_once(task);
                    let kind = if task.handler { "HANDLER" } else { "TASK" };
                    self.plain(&format!(" [started {kind}: {} on {host}]", task.title()));
                }
            }
            Event::ItemDone { task, host, result } => self.item(task, host, result),
            Event::HostDone { task, host, result } => self.host(task, host, result),
            Event::Retry { task, host, left, result } => {
                self.title_again(task);
                let shown = line::label(host, result);
                let mut text = format!(
                    "FAILED - RETRYING: [{shown}]: {} ({left} retries left).",
                    task.title()
                );
                if self.settings.verbosity > 2 || (result.loud && !result.no_log) {
                    text += &format!("Result was: {}", self.retried(task, result));
                }
                self.say(Role::Debug, &text);
            }
            Event::Job { task, host, jid, state } => {
                self.title_again(task);
                let jid = jid.as_deref().unwrap_or("None");
                let text = match state {
                    JobState::Done => format!("ASYNC OK on {host}: jid={jid}"),
                    JobState::Failed => format!("ASYNC FAILED on {host}: jid={jid}"),
                    JobState::Running => {
                        format!("ASYNC POLL on {host}: jid={jid} started=True finished=False")
                    }
                };
                self.say(Role::Debug, &text);
            }
            Event::Included { task, file, hosts, label } => {
                self.title_once(task);
                let item =
                    label.as_ref().map(|label| format!(" => (item={label})")).unwrap_or_default();
                let text = format!("included: {file} for {}{item}", hosts.join(", "));
                self.say(Role::Included, &text);
            }
            Event::Meta { task, host, word, holds } => self.meta(task, host, word, *holds),
            Event::Notified { play, handler, host } => {
                if self.settings.verbosity >= 2 {
                    let mark = play.mark();
                    self.plain(&format!("NOTIFIED HANDLER {handler} for {host}{mark}"));
                }
            }
            Event::Said { task, text } => {
                self.title_again(task);
                self.plain(text);
            }
            Event::Debug(text) => self.say(Role::Debug, &told::debug(text)),
            Event::Warning(text) => self.warn(text),
            Event::Deprecated(deprecation) => self.deprecated(deprecation),
            Event::Error(text) => {
                put(&mut self.streams.err, &told::error(text, &self.settings.colors));
            }
            Event::RunEnded { stats, custom, .. } => {
                self.heading("PLAY RECAP");
                for (host, stats) in stats {
                    let line = recap::line(host, stats, &self.settings.colors);
                    self.plain(&line);
                }
                self.plain("");
                if self.settings.custom_stats == Show::Yes && !custom.is_empty() {
                    self.heading("CUSTOM STATS: ");
                    let text = custom::lines(custom, self.settings.values);
                    self.plain(&text);
                }
                self.dry_run();
            }
            Event::TooManyFailed(play) => {
                // Ansible says it of the hosts that have to stop, and again of the play.
                let text = format!("NO MORE HOSTS LEFT{}", play.mark());
                self.heading(&text);
                self.heading(&text);
            }
            Event::NoHostsRemaining(_)
            | Event::PlayEnded { .. }
            | Event::Output { .. }
            | Event::Progress { .. }
            | Event::Asking(_) => {}
        }
    }

    fn play(&mut self, play: &PlayInfo, check: bool) {
        self.banner = None;
        let name = &play.name;
        let name = if name.is_empty() { "PLAY".to_owned() } else { format!("PLAY [{name}]") };
        self.heading(&(name + self.mark(check)));
    }

    fn begin(&mut self) {
        if self.settings.verbosity > 0 {
            self.say(Role::Verbose, &config_line(&self.settings));
        }
        self.dry_run();
    }

    fn dry_run(&mut self) {
        if self.settings.check && self.settings.check_markers == Show::Yes {
            self.heading("DRY RUN");
        }
    }

    fn mark(&self, check: bool) -> &'static str {
        if check && self.settings.check_markers == Show::Yes { " [CHECK MODE]" } else { "" }
    }

    /// Returns whether banners come before anything is known: not where hosts go their own ways or are not all shown.
    fn titles_first(&self, task: &TaskInfo) -> bool {
        let all = self.settings.ok_hosts == Show::Yes && self.settings.skipped_hosts == Show::Yes;
        task.play.together && all
    }

    /// Writes the banner of a task.
    fn title(&mut self, task: &TaskInfo) {
        self.banner = Some((task.id, task.at.clone()));
        self.meta = None;
        let kind = if task.handler { "RUNNING HANDLER" } else { "TASK" };
        let play = task.play.mark();
        self.heading(&format!("{kind} [{}]{play}{}", task.title(), self.mark(task.check)));
        if self.settings.verbosity >= 2 {
            self.path(task);
        }
    }

    /// Writes the banner of a `meta` task: for each host, or once where it is about all of them.
    fn meta(&mut self, task: &TaskInfo, host: &Arc<str>, word: &str, holds: bool) {
        let once = task.play.together && meta::ABOUT_ALL.contains(&word);
        if once && self.meta.as_ref() == Some(&task.at) {
            return;
        }
        if self.titles_first(task) {
            self.title(task);
        }
        self.meta = Some(task.at.clone());
        let told = meta::told(word, host, task.role.as_deref(), holds);
        if self.settings.verbosity >= 2 {
            self.say(Role::Verbose, &format!("META: {told}"));
        }
        if !holds && self.settings.skipped_hosts == Show::Yes {
            self.title_once(task);
            let mut line = format!("skipping: [{host}]");
            if self.settings.verbosity > 0 {
                let msg = if word == "end_host" { &told } else { word };
                let values = Map::from_iter([
                    (Value::from("msg"), msg.into()),
                    (Value::from("skip_reason"), told.as_str().into()),
                ]);
                line.push_str(&format!(" => {}", dump(values, false, ValueFormat::Json)));
            }
            self.say(Role::Skipped, &line);
        }
    }

    /// Writes the banner of a task, unless it stands above.
    fn title_once(&mut self, task: &TaskInfo) {
        let stands = self.banner.as_ref().is_some_and(|(id, at)| {
            // Where hosts go their own ways, each has its own number for the same task.
            *id == task.id || (!task.play.together && at.is_known() && *at == task.at)
        });
        if !stands {
            self.title(task);
        }
    }

    /// Writes the banner of a task again, when a play that runs at the same time has written in between.
    fn title_again(&mut self, task: &TaskInfo) {
        if task.play.beside {
            self.title_once(task);
        }
    }

    fn path(&mut self, task: &TaskInfo) {
        if task.at.is_known() {
            let path = error::absolute(&task.at);
            self.say(Role::Debug, &format!("task path: {path}:{}", task.at.line));
        }
    }

    fn item(&mut self, task: &TaskInfo, host: &Arc<str>, result: &TaskResult) {
        if self.is_hidden(result) {
            return;
        }
        self.title_once(task);
        self.around(task, result);
        let values = self.values(task, result);
        let text = line::item(host, result, values.as_deref());
        self.result(result, &text);
    }

    fn host(&mut self, task: &TaskInfo, host: &Arc<str>, result: &TaskResult) {
        let went_well = matches!(result.status, Status::Ok | Status::Changed);
        if self.is_hidden(result) || (result.looped && went_well) {
            return;
        }
        self.title_once(task);
        // Of a loop over `debug` only the message is left, which Ansible takes for a single result.
        let said_by_items = result.looped && !is_debug(task);
        if !(said_by_items && result.status == Status::Failed) {
            if !result.looped {
                self.around(task, result);
            }
            let values = self.values(task, result);
            let text = line::host(host, result, values.as_deref());
            self.result(result, &text);
        }
        if result.ignored {
            self.say(Role::Skipped, "...ignoring");
        }
    }

    /// Writes what stands above the line of a result: warnings, why it failed, what changed.
    fn around(&mut self, task: &TaskInfo, result: &TaskResult) {
        if self.settings.action_warnings == Show::Yes {
            result.warnings.iter().for_each(|warning| self.warn(warning));
            result.deprecations.iter().for_each(|deprecation| self.deprecated(deprecation));
        }
        if matches!(result.status, Status::Failed | Status::Unreachable) {
            if self.settings.path_on_failure == Show::Yes && self.settings.verbosity < 2 {
                self.path(task);
            }
            let text = error::block(task, result);
            if self.seen.insert(text.clone()) {
                self.result(result, &text);
            }
        }
        let changed = result.values.get("changed").is_some_and(crate::base::Value::truth);
        if changed && !result.no_log {
            self.differences(result);
        }
    }

    fn differences(&mut self, result: &TaskResult) {
        let values = match self.settings.values {
            ValueFormat::Json => diff::Values::Json,
            ValueFormat::Yaml => diff::Values::AnsibleYaml,
        };
        let style = diff::Style { context: self.settings.context, values };
        for difference in &result.diffs {
            let text = painted(&diff::lines(difference, style), &self.settings.colors);
            if !text.is_empty() {
                self.plain(&text);
            }
        }
    }

    fn is_hidden(&self, result: &TaskResult) -> bool {
        match result.status {
            Status::Ok => self.settings.ok_hosts == Show::No,
            Status::Skipped => self.settings.skipped_hosts == Show::No,
            Status::Changed | Status::Failed | Status::Unreachable => false,
        }
    }

    /// Returns the values of a result as text, when they are shown.
    fn values(&self, task: &TaskInfo, result: &TaskResult) -> Option<String> {
        let failed = matches!(result.status, Status::Failed | Status::Unreachable);
        let loud = result.loud && !result.no_log;
        let wanted = (self.settings.verbosity > 0 || loud) && !values::is_quiet(task);
        (failed || wanted).then(|| self.dump(task, result))
    }

    fn dump(&self, task: &TaskInfo, result: &TaskResult) -> String {
        let map = shown(task, result, self.settings.verbosity);
        let loud =
            (result.loud && !result.looped && !result.no_log) || values::is_loud(task, result);
        let by_default = match self.settings.values {
            ValueFormat::Json => loud || self.settings.verbosity > 2,
            ValueFormat::Yaml => true,
        };
        let pretty = self.settings.pretty.unwrap_or(by_default);
        dump(map, pretty, self.settings.values)
    }

    /// Returns what came of a try that is not the last.
    fn retried(&self, task: &TaskInfo, result: &TaskResult) -> String {
        if result.no_log {
            return self.dump(task, result);
        }
        let hidden = ["failed", "invocation", "diff", "warnings", "deprecations"];
        let values = result.values.iter().filter(|(key, _)| {
            key.as_str().is_none_or(|key| !hidden.contains(&key) || self.settings.verbosity > 2)
        });
        let values = values.map(|(key, value)| (masked(key), masked(value))).collect();
        let pretty = result.loud || self.settings.verbosity > 2;
        dump(values, self.settings.pretty.unwrap_or(pretty), self.settings.values)
    }

    fn result(&mut self, result: &TaskResult, text: &str) {
        let role = match result.status {
            Status::Ok => Role::Ok,
            Status::Changed => Role::Changed,
            Status::Skipped => Role::Skipped,
            Status::Failed => Role::Error,
            Status::Unreachable => Role::Unreachable,
        };
        let text = self.settings.colors.paint(role, text) + "\n";
        let failed = matches!(result.status, Status::Failed | Status::Unreachable);
        let to_stderr = failed && self.settings.failures_to_stderr;
        let Streams { out, err } = &mut self.streams;
        put(if to_stderr { err } else { out }, &text);
    }

    fn warn(&mut self, text: &str) {
        if let Some(line) = self.told.warning(text, &self.settings.colors) {
            put(&mut self.streams.err, &line);
        }
    }

    fn deprecated(&mut self, deprecation: &Deprecation) {
        if self.settings.deprecations == Show::Yes {
            let text = self.told.deprecation(deprecation, &self.settings.colors);
            put(&mut self.streams.err, &text.unwrap_or_default());
        }
    }

    /// Writes a heading with stars behind it.
    fn heading(&mut self, text: &str) {
        let columns = match self.settings.place {
            Place::Terminal => self.settings.width.saturating_sub(1).max(79),
            Place::Stream => 79,
        };
        let text = recap::banner(text.trim_end(), columns);
        self.plain(&format!("\n{text}"));
    }

    fn say(&mut self, role: Role, text: &str) {
        let text = self.settings.colors.paint(role, text);
        self.plain(&text);
    }

    fn plain(&mut self, text: &str) {
        put(&mut self.streams.out, &format!("{text}\n"));
    }
}

/// Returns a difference in colors. The line feed belongs to the line, as it does in Ansible.
fn painted(lines: &[(diff::Line, String)], colors: &Palette) -> String {
    let mut out = String::new();
    let mut lines = lines.iter().peekable();
    while let Some((kind, line)) = lines.next() {
        let mut text = format!("{line}\n");
        while let Some((_, note)) = lines.next_if(|(_, line)| line == diff::NO_NEWLINE) {
            text += &format!("{note}\n");
        }
        out += &role_of(*kind).map_or(text.clone(), |role| colors.paint(role, &text));
    }
    out
}

/// Returns the role of a line of a difference.
pub(super) fn role_of(kind: diff::Line) -> Option<Role> {
    match kind {
        diff::Line::Added => Some(Role::DiffAdd),
        diff::Line::Removed => Some(Role::DiffRemove),
        diff::Line::Place => Some(Role::DiffLines),
        diff::Line::Same => None,
    }
}
