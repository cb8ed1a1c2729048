//! What all plays of a run share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::language::Words;
use crate::base::{Map, Mistake, Position, Secret, Value, path};
use crate::connection::Pool;
use crate::event::{Event, Sink, Tally};
use crate::inventory::{Inventory, Merging};
use crate::playbook::{Duplicates, Files, Play};
use crate::template::Engine;
use crate::vars::{FactCache, Store};
use crate::vault::Secrets;

/// What the command line and the configuration say, final.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The playbooks.
    pub playbooks: Vec<PathBuf>,
    /// The inventory sources, as shown to playbooks.
    pub inventory_sources: Vec<String>,
    /// Whether variables of a role are seen by that role only, when somebody says so.
    pub private_role_vars: Option<bool>,
    /// Whether what is typed unseen at `vars_prompt` is a secret; in Ansible's own format it is shown as Ansible does.
    pub hide_prompted: bool,
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
    /// Whether everything that the engine does is told.
    pub debug: bool,
    /// Where facts are kept for other runs.
    pub fact_cache: Option<FactCache>,
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
    /// The private key itself.
    pub private_key_text: Option<Secret>,
    /// The passphrase of the private key.
    pub passphrase: Option<Secret>,
    /// The port to connect to.
    pub port: Option<u16>,
    /// How often connecting is tried again.
    pub retries: u32,
    /// The folder on hosts for the helper's program that is tried first.
    pub remote_tmp: Option<String>,
    /// The program that makes another user of us, when it is not the method's own.
    pub become_exe: Option<String>,
    /// Its options, when they are not the usual ones.
    pub become_flags: Option<String>,
    /// The folder that `sudo` is started in.
    pub sudo_chdir: Option<String>,
    /// Options of `ssh` that weigh more than the inventory; a host's own replace them, as they do with the next two.
    pub ssh_args: String,
    /// Options of `ssh` that weigh less than the inventory.
    pub ssh_common_args: String,
    /// More of them.
    pub ssh_extra_args: String,
    /// Whether host keys have to be known.
    pub host_key_checking: bool,
    /// The configuration file, for `ansible_config_file`.
    pub config_file: Option<PathBuf>,
    /// Folders with roles.
    pub role_folders: Vec<PathBuf>,
    /// Folders with `ansible_collections`.
    pub collection_folders: Vec<PathBuf>,
    /// The strategy of plays that name none.
    pub strategy: String,
    /// `implicit`, `explicit` or `smart`.
    pub gathering: String,
    /// Whether a failure is fatal for all where nothing says otherwise.
    pub any_errors_fatal: bool,
    /// Whether a notification that reaches no handler is an error.
    pub missing_handler_is_error: bool,
    /// What a key is that stands in a map twice.
    pub duplicate_keys: Duplicates,
    /// What happens to dictionaries of the same name.
    pub merging: Merging,
    /// Whether facts are seen in `ansible_facts` only.
    pub facts_apart: bool,
    /// Whether what is not said to be shown is hidden (`no_log`).
    pub no_log: bool,
    /// What to do about a pattern that matches no host.
    pub unmatched: Unmatched,
    /// Whether conditions that are no booleans are taken by their truth.
    pub broken_conditionals: bool,
    /// How many seconds lie between looks at a job in the background.
    pub poll: u64,
    /// The folder on hosts in which such jobs leave their results.
    pub job_folder: String,
    /// The helper's program.
    pub helper: PathBuf,
}

/// What to do about a pattern of `hosts` that matches no host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unmatched {
    /// The run ends.
    Fail,
    /// Nothing.
    Ignore,
    /// A warning.
    #[default]
    Warn,
}

/// Asks the user on the terminal: the prompt, and whether typing is hidden; nothing when there is no terminal.
pub type Ask = Box<dyn Fn(&str, bool) -> Option<String> + Send + Sync>;

/// Variables of the inventory, from the weakest group to the host.
pub(super) type InventoryLayers = Arc<Vec<Arc<Map>>>;

/// What a run is made of.
pub struct Parts {
    /// What the command line and the configuration say.
    pub options: Options,
    /// Hosts and groups.
    pub inventory: Inventory,
    /// The template engine.
    pub templates: Engine,
    /// Opens vaults.
    pub secrets: Arc<Secrets>,
    /// The helpers.
    pub pool: Pool,
    /// Who hears what happens.
    pub sink: Arc<dyn Sink>,
    /// Asks the user.
    pub ask: Ask,
    /// Set when the user asks to end.
    pub interrupted: CancellationToken,
}

/// What all plays of a run share.
pub struct Run {
    /// What the command line and the configuration say.
    pub options: Options,
    /// The template engine.
    pub templates: Engine,
    /// Words of the language.
    pub words: Words,
    /// What hosts gather.
    pub store: Arc<Store>,
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
    /// Set when tasks that still run after that are told to stop.
    pub stopped: CancellationToken,
    /// Values that never change in a run.
    pub fixed: Arc<Map>,
    /// Set until the task of `--start-at-task` is reached.
    pub searching: AtomicBool,
    /// Asks the user.
    pub ask: Ask,
    inventory: RwLock<Inventory>,
    stats: Mutex<Map>,
    ids: AtomicU64,
}

impl Run {
    /// Returns a run that is ready to begin.
    pub fn new(parts: Parts) -> Self {
        let Parts { options, mut inventory, templates, secrets, pool, sink, ask, interrupted } =
            parts;
        let folders = options.playbooks.iter().filter_map(|path| path.parent()).map(Path::to_owned);
        inventory.set_playbook_folders(folders.collect());
        let decrypt = move |path: &Path, text: &[u8]| {
            secrets.decrypt(text).map_err(|error| format!("{}: {error}", path.display()))
        };
        let words = Words {
            templates: templates.clone(),
            extra: Arc::clone(&options.extra),
            role_folders: options.role_folders.clone(),
            collection_folders: options.collection_folders.clone(),
            decrypt: Arc::new(decrypt),
        };
        Self {
            fixed: Arc::new(fixed(&options)),
            forks: Arc::new(Semaphore::new(options.forks.max(1))),
            searching: AtomicBool::new(options.start_at.is_some()),
            templates,
            words,
            store: Arc::new(Store::new(options.fact_cache.clone())),
            pool,
            sink,
            files: Files::new(options.duplicate_keys),
            tally: Tally::default(),
            interrupted,
            stopped: CancellationToken::new(),
            ask,
            inventory: RwLock::new(inventory),
            stats: Mutex::default(),
            ids: AtomicU64::new(1),
            options,
        }
    }

    /// Returns the number of the next task.
    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns whether the task of `--start-at-task` was not reached yet.
    pub fn is_searching(&self) -> bool {
        self.searching.load(Ordering::Relaxed)
    }

    /// Says something the user should know.
    pub fn warn(&self, text: impl Into<String>) {
        self.sink.event(&Event::Warning(text.into()));
    }

    /// Tells what the engine does, to those who want to know everything.
    pub(super) fn debug(&self, text: impl FnOnce() -> String) {
        if self.options.debug {
            self.sink.event(&Event::Debug(text()));
        }
    }

    /// Tells what templates noted outside of a result.
    pub(super) fn tell_noted(&self) {
        for deprecation in crate::template::noted() {
            self.sink.event(&Event::Deprecated(deprecation));
        }
    }

    /// Says why the run ends here.
    pub fn fail(&self, text: impl Into<String>) {
        self.sink.event(&Event::Error(text.into()));
    }

    /// Warns of something at a place, with what to do about it.
    pub fn warn_at(&self, text: String, hint: &str, at: &Position) {
        self.warn(Mistake::new(text, at).hint(hint).to_string());
    }

    /// Returns the inventory to read.
    pub fn inventory(&self) -> RwLockReadGuard<'_, Inventory> {
        self.inventory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the inventory to change.
    pub fn inventory_mut(&self) -> RwLockWriteGuard<'_, Inventory> {
        self.inventory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the inventory again.
    pub fn refresh_inventory(&self) -> Result<(), String> {
        let fresh =
            self.inventory().reload().map_err(|mistakes| super::include::first(&mistakes))?;
        *self.inventory_mut() = fresh;
        Ok(())
    }

    /// Returns the variables of the inventory for a host, weakest first, and the groups it is in.
    pub fn inventory_of(&self, host: &str) -> Result<(InventoryLayers, Value), String> {
        let inventory = self.inventory();
        let maps = inventory.maps(host).map_err(|mistakes| super::include::first(&mistakes))?;
        let groups = Value::list(inventory.group_names(host).into_iter().map(Value::from));
        Ok((maps, groups))
    }

    /// Returns the hosts of a pattern within the limit.
    pub fn hosts_of(&self, pattern: &str) -> Result<Vec<Arc<str>>, String> {
        let inventory = self.inventory();
        let limit = self.options.limit.as_ref().map(|text| inventory.limit(text)).transpose();
        let limit = limit.map_err(|error| error.to_string())?;
        let selection = inventory.select(&[pattern.to_owned()], limit.as_deref());
        let selection = selection.map_err(|error| error.to_string())?;
        for unmatched in &selection.unmatched {
            let near = unmatched
                .near
                .as_ref()
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            let pattern = &unmatched.pattern;
            let told = format!("Could not match supplied host pattern, ignoring: {pattern}{near}");
            match self.options.unmatched {
                Unmatched::Fail => return Err(told),
                Unmatched::Ignore => {}
                Unmatched::Warn => self.warn(told),
            }
        }
        Ok(selection.hosts)
    }

    /// Returns a value that must be known without a host.
    pub fn fixed_value(&self, value: &Value) -> Result<Value, String> {
        use crate::playbook::Language;
        self.words.fixed(value, &[&self.fixed])
    }

    /// Asks for the variables of `vars_prompt` that the command line does not give.
    pub fn prompt(&self, play: &Play) -> Result<Map, String> {
        let mut vars = Map::new();
        for prompt in &play.prompts {
            if !self.options.extra.contains_key(&prompt.name) {
                let value = super::prompt::ask(self, play, prompt)?;
                vars.insert(prompt.name.as_str(), value);
            }
        }
        Ok(vars)
    }

    /// Adds to what is shown at the end (`set_stats`).
    pub fn add_stats(&self, host: Option<&Arc<str>>, values: Map, aggregate: bool) {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = host.map_or("_run", |host| host);
        let mut own =
            stats.get(owner).and_then(Value::as_map).map(|map| (**map).clone()).unwrap_or_default();
        for (name, value) in values {
            let sum = match (name.as_str().and_then(|name| own.get(name)), &value) {
                (Some(Value::Int(old)), Value::Int(new)) if aggregate => Value::Int(old + new),
                (Some(Value::List(old)), Value::List(new)) if aggregate => {
                    Value::list(old.iter().chain(new.iter()).cloned())
                }
                (Some(Value::Map(old)), Value::Map(new)) if aggregate => Value::map(
                    old.iter().chain(new.iter()).map(|(key, value)| (key.clone(), value.clone())),
                ),
                _ => value,
            };
            own.insert(name, sum);
        }
        stats.insert(owner, own.into());
    }

    /// Returns what `set_stats` gathered.
    pub fn stats(&self) -> Map {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Returns the magic variables that never change in a run.
fn fixed(options: &Options) -> Map {
    let list = |items: &[String]| Value::list(items.iter().map(Value::from));
    let mut map = Map::new();
    // The version of the language: what playbooks ask for is what Ansible of that version does.
    let version = [
        ("full", Value::from(LANGUAGE)),
        ("string", LANGUAGE.into()),
        ("major", 2.into()),
        ("minor", 19.into()),
        ("revision", 0.into()),
    ];
    map.insert("ansible_version", Value::map(version));
    // No Python runs here; inventories give this name to hosts whose interpreter is that of the controller.
    map.insert("ansible_playbook_python", "/usr/bin/python3".into());
    map.insert("fcplay_version", env!("CARGO_PKG_VERSION").into());
    map.insert("ansible_forks", options.forks.into());
    map.insert("ansible_verbosity", i64::from(options.verbosity).into());
    map.insert(
        "ansible_run_tags",
        if options.tags.is_empty() { list(&["all".into()]) } else { list(&options.tags) },
    );
    map.insert("ansible_skip_tags", list(&options.skip_tags));
    map.insert("omit", crate::template::omit());
    let config = options.config_file.as_ref();
    let config = config.map(|file| path::absolute(file).to_string_lossy().into_owned().into());
    map.insert("ansible_config_file", config.unwrap_or_default());
    if let Some(limit) = &options.limit {
        map.insert("ansible_limit", limit.as_str().into());
    }
    map
}

/// The version of Ansible whose language this is.
const LANGUAGE: &str = "2.19.0";
