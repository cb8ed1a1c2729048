//! Methods and attributes of integers and floats.

use num_bigint::BigInt;

use crate::base::Value;
use crate::template::Reason;

/// Methods of integers, sorted.
pub(super) const INTEGER_METHODS: &[&str] =
    &["as_integer_ratio", "bit_count", "bit_length", "conjugate", "is_integer"];

/// Methods of floats, sorted.
pub(super) const FLOAT_METHODS: &[&str] = &["conjugate", "hex", "is_integer"];

/// Returns an attribute of a number.
pub(in crate::template) fn field(value: &Value, name: &str) -> Option<Value> {
    let is_float = matches!(value, Value::Float(_));
    match name {
        "denominator" if !is_float => Some(Value::Int(1)),
        "imag" => Some(if is_float { Value::Float(0.0) } else { Value::Int(0) }),
        "numerator" if !is_float => Some(whole(value)),
        "real" => Some(whole(value)),
        _ => None,
    }
}

/// Returns the number that a boolean counts as, any other as it is.
fn whole(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        other => other.clone(),
    }
}

/// Calls a method.
pub(super) fn call(value: &Value, name: &str, args: &[Value]) -> Result<Value, Reason> {
    if !args.is_empty() {
        let count = args.len();
        return Err(Reason::new(format!("{name}() takes no arguments ({count} given)")));
    }
    let big = match value {
        Value::Big(number) => (**number).clone(),
        other => BigInt::from(other.as_int().unwrap_or_default()),
    };
    match (name, value) {
        ("conjugate", _) => Ok(whole(value)),
        ("is_integer", Value::Float(number)) => Ok(Value::Bool(number.fract() == 0.0)),
        ("is_integer", _) => Ok(Value::Bool(true)),
        ("bit_length", _) => Ok(big.bits().into()),
        ("bit_count", _) => {
            let bits: u32 = big.magnitude().iter_u32_digits().map(u32::count_ones).sum();
            Ok(bits.into())
        }
        ("as_integer_ratio", _) => Ok(super::map::pair(whole(value), Value::Int(1))),
        _ => Err(Reason::new(format!("'{}' object has no attribute '{name}'", value.type_name()))),
    }
}
