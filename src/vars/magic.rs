//! Magic variables: what the run tells a task about itself, the inventory and the play.

use std::path::PathBuf;
use std::sync::Arc;

use super::TaskScope;
use crate::base::{Map, Value};

/// What is the same for all tasks of a play batch.
#[derive(Clone, Debug, Default)]
pub struct RunFacts {
    /// The names of all groups with their hosts.
    pub groups: Value,
    /// `hostvars`.
    pub hostvars: Value,
    /// The hosts of the play that are still in it.
    pub play_hosts: Value,
    /// The hosts of the play at its start.
    pub play_hosts_all: Value,
    /// The hosts of the batch that are still in it.
    pub batch: Value,
    /// The name of the play.
    pub play_name: Value,
    /// The folder of the playbook.
    pub playbook_dir: PathBuf,
    /// The folder of the inventory.
    pub inventory_dir: Option<PathBuf>,
    /// The file of the inventory.
    pub inventory_file: Option<PathBuf>,
    /// The inventory sources.
    pub inventory_sources: Value,
    /// Values that never change: version, verbosity, limit, tags, forks, check and diff mode.
    pub fixed: Arc<Map>,
}

/// What the run tells one host at one task.
#[derive(Clone, Debug, Default)]
pub struct Magic {
    /// The host.
    pub host: Arc<str>,
    /// The groups the host is in, sorted.
    pub groups: Value,
    /// What is the same for all tasks.
    pub run: Arc<RunFacts>,
    /// The role of the task, with the roles that brought it: name and path, innermost last.
    pub roles: Vec<(String, PathBuf)>,
    /// The folder of the file the task stands in.
    pub folder: PathBuf,
    /// Whether the task runs in check mode.
    pub check: bool,
    /// Whether the task shows differences.
    pub diff: bool,
}

impl Magic {
    /// The names of all magic variables that always have a value.
    pub const NAMES: &'static [&'static str] = &[
        "ansible_check_mode",
        "ansible_diff_mode",
        "ansible_facts",
        "ansible_play_batch",
        "ansible_play_hosts",
        "ansible_play_hosts_all",
        "ansible_play_name",
        "ansible_search_path",
        "group_names",
        "groups",
        "hostvars",
        "inventory_hostname",
        "inventory_hostname_short",
        "play_hosts",
        "playbook_dir",
        "vars",
    ];

    /// Returns a magic variable.
    pub fn get(&self, name: &str, scope: &TaskScope) -> Option<Value> {
        let role = self.roles.last();
        let text = |path: &PathBuf| Value::from(path.to_string_lossy().into_owned());
        Some(match name {
            "inventory_hostname" => Arc::clone(&self.host).into(),
            "inventory_hostname_short" => self.host.split('.').next().unwrap_or_default().into(),
            "group_names" => self.groups.clone(),
            "groups" => self.run.groups.clone(),
            "hostvars" => self.run.hostvars.clone(),
            "vars" => crate::template::ScopeObject::value(Arc::new(scope.clone())),
            "play_hosts" | "ansible_play_hosts" => self.run.play_hosts.clone(),
            "ansible_play_hosts_all" => self.run.play_hosts_all.clone(),
            "ansible_play_batch" => self.run.batch.clone(),
            "ansible_play_name" => self.run.play_name.clone(),
            "playbook_dir" => text(&self.run.playbook_dir),
            "inventory_dir" => text(self.run.inventory_dir.as_ref()?),
            "inventory_file" => text(self.run.inventory_file.as_ref()?),
            "ansible_inventory_sources" => self.run.inventory_sources.clone(),
            "ansible_check_mode" => self.check.into(),
            "ansible_diff_mode" => self.diff.into(),
            "role_name" | "ansible_role_name" => role?.0.as_str().into(),
            "role_path" => text(&role?.1),
            "ansible_parent_role_names" => self.names(self.roles.len().checked_sub(1)?),
            "ansible_parent_role_paths" => self.paths(self.roles.len().checked_sub(1)?),
            "role_names" | "ansible_dependent_role_names" | "ansible_play_role_names" => {
                self.names(self.roles.len())
            }
            "ansible_search_path" => self.search_path(),
            _ => self.run.fixed.get(name)?.clone(),
        })
    }

    fn names(&self, count: usize) -> Value {
        Value::list(self.roles[..count].iter().map(|(name, _)| name.as_str().into()))
    }

    fn paths(&self, count: usize) -> Value {
        Value::list(
            self.roles[..count].iter().map(|(_, path)| path.to_string_lossy().into_owned().into()),
        )
    }

    /// Returns the folders in which files and templates are searched: roles inside out, the task's file, the playbook.
    fn search_path(&self) -> Value {
        let mut folders: Vec<&PathBuf> = self.roles.iter().rev().map(|(_, path)| path).collect();
        folders.extend([&self.folder, &self.run.playbook_dir]);
        let mut list = Vec::new();
        for folder in folders {
            let text = Value::from(folder.to_string_lossy().into_owned());
            if !list.contains(&text) {
                list.push(text);
            }
        }
        Value::list(list)
    }
}
