//! Numbers in text as Python's `int()` and `float()` read them.

use num_bigint::BigInt;

use crate::base::Value;
use crate::base::value::DIGITS;

/// Reads an integer of a base from 2 to 36, or of any base by its prefix when it is 0.
pub(in crate::template) fn parse_int(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, radix)| {
        let rest = lower.strip_prefix(prefix)?;
        (base == radix || base == 0)
            .then(|| (rest.strip_prefix('_').unwrap_or(rest).to_owned(), radix))
    });
    let (digits, radix) = prefixed.unwrap_or((lower, if base == 0 { 10 } else { base }));
    if !(2..=36).contains(&radix)
        || base == 0 && digits.starts_with('0') && !digits.trim_matches(['0', '_']).is_empty()
    {
        return None;
    }
    let digits = plain_digits(&digits)?;
    // As in Python, where only bases that are powers of two have no limit.
    if digits.len() > DIGITS && !radix.is_power_of_two() {
        return None;
    }
    let number = BigInt::parse_bytes(digits.as_bytes(), radix)?;
    Some(if negative { -number } else { number })
}

/// Takes out the underscores between digits, and refuses them elsewhere.
fn plain_digits(digits: &str) -> Option<String> {
    let valid = !digits.is_empty()
        && !digits.starts_with(['_', '+', '-'])
        && !digits.ends_with('_')
        && !digits.contains("__");
    valid.then(|| digits.replace('_', ""))
}

/// Reads a float.
pub(in crate::template) fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    match bare.as_str() {
        "inf" | "infinity" | "nan" => {}
        _ if bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {}
        _ => return None,
    }
    let underscored = text.contains('_');
    let between = |at: usize| {
        let bytes = text.as_bytes();
        at > 0
            && bytes[at - 1].is_ascii_digit()
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    if underscored && !text.match_indices('_').all(|(at, _)| between(at)) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Returns the whole part of a float as an integer, nothing for infinity and NaN.
pub(in crate::template) fn whole(number: f64) -> Option<Value> {
    use num_bigint::ToBigInt;
    number.trunc().to_bigint().map(Value::integer)
}

/// Returns a number as Python's `round(number, precision)` does: halves go to the even neighbor.
pub(in crate::template) fn round(number: f64, precision: i64) -> f64 {
    if !number.is_finite() || number == 0.0 {
        return number;
    }
    if precision >= 0 {
        let digits = usize::try_from(precision).unwrap_or(usize::MAX).min(330);
        return format!("{number:.digits$}").parse().unwrap_or(number);
    }
    let power = 10_f64.powi(i32::try_from(-precision).unwrap_or(i32::MAX).min(400));
    if power.is_infinite() {
        return 0.0_f64.copysign(number);
    }
    (number / power).round_ties_even() * power
}
