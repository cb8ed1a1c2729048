//! `ansible._protomatter.finalize`: the value as it would leave the template, with lists for tuples and plain values for
//! objects.

use crate::base::Value;
use crate::template::table::from_collection;
use crate::template::{Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[from_collection("ansible._protomatter", &["finalize"], |call| {
        finalized(&call.cx.resolve(&call.input)?)
    })];

fn finalized(value: &Value) -> Result<Value, Reason> {
    Ok(match value {
        Value::List(items) | Value::Tuple(items) => {
            Value::list(items.iter().map(finalized).collect::<Result<Vec<_>, _>>()?)
        }
        Value::Map(map) => {
            let pairs = map.iter().map(|(key, value)| Ok((key.clone(), finalized(value)?)));
            Value::map(pairs.collect::<Result<Vec<_>, Reason>>()?)
        }
        Value::Object(object) => match object.plain() {
            Value::Object(_) => value.clone(),
            plain => finalized(&plain)?,
        },
        other => other.clone(),
    })
}
