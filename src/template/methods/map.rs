//! Methods of dictionaries that read; those that change are for cells.

use std::sync::Arc;

use super::arguments::Arguments;
use crate::base::{Map, Value};
use crate::template::eval::hashable;
use crate::template::{Reason, items_of};

/// Methods of dictionaries, sorted.
pub(super) const METHODS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// Methods of dictionaries made on demand, sorted.
pub(super) const READING: &[&str] = &["copy", "get", "items", "keys", "values"];

/// Calls a method that reads.
pub(super) fn call(
    map: &Arc<Map>,
    name: &str,
    args: &[Value],
    kwargs: &Map,
) -> Result<Value, Reason> {
    let given = Arguments { method: name, args, kwargs };
    match name {
        "copy" => {
            given.count(0, 0)?;
            Ok(Value::Map(Arc::clone(map)))
        }
        "fromkeys" => {
            given.count(1, 2)?;
            let value = args.get(1).cloned().unwrap_or_default();
            Ok(Value::map(items_of(&args[0])?.into_iter().map(|key| (key, value.clone()))))
        }
        "get" => {
            given.count(1, 2)?;
            hashable(&args[0])?;
            Ok(map.get_value(&args[0]).or_else(|| args.get(1)).cloned().unwrap_or_default())
        }
        "items" => {
            given.count(0, 0)?;
            Ok(Value::list(map.iter().map(|(key, value)| pair(key.clone(), value.clone()))))
        }
        "keys" => {
            given.count(0, 0)?;
            Ok(Value::list(map.keys().cloned()))
        }
        "values" => {
            given.count(0, 0)?;
            Ok(Value::list(map.values().cloned()))
        }
        _ => {
            Err(Reason::new(format!("a dictionary that cannot be changed here has no `{name}()`")))
        }
    }
}

/// Returns a key with its value.
pub(super) fn pair(key: Value, value: Value) -> Value {
    Value::Tuple(Arc::new([key, value].into_iter().collect()))
}
