//! Hosts, groups and their variables: reading inventories, choosing hosts by patterns, changing both at run time.
//! Controller only.
//!
//! [`Inventory::load`] reads all sources into one graph. Variables stay in layers ([`Inventory::layers`]): nothing is
//! merged, and what a group gives is shared by its hosts. Each variable knows where it was set.
#![forbid(unsafe_code)]

mod address;
mod change;
mod export;
mod files;
mod find;
mod glob;
mod graph;
mod layers;
mod literal;
mod model;
mod options;
mod pattern;
mod sources;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use change::NewHost;
pub use export::{Export, Shown, vault_marked};
pub use layers::{Layer, Level};
pub use model::{Group, Host, Merging, Vars};
pub use options::{Evaluate, GroupNames, LoadOptions, Missing, Unreadable, VarsFiles};
pub use pattern::{PatternError, Selection, Unmatched, split};

use crate::base::{Map, Mistake, Mistakes, Position, SourceFile, Value};
use files::Files;
use find::Found;
use graph::{ALL, Graph};
use pattern::{Member, Search};
use sources::Reading;

/// Names of this machine, which need not be in an inventory.
pub const LOCAL: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// All hosts and groups of a run.
#[derive(Clone)]
pub struct Inventory {
    graph: Graph,
    options: Arc<LoadOptions>,
    sources: Vec<String>,
    /// The folders of the sources, beside which `group_vars` and `host_vars` stand.
    source_folders: Vec<PathBuf>,
    playbook_folders: Vec<PathBuf>,
    additions: Vec<change::Addition>,
    files: Arc<Files>,
    /// The variables of this machine where no inventory has it.
    local: Vars,
    warnings: Vec<Mistake>,
    kept: Arc<Mutex<Kept>>,
}

/// What was computed and holds until the inventory changes.
#[derive(Default)]
struct Kept {
    layers: HashMap<Arc<str>, Arc<Vec<Layer>>>,
    groups: Option<Value>,
}

impl Inventory {
    /// Reads sources in order: lists of hosts, paths, or names below `inventory/`.
    pub fn load(sources: &[String], options: LoadOptions) -> Result<Self, Mistakes> {
        let mut inventory = Self::empty(Arc::new(options));
        let mut mistakes = Mistakes::default();
        for source in sources {
            match find::find(source, &inventory.options) {
                Ok(Some(found)) => inventory.read(&found, &mut mistakes),
                Ok(None) => {}
                Err(mistake) => mistakes.push(mistake),
            }
        }
        inventory.finished(mistakes)
    }

    /// Reads one inventory out of a text, in the format that the name of its file says.
    pub fn of_text(file: &Arc<SourceFile>, options: LoadOptions) -> Result<Self, Mistakes> {
        let mut inventory = Self::empty(Arc::new(options));
        let mut mistakes = Mistakes::default();
        inventory.read(&Found::Text(Arc::clone(file)), &mut mistakes);
        inventory.finished(mistakes)
    }

    fn empty(options: Arc<LoadOptions>) -> Self {
        let mut inventory = Self {
            graph: Graph::new(options.merging, options.names),
            sources: Vec::new(),
            source_folders: Vec::new(),
            playbook_folders: Vec::new(),
            additions: Vec::new(),
            files: Arc::new(Files::new(&options)),
            local: Vars::default(),
            warnings: Vec::new(),
            kept: Arc::default(),
            options: Arc::clone(&options),
        };
        let nowhere = Position::default();
        inventory.local.set(
            &Arc::from("ansible_connection"),
            "local".into(),
            &nowhere,
            options.merging,
        );
        inventory
    }

    /// Ends the reading of sources.
    fn finished(mut self, mut mistakes: Mistakes) -> Result<Self, Mistakes> {
        self.graph.settle();
        for name in self.graph.groups.keys() {
            if self.graph.hosts.contains_key(name) {
                let text = format!("Found both group and host with same name: {name}");
                self.warnings.push(Mistake::new(text, &Position::default()));
            }
        }
        let complaint = self.graph.complaint();
        self.warnings.extend(complaint.map(|text| Mistake::new(text, &Position::default())));
        let missing = || {
            let what = "No inventory was parsed, only implicit localhost is available";
            Mistake::new(what, &Position::default())
        };
        match self.options.missing {
            Missing::Fail if self.sources.is_empty() => mistakes.push(missing()),
            Missing::Warn if self.sources.is_empty() => self.warnings.push(missing()),
            Missing::Fail | Missing::Warn | Missing::Ignore => {}
        }
        if self.options.unreadable == Unreadable::Warn {
            self.warnings.append(&mut mistakes.0);
        }
        if mistakes.is_empty() { Ok(self) } else { Err(mistakes) }
    }

    fn read(&mut self, found: &Found, mistakes: &mut Mistakes) {
        match found {
            Found::Hosts(text) => self.sources.push(text.clone()),
            Found::Text(file) => self.sources.push(file.path.clone()),
            Found::Path(path) => {
                self.sources.push(self.options.folder.join(path).display().to_string());
                let is_folder = self.options.folder.join(path).is_dir();
                let folder =
                    if is_folder { path.as_path() } else { path.parent().unwrap_or(Path::new("")) };
                if !self.source_folders.iter().any(|known| known == folder) {
                    self.source_folders.push(folder.to_owned());
                }
            }
        }
        let options = Arc::clone(&self.options);
        let mut reading = Reading {
            graph: &mut self.graph,
            options: &options,
            mistakes: Mistakes::default(),
            warnings: Vec::new(),
            before: 0,
        };
        reading.source(found);
        let Reading { mistakes: found, warnings, .. } = reading;
        self.warnings.extend(warnings);
        found.0.into_iter().for_each(|mistake| mistakes.push(mistake));
    }

    /// Names the folders of the playbooks, beside which `group_vars` and `host_vars` may stand.
    pub fn set_playbook_folders(&mut self, folders: Vec<PathBuf>) {
        self.playbook_folders = folders;
        self.changed();
    }

    /// Returns the sources that were read: absolute paths, and lists of hosts as they were given.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Returns what was suspicious in what was read since the last call.
    pub fn take_warnings(&mut self) -> Vec<Mistake> {
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.extend(self.files.take_warnings());
        warnings
    }

    /// Returns a host of an inventory.
    pub fn host(&self, name: &str) -> Option<&Arc<Host>> {
        self.graph.hosts.get(name)
    }

    /// Returns all hosts, in the order in which they were first met.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = &Arc<Host>> {
        self.graph.hosts.values()
    }

    /// Returns a group.
    pub fn group(&self, name: &str) -> Option<&Arc<Group>> {
        self.graph.groups.get(name)
    }

    /// Returns all groups: `all`, `ungrouped`, then in the order in which they were first met.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Arc<Group>> {
        self.graph.groups.values()
    }

    /// Returns the hosts of a group and of the groups below it.
    pub fn members(&self, group: &str) -> Vec<Arc<str>> {
        let number = self.graph.groups.get_index_of(group);
        let hosts = number.map(|number| self.graph.hosts_of(number)).unwrap_or_default();
        hosts.into_iter().map(|host| Arc::clone(&self.graph.hosts[host].name)).collect()
    }

    /// Returns the names of the groups that a host is in, sorted, without `all`.
    pub fn group_names(&self, host: &str) -> Vec<Arc<str>> {
        let Some(host) = self.graph.hosts.get(host) else { return Vec::new() };
        let groups = self.graph.ancestors(host.groups.iter().copied());
        let names = groups.into_iter().filter(|group| *group != ALL);
        let mut names: Vec<_> =
            names.map(|group| Arc::clone(&self.graph.groups[group].name)).collect();
        names.sort_unstable();
        names
    }

    /// Returns the magic variable `groups`: the names of all groups with the names of their hosts.
    pub fn groups_map(&self) -> Value {
        let mut kept = self.kept();
        let groups = kept.groups.get_or_insert_with(|| {
            let pairs = self.graph.groups.keys().map(|name| {
                let members = self.members(name).into_iter().map(Value::from);
                (Arc::clone(name), Value::list(members))
            });
            Value::from(pairs.collect::<Map>())
        });
        groups.clone()
    }

    /// Returns the hosts of a pattern that are also in a limit. This machine is found even where no inventory has it.
    pub fn select(
        &self,
        pattern: &[String],
        limit: Option<&[String]>,
    ) -> Result<Selection, PatternError> {
        let mut search = Search { graph: &self.graph, unmatched: Vec::new() };
        let parts: Vec<String> = pattern.iter().flat_map(|pattern| split(pattern)).collect();
        if parts.is_empty() {
            return Ok(Selection::default());
        }
        let mut hosts = search.all(&parts)?;
        if let Some(limit) = limit {
            let kept = search.all(limit)?;
            hosts.retain(|host| kept.contains(host));
        }
        let name = |member: Member| match member {
            Member::Known(number) => Arc::clone(&self.graph.hosts[number].name),
            Member::Local(name) => name,
        };
        Ok(Selection { hosts: hosts.into_iter().map(name).collect(), unmatched: search.unmatched })
    }

    /// Takes a limit apart, for [`Self::select`]; `@file` stands for the patterns in a file.
    pub fn limit(&self, text: &str) -> Result<Vec<String>, PatternError> {
        pattern::read_files(split(text), &self.options.folder)
    }

    /// Reads all sources and files again (`meta: refresh_inventory`).
    pub fn reload(&self) -> Result<Self, Mistakes> {
        let mut fresh = Self::load(&self.sources, (*self.options).clone())?;
        fresh.playbook_folders.clone_from(&self.playbook_folders);
        // What tasks added is in no source.
        for addition in &self.additions {
            addition.apply(&mut fresh);
        }
        fresh.additions.clone_from(&self.additions);
        Ok(fresh)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was computed. A fresh cache, because clones of the inventory share the old one.
    fn changed(&mut self) {
        self.kept = Arc::default();
    }
}

impl fmt::Debug for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hosts, groups) = (self.graph.hosts.len(), self.graph.groups.len());
        write!(f, "Inventory({hosts} hosts, {groups} groups)")
    }
}
