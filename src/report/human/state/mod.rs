//! The report's state: what was said, what is being gathered, what runs.

mod plays;
mod take;
mod write;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::event::Event;
use crate::report::colors::Role;
use crate::report::human::Clock;
use crate::report::human::end::Totals;
use crate::report::human::entry::{Said, Word};
use crate::report::human::group::Group;
use crate::report::human::layout::Look;
use crate::report::human::pane::{self, Pane};
use crate::report::human::running::AllRunning;
use crate::report::settings::{Place, Settings};
use crate::report::streams::Streams;
use crate::report::told;

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
pub(in crate::report::human) struct State {
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
    pub(in crate::report::human) fn new(
        settings: Settings,
        streams: Streams,
        clock: Clock,
    ) -> Self {
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
    pub(in crate::report::human) fn resize(&mut self, width: usize, height: usize) {
        self.look.settings.width = width;
        self.height = height;
    }

    /// Shows how far things are; returns whether there is more to come.
    pub(in crate::report::human) fn tick(&mut self) -> bool {
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

    pub(in crate::report::human) fn event(&mut self, event: &Event) {
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
            Event::TooManyFailed => {
                self.flush_all();
                self.remark(
                    Word::Skipped,
                    "the play ends: more hosts have failed than `max_fail_percentage` allows",
                );
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
            // The line of the task shows that it runs.
            Event::Job { .. } => {}
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
            Event::Debug(text) => {
                let text = self.look.paint(Role::Debug, &told::debug(text));
                self.write(&[text]);
            }
            Event::Said(text) => {
                self.flush_all();
                let lines: Vec<String> =
                    text.lines().map(|line| line.trim_end().to_owned()).collect();
                self.write(&lines);
            }
            Event::Warning(text) => self.warn(text),
            Event::Deprecated(deprecation) => self.deprecated(deprecation),
            Event::Error(text) => self.tell(Role::Error, "error:", text),
            Event::RunEnded { .. } => self.end(event),
        }
    }
}
