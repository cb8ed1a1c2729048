//! Methods of lists and dictionaries that a template changes.

use std::sync::Arc;

use super::arguments::Arguments;
use super::map::pair;
use crate::base::{Map, Value};
use crate::template::eval::{ListCell, MapCell, freeze, hashable};
use crate::template::{Reason, items_of, size};

/// Calls a method that changes a cell or must keep what is inside of it shared; nothing for other methods.
pub(in crate::template) fn call(
    base: &Value,
    name: &str,
    args: &[Value],
    kwargs: &Map,
) -> Option<Result<Value, Reason>> {
    // What is put into itself goes in as it is now.
    let other = |value: &Value| if is_same(value, base) { freeze(value) } else { value.clone() };
    let args: Vec<Value> = args.iter().map(other).collect();
    let kwargs: Map = kwargs.iter().map(|(key, value)| (key.clone(), other(value))).collect();
    let given = Arguments { method: name, args: &args, kwargs: &kwargs };
    if let Some(cell) = base.as_object::<ListCell>() {
        return list(cell, given).transpose();
    }
    map(base.as_object::<MapCell>()?, given).transpose()
}

/// Returns whether two values are one cell.
fn is_same(a: &Value, b: &Value) -> bool {
    matches!((a, b), (Value::Object(a), Value::Object(b)) if Arc::ptr_eq(a, b))
}

/// Returns what a loop over a value sees, with the cells in it.
fn shared_items(value: &Value) -> Result<Vec<Value>, Reason> {
    match value.as_object::<ListCell>() {
        Some(cell) => Ok(cell.thawed()),
        None => items_of(value),
    }
}

fn list(cell: &ListCell, given: Arguments<'_>) -> Result<Option<Value>, Reason> {
    let args = given.args;
    match given.method {
        "append" => {
            given.count(1, 1)?;
            cell.items().push(args[0].clone());
        }
        "clear" => {
            given.count(0, 0)?;
            cell.items().clear();
        }
        "copy" => {
            given.count(0, 0)?;
            return Ok(Some(Value::list(cell.thawed())));
        }
        "extend" => {
            given.count(1, 1)?;
            let more = shared_items(&args[0])?;
            let mut items = cell.items();
            size::items(items.len() + more.len())?;
            items.extend(more);
        }
        "insert" => {
            given.count(2, 2)?;
            let at = given.integer(0, "index", 0)?;
            let mut items = cell.items();
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
            items.insert(usize::try_from(at).unwrap_or(0), args[1].clone());
        }
        "pop" => {
            given.count(0, 1)?;
            let at = given.integer(0, "index", -1)?;
            let length = i64::try_from(cell.items().len()).unwrap_or(i64::MAX);
            if length == 0 {
                return Err(Reason::new("pop from empty list"));
            }
            let place = usize::try_from(if at < 0 { at + length } else { at }).ok();
            let item = place.and_then(|place| cell.item(place));
            let (Some(place), Some(item)) = (place, item) else {
                return Err(Reason::new("pop index out of range"));
            };
            cell.items().remove(place);
            return Ok(Some(item));
        }
        "remove" => {
            given.count(1, 1)?;
            let items = cell.items().clone();
            let Some(place) = items.iter().position(|item| same(item, &args[0])) else {
                return Err(Reason::new("list.remove(x): x not in list"));
            };
            cell.items().remove(place);
        }
        "reverse" => {
            given.count(0, 0)?;
            cell.items().reverse();
        }
        "sort" => sort(cell, given)?,
        _ => return Ok(None),
    }
    Ok(Some(Value::Null))
}

fn same(a: &Value, b: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::Object(object) => object.plain(),
        other => other.clone(),
    };
    plain(a) == plain(b)
}

fn sort(cell: &ListCell, given: Arguments<'_>) -> Result<(), Reason> {
    let mut failure = None;
    let mut items = cell.items().clone();
    items.sort_by(|a, b| {
        a.order(b).unwrap_or_else(|| {
            let (a, b) = (a.type_name(), b.type_name());
            failure.get_or_insert_with(|| {
                Reason::new(format!("'<' not supported between instances of '{b}' and '{a}'"))
            });
            std::cmp::Ordering::Equal
        })
    });
    if given.get(9, "reverse").is_some_and(Value::truth) {
        items.reverse();
    }
    match failure {
        Some(reason) => Err(reason),
        None => {
            *cell.items() = items;
            Ok(())
        }
    }
}

fn map(cell: &MapCell, given: Arguments<'_>) -> Result<Option<Value>, Reason> {
    let args = given.args;
    match given.method {
        "clear" => {
            given.count(0, 0)?;
            *cell.entries() = Map::new();
            Ok(Some(Value::Null))
        }
        "copy" => Ok(Some(Value::map(cell.thawed()))),
        "get" => {
            given.count(1, 2)?;
            hashable(&args[0])?;
            let found = cell.value(&args[0]);
            Ok(Some(found.or_else(|| args.get(1).cloned()).unwrap_or_default()))
        }
        "items" => {
            Ok(Some(Value::list(cell.thawed().into_iter().map(|(key, value)| pair(key, value)))))
        }
        "pop" => {
            given.count(1, 2)?;
            let found = cell.value(&args[0]);
            cell.entries().remove_value(&args[0]);
            match found.or_else(|| args.get(1).cloned()) {
                Some(value) => Ok(Some(value)),
                None => Err(Reason::new(format!("the dictionary has no key {}", args[0].repr()))),
            }
        }
        "popitem" => {
            given.count(0, 0)?;
            let last = cell.entries().keys().last().cloned();
            let Some(key) = last else {
                return Err(Reason::new("popitem(): dictionary is empty"));
            };
            let value = cell.value(&key).unwrap_or_default();
            cell.entries().remove_value(&key);
            Ok(Some(pair(key, value)))
        }
        "setdefault" => {
            given.count(1, 2)?;
            hashable(&args[0])?;
            if cell.value(&args[0]).is_none() {
                cell.entries().insert(args[0].clone(), args.get(1).cloned().unwrap_or_default());
            }
            Ok(Some(cell.value(&args[0]).unwrap_or_default()))
        }
        "update" => {
            update(cell, given)?;
            Ok(Some(Value::Null))
        }
        "values" => Ok(Some(Value::list(cell.thawed().into_iter().map(|(_, value)| value)))),
        _ => Ok(None),
    }
}

fn update(cell: &MapCell, given: Arguments<'_>) -> Result<(), Reason> {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    match given.args.first() {
        None => {}
        Some(Value::Map(map)) => {
            pairs.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        Some(other) => match other.as_object::<MapCell>() {
            Some(more) => pairs.extend(more.thawed()),
            None => {
                for item in shared_items(other)? {
                    let parts = shared_items(&item)?;
                    let [key, value] = parts.as_slice() else {
                        return Err(Reason::new(format!(
                            "dictionary update sequence element has length {}; 2 is required",
                            parts.len()
                        )));
                    };
                    pairs.push((key.clone(), value.clone()));
                }
            }
        },
    }
    pairs.extend(given.kwargs.iter().map(|(key, value)| (key.clone(), value.clone())));
    for (key, value) in pairs {
        hashable(&key)?;
        cell.entries().insert(key, value);
    }
    Ok(())
}
