//! What a value is: `defined`, `none`, `string`, `mapping`, `number`, truth and case.

use crate::base::{Value, fold};
use crate::template::arguments::plain_map;
use crate::template::table::{builtin, lenient};
use crate::template::undefined::is_undefined;
use crate::template::{Call, Entry, Reason, call, filters};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["boolean"], |call| is(call, |value| matches!(value, Value::Bool(_)))),
    builtin(&["callable"], callable),
    lenient(&["defined"], |call| is(call, |value| !is_undefined(value))),
    builtin(&["escaped"], |call| is(call, |_| false)),
    builtin(&["false"], |call| is(call, |value| matches!(value, Value::Bool(false)))),
    builtin(&["falsy"], falsy),
    builtin(&["filter"], |call| Ok(filters::find(&call.input_text()).is_some().into())),
    builtin(&["float"], |call| is(call, |value| matches!(value, Value::Float(_)))),
    builtin(&["integer"], |call| is(call, |value| matches!(value, Value::Int(_) | Value::Big(_)))),
    builtin(&["isnan", "nan"], nan),
    builtin(&["iterable"], |call| is(call, |value| call::items_of(value).is_ok())),
    builtin(&["lower"], |call| cased(call, char::is_lowercase, char::is_uppercase)),
    builtin(&["mapping"], |call| is(call, |value| plain_map(value).is_some())),
    builtin(&["none"], |call| is(call, Value::is_null)),
    builtin(&["number"], |call| is(call, |value| value.as_float().is_some())),
    builtin(&["sequence"], sequence),
    builtin(&["string"], |call| is(call, |value| matches!(value, Value::Text(_)))),
    builtin(&["test"], |call| Ok(super::find(&call.input_text()).is_some().into())),
    builtin(&["true"], |call| is(call, |value| matches!(value, Value::Bool(true)))),
    builtin(&["truthy"], truthy),
    lenient(&["undefined"], |call| is(call, is_undefined)),
    builtin(&["upper"], |call| cased(call, char::is_uppercase, char::is_lowercase)),
];

fn is(call: &mut Call<'_>, holds: impl Fn(&Value) -> bool) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(holds(&call.input).into())
}

fn callable(call: &mut Call<'_>) -> Result<Value, Reason> {
    const DATA: [&str; 5] = ["GroupTuple", "Undefined", "UndefinedMarker", "date", "datetime"];
    is(call, |value| match value {
        Value::Object(object) => !DATA.contains(&object.type_name()) && plain_map(value).is_none(),
        _ => false,
    })
}

/// Whether a value has a length and places: dictionaries and text count in Jinja2.
fn sequence(call: &mut Call<'_>) -> Result<Value, Reason> {
    is(call, |value| matches!(value, Value::Bytes(_)) || call::items_of(value).is_ok())
}

/// Whether there is a letter of one case and none of the other, as Python's `islower` and `isupper` see it.
fn cased(
    call: &mut Call<'_>,
    this: fn(char) -> bool,
    other: fn(char) -> bool,
) -> Result<Value, Reason> {
    is(call, |value| {
        let text = value.to_string();
        text.chars().any(this) && !text.chars().any(other)
    })
}

fn nan(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.input.as_float().is_some_and(f64::is_nan).into())
}

fn truthy(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["convert_bool"])?;
    let read =
        call.input.as_str().and_then(fold::truth).filter(|_| call.flag(0, "convert_bool", false));
    Ok(read.unwrap_or_else(|| call.input.truth()).into())
}

fn falsy(call: &mut Call<'_>) -> Result<Value, Reason> {
    truthy(call).map(|truth| (!truth.truth()).into())
}
