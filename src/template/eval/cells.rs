//! Lists and dictionaries that a template changes: cells, shared by reference as Python shares them.
//!
//! Only templates that call a changing method (`append`, `update`, …) meet cells. Containers become cells when a name is
//! read, what is inside becomes one when it is taken out; everything is frozen again before it leaves the template.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Flags, List, Map, Object, Value};

/// Deepest nesting that is frozen.
const DEEPEST: usize = 100;

/// Where a container that changes comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum Home {
    /// The template made it: what was put out of it stays.
    Template,
    /// It is a variable, or in one: what is put out is what it holds at the end.
    Variable,
}

/// A list that changes.
#[derive(Debug)]
pub(in crate::template) struct ListCell(Mutex<Vec<Value>>, Home);

/// A dictionary that changes.
#[derive(Debug)]
pub(in crate::template) struct MapCell(Mutex<Map>, Home);

impl ListCell {
    pub(in crate::template) fn items(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the items, each of them a cell when it is a container.
    pub(in crate::template) fn thawed(&self) -> Vec<Value> {
        let mut items = self.items();
        for item in items.iter_mut() {
            thaw_in_place(item, self.1);
        }
        items.clone()
    }

    /// Returns one item, thawed.
    pub(in crate::template) fn item(&self, index: usize) -> Option<Value> {
        let mut items = self.items();
        let item = items.get_mut(index)?;
        thaw_in_place(item, self.1);
        Some(item.clone())
    }
}

impl MapCell {
    pub(in crate::template) fn entries(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the value of a key, thawed.
    pub(in crate::template) fn value(&self, key: &Value) -> Option<Value> {
        let mut map = self.entries();
        let value = map.get_value(key)?.clone();
        let thawed = thaw_of(value.clone(), self.1);
        if matches!(thawed, Value::Object(_)) && !matches!(value, Value::Object(_)) {
            map.insert(key.clone(), thawed.clone());
        }
        Some(thawed)
    }

    /// Returns the pairs, the values thawed.
    pub(in crate::template) fn thawed(&self) -> Vec<(Value, Value)> {
        let keys: Vec<Value> = self.entries().keys().cloned().collect();
        keys.into_iter()
            .filter_map(|key| {
                let value = self.value(&key)?;
                Some((key, value))
            })
            .collect()
    }
}

fn thaw_in_place(value: &mut Value, home: Home) {
    if matches!(value, Value::List(_) | Value::Map(_)) {
        *value = thaw_of(std::mem::take(value), home);
    }
}

/// Returns a list whose items are cells where they can change.
pub(super) fn thaw_items(value: Value) -> Value {
    match value {
        Value::List(list) => Value::list(list.iter().cloned().map(thaw)),
        other => other,
    }
}

/// Returns a list or a dictionary as a cell, anything else as it is.
pub(super) fn thaw(value: Value) -> Value {
    thaw_of(value, Home::Template)
}

/// Returns a list or a dictionary as a cell that knows where it comes from.
pub(super) fn thaw_of(value: Value, home: Home) -> Value {
    match value {
        Value::List(list) => {
            let items = Arc::try_unwrap(list).map_or_else(|list| list.to_vec(), List::into_items);
            Value::Object(Arc::new(ListCell(Mutex::new(items), home)))
        }
        Value::Map(map) => {
            let map = Arc::try_unwrap(map).unwrap_or_else(|map| Map::clone(&map));
            Value::Object(Arc::new(MapCell(Mutex::new(map), home)))
        }
        other => other,
    }
}

/// Returns what is put out: of what the template made a copy, in which only what is inside may still change.
pub(super) fn put_out(value: Value) -> Value {
    if let Some(list) = value.as_object::<ListCell>().filter(|cell| cell.1 == Home::Template) {
        return Value::list(list.thawed());
    }
    match value.as_object::<MapCell>().filter(|cell| cell.1 == Home::Template) {
        Some(map) => Value::map(map.thawed()),
        None => value,
    }
}

/// What each cell was frozen to, by its address; nothing while that is being done, so that a cell in itself ends there.
type Seen = HashMap<usize, Option<Value>>;

/// What was frozen, and the cells it came from.
#[derive(Default)]
pub(super) struct Frozen(Vec<(Value, Value)>);

impl Frozen {
    /// Returns the value without cells and remembers which cell each container came from.
    pub(super) fn freeze(&mut self, value: &Value) -> Value {
        self.freeze_below(value, 0, &mut HashMap::new())
    }

    fn freeze_below(&mut self, value: &Value, depth: usize, seen: &mut Seen) -> Value {
        if depth > DEEPEST {
            return Value::text("[...]");
        }
        let below = |frozen: &mut Self, seen: &mut Seen, item: &Value| {
            frozen.freeze_below(item, depth + 1, seen)
        };
        match value {
            Value::List(list) => Value::list(list.iter().map(|item| below(self, seen, item))),
            Value::Tuple(list) => {
                Value::Tuple(Arc::new(list.iter().map(|item| below(self, seen, item)).collect()))
            }
            Value::Map(map) => {
                Value::map(map.iter().map(|(key, item)| (key.clone(), below(self, seen, item))))
            }
            Value::Object(object) => {
                let own = Arc::as_ptr(object).cast::<()>() as usize;
                if let Some(known) = seen.get(&own) {
                    return known.clone().unwrap_or_else(|| Value::text("[...]"));
                }
                let items = value.as_object::<ListCell>().map(ListCell::thawed);
                let pairs = value.as_object::<MapCell>().map(MapCell::thawed);
                seen.insert(own, None);
                let plain = match (items, pairs) {
                    (Some(items), _) => {
                        Value::list(items.iter().map(|item| below(self, seen, item)))
                    }
                    (None, Some(pairs)) => Value::map(
                        pairs.into_iter().map(|(key, item)| (key, below(self, seen, &item))),
                    ),
                    (None, None) => {
                        seen.remove(&own);
                        return Value::Object(Arc::clone(object));
                    }
                };
                seen.insert(own, Some(plain.clone()));
                self.0.push((plain.clone(), value.clone()));
                plain
            }
            other => other.clone(),
        }
    }

    /// Returns the cell that a value was frozen from, the value itself when there is none.
    pub(super) fn original(&self, value: Value) -> Value {
        let same = |frozen: &Value| match (frozen, &value) {
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
            (Value::Map(a), Value::Map(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        self.0.iter().find(|(frozen, _)| same(frozen)).map_or(value, |(_, cell)| cell.clone())
    }

    /// Returns a container whose items are the cells they were frozen from.
    pub(super) fn original_items(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::List(list) => {
                Value::list(list.iter().cloned().map(|item| self.original_inside(item)))
            }
            Value::Map(map) => {
                Value::map(map.iter().map(|(key, item)| (key.clone(), self.original(item.clone()))))
            }
            other => other,
        }
    }

    fn original_inside(&self, item: Value) -> Value {
        match self.original(item) {
            Value::Tuple(list) => Value::Tuple(Arc::new(
                list.iter().cloned().map(|part| self.original(part)).collect(),
            )),
            other => other,
        }
    }
}

/// Returns the value without cells.
pub(in crate::template) fn freeze(value: &Value) -> Value {
    Frozen::default().freeze(value)
}

impl Object for ListCell {
    fn type_name(&self) -> &'static str {
        "list"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    /// A cell may hold anything by the time it is read.
    fn flags(&self) -> Flags {
        Flags::LAZY
    }

    fn truth(&self) -> bool {
        !self.items().is_empty()
    }

    fn plain(&self) -> Value {
        Value::list(self.items().clone())
    }
}

impl Object for MapCell {
    fn type_name(&self) -> &'static str {
        "dict"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn flags(&self) -> Flags {
        Flags::LAZY
    }

    fn truth(&self) -> bool {
        !self.entries().is_empty()
    }

    fn plain(&self) -> Value {
        Value::from(self.entries().clone())
    }
}
