//! The report's state: what was said, what is being gathered, what runs.

mod pending;
mod plays;
mod take;
mod write;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::event::{Event, PlayInfo};
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
use pending::AllPending;

/// How often a stream gets a sign of life, and how long something runs before it gets one.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long a failure waits for other hosts to fail the same way, while the task still runs somewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was said so few lines ago is not said again at the end.
const NEAR: usize = 12;

/// A play that runs.
#[derive(Debug, Default)]
struct PlayNow {
    play: Arc<PlayInfo>,
    hosts: usize,
    /// Which host comes first.
    order: HashMap<Arc<str>, usize>,
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
    /// The plays that run, by their numbers: several only where they run side by side.
    plays: IndexMap<u64, PlayNow>,
    pending: AllPending,
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
            plays: IndexMap::new(),
            pending: AllPending::default(),
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
        self.flush_waiting(now);
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
            Event::PlayStarted { play, hosts, check } => self.play(play, hosts, *check),
            Event::PlayEnded { play, took } => self.play_ended(play, *took),
            Event::PlayLeftOut { play, reason } => self.left_out(play, reason),
            Event::NoHostsMatched(play) => self.remark(play, "no host matches"),
            Event::NoHostsRemaining(play) => self.no_host_left(play),
            Event::TooManyFailed(play) => {
                let text =
                    "the play ends: more hosts have failed than `max_fail_percentage` allows";
                self.flush_play(play);
                self.remark(play, text);
            }
            Event::TaskStarted(task) => {
                self.flush_before(task);
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
                if !task.play.together {
                    self.flush_pending(|pending| pending.id == task.id);
                }
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
            Event::Included { task, file, hosts, label } => {
                self.included(&task.play, file, hosts, label.as_deref());
            }
            Event::Notified { play, handler, host } => {
                if self.look.settings.verbosity > 1 {
                    let text = format!("  notified {handler} on {host}{}", play.mark());
                    let text = self.look.paint(Role::Verbose, &text);
                    self.write_between(play, &[text]);
                }
            }
            Event::Meta { .. } => {}
            Event::Asking(asking) => {
                self.flush_all();
                self.asking = if *asking { self.asking + 1 } else { self.asking.saturating_sub(1) };
                self.flush_pending(|_| true);
                self.pane.erase(&mut self.streams.out);
            }
            Event::Debug(text) => {
                let text = self.look.paint(Role::Debug, &told::debug(text));
                self.write(&[text]);
            }
            Event::Said { text, .. } => {
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
