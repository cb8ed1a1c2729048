//! Numbers as YAML 1.1 writes them: `0644`, `0x1f`, `0b11`, `1_000`, `12:30`, `1.5e+3`, `.inf`.

use num_bigint::BigInt;

use crate::base::Value;
use crate::base::value::DIGITS;

/// Returns whether a plain scalar looks like an integer to PyYAML.
pub(super) fn is_int(text: &str) -> bool {
    let digits = unsigned(text).as_bytes();
    match digits {
        [b'0', b'b', rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|b| matches!(b, b'0' | b'1' | b'_'))
        }
        [b'0', b'x', rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|b| b.is_ascii_hexdigit() || *b == b'_')
        }
        [b'0', rest @ ..] => rest.iter().all(|b| matches!(b, b'0'..=b'7' | b'_')),
        [b'1'..=b'9', ..] => {
            let mut parts = digits.split(|b| *b == b':');
            parts.next().is_some_and(grouped) && parts.all(sixtieth)
        }
        _ => false,
    }
}

/// Returns whether a plain scalar looks like a float to PyYAML.
pub(super) fn is_float(text: &str) -> bool {
    let number = unsigned(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = number.split_once('.') else { return false };
    if let Some((first, rest)) = whole.split_once(':') {
        return starts_with_digit(first.as_bytes())
            && grouped(first.as_bytes())
            && rest.as_bytes().split(|b| *b == b':').all(sixtieth)
            && grouped(fraction.as_bytes());
    }
    let (digits, exponent) = match fraction.find(['e', 'E']) {
        Some(place) => (&fraction[..place], Some(&fraction.as_bytes()[place + 1..])),
        None => (fraction, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| match exponent {
        [b'+' | b'-', rest @ ..] => !rest.is_empty() && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    });
    let digits_fit = if whole.is_empty() {
        number.len() == text.len()
            && starts_with_digit(digits.as_bytes())
            && grouped(digits.as_bytes())
    } else {
        starts_with_digit(whole.as_bytes())
            && grouped(whole.as_bytes())
            && grouped(digits.as_bytes())
    };
    digits_fit && exponent_fits
}

/// Returns the integer that a text stands for, as PyYAML's constructor reads it; also for `!!int`.
pub(super) fn int(text: &str) -> Option<Value> {
    let clean = text.replace('_', "");
    let negative = clean.starts_with('-');
    let digits = clean.strip_prefix(['+', '-']).unwrap_or(&clean);
    let number = match digits.as_bytes() {
        [b'0', b'b', ..] => whole(&digits[2..], 2)?,
        [b'0', b'x', ..] => whole(&digits[2..], 16)?,
        [b'0', _, ..] => whole(digits, 8)?,
        _ if digits.contains(':') => digits
            .split(':')
            .try_fold(BigInt::ZERO, |sum, part| Some(sum * 60 + whole(part, 10)?))?,
        _ => whole(digits, 10)?,
    };
    Some(Value::integer(if negative { -number } else { number }))
}

/// Returns what Python's `int()` makes of digits: blanks around them and a sign may be there.
fn whole(text: &str, radix: u32) -> Option<BigInt> {
    let digits = text.trim_matches(is_blank);
    if digits.len() > DIGITS && radix == 10 {
        return None;
    }
    if let (10, Ok(number)) = (radix, digits.parse::<i64>()) {
        return Some(number.into());
    }
    BigInt::parse_bytes(digits.as_bytes(), radix)
}

/// Returns whether Python takes a character off the ends of a number.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Returns the float that a text stands for, as PyYAML's constructor reads it; also for `!!float`.
pub(super) fn float(text: &str) -> Option<f64> {
    let clean = text.replace('_', "").to_lowercase();
    let sign = if clean.starts_with('-') { -1.0 } else { 1.0 };
    let number = clean.strip_prefix(['+', '-']).unwrap_or(&clean);
    let size = match number {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        _ if number.contains(':') => {
            // Summed from the right as PyYAML does, so that the last bit is the same.
            let mut base = 1.0;
            let mut sum = 0.0;
            for part in number.rsplit(':') {
                sum += part.trim_matches(is_blank).parse::<f64>().ok()? * base;
                base *= 60.0;
            }
            sum
        }
        _ => number.trim_matches(is_blank).parse().ok()?,
    };
    Some(sign * size)
}

/// Returns whether an integer is written in base 60, which nearly always is a port pair or a time without quotes.
pub(super) fn is_sexagesimal(text: &str) -> bool {
    text.contains(':')
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn starts_with_digit(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_digit)
}

fn grouped(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| b.is_ascii_digit() || *b == b'_')
}

/// Returns whether a part behind a colon is `0` to `59`.
fn sixtieth(bytes: &[u8]) -> bool {
    matches!(bytes, [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}
