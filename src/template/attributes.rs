//! `attribute=` arguments: `'a.b.0'` read from an item.

use crate::base::Value;
use crate::template::undefined::{hint_of, is_undefined};
use crate::template::{Context, Reason};

/// Returns the attribute of an item: a number is a place, text a path of names and places.
pub(super) fn get(cx: &dyn Context, item: &Value, attribute: &Value) -> Result<Value, Reason> {
    let Value::Text(path) = attribute else {
        return cx.attribute(item, attribute);
    };
    let mut value = item.clone();
    for part in path.as_str().split('.') {
        let place = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        let name = place.map_or_else(|| Value::from(part), Value::Int);
        value = cx.attribute(&value, &name)?;
    }
    Ok(value)
}

/// Returns the attribute, the default where it is undefined, and an error where there is no default either.
pub(super) fn get_or(
    cx: &dyn Context,
    item: &Value,
    attribute: &Value,
    default: Option<&Value>,
) -> Result<Value, Reason> {
    let value = get(cx, item, attribute)?;
    match default {
        Some(default) if is_undefined(&value) => Ok(default.clone()),
        _ => Ok(value),
    }
}

/// Refuses an undefined value.
pub(super) fn defined(value: &Value) -> Result<(), Reason> {
    if is_undefined(value) { Err(Reason::Undefined(hint_of(value).to_owned())) } else { Ok(()) }
}
