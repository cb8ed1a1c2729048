//! Evaluates a query.

use std::cmp::Ordering;

use super::{Comparison, Node, functions};
use crate::base::{Map, Value};

/// Returns what a query finds.
pub(super) fn evaluate(node: &Node, value: &Value) -> Result<Value, String> {
    Ok(match node {
        Node::Current => value.clone(),
        Node::Literal(literal) => literal.clone(),
        Node::Field(name) => value.get(name).cloned().unwrap_or_default(),
        Node::Index(place) => at(value, *place),
        Node::Slice(start, stop, step) => match value.as_list() {
            Some(list) => slice(list, *start, *stop, *step),
            None => Value::Null,
        },
        Node::Sub(outer, inner) | Node::Pipe(outer, inner) => {
            evaluate(inner, &evaluate(outer, value)?)?
        }
        Node::Flatten(of) => match evaluate(of, value)? {
            Value::List(items) | Value::Tuple(items) => Value::list(flat(&items)),
            _ => Value::Null,
        },
        Node::Project(of, each) => match evaluate(of, value)? {
            Value::List(items) | Value::Tuple(items) => projected(items.iter(), each)?,
            _ => Value::Null,
        },
        Node::Values(of, each) => match evaluate(of, value)? {
            Value::Map(map) => projected(map.values(), each)?,
            _ => Value::Null,
        },
        Node::Filter { of, condition, each } => match evaluate(of, value)? {
            Value::List(items) | Value::Tuple(items) => filtered(&items, condition, each)?,
            _ => Value::Null,
        },
        Node::MultiList(_) | Node::MultiMap(_) if value.is_null() => Value::Null,
        Node::MultiList(nodes) => Value::list(
            nodes.iter().map(|node| evaluate(node, value)).collect::<Result<Vec<_>, _>>()?,
        ),
        Node::MultiMap(pairs) => {
            let mut map = Map::new();
            for (name, node) in pairs {
                map.insert(name.as_str(), evaluate(node, value)?);
            }
            map.into()
        }
        Node::Or(left, right) => {
            let left = evaluate(left, value)?;
            if truth(&left) { left } else { evaluate(right, value)? }
        }
        Node::And(left, right) => {
            let left = evaluate(left, value)?;
            if truth(&left) { evaluate(right, value)? } else { left }
        }
        Node::Not(inner) => Value::Bool(!truth(&evaluate(inner, value)?)),
        Node::Compare(comparison, left, right) => {
            compared(*comparison, &evaluate(left, value)?, &evaluate(right, value)?)?
        }
        Node::Call(name, args) => functions::call(name, args, value)?,
        Node::Expression(_) => {
            return Err("`&` makes sense only as the argument of a function".to_owned());
        }
    })
}

/// Whether a value counts as true: not null, false, or empty. Zero is true.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Big(_) | Value::Float(_) => true,
        other => other.truth(),
    }
}

/// Returns whether two values are equal; `true` is not 1 here.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    matches!(left, Value::Bool(_)) == matches!(right, Value::Bool(_)) && left == right
}

/// Compares two values. Only numbers and texts have an order, each among themselves; with other types it is null.
fn compared(comparison: Comparison, left: &Value, right: &Value) -> Result<Value, String> {
    let holds: fn(Ordering) -> bool = match comparison {
        Comparison::Equal => return Ok(equal(left, right).into()),
        Comparison::NotEqual => return Ok((!equal(left, right)).into()),
        Comparison::Less => Ordering::is_lt,
        Comparison::LessOrEqual => Ordering::is_le,
        Comparison::Greater => Ordering::is_gt,
        Comparison::GreaterOrEqual => Ordering::is_ge,
    };
    let number = |value: &Value| matches!(value, Value::Int(_) | Value::Big(_) | Value::Float(_));
    let text = |value: &Value| matches!(value, Value::Text(_));
    if !(number(left) || text(left)) || !(number(right) || text(right)) {
        return Ok(Value::Null);
    }
    if text(left) != text(right) {
        let (left, right) = (left.repr(), right.repr());
        return Err(format!(
            "cannot compare {left} with {right}; `to_number()` makes a number of text"
        ));
    }
    Ok(left.order(right).map_or(Value::Null, |order| holds(order).into()))
}

fn at(value: &Value, place: i64) -> Value {
    let Some(list) = value.as_list() else {
        return Value::Null;
    };
    let place = if place < 0 { place + list.len() as i64 } else { place };
    usize::try_from(place).ok().and_then(|place| list.get(place)).cloned().unwrap_or_default()
}

fn flat(items: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for item in items {
        match item.as_list() {
            Some(inner) => out.extend(inner.iter().cloned()),
            None => out.push(item.clone()),
        }
    }
    out
}

/// Returns what comes of each item, without what comes to nothing.
fn projected<'v>(items: impl Iterator<Item = &'v Value>, each: &Node) -> Result<Value, String> {
    let mut out = Vec::new();
    for item in items {
        let found = evaluate(each, item)?;
        if !found.is_null() {
            out.push(found);
        }
    }
    Ok(Value::list(out))
}

fn filtered(items: &[Value], condition: &Node, each: &Node) -> Result<Value, String> {
    let mut kept = Vec::new();
    for item in items {
        if truth(&evaluate(condition, item)?) {
            kept.push(item);
        }
    }
    projected(kept.into_iter(), each)
}

/// Returns a slice as Python's `[start:stop:step]` does.
fn slice(items: &[Value], start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Value {
    let (length, step) = (items.len() as i64, step.unwrap_or(1));
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamped = |place: i64| (if place < 0 { place + length } else { place }).clamp(low, high);
    let (mut place, stop) = if step > 0 {
        (start.map_or(low, clamped), stop.map_or(high, clamped))
    } else {
        (start.map_or(high, clamped), stop.map_or(low, clamped))
    };
    let mut out = Vec::new();
    while if step > 0 { place < stop } else { place > stop } {
        out.extend(usize::try_from(place).ok().and_then(|place| items.get(place)).cloned());
        place = place.saturating_add(step);
    }
    Value::list(out)
}
