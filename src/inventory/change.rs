//! Hosts and groups that tasks add: `add_host`, `group_by`.

use std::sync::Arc;

use super::graph::{ALL, UNGROUPED};
use super::{Inventory, LOCAL};
use crate::base::{Map, Position, Value};

/// A host to add, or to add to.
#[derive(Clone, Debug, Default)]
pub struct NewHost {
    /// Its name, perhaps with a port.
    pub name: String,
    /// The groups to put it into.
    pub groups: Vec<String>,
    /// Variables to set.
    pub vars: Map,
    /// Where the task stands.
    pub at: Position,
}

/// What a task added, to be added again to an inventory that is read anew.
#[derive(Clone, Debug)]
pub(super) enum Addition {
    /// A host.
    Host(NewHost),
    /// A host, its group, the groups above.
    Member(String, String, Vec<String>),
}

impl Addition {
    /// Adds it.
    pub(super) fn apply(&self, inventory: &mut Inventory) {
        match self {
            Self::Host(new) => inventory.add_host(new),
            Self::Member(host, group, parents) => inventory.add_to_group(host, group, parents),
        };
    }
}

impl Inventory {
    /// Adds a host, or groups and variables to one that is there; returns whether anything changed.
    pub fn add_host(&mut self, new: &NewHost) -> bool {
        self.additions.push(Addition::Host(new.clone()));
        let mut changed = !self.graph.hosts.contains_key(new.name.as_str());
        let host = self.graph.add_host(&new.name, ALL, None);
        for (name, value) in &new.vars {
            let Value::Text(text) = name else { continue };
            let old = self.graph.hosts[host].vars.map.get(text.as_str());
            if old != Some(value) {
                self.graph.set_host_var(host, text.shared(), value.clone(), &new.at);
                changed = true;
            }
        }
        for group in &new.groups {
            changed |= !self.graph.groups.contains_key(group.as_str());
            let group = self.graph.add_group(group);
            changed |= self.graph.join(host, group);
        }
        self.settled(changed)
    }

    /// Puts a host into a group, and the group below other ones; returns whether anything changed. Parents that would
    /// close a loop are left out.
    pub fn add_to_group(&mut self, host: &str, group: &str, parents: &[String]) -> bool {
        let member = Addition::Member(host.to_owned(), group.to_owned(), parents.to_vec());
        self.additions.push(member);
        let mut changed = !self.graph.groups.contains_key(group);
        let number = match self.graph.hosts.get_index_of(host) {
            Some(number) => number,
            None if LOCAL.contains(&host) => self.keep_local(host),
            None => return false,
        };
        let group = self.graph.add_group(group);
        for parent in parents {
            changed |= !self.graph.groups.contains_key(parent.as_str());
            let parent = self.graph.add_group(parent);
            changed |= self.graph.add_child(parent, group).unwrap_or(false);
        }
        if !self.graph.hosts_of(group).contains(&number) {
            changed |= self.graph.join(number, group);
        }
        self.settled(changed)
    }

    /// Makes the implicit host of this machine a real one, so that it can be in groups.
    fn keep_local(&mut self, name: &str) -> usize {
        let number = self.graph.add_host(name, UNGROUPED, None);
        let vars = Arc::clone(&self.local.map);
        for (name, value) in &*vars {
            if let Value::Text(text) = name {
                self.graph.set_host_var(number, text.shared(), value.clone(), &Position::default());
            }
        }
        number
    }

    fn settled(&mut self, changed: bool) -> bool {
        if changed {
            self.graph.settle();
            self.changed();
        }
        changed
    }
}
