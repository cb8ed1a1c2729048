//! Methods of lists and tuples that read; those that change are for cells.

use std::sync::Arc;

use super::arguments::Arguments;
use crate::base::{List, Map, Value};
use crate::template::Reason;

/// Methods of lists, sorted.
pub(super) const METHODS: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];

/// Methods of tuples, sorted.
pub(super) const TUPLE_METHODS: &[&str] = &["count", "index"];

/// Calls a method that reads.
pub(super) fn call(list: &Arc<List>, name: &str, args: &[Value]) -> Result<Value, Reason> {
    let none = Map::new();
    let given = Arguments { method: name, args, kwargs: &none };
    match name {
        "copy" => {
            given.count(0, 0)?;
            Ok(Value::List(Arc::clone(list)))
        }
        "count" => {
            given.count(1, 1)?;
            Ok(list.iter().filter(|item| **item == args[0]).count().into())
        }
        "index" => {
            given.count(1, 3)?;
            let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let bound = |at: i64| {
                let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                usize::try_from(at).unwrap_or(0)
            };
            let start = bound(given.integer(1, "start", 0)?);
            let stop = bound(given.integer(2, "stop", length)?);
            let part = list.get(start..stop.max(start)).unwrap_or_default();
            match part.iter().position(|item| *item == args[0]) {
                Some(place) => Ok((start + place).into()),
                None => Err(Reason::new(format!("{} is not in list", args[0].repr()))),
            }
        }
        _ => Err(Reason::new(format!("a list that cannot be changed here has no `{name}()`"))),
    }
}
