//! Constants: text with Python's escapes (or without, as Ansible reads templates in YAML), and numbers.

use num_bigint::BigInt;

use super::{Backslashes, Lowerer};
use crate::base::Value;
use crate::template::ir::{Expr, Span};

impl Lowerer<'_> {
    pub(super) fn constant(&self, value: &minijinja::Value, span: Span) -> Expr {
        if let Some(text) = value.as_str() {
            let written = self.slice(span);
            if written.contains('\\') {
                let read = !(self.printing && self.backslashes == Backslashes::Keep);
                return Expr::Const(Value::text(strings(written, read)));
            }
            return Expr::Const(Value::text(text));
        }
        Expr::Const(match value.kind() {
            minijinja::value::ValueKind::Bool => Value::Bool(value.is_true()),
            minijinja::value::ValueKind::Number if value.is_integer() => {
                match i64::try_from(value.clone()) {
                    Ok(number) => Value::Int(number),
                    Err(_) => u128::try_from(value.clone())
                        .map_or(Value::Null, |number| Value::integer(BigInt::from(number))),
                }
            }
            minijinja::value::ValueKind::Number => {
                f64::try_from(value.clone()).map_or(Value::Null, Value::Float)
            }
            _ => Value::Null,
        })
    }
}

/// Returns the text that adjacent string constants stand for.
fn strings(written: &str, read: bool) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(start) = rest.find(['\'', '"']) {
        let quote = char::from(rest.as_bytes()[start]);
        let body = &rest[start + 1..];
        let end = closing(body, quote);
        if read {
            unescape(&body[..end], &mut out);
        } else {
            out.push_str(&body[..end]);
        }
        rest = body.get(end + 1..).unwrap_or_default();
    }
    out
}

fn closing(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return place,
            _ => {}
        }
    }
    body.len()
}

/// Writes text with Python's escapes resolved; what is no escape stays.
fn unescape(body: &str, out: &mut String) {
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let before = chars.clone();
        match chars.next() {
            Some('\n') => {}
            Some(c @ ('\\' | '\'' | '"')) => out.push(c),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('v') => out.push('\u{b}'),
            Some(mark @ ('x' | 'u' | 'U')) => {
                let digits = match mark {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                if let Some(c) = coded(&mut chars, digits) {
                    out.push(c);
                } else {
                    chars = before;
                    out.push('\\');
                }
            }
            Some('0'..='7') => {
                chars = before;
                out.push(octal(&mut chars));
            }
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
}

fn coded(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text = chars.as_str().get(..digits)?;
    let code = u32::from_str_radix(text, 16).ok()?;
    let mut c = char::from_u32(code);
    *chars = chars.as_str()[digits..].chars();
    if c.is_none() {
        // The first half of a pair, as JSON writes characters beyond the basic plane.
        let rest = chars.as_str().strip_prefix("\\u")?;
        let low = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
        c = char::from_u32(
            0x10000 + ((code.checked_sub(0xd800)?) << 10) + low.checked_sub(0xdc00)?,
        );
        *chars = rest[4..].chars();
    }
    c
}

fn octal(chars: &mut std::str::Chars<'_>) -> char {
    let digits: String =
        chars.as_str().chars().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
    *chars = chars.as_str()[digits.len()..].chars();
    u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).unwrap_or('\0')
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn escapes_are_pythons() {
        for (written, expected) in [
            (r"'a\nb'", "a\nb"),
            (r"'\/\d'", r"\/\d"),
            (r#""it\'s""#, "it's"),
            (r"'\x41\u00e9\101\0'", "A\u{e9}A\0"),
            (r"'\ud83d\ude00'", "\u{1f600}"),
            (r"'a\\' 'b\t'", "a\\b\t"),
            (r"'\xg'", r"\xg"),
        ] {
            assert_eq!(strings(written, true), expected, "{written}");
        }
        assert_eq!(strings(r"'a\n\'b'", false), r"a\n\'b");
    }
}
