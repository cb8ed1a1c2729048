//! The graph of groups and hosts while inventories are read and tasks change it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indexmap::{IndexMap, IndexSet};

use super::model::{Group, Host, Merging, Vars};
use super::options::GroupNames;
use crate::base::{Position, Value};

/// The number of the group `all`.
pub(super) const ALL: usize = 0;
/// The number of the group `ungrouped`.
pub(super) const UNGROUPED: usize = 1;

/// Where hosts that are met now come from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// `inventory_file`.
    pub(super) file: String,
    /// `inventory_dir`.
    pub(super) folder: Option<PathBuf>,
}

/// Hosts and groups, each known by its number.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) hosts: IndexMap<Arc<str>, Arc<Host>>,
    pub(super) groups: IndexMap<Arc<str>, Arc<Group>>,
    merging: Merging,
    names: GroupNames,
    /// Whether a group has a name that no variable could have.
    odd: Arc<AtomicBool>,
    pub(super) origin: Option<Origin>,
}

impl Graph {
    pub(super) fn new(merging: Merging, names: GroupNames) -> Self {
        let mut graph = Self {
            hosts: IndexMap::new(),
            groups: IndexMap::new(),
            merging,
            names,
            odd: Arc::default(),
            origin: None,
        };
        graph.add_group("all");
        graph.add_group("ungrouped");
        graph.link(ALL, UNGROUPED);
        graph
    }

    /// Returns what is said of odd names of groups, when there are any and somebody wants to know.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        let odd = self.odd.load(Ordering::Relaxed);
        match self.names {
            GroupNames::KeepAndTell if odd => {
                Some("Invalid characters were found in group names but not replaced")
            }
            GroupNames::ReplaceAndTell if odd => {
                Some("Invalid characters were found in group names and automatically replaced")
            }
            _ => None,
        }
    }

    /// Returns the name that a group gets which is called so.
    pub(super) fn group_name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let safe = safe_name(name);
        if safe == name {
            return Cow::Borrowed(name);
        }
        self.odd.store(true, Ordering::Relaxed);
        match self.names {
            GroupNames::Keep | GroupNames::KeepAndTell => Cow::Borrowed(name),
            GroupNames::Replace | GroupNames::ReplaceAndTell => Cow::Owned(safe),
        }
    }

    /// Returns the number of a group, which is made when there is none.
    pub(super) fn add_group(&mut self, name: &str) -> usize {
        let name = self.group_name(name);
        if let Some(number) = self.groups.get_index_of(&*name) {
            return number;
        }
        let name: Arc<str> = Arc::from(&*name);
        let group = Group {
            name: Arc::clone(&name),
            vars: Vars::default(),
            depth: 0,
            priority: 1,
            hosts: IndexSet::new(),
            children: Vec::new(),
            parents: Vec::new(),
        };
        self.groups.insert_full(name, Arc::new(group)).0
    }

    /// Returns the number of a host, which is made when there is none, and puts it into a group.
    pub(super) fn add_host(&mut self, name: &str, group: usize, port: Option<i64>) -> usize {
        let number = match self.hosts.get_index_of(name) {
            Some(number) => number,
            None => {
                let name: Arc<str> = Arc::from(name);
                let host =
                    Host { name: Arc::clone(&name), vars: Vars::default(), groups: Vec::new() };
                let (number, _) = self.hosts.insert_full(name, Arc::new(host));
                self.set_origin(number);
                if let Some(port) = port {
                    self.set_host_var(
                        number,
                        &Arc::from("ansible_port"),
                        port.into(),
                        &Position::default(),
                    );
                }
                number
            }
        };
        self.join(number, group);
        number
    }

    /// Puts a host into a group and returns whether that is new.
    pub(super) fn join(&mut self, host: usize, group: usize) -> bool {
        if !self.group_mut(group).hosts.insert(host) {
            return false;
        }
        self.host_mut(host).groups.push(group);
        true
    }

    /// Makes a group the child of another one and returns whether that is new; nothing when that closes a loop.
    pub(super) fn add_child(&mut self, parent: usize, child: usize) -> Option<bool> {
        if self.groups[parent].children.contains(&child) {
            return Some(false);
        }
        // Every group comes below `all`, if not yet then when all is read.
        if parent == child || child == ALL || self.ancestors([parent]).contains(&child) {
            return None;
        }
        self.link(parent, child);
        Some(true)
    }

    fn link(&mut self, parent: usize, child: usize) {
        self.group_mut(parent).children.push(child);
        self.group_mut(child).parents.push(parent);
    }

    pub(super) fn set_host_var(
        &mut self,
        host: usize,
        name: &Arc<str>,
        value: Value,
        at: &Position,
    ) {
        let merging = self.merging;
        self.host_mut(host).vars.set(name, value, at, merging);
    }

    pub(super) fn set_group_var(
        &mut self,
        group: usize,
        name: &Arc<str>,
        value: Value,
        at: &Position,
    ) {
        let merging = self.merging;
        self.group_mut(group).vars.set(name, value, at, merging);
    }

    pub(super) fn group_mut(&mut self, number: usize) -> &mut Group {
        Arc::make_mut(&mut self.groups[number])
    }

    fn host_mut(&mut self, number: usize) -> &mut Host {
        Arc::make_mut(&mut self.hosts[number])
    }

    fn set_origin(&mut self, host: usize) {
        let text = |text: Option<String>| text.map_or(Value::Null, Value::from);
        let (file, folder) = match &self.origin {
            Some(origin) => (
                text(Some(origin.file.clone())),
                text(origin.folder.as_ref().map(|folder| folder.display().to_string())),
            ),
            None => (Value::Null, Value::Null),
        };
        let nowhere = Position::default();
        self.set_host_var(host, &Arc::from("inventory_file"), file, &nowhere);
        self.set_host_var(host, &Arc::from("inventory_dir"), folder, &nowhere);
    }

    /// Brings the rules back that hold between reading: every group is below `all`, every host in some group, none in
    /// `ungrouped` that is in another one, and depths are those of the longest way.
    pub(super) fn settle(&mut self) {
        for number in 0..self.groups.len() {
            if number != ALL && self.groups[number].parents.is_empty() {
                self.link(ALL, number);
            }
        }
        let is_grouped = |host: &Host| host.groups.iter().any(|group| *group > UNGROUPED);
        for number in 0..self.hosts.len() {
            let host = &self.hosts[number];
            let grouped = is_grouped(host);
            if !grouped && !host.groups.contains(&UNGROUPED) {
                self.join(number, UNGROUPED);
            } else if grouped && host.groups.contains(&UNGROUPED) {
                self.host_mut(number).groups.retain(|group| *group != UNGROUPED);
            }
        }
        let hosts = &self.hosts;
        let kept = self.groups[UNGROUPED].hosts.iter().copied();
        let kept = kept.filter(|host| hosts[*host].groups.contains(&UNGROUPED)).collect();
        self.group_mut(UNGROUPED).hosts = kept;
        self.measure();
    }

    fn measure(&mut self) {
        let mut depths = vec![None; self.groups.len()];
        for number in 0..self.groups.len() {
            let depth = self.depth_of(number, &mut depths);
            if self.groups[number].depth != depth {
                self.group_mut(number).depth = depth;
            }
        }
    }

    fn depth_of(&self, group: usize, depths: &mut [Option<usize>]) -> usize {
        if let Some(depth) = depths[group] {
            return depth;
        }
        let parents = &self.groups[group].parents;
        let depth = parents.iter().map(|parent| self.depth_of(*parent, depths) + 1).max();
        depths[group] = Some(depth.unwrap_or(0));
        depth.unwrap_or(0)
    }

    /// Returns these groups and all groups above them.
    pub(super) fn ancestors(&self, groups: impl IntoIterator<Item = usize>) -> IndexSet<usize> {
        let mut found: IndexSet<usize> = groups.into_iter().collect();
        let mut next = 0;
        while let Some(group) = found.get_index(next) {
            let parents = self.groups[*group].parents.clone();
            found.extend(parents);
            next += 1;
        }
        found
    }

    /// Returns the hosts of a group and of all groups below it, level by level.
    pub(super) fn hosts_of(&self, group: usize) -> IndexSet<usize> {
        let mut groups: IndexSet<usize> = [group].into();
        let mut next = 0;
        while let Some(group) = groups.get_index(next) {
            let children = self.groups[*group].children.clone();
            groups.extend(children);
            next += 1;
        }
        groups.iter().flat_map(|group| self.groups[*group].hosts.iter().copied()).collect()
    }
}

/// Returns a name in which every character that a variable cannot have is an underscore.
pub(super) fn safe_name(name: &str) -> String {
    let valid = |place: usize, c: char| {
        c == '_' || if place == 0 { c.is_alphabetic() } else { c.is_alphanumeric() }
    };
    name.chars().enumerate().map(|(place, c)| if valid(place, c) { c } else { '_' }).collect()
}
