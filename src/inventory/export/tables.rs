//! The form of TOML inventories: a table for each group, named after it, children by name.

use std::collections::HashSet;
use std::sync::Arc;

use super::{ALL, Export, Shown};
use crate::base::{Map, Mistakes, Value};

impl Export<'_> {
    /// Returns the groups beside each other.
    pub fn tables(&self) -> Result<Value, Mistakes> {
        let mut out = Map::new();
        self.table(ALL, &mut HashSet::new(), &mut out)?;
        let filled =
            |(_, value): &(&Value, &Value)| value.as_map().is_some_and(|map| !map.is_empty());
        Ok(out
            .iter()
            .filter(filled)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map>()
            .into())
    }

    fn table(
        &self,
        number: usize,
        seen: &mut HashSet<Arc<str>>,
        out: &mut Map,
    ) -> Result<(), Mistakes> {
        let group = self.group(number);
        // A group that is met again keeps its place, and what is said of it then counts.
        out.insert(Arc::clone(&group.name), Map::new().into());
        for child in &group.children {
            self.table(*child, seen, out)?;
        }
        let mut table = Map::new();
        let children: Vec<Arc<str>> =
            group.children.iter().map(|child| Arc::clone(&self.group(*child).name)).collect();
        if number != ALL && !children.is_empty() {
            table.insert("children", children.into());
        }
        let mut hosts = Map::new();
        for host in self.hosts(group).filter(|_| number != ALL) {
            let vars = match seen.insert(Arc::clone(&host.name)) {
                true => self.host(&host.name)?,
                false => Map::new(),
            };
            hosts.insert(Arc::clone(&host.name), vars.into());
        }
        if !hosts.is_empty() {
            table.insert("hosts", hosts.into());
        }
        if self.shown == Shown::WhereSet {
            let vars = self.group_vars(group)?;
            if !vars.is_empty() {
                table.insert("vars", vars.into());
            }
        }
        out.insert(Arc::clone(&group.name), table.into());
        Ok(())
    }
}
