//! What a scalar without tag stands for: PyYAML's table for YAML 1.1.

use std::sync::Arc;

use super::{Timestamp, number, timestamp};
use crate::base::{Object, Value};

/// What a plain scalar is by its look.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Look {
    /// A value that is no text.
    Value(Value),
    /// Text.
    Text,
    /// It looks like something but is not: the words say what (`a date`).
    Broken(&'static str),
    /// A lone `=` or `<<`, which YAML 1.1 gives a meaning as keys.
    Reserved,
}

/// Resolves a plain scalar.
pub(super) fn resolve(text: &str) -> Look {
    let Some(first) = text.bytes().next() else { return Look::Value(Value::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'0'..=b'9' | b'+' | b'-' | b'.' => digits(text),
        b'=' | b'<' if matches!(text, "=" | "<<") => Look::Reserved,
        // Only `! '&'` leads here; PyYAML takes it for a mark of YAML and knows no value for it.
        b'!' | b'&' | b'*' if text.len() == 1 => Look::Broken("a mark of YAML"),
        _ => Look::Text,
    }
}

fn word(text: &str) -> Look {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Look::Value(Value::Bool(true))
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Look::Value(Value::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Look::Value(Value::Null),
        _ => Look::Text,
    }
}

fn digits(text: &str) -> Look {
    if number::is_float(text) {
        number::float(text).map_or(Look::Broken("a number"), |n| Look::Value(Value::Float(n)))
    } else if number::is_int(text) {
        number::int(text).map_or(Look::Broken("a number"), Look::Value)
    } else if timestamp::is_timestamp(text) {
        timestamp::timestamp(text).map_or(Look::Broken("a date"), |time| Look::Value(object(time)))
    } else {
        Look::Text
    }
}

/// Returns a point in time as a value.
pub(super) fn object(time: Timestamp) -> Value {
    let object: Arc<dyn Object> = Arc::new(time);
    Value::Object(object)
}
