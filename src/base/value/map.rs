//! Dictionaries in insertion order that know the flags of their content.

use std::hash::{Hash, Hasher};

use indexmap::{Equivalent, IndexMap};

use super::{Flags, Value};

/// A dictionary. Keys are any hashable values, as in Python; most are text.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: IndexMap<Value, Value>,
    flags: Flags,
}

/// Looks a text key up without building a value.
struct StrKey<'a>(&'a str);

impl Hash for StrKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<Value> for StrKey<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        key.as_str() == Some(self.0)
    }
}

impl Map {
    /// Returns an empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(&StrKey(key))
    }

    /// Returns the value of any key.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        self.entries.get(key)
    }

    /// Returns whether there is such a text key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.entries.contains_key(&StrKey(key))
    }

    /// Sets the value of a key and returns the one it had.
    pub fn insert(&mut self, key: impl Into<Value>, value: Value) -> Option<Value> {
        let key = key.into();
        self.flags = self.flags | value.flags() | key.flags();
        self.entries.insert(key, value)
    }

    /// Removes a text key, keeping the order of the others, and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.entries.shift_remove(&StrKey(key))
    }

    /// Removes any key, keeping the order of the others, and returns its value.
    pub fn remove_value(&mut self, key: &Value) -> Option<Value> {
        self.entries.shift_remove(key)
    }

    /// Returns the pairs in order.
    pub fn iter(&self) -> indexmap::map::Iter<'_, Value, Value> {
        self.entries.iter()
    }

    /// Returns the keys in order.
    pub fn keys(&self) -> indexmap::map::Keys<'_, Value, Value> {
        self.entries.keys()
    }

    /// Returns the values in order.
    pub fn values(&self) -> indexmap::map::Values<'_, Value, Value> {
        self.entries.values()
    }

    /// Returns the number of pairs.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the flags of the content. After a removal they may say more than is there.
    pub fn flags(&self) -> Flags {
        self.flags
    }
}

/// Order does not count, as in Python.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, value)| other.get_value(key) == Some(value))
    }
}

impl Eq for Map {}

impl<K: Into<Value>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(pairs: I) -> Self {
        let mut map = Self::new();
        map.extend(pairs);
        map
    }
}

impl<K: Into<Value>> Extend<(K, Value)> for Map {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Value, &'a Value);
    type IntoIter = indexmap::map::Iter<'a, Value, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = indexmap::map::IntoIter<Value, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keys_are_found_and_order_is_kept() {
        let mut map = Map::new();
        map.insert("b", Value::Int(1));
        map.insert("a", Value::Int(2));
        map.insert("b", Value::Int(3));
        let keys: Vec<_> = map.keys().filter_map(Value::as_str).collect();
        assert_eq!(keys, ["b", "a"]);
        assert_eq!(map.get("b").and_then(Value::as_int), Some(3));
        assert!(map.get("c").is_none());
    }

    #[test]
    fn equal_numbers_are_the_same_key() {
        let mut map = Map::new();
        map.insert(Value::Int(1), Value::text("int"));
        map.insert(Value::Float(1.0), Value::text("float"));
        map.insert(Value::Bool(true), Value::text("bool"));
        assert_eq!(map.len(), 1);
    }
}
