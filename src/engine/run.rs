//! What all plays of a run share.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::language::Words;
use super::options::{Options, Unmatched};
use crate::base::{Map, Mistake, Position, Value};
use crate::connection::Pool;
use crate::event::{Event, Sink, Tally};
use crate::inventory::Inventory;
use crate::playbook::{Files, Play};
use crate::template::Engine;
use crate::vars::Store;
use crate::vault::Secrets;

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
            fixed: Arc::new(options.fixed()),
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
