//! Magic variables: what the run tells a task about itself, the inventory and the play.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::TaskScope;
use crate::base::path;
use crate::base::{Map, Value};
use crate::inventory::Merging;
use crate::template::Scope;

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
    /// The names of the roles of the play.
    pub play_roles: Value,
    /// The names of the roles that these depend on.
    pub dependencies: Value,
    /// What happens to dictionaries of the same name.
    pub merging: Merging,
    /// Whether facts are seen in `ansible_facts` only.
    pub facts_apart: bool,
    /// The inventory sources.
    pub inventory_sources: Value,
    /// Values that never change: version, verbosity, limit, tags, forks, check and diff mode.
    pub fixed: Arc<Map>,
}

/// From where a host is seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum View {
    /// Through `hostvars`.
    #[default]
    Outside,
    /// From one of its tasks.
    Task,
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
    /// Which of them only depend on the next one: those are no parents of it.
    pub depending: Vec<bool>,
    /// The folder of the file the task stands in.
    pub folder: PathBuf,
    /// From where it is seen.
    pub view: View,
    /// Whether the task runs in check mode.
    pub check: bool,
    /// Whether the task shows differences.
    pub diff: bool,
    /// What `environment` says at the task and around it, outermost first.
    pub environment: Vec<Value>,
    /// What keywords and flags say about reaching the host, by the names of the variables that weigh more.
    pub reached: Vec<(&'static [&'static str], Value)>,
}

impl Magic {
    /// The names of all magic variables that always have a value.
    pub const NAMES: &'static [&'static str] = &[
        "ansible_check_mode",
        "ansible_diff_mode",
        "ansible_facts",
        "ansible_inventory_sources",
        "group_names",
        "groups",
        "inventory_hostname",
        "inventory_hostname_short",
        "playbook_dir",
    ];

    /// The names of those that only tasks see.
    pub const OF_TASKS: &'static [&'static str] = &[
        "ansible_dependent_role_names",
        "ansible_play_batch",
        "ansible_play_hosts",
        "ansible_play_hosts_all",
        "ansible_play_name",
        "ansible_play_role_names",
        "ansible_role_names",
        "ansible_search_path",
        "environment",
        "hostvars",
        "omit",
        "play_hosts",
        "role_names",
        "vars",
    ];

    /// Returns a magic variable.
    pub fn get(&self, name: &str, scope: &TaskScope) -> Option<Value> {
        if self.view == View::Outside && Self::OF_TASKS.contains(&name) {
            return None;
        }
        let role = self.roles.last();
        let text = |path: &PathBuf| path_value(path);
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
            "ansible_inventory_sources" => self.run.inventory_sources.clone(),
            "ansible_check_mode" => self.check.into(),
            "ansible_diff_mode" => self.diff.into(),
            "role_name" | "ansible_role_name" => role?.0.as_str().into(),
            "role_path" => text(&role?.1),
            "ansible_collection_name" => role.map(|_| "".into())?,
            "ansible_parent_role_names" => {
                Value::list(self.parents()?.map(|(name, _)| Value::from(name.as_str())))
            }
            "ansible_parent_role_paths" => {
                Value::list(self.parents()?.map(|(_, path)| path_value(path)))
            }
            "ansible_dependent_role_names" => self.run.dependencies.clone(),
            "ansible_play_role_names" | "role_names" => self.run.play_roles.clone(),
            "ansible_role_names" => self.role_names(),
            "ansible_search_path" => self.search_path(),
            "environment" => Value::list(self.environment.iter().cloned()),
            _ => self.run.fixed.get(name)?.clone(),
        })
    }

    /// Returns what holds when nothing else gives a variable a value: how a host is reached.
    pub fn fallback(&self, name: &str, scope: &TaskScope) -> Option<Value> {
        if self.view == View::Outside {
            return None;
        }
        Some(match name {
            "ansible_host" | "ansible_ssh_host" => Arc::clone(&self.host).into(),
            // No Python is needed; where the inventory names one, playbooks may use it.
            "ansible_python" => {
                Value::map([("executable", scope.get("ansible_python_interpreter")?)])
            }
            "ansible_shell_executable" => "/bin/sh".into(),
            // Hosts know the file that names them; this is for those that no file names.
            "inventory_dir" => path_value(self.run.inventory_dir.as_ref()?),
            "inventory_file" => path_value(self.run.inventory_file.as_ref()?),
            _ => {
                let mut reached = self.reached.iter();
                return reached
                    .find(|(names, _)| names.contains(&name))
                    .map(|(_, value)| value.clone());
            }
        })
    }

    /// Returns the names of all that has a value here.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inside = self.view == View::Task;
        let fixed = self.run.fixed.keys().filter_map(Value::as_str);
        let reached = self.reached.iter().flat_map(|(names, _)| names.iter().copied());
        let own = ["ansible_host", "ansible_shell_executable", "ansible_ssh_host"];
        let of_tasks = Self::OF_TASKS.iter().copied().chain(own).chain(reached);
        let fixed = fixed.filter(|name| *name != "omit");
        Self::NAMES.iter().copied().chain(fixed).chain(of_tasks.filter(move |_| inside))
    }

    /// Returns the roles around the innermost one, nearest first; nothing when there is none.
    fn parents(&self) -> Option<impl Iterator<Item = &(String, PathBuf)>> {
        let (_, outer) = self.roles.split_last()?;
        let depends = |index: usize| self.depending.get(index).copied().unwrap_or(false);
        let parents = outer.iter().enumerate().filter(move |(index, _)| !depends(*index));
        let mut parents = parents.map(|(_, role)| role).rev().peekable();
        parents.peek().is_some().then_some(parents)
    }

    /// Returns the names of all roles of the play.
    fn role_names(&self) -> Value {
        let lists = [&self.run.dependencies, &self.run.play_roles];
        let mut names: Vec<Value> = Vec::new();
        for name in lists.into_iter().filter_map(Value::as_list).flat_map(|list| list.iter()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Value::list(names)
    }

    /// Returns the folders in which files and templates are searched: roles inside out, the task's file, the playbook.
    fn search_path(&self) -> Value {
        let mut folders: Vec<&PathBuf> = self.roles.iter().rev().map(|(_, path)| path).collect();
        folders.extend([&self.folder, &self.run.playbook_dir]);
        let mut list = Vec::new();
        for folder in folders {
            let text = path_value(folder);
            if !list.contains(&text) {
                list.push(text);
            }
        }
        Value::list(list)
    }
}

/// Returns the absolute path of a folder, without `..`; the current one has no name.
fn absolute(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    path::absolute(folder)
}

/// Returns a path as variables hold it: absolute.
fn path_value(path: &Path) -> Value {
    absolute(path).to_string_lossy().into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_absolute() {
        assert_eq!(absolute(Path::new("/a/../b/./c")), Path::new("/b/c"));
        assert!(absolute(Path::new("")).is_absolute());
    }

    #[test]
    fn roles_around_the_innermost_are_its_parents() {
        let role = |name: &str| (name.to_owned(), PathBuf::from(format!("/r/{name}")));
        let magic = |roles| Magic { roles, ..Magic::default() };
        let names = |magic: &Magic| {
            let names = magic.parents()?.map(|(name, _)| name.as_str());
            Some(names.map(str::to_owned).collect::<Vec<_>>())
        };
        assert_eq!(names(&magic(vec![role("a")])), None);
        assert_eq!(
            names(&magic(vec![role("a"), role("b"), role("c")])),
            Some(vec!["b".to_owned(), "a".to_owned()])
        );
        let mut magic = magic(vec![role("a"), role("b"), role("c")]);
        magic.depending = vec![false, true, false];
        assert_eq!(names(&magic), Some(vec!["a".to_owned()]));
        magic.depending = vec![true, true, false];
        assert_eq!(names(&magic), None);
    }
}
