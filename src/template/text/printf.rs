//! Python's `%` formatting of text, for the operator and the `format` filter.

use std::fmt::Write;

use num_bigint::BigInt;

use super::{number, order};
use crate::base::Value;
use crate::template::{Reason, size};

/// No float has more digits; the formatter of the standard library takes no more than 16 bits.
const DIGITS: usize = 1200;

/// Fills a `%` template: by a dictionary for `%(name)s`, otherwise by the items of a tuple or by one value.
pub(in crate::template) fn format(template: &str, values: &Value) -> Result<String, Reason> {
    let items = match values {
        Value::Tuple(items) => items.to_vec(),
        single => vec![single.clone()],
    };
    let mut filler = Filler { values, items, next: 0, named: false, out: String::new() };
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        filler.out.push_str(&rest[..at]);
        rest = filler.conversion(&rest[at + 1..])?;
    }
    filler.out.push_str(rest);
    let leftover = filler.next < filler.items.len() && !filler.named && !is_mapping(values);
    if leftover {
        return Err(Reason::new("not all arguments converted during string formatting"));
    }
    Ok(filler.out)
}

struct Filler<'a> {
    values: &'a Value,
    items: Vec<Value>,
    next: usize,
    named: bool,
    out: String,
}

#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Filler<'_> {
    /// Reads what follows a `%`, writes the value, and returns the rest of the template.
    fn conversion<'t>(&mut self, text: &'t str) -> Result<&'t str, Reason> {
        let mut rest = text;
        let mut named = None;
        if let Some(tail) = rest.strip_prefix('(') {
            let end = closing(tail).ok_or_else(|| Reason::new("incomplete format key"))?;
            let key = &tail[..end];
            let map =
                self.values.as_map().ok_or_else(|| Reason::new("format requires a mapping"))?;
            let value = map
                .get(key)
                .ok_or_else(|| Reason::new(format!("the dictionary has no key '{key}'")))?;
            named = Some(value.clone());
            self.named = true;
            rest = &tail[end + 1..];
        }
        let whole = text;
        let mut spec = Spec::default();
        while let Some(c) = rest.chars().next() {
            match c {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        let (width, tail) = self.number(rest)?;
        if let Some(width) = width {
            size::text(usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX))?;
            spec.left |= width < 0;
            spec.width = width.unsigned_abs() as usize;
        }
        rest = tail;
        if let Some(tail) = rest.strip_prefix('.') {
            let (precision, tail) = self.number(tail)?;
            let precision = usize::try_from(precision.unwrap_or(0)).unwrap_or(0);
            // Text is cut, so that it may ask for more than there is; numbers are filled.
            if !tail.starts_with(['s', 'r', 'a']) {
                size::text(precision)?;
            }
            spec.precision = Some(precision);
            rest = tail;
        }
        rest = rest.trim_start_matches(['h', 'l', 'L']);
        let kind = rest.chars().next().ok_or_else(|| Reason::new("incomplete format"))?;
        if kind == '%' && whole != rest {
            return Err(Reason::new("unsupported format character '%' (0x25)"));
        }
        if kind == '%' {
            self.out.push('%');
        } else {
            let value = match named {
                Some(value) => value,
                None => self.take()?,
            };
            let text = convert(kind, &value, &spec)?;
            size::text(self.out.len() + text.len())?;
            self.out.push_str(&text);
        }
        Ok(&rest[kind.len_utf8()..])
    }

    fn take(&mut self) -> Result<Value, Reason> {
        let item = self.items.get(self.next).cloned();
        self.next += 1;
        item.ok_or_else(|| Reason::new("not enough arguments for format string"))
    }

    /// Reads a width or precision: digits, or `*` for the next value.
    fn number<'t>(&mut self, text: &'t str) -> Result<(Option<i64>, &'t str), Reason> {
        if let Some(rest) = text.strip_prefix('*') {
            let value = self.take()?;
            return Ok((Some(value.as_int().ok_or_else(|| Reason::new("* wants int"))?), rest));
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Ok((None, text));
        }
        let number = text[..digits].parse().map_err(|_| Reason::new("width too big"))?;
        Ok((Some(number), &text[digits..]))
    }
}

/// Returns where the parenthesis of a key closes; keys may hold balanced ones.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn convert(kind: char, value: &Value, spec: &Spec) -> Result<String, Reason> {
    let (sign, digits, numeric) = match kind {
        's' => (String::new(), cut(value.to_string(), spec), false),
        'r' | 'a' => (String::new(), cut(value.repr(), spec), false),
        'c' => (String::new(), character(value)?, false),
        'd' | 'i' | 'u' => {
            let number = integer(value, kind)?;
            let (sign, digits) = signed(&number, 10, spec);
            (sign, at_least(digits, spec), true)
        }
        'x' | 'X' | 'o' => {
            let number = order::integer(value).ok_or_else(|| {
                Reason::new(format!(
                    "%{kind} format: an integer is required, not {}",
                    value.type_name()
                ))
            })?;
            let radix = if kind == 'o' { 8 } else { 16 };
            let (mut sign, mut digits) = signed(&number, radix, spec);
            digits = at_least(digits, spec);
            if spec.alternate {
                sign += if kind == 'o' { "0o" } else { "0x" };
            }
            if kind == 'X' {
                (digits, sign) = (digits.to_uppercase(), sign.to_uppercase());
            }
            (sign, digits, true)
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let number = value.as_float();
            let number = number.ok_or_else(|| {
                Reason::new(format!("must be real number, not {}", value.type_name()))
            })?;
            let text = float(kind.to_ascii_lowercase(), number.abs(), spec);
            let text = if kind.is_ascii_uppercase() { text.to_uppercase() } else { text };
            (sign_of(number.is_sign_negative() && !number.is_nan(), spec), text, number.is_finite())
        }
        other => {
            return Err(Reason::new(format!(
                "unsupported format character '{other}' (0x{:x})",
                u32::from(other)
            )));
        }
    };
    Ok(pad(&sign, &digits, numeric, spec))
}

fn cut(text: String, spec: &Spec) -> String {
    match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

/// Returns whether Python takes the value for something that has items by name: of such, nothing is left over.
fn is_mapping(values: &Value) -> bool {
    matches!(values, Value::Bytes(_) | Value::List(_) | Value::Map(_))
}

fn character(value: &Value) -> Result<String, Reason> {
    let wrong = || Reason::new("%c requires int or char");
    match value {
        Value::Text(text) if text.as_str().chars().count() == 1 => Ok(text.as_str().to_owned()),
        Value::Bool(_) | Value::Int(_) => u32::try_from(value.as_int().unwrap_or(-1))
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn integer(value: &Value, kind: char) -> Result<BigInt, Reason> {
    let whole = match value {
        Value::Float(number) => number::whole(*number).as_ref().and_then(order::integer),
        other => order::integer(other),
    };
    whole.ok_or_else(|| {
        Reason::new(format!("%{kind} format: a real number is required, not {}", value.type_name()))
    })
}

fn signed(number: &BigInt, radix: u32, spec: &Spec) -> (String, String) {
    let negative = number.sign() == num_bigint::Sign::Minus;
    (sign_of(negative, spec), number.magnitude().to_str_radix(radix))
}

fn sign_of(negative: bool, spec: &Spec) -> String {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-".to_owned(),
        (false, true, _) => "+".to_owned(),
        (false, false, true) => " ".to_owned(),
        _ => String::new(),
    }
}

fn at_least(digits: String, spec: &Spec) -> String {
    match spec.precision {
        Some(least) => "0".repeat(least.saturating_sub(digits.len())) + &digits,
        None => digits,
    }
}

/// Writes a positive float in one of C's three forms.
pub(in crate::template) fn float_text(
    kind: char,
    number: f64,
    precision: usize,
    alternate: bool,
) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return "inf".to_owned();
    }
    let precision = precision.min(DIGITS);
    match kind {
        'f' => format!("{number:.precision$}"),
        'e' => exponent(number, precision),
        _ => {
            let precision = precision.max(1);
            let scientific = exponent(number, precision - 1);
            let power: i32 =
                scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
            let text = if power < -4 || power >= precision as i32 {
                scientific
            } else {
                format!("{number:.*}", (precision as i32 - 1 - power) as usize)
            };
            if alternate { text } else { trimmed(&text) }
        }
    }
}

fn float(kind: char, number: f64, spec: &Spec) -> String {
    float_text(kind, number, spec.precision.unwrap_or(6), spec.alternate)
}

fn exponent(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, power) = text.split_once('e').expect("`{:e}` writes an exponent");
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}e{sign}{power:0>2}")
}

/// Takes trailing zeros off the fraction.
fn trimmed(text: &str) -> String {
    let (digits, power) = match text.split_once('e') {
        Some((digits, power)) => (digits, Some(power)),
        None => (text, None),
    };
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    let mut out = digits.to_owned();
    if let Some(power) = power {
        write!(out, "e{power}").expect("writing to a string does not fail");
    }
    out
}

fn pad(sign: &str, digits: &str, numeric: bool, spec: &Spec) -> String {
    let missing = spec.width.saturating_sub(sign.chars().count() + digits.chars().count());
    if spec.left {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else if spec.zero && numeric {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(template: &str, values: &Value, expected: &str) {
        assert_eq!(format(template, values).unwrap(), expected, "{template:?}");
    }

    fn tuple(items: &[Value]) -> Value {
        Value::Tuple(std::sync::Arc::new(items.iter().cloned().collect()))
    }

    #[test]
    fn conversions_are_python_s() {
        case("%s-%d", &tuple(&["a".into(), 3.into()]), "a-3");
        case(
            "%05.1f|%-6s|%6s|%+d",
            &tuple(&[3.24159.into(), "ab".into(), "cd".into(), 5.into()]),
            "003.2|ab    |    cd|+5",
        );
        case(
            "%(a)s %(b)03d %%",
            &Value::map([("a", Value::from("x")), ("b", 7.into())]),
            "x 007 %",
        );
        case(
            "%x %X %#o %e %g %g",
            &tuple(&[
                255.into(),
                255.into(),
                8.into(),
                12345.678.into(),
                0.0001.into(),
                1e20.into(),
            ]),
            "ff FF 0o10 1.234568e+04 0.0001 1e+20",
        );
        case("%s", &Value::list([Value::Int(1)]), "[1]");
        case("%r", &"a".into(), "'a'");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let wrong =
            |template: &str, values: &Value| format(template, values).unwrap_err().to_string();
        assert_eq!(wrong("%s %s", &"a".into()), "not enough arguments for format string");
        assert_eq!(wrong("a", &"a".into()), "not all arguments converted during string formatting");
        assert_eq!(wrong("%d", &"a".into()), "%d format: a real number is required, not str");
    }
}
