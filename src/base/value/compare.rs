//! Python's equality, order and hash of values.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::BigInt;

use super::Value;

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(a), Self::Text(b)) => a.as_str() == b.as_str(),
            (Self::Lazy(a), Self::Lazy(b)) => Arc::ptr_eq(a, b) || a.source() == b.source(),
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => a[..] == b[..],
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a.plain() == b.plain(),
            _ => self.numeric_order(other) == Some(Ordering::Equal),
        }
    }
}

impl Eq for Value {}

impl Value {
    /// Returns the order of two numbers (booleans count), or nothing when either is not one or is NaN.
    fn numeric_order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Float(a), _) => order_of_float(*a, other),
            (_, Self::Float(b)) => order_of_float(*b, self).map(Ordering::reverse),
            (Self::Big(a), Self::Big(b)) => Some(a.cmp(b)),
            (Self::Big(a), _) => Some((**a).cmp(&BigInt::from(other.as_int()?))),
            (_, Self::Big(_)) => other.numeric_order(self).map(Ordering::reverse),
            _ => Some(self.as_int()?.cmp(&other.as_int()?)),
        }
    }

    /// Returns Python's order of two values, or nothing where Python raises `TypeError`.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.as_str().cmp(b.as_str())),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                for (x, y) in a.iter().zip(b.iter()) {
                    if x != y {
                        return x.order(y);
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            (Self::Object(a), Self::Object(b)) => a.plain().order(&b.plain()),
            _ => self.numeric_order(other),
        }
    }
}

/// Returns the order of a float and a number that is no float, exact where the float has not enough digits.
fn order_of_float(float: f64, other: &Value) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if let Some(number) = other.as_int()
        && number.unsigned_abs() < 1 << 53
    {
        return float.partial_cmp(&(number as f64));
    }
    let number = match other {
        Value::Big(number) => (**number).clone(),
        other => BigInt::from(other.as_int()?),
    };
    // All digits are written, so that nothing is lost; what is infinite has none.
    let Ok(whole) = format!("{:.0}", float.floor()).parse::<BigInt>() else {
        return float.partial_cmp(&0.0);
    };
    Some(whole.cmp(&number).then(if float.fract() == 0.0 {
        Ordering::Equal
    } else {
        Ordering::Greater
    }))
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Text hashes as `str` does, so that `Map::get` needs no value to look it up.
        match self {
            Self::Text(text) => text.as_str().hash(state),
            Self::Null => 0xf0_u8.hash(state),
            Self::Bool(truth) => i64::from(*truth).hash(state),
            Self::Int(number) => number.hash(state),
            Self::Big(number) => number.hash(state),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e18 => {
                (*number as i64).hash(state);
            }
            Self::Float(number) => number.to_bits().hash(state),
            Self::Lazy(lazy) => lazy.source().hash(state),
            Self::Bytes(bytes) => bytes.hash(state),
            Self::List(list) | Self::Tuple(list) => list.iter().for_each(|item| item.hash(state)),
            Self::Map(map) => map.len().hash(state),
            Self::Object(object) => object.type_name().hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_across_types() {
        assert_eq!(Value::Int(1), Value::Float(1.0));
        assert_eq!(Value::Bool(true), Value::Int(1));
        assert_ne!(Value::text("1"), Value::Int(1));
        assert_eq!(Value::Int(2).order(&Value::Float(2.5)), Some(Ordering::Less));
        assert_eq!(Value::text("a").order(&Value::Int(1)), None);
        let big = Value::integer(BigInt::from(i64::MAX) * 4);
        assert_eq!(big.order(&Value::Int(5)), Some(Ordering::Greater));
    }

    #[test]
    fn lists_compare_item_by_item() {
        let list = |items: &[i64]| Value::list(items.iter().copied().map(Value::Int));
        assert_eq!(list(&[1, 2]).order(&list(&[1, 3])), Some(Ordering::Less));
        assert_eq!(list(&[1, 2]).order(&list(&[1])), Some(Ordering::Greater));
        assert_eq!(list(&[1, 2]), list(&[1, 2]));
    }
}
