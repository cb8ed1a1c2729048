//! `value[start:stop:step]` of lists, tuples and text.

use std::sync::Arc;

use num_bigint::Sign;

use super::text;
use crate::base::Value;
use crate::template::Reason;

/// Returns a slice; the bounds are start, stop and step, null where they are not written.
pub(super) fn slice(base: &Value, bounds: &[Value; 3]) -> Result<Value, Reason> {
    match base {
        Value::List(list) => {
            let picked = indices(bounds, list.len())?;
            Ok(Value::list(picked.map(|index| list[index].clone())))
        }
        Value::Tuple(list) => {
            let picked = indices(bounds, list.len())?;
            Ok(Value::Tuple(Arc::new(picked.map(|index| list[index].clone()).collect())))
        }
        Value::Text(chars) => {
            let all: Vec<char> = chars.as_str().chars().collect();
            let picked: String = indices(bounds, all.len())?.map(|index| all[index]).collect();
            Ok(text::marked(picked, chars.is_secret()).into())
        }
        Value::Bytes(bytes) => {
            let picked: Vec<u8> = indices(bounds, bytes.len())?.map(|index| bytes[index]).collect();
            Ok(Value::Bytes(Arc::from(picked)))
        }
        Value::Map(_) => Err(Reason::new("unhashable type: 'slice'")),
        other => Err(Reason::new(format!("'{}' object is not subscriptable", other.type_name()))),
    }
}

/// Returns the indices that Python's slice of a sequence of that length has.
fn indices(bounds: &[Value; 3], length: usize) -> Result<impl Iterator<Item = usize>, Reason> {
    let [start, stop, step] = bounds;
    let step = number(step)?.unwrap_or(1);
    if step == 0 {
        return Err(Reason::new("slice step cannot be zero"));
    }
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |bound: Option<i64>, default: i64| match bound {
        None => default,
        Some(at) if at < 0 => at.saturating_add(length).max(low),
        Some(at) => at.min(high),
    };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let mut at = place(number(start)?, first);
    let stop = place(number(stop)?, last);
    Ok(std::iter::from_fn(move || {
        let inside = if step > 0 { at < stop } else { at > stop };
        let index = usize::try_from(at).ok().filter(|_| inside)?;
        at = at.saturating_add(step);
        Some(index)
    }))
}

fn number(bound: &Value) -> Result<Option<i64>, Reason> {
    match bound {
        Value::Null => Ok(None),
        // Behind either end of any sequence.
        Value::Big(number) if number.sign() == Sign::Minus => Ok(Some(i64::MIN)),
        Value::Big(_) => Ok(Some(i64::MAX)),
        other => other.as_int().map(Some).ok_or_else(|| {
            Reason::new("slice indices must be integers or None or have an __index__ method")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bounds: [Option<i64>; 3], expected: &str) {
        let bounds = bounds.map(|bound| bound.map_or(Value::Null, Value::Int));
        assert_eq!(slice(&Value::text("abcdef"), &bounds).unwrap().to_string(), expected);
    }

    #[test]
    fn slices_are_pythons() {
        case([None, None, Some(-1)], "fedcba");
        case([Some(-3), Some(-1), None], "de");
        case([Some(10), None, None], "");
        case([None, Some(-10), None], "");
        case([None, None, Some(2)], "ace");
        case([Some(4), Some(1), Some(-2)], "ec");
        case([Some(100), None, Some(-3)], "fc");
        case([Some(-100), Some(2), None], "ab");
    }
}
