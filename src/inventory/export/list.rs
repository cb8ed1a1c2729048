//! The form that scripts print and `--list` shows.

use std::sync::Arc;

use super::{ALL, Export, Shown, marked};
use crate::base::{Map, Mistakes, Value};

impl Export<'_> {
    /// Returns groups beside each other, and the variables of all hosts in one place.
    pub fn list(&self) -> Result<Value, Mistakes> {
        let mut hosts = Map::new();
        for (number, host) in self.inventory.graph.hosts.values().enumerate() {
            if !self.is_shown(number) {
                continue;
            }
            let vars = self.host(&host.name)?;
            if !vars.is_empty() {
                hosts.insert(Arc::clone(&host.name), marked(&vars.into()));
            }
        }
        let mut meta = Map::new();
        meta.insert("hostvars", hosts.into());
        meta.insert("profile", "inventory_legacy".into());
        let mut out = Map::new();
        out.insert("_meta", meta.into());
        self.list_group(ALL, &mut out)?;
        Ok(out.into())
    }

    fn list_group(&self, number: usize, out: &mut Map) -> Result<(), Mistakes> {
        let group = self.group(number);
        if out.contains_key(&group.name) {
            return Ok(());
        }
        let mut map = Map::new();
        if number != ALL {
            insert_list(&mut map, "hosts", self.hosts(group).map(|host| Arc::clone(&host.name)));
        }
        let children = group.children.iter().map(|child| Arc::clone(&self.group(*child).name));
        insert_list(&mut map, "children", children);
        if self.shown == Shown::WhereSet {
            let vars = self.group_vars(group)?;
            if !vars.is_empty() {
                map.insert("vars", marked(&vars.into()));
            }
        }
        if !map.is_empty() {
            out.insert(Arc::clone(&group.name), map.into());
        }
        group.children.iter().try_for_each(|child| self.list_group(*child, out))
    }
}

fn insert_list(map: &mut Map, name: &str, items: impl Iterator<Item = Arc<str>>) {
    let items: Vec<Arc<str>> = items.collect();
    if !items.is_empty() {
        map.insert(name, items.into());
    }
}
