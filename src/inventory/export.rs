//! The inventory as data: what `ansible-inventory` prints.

use std::sync::Arc;

use super::Inventory;
use super::files::Kind;
use super::graph::ALL;
use super::model::Vars;
use crate::base::{Map, Mistakes, Value};

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

impl Inventory {
    /// Returns all variables of a host, merged. Templates stay templates.
    pub fn merged(&self, host: &str) -> Result<Map, Mistakes> {
        let mut merged = Map::new();
        for layer in &*self.layers(host)? {
            for (name, value) in &*layer.vars.map {
                let value = match merged.get_value(name) {
                    Some(old) => self.options.merging.combine(old, value.clone()),
                    None => value.clone(),
                };
                merged.insert(name.clone(), value);
            }
        }
        INTERNAL.iter().for_each(|name| {
            merged.remove(name);
        });
        Ok(merged)
    }

    /// Returns the whole inventory in the form that scripts print and `--list` shows.
    pub fn list(&self, shown: Shown) -> Result<Value, Mistakes> {
        let mut hosts = Map::new();
        for host in self.graph.hosts.values() {
            let vars = match shown {
                Shown::ByHost => self.merged(&host.name)?,
                Shown::WhereSet => {
                    without_internal(&self.own(Kind::Host, &host.name, &host.vars)?)
                }
            };
            if !vars.is_empty() {
                hosts.insert(Arc::clone(&host.name), vars.into());
            }
        }
        let mut meta = Map::new();
        meta.insert("hostvars", hosts.into());
        meta.insert("profile", "inventory_legacy".into());
        let mut out = Map::new();
        out.insert("_meta", meta.into());
        self.list_group(ALL, shown, &mut out)?;
        Ok(out.into())
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

    fn list_group(&self, number: usize, shown: Shown, out: &mut Map) -> Result<(), Mistakes> {
        let group = &self.graph.groups[number];
        if out.contains_key(&group.name) {
            return Ok(());
        }
        let mut map = Map::new();
        if number != ALL {
            let hosts = group.hosts.iter().map(|host| Arc::clone(&self.graph.hosts[*host].name));
            insert_list(&mut map, "hosts", hosts);
        }
        let children =
            group.children.iter().map(|child| Arc::clone(&self.graph.groups[*child].name));
        insert_list(&mut map, "children", children);
        if shown == Shown::WhereSet {
            let mut vars = self.own(Kind::Group, &group.name, &group.vars)?;
            if group.priority != 1 {
                vars.insert("ansible_group_priority", group.priority.into());
            }
            if !vars.is_empty() {
                map.insert("vars", vars.into());
            }
        }
        if !map.is_empty() {
            out.insert(Arc::clone(&group.name), map.into());
        }
        group.children.iter().try_for_each(|child| self.list_group(*child, shown, out))
    }
}

fn insert_list(map: &mut Map, name: &str, items: impl Iterator<Item = Arc<str>>) {
    let items: Vec<Arc<str>> = items.collect();
    if !items.is_empty() {
        map.insert(name, items.into());
    }
}

fn without_internal(map: &Map) -> Map {
    let is_internal = |name: &Value| name.as_str().is_some_and(|name| INTERNAL.contains(&name));
    map.iter()
        .filter(|(name, _)| !is_internal(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
