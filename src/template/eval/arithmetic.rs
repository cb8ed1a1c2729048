//! Python's operators on numbers, text and lists.

use std::sync::Arc;

use num_bigint::BigInt;

use super::text;
use crate::base::{List, Value};
use crate::template::Reason;
use crate::template::ir::Operator;
use crate::template::size;
use crate::template::text::printf;

/// Two numbers of one kind.
enum Numbers {
    Big(BigInt, BigInt),
    Float(f64, f64),
    Int(i64, i64),
}

/// Applies an operator to two defined, plain values.
pub(super) fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, Reason> {
    let too_large = |value: &Value| {
        matches!(value, Value::Big(_)) && value.as_float().is_some_and(f64::is_infinite)
    };
    if matches!((left, right), (Value::Float(_), Value::Big(_)) | (Value::Big(_), Value::Float(_)))
        && (too_large(left) || too_large(right))
    {
        return Err(Reason::new("int too large to convert to float"));
    }
    if let Some(numbers) = numbers(left, right) {
        return arithmetic(operator, numbers);
    }
    match (operator, left, right) {
        (Operator::Add, Value::Text(a), Value::Text(b)) => {
            size::text(a.as_str().len() + b.as_str().len())?;
            Ok(text::joined(a, b).into())
        }
        (Operator::Add, Value::Text(_), other) => Err(Reason::new(format!(
            "can only concatenate str (not \"{}\") to str",
            other.type_name()
        ))),
        (Operator::Add, Value::List(a), Value::List(b)) => Ok(Value::List(chain(a, b)?)),
        (Operator::Add, Value::Tuple(a), Value::Tuple(b)) => Ok(Value::Tuple(chain(a, b)?)),
        (Operator::Add, Value::List(_) | Value::Tuple(_), other) => Err(Reason::new(format!(
            "can only concatenate {0} (not \"{1}\") to {0}",
            left.type_name(),
            other.type_name()
        ))),
        (Operator::Modulo, Value::Text(template), values) => {
            let filled = printf::format(template.as_str(), values)?;
            let secret = [left, right].iter().any(|value| text::is_secret(value));
            Ok(text::marked(filled, secret).into())
        }
        (Operator::Multiply, a, b) => repeat(a, b),
        _ => Err(unsupported(operator, left, right)),
    }
}

fn chain(a: &Arc<List>, b: &Arc<List>) -> Result<Arc<List>, Reason> {
    size::items(a.len() + b.len())?;
    let mut list = List::clone(a);
    list.extend(b.iter().cloned());
    Ok(Arc::new(list))
}

/// Returns `-value`.
pub(super) fn negate(value: &Value) -> Result<Value, Reason> {
    match value {
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Big(number) => Ok(Value::integer(-(**number).clone())),
        Value::Int(_) | Value::Bool(_) => {
            let number = value.as_int().unwrap_or_default();
            Ok(number
                .checked_neg()
                .map_or_else(|| Value::integer(-BigInt::from(number)), Value::Int))
        }
        other => Err(Reason::new(format!("bad operand type for unary -: '{}'", other.type_name()))),
    }
}

/// Returns `+value`.
pub(super) fn plus(value: &Value) -> Result<Value, Reason> {
    match value {
        Value::Bool(truth) => Ok(Value::Int(i64::from(*truth))),
        Value::Float(_) | Value::Big(_) | Value::Int(_) => Ok(value.clone()),
        other => Err(Reason::new(format!("bad operand type for unary +: '{}'", other.type_name()))),
    }
}

fn unsupported(operator: Operator, left: &Value, right: &Value) -> Reason {
    let sign = match operator {
        Operator::Add => "+",
        Operator::Divide => "/",
        Operator::FloorDivide => "//",
        Operator::Modulo => "%",
        Operator::Multiply => "*",
        Operator::Power => "** or pow()",
        Operator::Subtract => "-",
    };
    let (left, right) = (left.type_name(), right.type_name());
    Reason::new(format!("unsupported operand type(s) for {sign}: '{left}' and '{right}'"))
}

fn repeat(a: &Value, b: &Value) -> Result<Value, Reason> {
    let (sequence, count) = if is_sequence(a) { (a, b) } else { (b, a) };
    if !is_sequence(sequence) {
        return Err(unsupported(Operator::Multiply, a, b));
    }
    let Some(count) = count.as_int() else {
        return Err(Reason::new(format!(
            "can't multiply sequence by non-int of type '{}'",
            count.type_name()
        )));
    };
    let count = usize::try_from(count).unwrap_or(0);
    let length = sequence.as_list().map_or(0, |list| list.len());
    size::items(length.saturating_mul(count))?;
    let repeated = |list: &Arc<List>| -> Arc<List> {
        let items = std::iter::repeat_n(&list[..], count).flatten().cloned();
        Arc::new(items.collect())
    };
    Ok(match sequence {
        Value::Text(chars) => {
            text::marked(size::repeated(chars.as_str(), count)?, chars.is_secret()).into()
        }
        Value::Tuple(list) => Value::Tuple(repeated(list)),
        Value::List(list) => Value::List(repeated(list)),
        _ => Value::Null,
    })
}

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::List(_) | Value::Tuple(_))
}

fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Big(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    }
}

fn numbers(left: &Value, right: &Value) -> Option<Numbers> {
    match (left, right) {
        (Value::Float(_), _) | (_, Value::Float(_)) => {
            Some(Numbers::Float(left.as_float()?, right.as_float()?))
        }
        (Value::Big(_), _) | (_, Value::Big(_)) => Some(Numbers::Big(big(left)?, big(right)?)),
        _ => Some(Numbers::Int(left.as_int()?, right.as_int()?)),
    }
}

fn arithmetic(operator: Operator, numbers: Numbers) -> Result<Value, Reason> {
    match numbers {
        Numbers::Float(a, b) => floats(operator, a, b),
        Numbers::Int(a, b) => integers(operator, a, b),
        Numbers::Big(a, b) => bigs(operator, &a, &b),
    }
}

fn floats(operator: Operator, a: f64, b: f64) -> Result<Value, Reason> {
    let zero = |what: &str| if b == 0.0 { Err(Reason::new(what)) } else { Ok(()) };
    Ok(Value::Float(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => {
            zero("division by zero")?;
            a / b
        }
        Operator::FloorDivide => {
            zero("float floor division by zero")?;
            float_floor(a, b).0
        }
        Operator::Modulo => {
            zero("float modulo by zero")?;
            float_floor(a, b).1
        }
        Operator::Power => {
            if a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0 {
                return Err(Reason::new("the result would be a complex number"));
            }
            if a == 0.0 && b < 0.0 {
                return Err(Reason::new("0.0 cannot be raised to a negative power"));
            }
            let power = a.powf(b);
            if power.is_infinite() && a.is_finite() && b.is_finite() {
                return Err(Reason::new("(34, 'Numerical result out of range')"));
            }
            power
        }
    }))
}

/// Returns quotient and remainder of a division that rounds down, computed as Python does.
fn float_floor(a: f64, b: f64) -> (f64, f64) {
    let rest = a % b;
    let mut whole = (a - rest) / b;
    let rest = if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (rest < 0.0) != (b < 0.0) {
        whole -= 1.0;
        rest + b
    } else {
        rest
    };
    if whole == 0.0 {
        return (0.0_f64.copysign(a / b), rest);
    }
    let floor = whole.floor();
    (if whole - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

fn integers(operator: Operator, a: i64, b: i64) -> Result<Value, Reason> {
    let fits = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b != 0 && a.unsigned_abs() < 1 << 53 && b.unsigned_abs() < 1 << 53 => {
            return Ok(Value::Float(a as f64 / b as f64));
        }
        Operator::FloorDivide if b != 0 => {
            a.checked_div(b).map(|whole| whole - i64::from(a % b != 0 && (a < 0) != (b < 0)))
        }
        Operator::Modulo if b != 0 => a
            .checked_rem(b)
            .map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }),
        Operator::Power if b >= 0 => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        _ => None,
    };
    match fits {
        Some(number) => Ok(Value::Int(number)),
        None => bigs(operator, &BigInt::from(a), &BigInt::from(b)),
    }
}

fn bigs(operator: Operator, a: &BigInt, b: &BigInt) -> Result<Value, Reason> {
    let nothing = BigInt::from(0);
    let zero = |what: &str| if *b == nothing { Err(Reason::new(what)) } else { Ok(()) };
    Ok(Value::integer(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => {
            size::bits(a.bits() + b.bits())?;
            a * b
        }
        Operator::Divide => {
            zero("division by zero")?;
            let (a, b) = (to_float(a)?, to_float(b)?);
            return Ok(Value::Float(a / b));
        }
        Operator::FloorDivide => {
            zero("integer division or modulo by zero")?;
            floor(a, b).0
        }
        Operator::Modulo => {
            zero("integer modulo by zero")?;
            floor(a, b).1
        }
        Operator::Power if *b < nothing => return floats(operator, to_float(a)?, to_float(b)?),
        Operator::Power => power(a, b)?,
    }))
}

fn to_float(number: &BigInt) -> Result<f64, Reason> {
    let float: f64 = number.to_string().parse().unwrap_or(f64::INFINITY);
    if float.is_finite() {
        Ok(float)
    } else {
        Err(Reason::new("int too large to convert to float"))
    }
}

/// Returns quotient and remainder of a division that rounds down.
fn floor(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let nothing = BigInt::from(0);
    let (whole, rest) = (a / b, a % b);
    if rest != nothing && (rest < nothing) != (*b < nothing) {
        (whole - 1, rest + b)
    } else {
        (whole, rest)
    }
}

fn power(a: &BigInt, b: &BigInt) -> Result<BigInt, Reason> {
    let exponent = u32::try_from(b).map_err(|_| Reason::new("the exponent is too large"))?;
    size::bits(a.bits().saturating_mul(u64::from(exponent)))?;
    Ok(a.pow(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(a: impl Into<Value>, operator: Operator, b: impl Into<Value>, expected: &str) {
        let (a, b) = (a.into(), b.into());
        let result = binary(operator, &a, &b);
        assert_eq!(result.map_or_else(|reason| reason.to_string(), |value| value.repr()), expected);
    }

    #[test]
    fn integers_are_pythons() {
        case(7, Operator::FloorDivide, -2, "-4");
        case(7, Operator::Modulo, -2, "-1");
        case(-7, Operator::FloorDivide, 2, "-4");
        case(-7, Operator::Modulo, 2, "1");
        case(4, Operator::Divide, 2, "2.0");
        case(2, Operator::Power, 100, "1267650600228229401496703205376");
        case(2, Operator::Power, -1, "0.5");
        case(i64::MAX, Operator::Add, 1, "9223372036854775808");
        case(i64::MIN, Operator::FloorDivide, -1, "9223372036854775808");
        case(10, Operator::Modulo, 0, "integer modulo by zero");
        case(true, Operator::Add, 1, "2");
        case(1.0, Operator::FloorDivide, 0.1, "9.0");
        case(100.0, Operator::Modulo, -1, "-0.0");
        case(-7.5, Operator::Modulo, 2, "0.5");
    }

    #[test]
    fn sequences_are_joined_and_repeated() {
        case("a", Operator::Add, "b", "'ab'");
        case("ab", Operator::Multiply, 2, "'abab'");
        case(3, Operator::Multiply, "a", "'aaa'");
        case(vec![1], Operator::Add, vec![2], "[1, 2]");
        case("a", Operator::Add, 1, "can only concatenate str (not \"int\") to str");
        case("a", Operator::Multiply, 2.0, "can't multiply sequence by non-int of type 'float'");
        case("a", Operator::Subtract, 1, "unsupported operand type(s) for -: 'str' and 'int'");
    }
}
