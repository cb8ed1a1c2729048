//! Numbers: `int`, `float`, `round`, `abs`, powers and logarithms, sizes for people.

use num_bigint::BigInt;

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::{number, order, size};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["abs"], abs),
    builtin(&["filesizeformat"], filesizeformat),
    builtin(&["float"], float),
    builtin(&["human_readable"], human_readable),
    builtin(&["human_to_bytes"], human_to_bytes),
    builtin(&["int"], int),
    builtin(&["log"], log),
    builtin(&["pow"], pow),
    builtin(&["root"], root),
    builtin(&["round"], round),
];

fn need_number(value: &Value) -> Result<f64, Reason> {
    value.as_float().ok_or_else(|| Reason::new(format!("needs a number, got {}", described(value))))
}

fn int(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["default", "base"])?;
    let base = u32::try_from(call.int(1, "base", 10)?).unwrap_or(1);
    let number = match &call.input {
        Value::Text(text) => number::parse_int(text.as_str(), base)
            .map(Value::integer)
            .or_else(|| number::whole(number::parse_float(text.as_str())?)),
        Value::Float(number) if number.is_infinite() => {
            return Err(Reason::new("infinity is no integer"));
        }
        Value::Float(number) => number::whole(*number),
        other => order::integer(other).map(Value::integer),
    };
    Ok(number.unwrap_or_else(|| call.arg(0, "default").cloned().unwrap_or(Value::Int(0))))
}

fn float(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["default"])?;
    let number = match &call.input {
        Value::Text(text) => number::parse_float(text.as_str()),
        other => other.as_float(),
    };
    Ok(number
        .map_or_else(|| call.arg(0, "default").cloned().unwrap_or(Value::Float(0.0)), Value::Float))
}

fn abs(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    match &call.input {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        other => order::integer(other)
            .map(|number| Value::integer(BigInt::from(number.magnitude().clone())))
            .ok_or_else(|| Reason::new(format!("needs a number, got {}", described(other)))),
    }
}

fn round(call: &mut Call<'_>) -> Result<Value, Reason> {
    #[derive(Clone, Copy)]
    enum Method {
        Common,
        Ceil,
        Floor,
    }
    call.accept(&["precision", "method"])?;
    let precision = call.int(0, "precision", 0)?;
    let methods = [("common", Method::Common), ("ceil", Method::Ceil), ("floor", Method::Floor)];
    let method = call.choice(1, "method", Method::Common, &methods)?;
    let value = need_number(&call.input)?;
    let power = 10_f64.powi(i32::try_from(precision).unwrap_or(i32::MAX));
    Ok(match method {
        Method::Common => match order::integer(&call.input) {
            Some(number) => Value::integer(round_integer(number, precision)),
            None => Value::Float(number::round(value, precision)),
        },
        // Adding zero turns minus zero into zero.
        Method::Ceil => Value::Float(((value * power).ceil() + 0.0) / power),
        Method::Floor => Value::Float(((value * power).floor() + 0.0) / power),
    })
}

/// Rounds an integer to tens, hundreds …; halves go to the even neighbor.
fn round_integer(number: BigInt, precision: i64) -> BigInt {
    let Some(zeros) = u32::try_from(-precision).ok().filter(|zeros| *zeros > 0) else {
        return number;
    };
    let unit = BigInt::from(10).pow(zeros);
    let (half, two) = (&unit / 2, BigInt::from(2));
    let floor = ((&number % &unit) + &unit) % &unit;
    let base = (&number - &floor) / &unit;
    let up = floor > half || floor == half && (&base % &two) != BigInt::from(0);
    (base + i32::from(up)) * unit
}

fn log(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["base"])?;
    let value = need_number(&call.input)?;
    let base = call.given(0, "base").map(need_number).transpose()?;
    if value <= 0.0 || base.is_some_and(|base| base <= 0.0) {
        return Err(Reason::new("needs a number above zero"));
    }
    Ok(Value::Float(match base {
        Some(10.0) => value.log10(),
        Some(base) => value.ln() / base.ln(),
        None => value.ln(),
    }))
}

fn pow(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["y"])?;
    Ok(Value::Float(need_number(&call.input)?.powf(need_number(call.need(0, "y")?)?)))
}

fn root(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["base"])?;
    let value = need_number(&call.input)?;
    let base = call.given(0, "base").map_or(Ok(2.0), need_number)?;
    if base == 2.0 && value < 0.0 {
        return Err(Reason::new(format!("has no square root: {value}")));
    }
    Ok(Value::Float(if base == 2.0 { value.sqrt() } else { value.powf(1.0 / base) }))
}

fn filesizeformat(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["binary"])?;
    let bytes = match &call.input {
        Value::Text(text) => number::parse_float(text.as_str()),
        other => other.as_float(),
    };
    let bytes = bytes
        .ok_or_else(|| Reason::new(format!("needs a number, got {}", described(&call.input))))?;
    Ok(size::jinja(bytes, call.flag(0, "binary", false)).into())
}

fn human_readable(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["isbits", "unit"])?;
    let bytes = need_number(&call.input)?;
    let unit = call.text_given(1, "unit");
    Ok(size::ansible(bytes, call.flag(0, "isbits", false), unit.as_deref()).into())
}

fn human_to_bytes(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["default_unit", "isbits"])?;
    let unit = call.text_given(0, "default_unit");
    size::parse(&call.input_text(), unit.as_deref(), call.flag(1, "isbits", false))
}
