//! Comparisons, with the errors that Python gives where values have no order.

use std::cmp::Ordering;

use super::run::{Run, is_cell};
use super::{access, cells};
use crate::base::Value;
use crate::template::ir::Comparison;
use crate::template::{Dynamic, Error, Reason, ScopeObject};

/// Returns whether a comparison holds. The left value is resolved; the right one of `in` need not be.
pub(super) fn holds(
    run: &Run<'_>,
    comparison: Comparison,
    left: &Value,
    right: &Value,
) -> Result<bool, Error> {
    match comparison {
        Comparison::Equal => equal(run, left, right),
        Comparison::NotEqual => Ok(!equal(run, left, right)?),
        Comparison::In => contains(run, right, left),
        Comparison::NotIn => Ok(!contains(run, right, left)?),
        Comparison::Less => Ok(order(left, right, "<")? == Some(Ordering::Less)),
        Comparison::Greater => Ok(order(left, right, ">")? == Some(Ordering::Greater)),
        Comparison::LessEqual => {
            Ok(matches!(order(left, right, "<=")?, Some(Ordering::Less | Ordering::Equal)))
        }
        Comparison::GreaterEqual => {
            Ok(matches!(order(left, right, ">=")?, Some(Ordering::Greater | Ordering::Equal)))
        }
    }
}

fn equal(run: &Run<'_>, left: &Value, right: &Value) -> Result<bool, Error> {
    let left_right = (left, right);
    // A list is no number, whatever is in it.
    let kind = |value: &Value| match value {
        Value::Object(_) => None,
        other => Some(std::mem::discriminant(other)),
    };
    if let (Some(left), Some(right)) = (kind(left), kind(right))
        && left != right
        && !matches!(left_right, (Value::Lazy(_), _) | (_, Value::Lazy(_)))
    {
        return Ok(left_right.0 == left_right.1);
    }
    // Both are resolved as far as they can be: what is left is undefined.
    for side in [left, right] {
        if !side.is_final() {
            run.finalize(side, super::run::Use::Print)?;
        }
    }
    Ok(left == right)
}

/// Returns the order of two values; nothing where they have none without being an error (NaN).
fn order(left: &Value, right: &Value, sign: &str) -> Result<Option<Ordering>, Reason> {
    if let Some(order) = crate::template::moment::order(left, right) {
        return Ok(Some(order));
    }
    if let Some(order) = left.order(right) {
        return Ok(Some(order));
    }
    let is_number = |value: &Value| {
        matches!(value, Value::Float(_) | Value::Int(_) | Value::Bool(_) | Value::Big(_))
    };
    if is_number(left) && is_number(right) {
        return Ok(None);
    }
    // Of two lists it is their first different items that have no order.
    if let (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) = (left, right)
        && let Some((a, b)) = a.iter().zip(b.iter()).find(|(a, b)| a != b)
    {
        return order(a, b, sign);
    }
    let (left, right) = (left.type_name(), right.type_name());
    Err(Reason::new(format!("'{sign}' not supported between instances of '{left}' and '{right}'")))
}

/// Returns whether a container has an item, a dictionary a key, a text a part.
fn contains(run: &Run<'_>, container: &Value, item: &Value) -> Result<bool, Error> {
    match container {
        Value::Text(text) => match item {
            Value::Text(part) => Ok(text.as_str().contains(part.as_str())),
            other => Err(Error::invalid(format!(
                "'in <string>' requires string as left operand, not {}",
                other.type_name()
            ))),
        },
        Value::List(list) | Value::Tuple(list) => {
            for candidate in list.iter() {
                let candidate = if candidate.is_final() {
                    candidate.clone()
                } else {
                    run.defined(run.settle(candidate.clone())?)?
                };
                if candidate == *item {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => {
            access::hashable(item)?;
            Ok(map.get_value(item).is_some())
        }
        cell if is_cell(cell) => contains(run, &cells::freeze(cell), item),
        Value::Object(object) => {
            let Some(key) = item.as_str() else {
                let plain = object.plain();
                return if matches!(plain, Value::List(_) | Value::Tuple(_) | Value::Map(_)) {
                    contains(run, &plain, item)
                } else {
                    Err(not_iterable(container))
                };
            };
            if let Some(scope) = container.as_object::<ScopeObject>() {
                return Ok(scope.scope().get(key).is_some());
            }
            if let Some(dynamic) = container.as_object::<Dynamic>() {
                return Ok(dynamic.mapping().get(key).is_some());
            }
            match object.plain() {
                plain @ (Value::List(_) | Value::Tuple(_) | Value::Map(_)) => {
                    contains(run, &plain, item)
                }
                _ => Err(not_iterable(container)),
            }
        }
        other => Err(not_iterable(other)),
    }
}

fn not_iterable(value: &Value) -> Error {
    Error::invalid(format!("argument of type '{}' is not iterable", value.type_name()))
}
