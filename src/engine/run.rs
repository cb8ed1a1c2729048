//! What all plays of a run share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::language::Words;
use crate::base::{Map, Secret, Value};
use crate::connection::Pool;
use crate::event::{Event, Sink, Tally};
use crate::inventory::Inventory;
use crate::playbook::Files;
use crate::template::Engine;
use crate::vars::Store;

/// What the command line and the configuration say, final.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The playbooks.
    pub playbooks: Vec<PathBuf>,
    /// The inventory sources, as shown to playbooks.
    pub inventory_sources: Vec<String>,
    /// Only these hosts.
    pub limit: Option<String>,
    /// Only tasks with one of these tags.
    pub tags: Vec<String>,
    /// No tasks with one of these tags.
    pub skip_tags: Vec<String>,
    /// Variables of the command line.
    pub extra: Arc<Map>,
    /// How many hosts work at a time.
    pub forks: usize,
    /// Whether nothing is changed.
    pub check: bool,
    /// Whether differences are shown.
    pub diff: bool,
    /// How much detail is wanted.
    pub verbosity: u8,
    /// The task to start at.
    pub start_at: Option<String>,
    /// Whether to ask before each task.
    pub step: bool,
    /// Whether handlers run on hosts that failed.
    pub force_handlers: bool,
    /// Whether cached facts are forgotten.
    pub flush_cache: bool,
    /// The login name.
    pub remote_user: Option<String>,
    /// The private key.
    pub private_key: Option<PathBuf>,
    /// The kind of connection (`ssh`, `local`).
    pub connection: Option<String>,
    /// How long connecting may take, in seconds.
    pub timeout: u64,
    /// The password for logging in.
    pub password: Option<Secret>,
    /// Whether to become another user where nothing says otherwise.
    pub escalate: bool,
    /// The user to become.
    pub become_user: Option<String>,
    /// How to become that user.
    pub become_method: Option<String>,
    /// The password for becoming that user.
    pub become_password: Option<Secret>,
    /// Words for `ssh`, as `ssh_args`, `ssh_common_args` and `ssh_extra_args` give them.
    pub ssh_words: Vec<String>,
    /// Words of the command line for `ssh`, which a host's own replace.
    pub ssh_common_args: Option<String>,
    /// Whether host keys have to be known.
    pub host_key_checking: bool,
    /// Folders with roles.
    pub role_folders: Vec<PathBuf>,
    /// The strategy of plays that name none.
    pub strategy: String,
    /// `implicit`, `explicit` or `smart`.
    pub gathering: String,
    /// Whether a failure is fatal for all where nothing says otherwise.
    pub any_errors_fatal: bool,
    /// Whether a notification that reaches no handler is an error.
    pub missing_handler_is_error: bool,
    /// Whether conditions that are no booleans are taken by their truth.
    pub broken_conditionals: bool,
    /// The helper's program.
    pub helper: PathBuf,
}

/// What all plays of a run share.
pub struct Run {
    /// What the command line and the configuration say.
    pub options: Options,
    /// The template engine.
    pub templates: Engine,
    /// Words of the language.
    pub words: Words,
    /// Hosts and groups.
    pub inventory: RwLock<Inventory>,
    /// What hosts gather.
    pub store: Store,
    /// The helpers.
    pub pool: Pool,
    /// Who hears what happens.
    pub sink: Arc<dyn Sink>,
    /// Files of YAML.
    pub files: Files,
    /// What the recap counts.
    pub tally: Tally,
    /// Hosts at work.
    pub forks: Arc<Semaphore>,
    /// Set when the user asks to end.
    pub interrupted: CancellationToken,
    /// Values that never change in a run.
    pub fixed: Arc<Map>,
    /// Set until the task of `--start-at-task` is reached.
    pub searching: AtomicBool,
    /// Roles that ran, by host.
    pub extra_vars_file: Mutex<Option<Value>>,
    ids: AtomicU64,
}

impl Run {
    /// Returns the number of the next task.
    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Says something the user should know.
    pub fn warn(&self, text: impl Into<String>) {
        self.sink.event(&Event::Warning(text.into()));
    }

    /// Returns the inventory to read.
    pub fn hosts(&self) -> std::sync::RwLockReadGuard<'_, Inventory> {
        self.inventory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the inventory to change.
    pub fn hosts_mut(&self) -> std::sync::RwLockWriteGuard<'_, Inventory> {
        self.inventory.write().unwrap_or_else(PoisonError::into_inner)
    }
}
