//! What happens in a run, as data. The engine emits events and prints nothing; reporters make text of them.
#![forbid(unsafe_code)]

mod result;
mod stats;

use std::sync::Arc;
use std::time::Duration;

use crate::base::{Deprecation, Map, Position};

pub use result::{Cause, Status, TaskResult};
pub use stats::{Stats, Tally};

/// Takes events, in order, from many hosts at once.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: &Event);
}

/// A play as reporters see it.
#[derive(Clone, Debug, Default)]
pub struct PlayInfo {
    /// Its number in this run.
    pub id: u64,
    /// Its name, or its host pattern.
    pub name: String,
    /// Whether its hosts meet before each task.
    pub together: bool,
    /// Whether other plays may run at the same time: then what is said of its tasks names it.
    pub beside: bool,
}

impl PlayInfo {
    /// Returns what names the play where others may run at the same time; nothing elsewhere.
    pub fn mark(&self) -> String {
        if self.beside { format!(" (play {})", self.name) } else { String::new() }
    }
}

/// A task as reporters see it.
#[derive(Clone, Debug)]
pub struct TaskInfo {
    /// The play it belongs to.
    pub play: Arc<PlayInfo>,
    /// Its number in this run: events of one task share it.
    pub id: u64,
    /// Its name, templated with the variables of the first host; the action when it has none.
    pub name: String,
    /// The role it belongs to.
    pub role: Option<String>,
    /// The action as the playbook writes it.
    pub action: String,
    /// Where it stands.
    pub at: Position,
    /// Whether it is a handler.
    pub handler: bool,
    /// Whether a `rescue` takes care of its failure.
    pub rescued: bool,
    /// Whether it runs in check mode.
    pub check: bool,
}

impl TaskInfo {
    /// Returns `role : name`, as banners show it.
    pub fn title(&self) -> String {
        self.role
            .as_ref()
            .map_or_else(|| self.name.clone(), |role| format!("{role} : {}", self.name))
    }
}

/// How far a job in the background is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JobState {
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// It runs.
    Running,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Everything was read and checked; the run begins.
    RunStarted {
        /// The playbooks.
        playbooks: Vec<String>,
        /// The inventory sources.
        inventory: Vec<String>,
        /// How many hosts the inventory has.
        hosts: usize,
        /// How many tasks are known before the run.
        tasks: usize,
        /// How many files were read.
        files: usize,
        /// How long reading and checking took.
        took: Duration,
    },
    /// A play begins, or the next batch of one.
    PlayStarted {
        /// The play.
        play: Arc<PlayInfo>,
        /// Its hosts, in order; with `serial` those of a batch.
        hosts: Vec<Arc<str>>,
        /// Whether it runs in check mode.
        check: bool,
    },
    /// A play is through.
    PlayEnded {
        /// The play.
        play: Arc<PlayInfo>,
        /// How long it took.
        took: Duration,
    },
    /// A play does not run, because of one that it needs.
    PlayLeftOut {
        /// The play.
        play: Arc<PlayInfo>,
        /// Why.
        reason: String,
    },
    /// A play's pattern matches no host.
    NoHostsMatched(Arc<PlayInfo>),
    /// All hosts of a play have failed.
    NoHostsRemaining(Arc<PlayInfo>),
    /// More hosts have failed than `max_fail_percentage` allows.
    TooManyFailed(Arc<PlayInfo>),
    /// A task begins on its first host.
    TaskStarted(Arc<TaskInfo>),
    /// A task begins on a host.
    HostStarted {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
    },
    /// A loop item is done on a host.
    ItemDone {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// What came of it.
        result: Arc<TaskResult>,
    },
    /// A task is done on a host.
    HostDone {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// What came of it.
        result: Arc<TaskResult>,
    },
    /// A task will be tried again (`until`).
    Retry {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// How many tries are left.
        left: u32,
        /// What came of the last try.
        result: Arc<TaskResult>,
    },
    /// A job in the background was looked at.
    Job {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// Its name; nothing when the task's results are hidden.
        jid: Option<String>,
        /// How far it is.
        state: JobState,
    },
    /// A program of a running task wrote something.
    Output {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// Whether to standard error.
        err: bool,
        /// What.
        text: String,
    },
    /// How far something long is.
    Progress {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// What it is.
        what: String,
        /// How much is done.
        done: u64,
        /// How much there is, zero when unknown.
        all: u64,
    },
    /// A file was included for hosts.
    Included {
        /// The task that includes it.
        task: Arc<TaskInfo>,
        /// The file.
        file: String,
        /// The hosts.
        hosts: Vec<Arc<str>>,
        /// The loop item's label, when it came from a loop.
        label: Option<String>,
    },
    /// A host came to a `meta` task that the playbook has.
    Meta {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
        /// What it is told to do.
        word: String,
        /// Whether its condition holds.
        holds: bool,
    },
    /// A handler was notified.
    Notified {
        /// The play.
        play: Arc<PlayInfo>,
        /// The handler.
        handler: String,
        /// The host.
        host: Arc<str>,
    },
    /// Whether somebody is asked on the terminal now: nothing may move there meanwhile.
    Asking(bool),
    /// A task has something to say to the one at the terminal.
    Said {
        /// The task.
        task: Arc<TaskInfo>,
        /// Lines, without the last line feed.
        text: String,
    },
    /// What the engine does, for those who want to know everything (`ANSIBLE_DEBUG`).
    Debug(String),
    /// Something the user should know.
    Warning(String),
    /// Something that will not work for ever.
    Deprecated(Deprecation),
    /// Why the run ends here, apart from tasks.
    Error(String),
    /// The playbooks are through.
    RunEnded {
        /// What was counted, by host.
        stats: Vec<(Arc<str>, Stats)>,
        /// What `set_stats` gathered, by host; that of no host under `_run`.
        custom: Map,
        /// How long it took.
        took: Duration,
        /// Whether it ended early because the user asked for it.
        interrupted: bool,
        /// The line that continues the run, when there is something to continue.
        resume: Option<String>,
    },
}

impl Event {
    /// Returns the play that it is about, when it is about one.
    pub fn play(&self) -> Option<&Arc<PlayInfo>> {
        match self {
            Self::PlayStarted { play, .. }
            | Self::PlayEnded { play, .. }
            | Self::PlayLeftOut { play, .. }
            | Self::NoHostsMatched(play)
            | Self::NoHostsRemaining(play)
            | Self::TooManyFailed(play)
            | Self::Notified { play, .. } => Some(play),
            _ => self.task().map(|task| &task.play),
        }
    }

    /// Returns the task that it is about, when it is about one.
    pub fn task(&self) -> Option<&Arc<TaskInfo>> {
        match self {
            Self::TaskStarted(task)
            | Self::HostStarted { task, .. }
            | Self::ItemDone { task, .. }
            | Self::HostDone { task, .. }
            | Self::Retry { task, .. }
            | Self::Job { task, .. }
            | Self::Output { task, .. }
            | Self::Progress { task, .. }
            | Self::Included { task, .. }
            | Self::Meta { task, .. }
            | Self::Said { task, .. } => Some(task),
            _ => None,
        }
    }
}
