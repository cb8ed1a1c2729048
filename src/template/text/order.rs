//! Sorting, comparing and adding as Python does, with its complaints.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::base::Value;
use crate::template::Reason;
use crate::template::arguments::described;

/// Returns the order of two values, or Python's complaint that there is none.
pub(in crate::template) fn compare(a: &Value, b: &Value) -> Result<Ordering, Reason> {
    a.order(b).ok_or_else(|| {
        let (a, b) = (a.type_name(), b.type_name());
        Reason::new(format!("'<' not supported between instances of '{a}' and '{b}'"))
    })
}

/// Sorts by keys, keeping the order of equal ones; reversed, equal ones keep their order too.
pub(in crate::template) fn sort_by_key(
    items: Vec<(Value, Value)>,
    reverse: bool,
) -> Result<Vec<Value>, Reason> {
    let mut items = items;
    let mut failed = None;
    items.sort_by(|(a, _), (b, _)| {
        let order = compare(a, b).unwrap_or_else(|reason| {
            failed.get_or_insert(reason);
            Ordering::Equal
        });
        if reverse { order.reverse() } else { order }
    });
    match failed {
        Some(reason) => Err(reason),
        None => Ok(items.into_iter().map(|(_, item)| item).collect()),
    }
}

/// Returns the value with lower-case text, for comparisons that ignore case.
pub(in crate::template) fn folded(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::text(text.as_str().to_lowercase()),
        other => other.clone(),
    }
}

/// Adds two values as Python's `+` does in `sum()`: numbers and lists.
pub(in crate::template) fn add(a: &Value, b: &Value) -> Result<Value, Reason> {
    match (a, b) {
        (Value::List(x), Value::List(y)) => Ok(Value::list(x.iter().chain(y.iter()).cloned())),
        (Value::Float(_), _) | (_, Value::Float(_)) => match (a.as_float(), b.as_float()) {
            (Some(x), Some(y)) => Ok(Value::Float(x + y)),
            _ => Err(not_addable(a, b)),
        },
        _ => match (integer(a), integer(b)) {
            (Some(x), Some(y)) => Ok(Value::integer(x + y)),
            _ => Err(not_addable(a, b)),
        },
    }
}

fn not_addable(a: &Value, b: &Value) -> Reason {
    Reason::new(format!("cannot add {} to {}", described(b), described(a)))
}

/// Returns the integer or boolean as a big integer.
pub(in crate::template) fn integer(value: &Value) -> Option<BigInt> {
    match value {
        Value::Big(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    }
}
