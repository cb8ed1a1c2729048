//! The report's state: what was said, what is being gathered, what runs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::Clock;
use super::end::Totals;
use super::entry::{Entry, Said, Word};
use super::group::{self, Group};
use super::layout::{Glyph, Look, time};
use super::pane::{self, Pane};
use super::result;
use super::running::AllRunning;
use crate::base::words;
use crate::event::{Event, Status, TaskInfo, TaskResult};
use crate::report::colors::Role;
use crate::report::mask::masked;
use crate::report::settings::{Place, Settings, Show};
use crate::report::streams::{Streams, put};

/// How often a stream gets a sign of life, and how long something runs before it gets one.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long a failure waits for other hosts to fail the same way, while the task still runs somewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was said so few lines ago is not said again at the end.
const NEAR: usize = 12;

/// The play that runs.
#[derive(Debug, Default)]
struct PlayNow {
    hosts: usize,
    /// Tasks that did something on some host, be it to find nothing to do.
    tasks: HashSet<u64>,
    /// Whether anything was said since its heading.
    spoken: bool,
    began: Duration,
}

/// The report's state.
pub(super) struct State {
    look: Look,
    streams: Streams,
    clock: Clock,
    height: usize,
    pane: Pane,
    running: AllRunning,
    groups: IndexMap<u64, Group>,
    /// The task whose heading stands above.
    heading: Option<u64>,
    /// When the first failure that was not shown yet happened.
    failed_at: Option<Duration>,
    order: HashMap<Arc<str>, usize>,
    play: Option<PlayNow>,
    totals: Totals,
    warned: HashSet<String>,
    beat: Duration,
    /// How many questions wait for an answer.
    asking: usize,
    /// How many lines were written, and how many when the first failure was.
    written: (usize, Option<usize>),
    over: bool,
}

impl State {
    pub(super) fn new(settings: Settings, streams: Streams, clock: Clock) -> Self {
        Self {
            look: Look { settings },
            streams,
            clock,
            height: 24,
            pane: Pane::default(),
            running: AllRunning::default(),
            groups: IndexMap::new(),
            heading: None,
            failed_at: None,
            order: HashMap::new(),
            play: None,
            totals: Totals::default(),
            warned: HashSet::new(),
            beat: Duration::ZERO,
            asking: 0,
            written: (0, None),
            over: false,
        }
    }

    /// Takes note of the size of the terminal.
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        self.look.settings.width = width;
        self.height = height;
    }

    /// Shows how far things are; returns whether there is more to come.
    pub(super) fn tick(&mut self) -> bool {
        if self.over {
            return false;
        }
        let now = (self.clock)();
        if self.failed_at.is_some_and(|at| now.saturating_sub(at) >= PATIENCE) {
            self.flush_failed();
        }
        match self.look.settings.place {
            Place::Terminal if self.asking > 0 => {}
            Place::Terminal => {
                let rows = pane::rows(&self.running, now, &self.look, self.height);
                self.pane.draw(rows, &self.look, &mut self.streams.out);
            }
            Place::Stream => {
                if now.saturating_sub(self.beat) >= HEARTBEAT {
                    let lines = pane::heartbeat(&self.running, now, &self.look, HEARTBEAT);
                    if !lines.is_empty() {
                        self.beat = now;
                        self.write(&lines);
                    }
                }
            }
        }
        true
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::RunStarted { .. } => self.begin(event),
            Event::PlayStarted { name, hosts, check, .. } => self.play(name, hosts, *check),
            Event::NoHostsMatched => self.remark(Word::Skipped, "no host matches"),
            Event::NoHostsRemaining => {
                self.flush_all();
                // In a play that had hosts, their failures stand above.
                if self.play.as_ref().is_none_or(|play| play.hosts == 0) {
                    self.remark(Word::Skipped, "no host is left: all failed or cannot be reached");
                }
            }
            Event::TaskStarted(task) => {
                self.flush_idle();
                self.totals.task(task);
            }
            Event::HostStarted { task, host } => {
                let now = (self.clock)();
                self.running.begin(task, host, now);
            }
            Event::ItemDone { task, host, result } => self.done(task, host, result),
            Event::HostDone { task, host, result } => {
                self.running.end(task, host);
                self.done(task, host, result);
                self.totals.done(task, host, result);
            }
            Event::Retry { task, host, left, .. } => {
                self.running.tries(task, host, *left);
                if self.look.settings.verbosity > 0 && !self.look.folds() {
                    let said = Said::message(Word::Retry, format!("{left} tries left"));
                    self.say(task, host, None, said, Duration::ZERO);
                }
            }
            Event::Output { task, host, text, .. } => self.running.wrote(task, host, text),
            Event::Progress { task, host, what, done, all } => {
                self.running.far(task, host, (what, *done, *all));
            }
            Event::Included { file, hosts, label, .. } => {
                self.included(file, hosts, label.as_deref());
            }
            Event::Notified { handler, host } => {
                if self.look.settings.verbosity > 1 {
                    let text = format!("  notified {handler} on {host}");
                    self.write(&[self.look.paint(Role::Verbose, &text)]);
                }
            }
            Event::Meta { .. } => {}
            Event::Asking(asking) => {
                self.flush_all();
                self.asking = if *asking { self.asking + 1 } else { self.asking.saturating_sub(1) };
                self.pane.erase(&mut self.streams.out);
            }
            Event::Warning(text) => self.warn(text),
            Event::Error(text) => self.tell(Role::Error, "error:", text),
            Event::RunEnded { .. } => self.end(event),
        }
    }

    fn begin(&mut self, event: &Event) {
        let Event::RunStarted { playbooks, inventory, hosts, tasks, files, took } = event else {
            return;
        };
        let between = format!(" {} ", self.look.glyph(Glyph::Between));
        let mut parts = vec![playbooks.join(" ")];
        if !inventory.is_empty() {
            parts.push(format!("inventory {}", inventory.join(" ")));
        }
        parts.push(words::count(*hosts, "host"));
        parts.push(words::count(*tasks, "task"));
        let version = concat!("fcplay ", env!("CARGO_PKG_VERSION"));
        let head = self.look.with_right(&parts.join(&between), version);
        let check = self.look.paint(Role::Ok, self.look.glyph(Glyph::Check));
        let checked = format!(
            "{check} checked {}, {}",
            words::count(*files, "file"),
            words::count(*tasks, "task")
        );
        let checked = self.look.with_right(&checked, &time(*took));
        self.write(&[head, checked]);
        if self.look.settings.check {
            self.write(&["check mode: nothing is touched".to_owned()]);
        }
    }

    fn play(&mut self, name: &str, hosts: &[Arc<str>], check: bool) {
        self.end_play();
        self.order =
            hosts.iter().enumerate().map(|(place, host)| (Arc::clone(host), place)).collect();
        let mode = if check && !self.look.settings.check { " (check mode)" } else { "" };
        let heading = format!("PLAY [{name}]{mode}");
        let heading = self.look.ruled(&heading, &words::count(hosts.len(), "host"));
        self.write(&[String::new(), heading]);
        let began = (self.clock)();
        self.play = Some(PlayNow { hosts: hosts.len(), began, ..PlayNow::default() });
        self.heading = None;
    }

    /// Ends a play: one that changed nothing says so.
    fn end_play(&mut self) {
        self.flush_all();
        let Some(play) = self.play.take() else { return };
        if play.spoken || play.hosts == 0 {
            return;
        }
        let text = match play.tasks.len() {
            0 => "no task applied".to_owned(),
            tasks => format!("nothing to change in {}", words::count(tasks, "task")),
        };
        let hosts = words::count(play.hosts, "host");
        let line = self.look.word(Role::Ok, Word::Ok.text()) + &format!("{hosts}: {text}");
        let took = (self.clock)().saturating_sub(play.began);
        self.write(&[self.look.with_right(&line, &time(took))]);
    }

    /// Says something that is about no task.
    fn remark(&mut self, word: Word, text: &str) {
        let line = self.look.word(word.role(), word.text()) + text;
        self.write(&[line]);
        self.spoken();
    }

    fn spoken(&mut self) {
        if let Some(play) = &mut self.play {
            play.spoken = true;
        }
    }

    /// Takes what came of a task, or of an item, on a host.
    fn done(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, result: &TaskResult) {
        if let Some(play) = self.play.as_mut().filter(|_| result.status != Status::Skipped) {
            play.tasks.insert(task.id);
        }
        for warning in &result.warnings {
            self.warn(&format!("{host}: {}", masked(&warning.as_str().into())));
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
    fn say(
        &mut self,
        task: &Arc<TaskInfo>,
        host: &Arc<str>,
        item: Option<&str>,
        said: Said,
        took: Duration,
    ) {
        self.spoken();
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
    fn quiet(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, result: &TaskResult) {
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

    fn group(&mut self, task: &Arc<TaskInfo>) -> &mut Group {
        self.groups.entry(task.id).or_insert_with(|| Group::new(task))
    }

    fn included(&mut self, file: &str, hosts: &[Arc<str>], label: Option<&str>) {
        if self.look.settings.verbosity > 0 {
            let item = label.map(|label| format!(" ({label})")).unwrap_or_default();
            let hosts = self.look.hosts(hosts, self.look.room());
            let text = format!("included {file}{item} for {hosts}");
            self.heading = None;
            self.write(&[self.look.paint(Role::Included, &text)]);
        }
    }

    fn warn(&mut self, text: &str) {
        let text = text.trim_end();
        if self.look.settings.warnings == Show::Yes && self.warned.insert(text.to_owned()) {
            self.tell(Role::Warning, "warning:", text);
        }
    }

    /// Writes a line to standard error.
    fn tell(&mut self, role: Role, word: &str, text: &str) {
        self.flush_idle();
        self.pane.erase(&mut self.streams.out);
        put(&mut self.streams.err, &format!("{} {text}\n", self.look.paint(role, word)));
    }

    /// Writes the groups of tasks that run nowhere any more.
    fn flush_idle(&mut self) {
        let idle: Vec<u64> =
            self.groups.keys().copied().filter(|id| !self.running.has(*id)).collect();
        self.flush(&idle);
    }

    fn flush_failed(&mut self) {
        let failed = self.groups.iter().filter(|(_, group)| group.has_failed());
        let failed: Vec<u64> = failed.map(|(id, _)| *id).collect();
        self.flush(&failed);
    }

    fn flush_all(&mut self) {
        let all: Vec<u64> = self.groups.keys().copied().collect();
        self.flush(&all);
    }

    fn flush(&mut self, tasks: &[u64]) {
        for id in tasks {
            let Some(mut group) = self.groups.shift_remove(id) else { continue };
            let lines = group.lines(&self.look, &self.order);
            if let [line] = &lines[..]
                && !line.starts_with(' ')
            {
                // All hosts of the task in one line, the heading among them.
                self.heading = Some(*id);
                self.spoken();
                self.write(&lines);
            } else if !lines.is_empty() {
                self.write_below(&group.task, &lines);
            }
        }
        self.failed_at = None;
    }

    /// Writes lines below the heading of a task, and the heading when another one stands above.
    fn write_below(&mut self, task: &TaskInfo, lines: &[String]) {
        if self.heading != Some(task.id) {
            self.heading = Some(task.id);
            self.write(&[group::heading(task, &self.look)]);
        }
        self.write(lines);
    }

    fn write(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.pane.erase(&mut self.streams.out);
        put(&mut self.streams.out, &text);
        self.written.0 += lines.len();
    }

    fn end(&mut self, event: &Event) {
        self.end_play();
        self.running.clear();
        self.over = true;
        let (all, failed) = self.written;
        if failed.is_some_and(|failed| all - failed < NEAR) {
            self.totals.forget_failures();
        }
        let lines = self.totals.lines(event, &self.look);
        self.write(&lines);
    }
}
