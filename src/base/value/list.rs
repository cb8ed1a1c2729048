//! Lists that know the flags of their content.

use std::ops::Deref;

use super::{Flags, Value};

/// Items with the flags of all of them.
#[derive(Clone, Debug, Default)]
pub struct List {
    items: Vec<Value>,
    flags: Flags,
}

impl List {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: Value) {
        self.flags = self.flags | item.flags();
        self.items.push(item);
    }

    /// Returns the flags of the content.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Returns the items, to change them freely; collect them into a list again.
    pub fn into_items(self) -> Vec<Value> {
        self.items
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        let mut list = Self::new();
        let items = items.into_iter();
        list.items.reserve(items.size_hint().0);
        items.for_each(|item| list.push(item));
        list
    }
}

impl Extend<Value> for List {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        items.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
