//! The form of YAML inventories: each group below its parent, and what is empty left out.

use std::collections::HashSet;
use std::sync::Arc;

use super::{ALL, Export, Shown};
use crate::base::{Map, Mistakes, Value};

/// What was shown before and is named only from then on.
#[derive(Default)]
struct Seen {
    groups: HashSet<usize>,
    hosts: HashSet<Arc<str>>,
}

impl Export<'_> {
    /// Returns the groups within each other. Variables stand where a host is met first.
    pub fn nested(&self) -> Result<Value, Mistakes> {
        let all = self.nested_group(ALL, &mut Seen::default())?;
        let mut out = Map::new();
        if !all.is_empty() {
            out.insert("all", all.into());
        }
        Ok(out.into())
    }

    fn nested_group(&self, number: usize, seen: &mut Seen) -> Result<Map, Mistakes> {
        let group = self.group(number);
        let mut children = Map::new();
        for child in group.children.iter().copied() {
            let name = Arc::clone(&self.group(child).name);
            if !seen.groups.insert(child) {
                children.insert(name, Map::new().into());
                continue;
            }
            let inner = self.nested_group(child, seen)?;
            if !inner.is_empty() {
                children.insert(name, inner.into());
            }
        }
        let mut hosts = Map::new();
        for host in self.hosts(group).filter(|_| number != ALL) {
            let vars = match seen.hosts.insert(Arc::clone(&host.name)) {
                true => self.host(&host.name)?,
                false => Map::new(),
            };
            hosts.insert(Arc::clone(&host.name), vars.into());
        }
        let vars = match self.shown {
            Shown::ByHost => Map::new(),
            Shown::WhereSet => self.group_vars(group)?,
        };
        let parts = [("children", children), ("hosts", hosts), ("vars", vars)];
        let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
        Ok(parts.map(|(name, part)| (name, Value::from(part))).collect())
    }
}
