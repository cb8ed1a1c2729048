//! Python's methods of text, lists, dictionaries and numbers.
#![forbid(unsafe_code)]

mod arguments;
pub(super) mod cell;
mod format;
mod list;
mod map;
pub(super) mod number;
mod text;

use super::eval::is_loop_method;
use super::{Dynamic, Reason, ScopeObject, moment};
use crate::base::{Map, Value};

/// Returns whether a value has a method.
pub(super) fn exists(value: &Value, name: &str) -> bool {
    let has = |names: &[&str]| names.binary_search(&name).is_ok();
    match value {
        Value::Text(_) => has(text::METHODS),
        Value::List(_) => has(list::METHODS),
        Value::Tuple(_) => has(list::TUPLE_METHODS),
        Value::Map(_) => has(map::METHODS),
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => has(number::INTEGER_METHODS),
        Value::Float(_) => has(number::FLOAT_METHODS),
        Value::Bytes(_) => name == "decode" || name == "hex",
        Value::Object(object) => match object.type_name() {
            "list" => has(list::METHODS),
            "Cycler" => matches!(name, "next" | "reset"),
            _ if value.as_object::<ScopeObject>().is_some() => has(map::READING),
            _ if value.as_object::<Dynamic>().is_some() => has(map::READING),
            "dict" => has(map::METHODS),
            _ => is_loop_method(value, name) || moment::has_method(value, name),
        },
        Value::Null | Value::Lazy(_) => false,
    }
}

/// Calls a method of a plain value.
pub(super) fn call(
    base: &Value,
    name: &str,
    args: &[Value],
    kwargs: &Map,
) -> Result<Value, Reason> {
    match base {
        Value::Text(value) => text::call(value, name, args, kwargs),
        Value::List(list) | Value::Tuple(list) => list::call(list, name, args),
        Value::Map(value) => map::call(value, name, args, kwargs),
        Value::Bytes(bytes) => match name {
            "decode" => match std::str::from_utf8(bytes) {
                Ok(chars) => Ok(Value::text(chars)),
                Err(error) => Err(Reason::new(format!("the bytes are not UTF-8: {error}"))),
            },
            _ => {
                Ok(Value::text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
            }
        },
        other => number::call(other, name, args),
    }
}
