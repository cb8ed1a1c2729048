//! The variables that inventories and the files beside them give a host, by precedence, weakest first.
//!
//! These are the levels 3 to 10 of Ansible's 22. Maps are shared by all hosts of a group; nothing is merged here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Inventory;
use super::files::Kind;
use super::graph::{ALL, Graph};
use super::model::Vars;
use crate::base::{Map, Mistake, Mistakes, Position};

/// Where a layer of variables comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Level {
    /// The group `all` in an inventory.
    AllInventory,
    /// Other groups in an inventory.
    GroupsInventory,
    /// `group_vars/all` beside an inventory.
    AllFilesInventory,
    /// `group_vars/all` beside the playbook.
    AllFilesPlaybook,
    /// `group_vars/` of other groups beside an inventory.
    GroupsFilesInventory,
    /// `group_vars/` of other groups beside the playbook.
    GroupsFilesPlaybook,
    /// `group_vars/` of other groups, for each group first beside inventories, then beside the playbook.
    FilesByGroup,
    /// The host in an inventory.
    HostInventory,
    /// `host_vars/` beside an inventory.
    HostFilesInventory,
    /// `host_vars/` beside the playbook.
    HostFilesPlaybook,
}

/// The names that the setting `precedence` gives the levels that it orders.
const NAMES: [(&str, Level); 7] = [
    ("all_inventory", Level::AllInventory),
    ("all_plugins_inventory", Level::AllFilesInventory),
    ("all_plugins_play", Level::AllFilesPlaybook),
    ("groups_inventory", Level::GroupsInventory),
    ("groups_plugins_inventory", Level::GroupsFilesInventory),
    ("groups_plugins_play", Level::GroupsFilesPlaybook),
    ("plugins_by_group", Level::FilesByGroup),
];

const USUAL: [Level; 6] = [
    Level::AllInventory,
    Level::GroupsInventory,
    Level::AllFilesInventory,
    Level::AllFilesPlaybook,
    Level::GroupsFilesInventory,
    Level::GroupsFilesPlaybook,
];

impl Level {
    /// Returns the levels of groups in the order that the setting `precedence` names; the usual order for none.
    /// Unknown names are left out, as Ansible does.
    pub fn order(names: &[String]) -> Vec<Self> {
        if names.is_empty() {
            return USUAL.to_vec();
        }
        let find =
            |name: &String| NAMES.iter().find(|(known, _)| known == name).map(|(_, level)| *level);
        names.iter().filter_map(find).collect()
    }
}

/// The variables of one source for one host.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where they come from.
    pub level: Level,
    /// The group or host they belong to.
    pub owner: Arc<str>,
    /// The variables.
    pub vars: Vars,
}

impl Inventory {
    /// Returns the layers of a host, weakest first; they are kept until the inventory changes. Files are read when a
    /// host first needs them, so those of hosts outside the run may be encrypted or broken.
    pub fn layers(&self, host: &str) -> Result<Arc<Vec<Layer>>, Mistakes> {
        if let Some(layers) = self.kept().layers.get(host) {
            return Ok(Arc::clone(layers));
        }
        let layers = Arc::new(self.build(host)?);
        self.kept().layers.insert(Arc::from(host), Arc::clone(&layers));
        Ok(layers)
    }

    /// Returns the maps of a host's layers, weakest first.
    pub fn maps(&self, host: &str) -> Result<Arc<Vec<Arc<Map>>>, Mistakes> {
        let layers = self.layers(host)?;
        Ok(Arc::new(layers.iter().map(|layer| Arc::clone(&layer.vars.map)).collect()))
    }

    /// Returns where the value that a host sees of a variable is set.
    pub fn place(&self, host: &str, name: &str) -> Option<Position> {
        let layers = self.layers(host).ok()?;
        let layer = layers.iter().rev().find(|layer| layer.vars.map.contains_key(name))?;
        layer.vars.place(name).cloned()
    }

    /// Returns the folders that hold `group_vars` and `host_vars` of a level.
    fn folders(&self, level: Level) -> &[PathBuf] {
        match level {
            Level::AllFilesPlaybook | Level::GroupsFilesPlaybook | Level::HostFilesPlaybook => {
                &self.playbook_folders
            }
            Level::AllFilesInventory
            | Level::AllInventory
            | Level::FilesByGroup
            | Level::GroupsFilesInventory
            | Level::GroupsInventory
            | Level::HostFilesInventory
            | Level::HostInventory => &self.source_folders,
        }
    }

    fn build(&self, host: &str) -> Result<Vec<Layer>, Mistakes> {
        let graph = &self.graph;
        let number = graph.hosts.get_index_of(host);
        let groups = number.map(|number| sorted_groups(graph, number)).unwrap_or_default();
        let mut build =
            Build { inventory: self, layers: Vec::new(), mistakes: Mistakes::default() };
        for level in &self.options.precedence {
            build.groups(*level, &groups);
        }
        match number {
            Some(number) => {
                let host = &graph.hosts[number];
                build.push(Level::HostInventory, &host.name, &host.vars);
            }
            None => build.push(Level::HostInventory, &Arc::from(host), &self.local),
        }
        build.files(Level::HostFilesInventory, Kind::Host, host);
        build.files(Level::HostFilesPlaybook, Kind::Host, host);
        if build.mistakes.is_empty() { Ok(build.layers) } else { Err(build.mistakes) }
    }
}

/// Returns the groups of a host without `all`, weakest first: by depth, priority and name.
fn sorted_groups(graph: &Graph, host: usize) -> Vec<usize> {
    let mut groups: Vec<usize> = graph
        .ancestors(graph.hosts[host].groups.iter().copied())
        .into_iter()
        .filter(|group| *group != ALL)
        .collect();
    groups.sort_by_key(|group| {
        let group = &graph.groups[*group];
        (group.depth, group.priority, Arc::clone(&group.name))
    });
    groups
}

struct Build<'a> {
    inventory: &'a Inventory,
    layers: Vec<Layer>,
    mistakes: Mistakes,
}

impl Build<'_> {
    fn groups(&mut self, level: Level, groups: &[usize]) {
        let inventory = self.inventory;
        let graph = &inventory.graph;
        match level {
            Level::AllInventory => {
                let all = &graph.groups[ALL];
                self.push(level, &all.name, &all.vars);
            }
            Level::GroupsInventory => {
                for group in groups {
                    let group = &graph.groups[*group];
                    self.push(level, &group.name, &group.vars);
                }
            }
            Level::AllFilesInventory | Level::AllFilesPlaybook => {
                self.files(level, Kind::Group, "all");
            }
            // Each folder is gone through for all groups before the next one, so a later folder wins over a deeper group.
            Level::GroupsFilesInventory | Level::GroupsFilesPlaybook => {
                for folder in inventory.folders(level) {
                    for group in groups {
                        self.file(level, Kind::Group, &graph.groups[*group].name, folder);
                    }
                }
            }
            Level::FilesByGroup => {
                for group in groups {
                    let name = &graph.groups[*group].name;
                    self.files(Level::GroupsFilesInventory, Kind::Group, name);
                    self.files(Level::GroupsFilesPlaybook, Kind::Group, name);
                }
            }
            Level::HostInventory | Level::HostFilesInventory | Level::HostFilesPlaybook => {}
        }
    }

    fn files(&mut self, level: Level, kind: Kind, name: &str) {
        let inventory = self.inventory;
        for folder in inventory.folders(level) {
            self.file(level, kind, name, folder);
        }
    }

    fn file(&mut self, level: Level, kind: Kind, name: &str, folder: &Path) {
        match self.inventory.files.vars(folder, kind, name) {
            Ok(Some(vars)) => self.push(level, &Arc::from(name), &vars),
            Ok(None) => {}
            Err(mistakes) => {
                mistakes.into_iter().for_each(|mistake: Mistake| self.mistakes.push(mistake));
            }
        }
    }

    fn push(&mut self, level: Level, owner: &Arc<str>, vars: &Vars) {
        if !vars.map.is_empty() {
            self.layers.push(Layer { level, owner: Arc::clone(owner), vars: vars.clone() });
        }
    }
}
