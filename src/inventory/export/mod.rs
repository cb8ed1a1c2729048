//! The inventory as data: what `ansible-inventory` prints.
//!
//! [`Export::list`] has the shape of scripts (JSON), [`Export::nested`] that of YAML inventories, [`Export::tables`] that
//! of TOML ones, [`Export::graph`] is a drawing.

mod drawing;
mod list;
mod nested;
mod tables;

use std::collections::HashSet;
use std::sync::Arc;

use super::Inventory;
use super::files::Kind;
use super::graph::ALL;
use super::model::{Group, Host, Vars};
use crate::base::{Lazy, LazyKind, Map, Mistakes, Text, Value};

/// Variables that belong to the reading, not to the host.
const INTERNAL: [&str; 2] = ["inventory_dir", "inventory_file"];

/// Where an exported inventory shows variables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shown {
    /// Merged, at each host.
    ByHost,
    /// At the groups and hosts where they are set (`--export`).
    WhereSet,
}

/// What is exported of an inventory.
pub struct Export<'a> {
    inventory: &'a Inventory,
    shown: Shown,
    /// Variables of the command line.
    extra: &'a Map,
    /// The numbers of the hosts that are shown, when not all are.
    hosts: Option<HashSet<usize>>,
}

impl Inventory {
    /// Returns an export of all hosts, with variables of the command line.
    pub fn export<'a>(&'a self, shown: Shown, extra: &'a Map) -> Export<'a> {
        Export { inventory: self, shown, extra, hosts: None }
    }

    /// Returns all variables of a host, merged. Templates stay templates.
    pub fn merged(&self, host: &str) -> Result<Map, Mistakes> {
        let mut merged = Map::new();
        for layer in &*self.layers(host)? {
            self.merge(&mut merged, &layer.vars.map);
        }
        Ok(without_internal(&merged))
    }

    /// Returns what is set for a group or host alone: in inventories, and in the files beside them and the playbook.
    fn own(&self, kind: Kind, name: &str, vars: &Vars) -> Result<Map, Mistakes> {
        let mut own = vars.clone();
        for folder in self.source_folders.iter().chain(&self.playbook_folders) {
            if let Some(more) = self.files.vars(folder, kind, name).map_err(Mistakes)? {
                own.extend(&more, self.options.merging);
            }
        }
        Ok(Arc::unwrap_or_clone(own.map))
    }

    fn merge(&self, merged: &mut Map, more: &Map) {
        for (name, value) in more {
            let value = match merged.get_value(name) {
                Some(old) => self.options.merging.combine(old, value.clone()),
                None => value.clone(),
            };
            merged.insert(name.clone(), value);
        }
    }
}

impl Export<'_> {
    /// Shows these hosts only.
    pub fn limit(&mut self, hosts: &[Arc<str>]) {
        let number = |host: &Arc<str>| self.inventory.graph.hosts.get_index_of(host);
        self.hosts = Some(hosts.iter().filter_map(number).collect());
    }

    /// Returns the variables of a host: all of them, or those that are set for it alone.
    pub fn host(&self, name: &str) -> Result<Map, Mistakes> {
        match self.shown {
            Shown::ByHost => {
                let mut merged = self.inventory.merged(name)?;
                self.inventory.merge(&mut merged, self.extra);
                Ok(merged)
            }
            Shown::WhereSet => {
                let vars = match self.inventory.host(name) {
                    Some(host) => host.vars.clone(),
                    None => self.inventory.local.clone(),
                };
                Ok(without_internal(&self.inventory.own(Kind::Host, name, &vars)?))
            }
        }
    }

    /// Returns what is set for a group alone.
    fn group_vars(&self, group: &Group) -> Result<Map, Mistakes> {
        let mut vars = self.inventory.own(Kind::Group, &group.name, &group.vars)?;
        if group.priority != 1 {
            vars.insert("ansible_group_priority", group.priority.into());
        }
        Ok(vars)
    }

    fn group(&self, number: usize) -> &Group {
        &self.inventory.graph.groups[number]
    }

    /// Returns the hosts of a group that are shown, in the order of the inventory.
    fn hosts<'g>(&'g self, group: &'g Group) -> impl Iterator<Item = &'g Arc<Host>> {
        let shown =
            |number: &&usize| self.hosts.as_ref().is_none_or(|hosts| hosts.contains(number));
        group.hosts.iter().filter(shown).map(|number| &self.inventory.graph.hosts[*number])
    }

    fn is_shown(&self, number: usize) -> bool {
        self.hosts.as_ref().is_none_or(|hosts| hosts.contains(&number))
    }
}

/// Returns the values as scripts write them: marks stand for vaulted texts and for texts that are no templates.
pub(super) fn marked(value: &Value) -> Value {
    match value {
        Value::Text(text) if !text.is_written() => {
            Value::map([("__ansible_unsafe", Text::plain(Arc::clone(text.shared())).into())])
        }
        other => with_marks(other, marked),
    }
}

/// Returns the values with marks for vaulted texts alone.
pub fn vault_marked(value: &Value) -> Value {
    with_marks(value, vault_marked)
}

fn with_marks(value: &Value, again: fn(&Value) -> Value) -> Value {
    match value {
        Value::Lazy(lazy) if lazy.kind() == LazyKind::Vault => {
            Value::map([("__ansible_vault", envelope(lazy).into())])
        }
        Value::List(items) | Value::Tuple(items) => Value::list(items.iter().map(again)),
        Value::Map(map) => Value::map(map.iter().map(|(key, value)| (key.clone(), again(value)))),
        other => other.clone(),
    }
}

/// Returns a vaulted text as it stood in its file: a line feed ends each line.
fn envelope(lazy: &Lazy) -> String {
    format!("{}\n", lazy.source().trim_end())
}

fn without_internal(map: &Map) -> Map {
    let is_internal = |name: &Value| name.as_str().is_some_and(|name| INTERNAL.contains(&name));
    map.iter()
        .filter(|(name, _)| !is_internal(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
