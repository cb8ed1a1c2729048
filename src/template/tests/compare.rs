//! Comparing values: `eq`, `lt`, `in`, `sameas`, `subset`, `divisibleby`.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::order::{self, compare};
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["all"], all),
    builtin(&["any"], any),
    builtin(&["contains"], contains),
    builtin(&["divisibleby"], divisibleby),
    builtin(&["eq", "==", "equalto"], eq),
    builtin(&["even"], even),
    builtin(&["ge", ">="], |call| ordered(call, &[Ordering::Greater, Ordering::Equal])),
    builtin(&["gt", ">", "greaterthan"], |call| ordered(call, &[Ordering::Greater])),
    builtin(&["in"], contained),
    builtin(&["le", "<="], |call| ordered(call, &[Ordering::Less, Ordering::Equal])),
    builtin(&["lt", "<", "lessthan"], |call| ordered(call, &[Ordering::Less])),
    builtin(&["ne", "!="], ne),
    builtin(&["odd"], odd),
    builtin(&["sameas"], sameas),
    builtin(&["subset", "issubset"], subset),
    builtin(&["superset", "issuperset"], superset),
];

fn other(call: &Call<'_>, name: &str) -> Result<Value, Reason> {
    call.accept(&[name])?;
    call.need(0, name).cloned()
}

fn eq(call: &mut Call<'_>) -> Result<Value, Reason> {
    Ok((call.input == other(call, "other")?).into())
}

fn ne(call: &mut Call<'_>) -> Result<Value, Reason> {
    Ok((call.input != other(call, "other")?).into())
}

fn ordered(call: &mut Call<'_>, wanted: &[Ordering]) -> Result<Value, Reason> {
    let order = compare(&call.input, &other(call, "other")?)?;
    Ok(wanted.contains(&order).into())
}

/// Whether two values are one thing: `none`, booleans, and equal values of the same type.
fn sameas(call: &mut Call<'_>) -> Result<Value, Reason> {
    let other = other(call, "other")?;
    Ok((call.input.type_name() == other.type_name() && call.input == other).into())
}

/// Returns what is left over by a division, as Python's `%` counts it; the divisor is not zero.
fn remainder(value: &Value, by: &Value) -> Result<Value, Reason> {
    let wrong = |value: &Value| Reason::new(format!("needs a number, got {}", described(value)));
    match (order::integer(value), order::integer(by)) {
        (Some(value), Some(by)) => Ok(Value::integer(((value % &by) + &by) % &by)),
        _ => {
            let by = by.as_float().ok_or_else(|| wrong(by))?;
            let value = value.as_float().ok_or_else(|| wrong(value))?;
            Ok(Value::Float(((value % by) + by) % by))
        }
    }
}

fn even(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok((remainder(&call.input, &Value::Int(2))? == Value::Int(0)).into())
}

fn odd(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok((remainder(&call.input, &Value::Int(2))? == Value::Int(1)).into())
}

fn divisibleby(call: &mut Call<'_>) -> Result<Value, Reason> {
    let by = other(call, "num")?;
    if by == Value::Int(0) {
        return Err(Reason::new("`num` must not be zero"));
    }
    Ok((remainder(&call.input, &by)? == Value::Int(0)).into())
}

/// Returns whether a container holds a value, as Python's `in` tells.
pub(in crate::template) fn holds(container: &Value, item: &Value) -> Result<bool, Reason> {
    match (container, item) {
        (Value::Text(text), Value::Text(part)) => Ok(text.as_str().contains(part.as_str())),
        (Value::Text(_), other) => Err(Reason::new(format!(
            "'in <string>' requires string as left operand, not {}",
            other.type_name()
        ))),
        (Value::Map(map), key) => Ok(map.get_value(key).is_some()),
        (container, item) => match call::items_of(container) {
            Ok(items) => Ok(items.contains(item)),
            Err(_) => Err(Reason::new(format!(
                "argument of type '{}' is not iterable",
                container.type_name()
            ))),
        },
    }
}

fn contained(call: &mut Call<'_>) -> Result<Value, Reason> {
    holds(&other(call, "seq")?, &call.input).map(Value::Bool)
}

fn contains(call: &mut Call<'_>) -> Result<Value, Reason> {
    holds(&call.input, &other(call, "value")?).map(Value::Bool)
}

fn set(value: &Value) -> Result<HashSet<Value>, Reason> {
    Ok(call::items_of(value)?.into_iter().collect())
}

fn subset(call: &mut Call<'_>) -> Result<Value, Reason> {
    Ok(set(&call.input)?.is_subset(&set(&other(call, "b")?)?).into())
}

fn superset(call: &mut Call<'_>) -> Result<Value, Reason> {
    Ok(set(&call.input)?.is_superset(&set(&other(call, "b")?)?).into())
}

fn all(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.items()?.iter().all(Value::truth).into())
}

fn any(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.items()?.iter().any(Value::truth).into())
}
