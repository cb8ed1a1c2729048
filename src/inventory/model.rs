//! Hosts, groups and their variables.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::base::{Map, Position, Value};

/// Variables with the places where they are set.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    /// The variables.
    pub map: Arc<Map>,
    places: Arc<HashMap<Arc<str>, Position>>,
}

impl Vars {
    /// Returns where a variable is set.
    pub fn place(&self, name: &str) -> Option<&Position> {
        self.places.get(name)
    }

    /// Sets a variable. With `Merging::Deep` a dictionary is merged into the one that is there.
    pub(super) fn set(&mut self, name: &Arc<str>, value: Value, at: &Position, merging: Merging) {
        let value = match self.map.get(name) {
            Some(old) => merging.combine(old, value),
            None => value,
        };
        Arc::make_mut(&mut self.map).insert(Arc::clone(name), value);
        Arc::make_mut(&mut self.places).insert(Arc::clone(name), at.clone());
    }

    /// Adds all variables of another set.
    pub(super) fn extend(&mut self, other: &Self, merging: Merging) {
        for (name, value) in &*other.map {
            match name {
                Value::Text(text) => {
                    let at = other.place(text.as_str()).cloned().unwrap_or_default();
                    self.set(text.shared(), value.clone(), &at, merging);
                }
                _ => {
                    Arc::make_mut(&mut self.map).insert(name.clone(), value.clone());
                }
            }
        }
    }
}

/// What happens to a dictionary that is set again (`hash_behaviour`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Merging {
    /// The new one takes its place.
    #[default]
    Replace,
    /// The new one's keys are set in the old one, at all depths.
    Deep,
}

impl Merging {
    /// Returns what a variable is that was `old` and is set to `new`.
    pub fn combine(self, old: &Value, new: Value) -> Value {
        match (self, old, new) {
            (Self::Deep, Value::Map(old), Value::Map(new)) => {
                let mut map = (**old).clone();
                for (key, value) in &*new {
                    let value = match map.get_value(key) {
                        Some(old) => self.combine(old, value.clone()),
                        None => value.clone(),
                    };
                    map.insert(key.clone(), value);
                }
                map.into()
            }
            (Self::Deep | Self::Replace, _, new) => new,
        }
    }
}

/// A host.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: Arc<str>,
    /// The variables that inventories and tasks gave it.
    pub vars: Vars,
    /// The groups it was put into, by number.
    pub(super) groups: Vec<usize>,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: Arc<str>,
    /// The variables that inventories gave it.
    pub vars: Vars,
    /// How many groups lie between it and `all`, by the longest way.
    pub depth: usize,
    /// `ansible_group_priority`: of groups of the same depth the highest wins.
    pub priority: i64,
    /// The hosts that were put into it, by number.
    pub(super) hosts: IndexSet<usize>,
    pub(super) children: Vec<usize>,
    pub(super) parents: Vec<usize>,
}
