//! Constants: numbers, and text with Python's escapes (or without, as Ansible reads templates in YAML).

use num_bigint::BigInt;

use super::token::{Kind, Token};
use super::{Backslashes, Parsed, Parser};
use crate::base::Value;

impl<'a> Parser<'a> {
    /// Reads the text constants that follow each other as one.
    pub(super) fn text(&mut self) -> Parsed<Value> {
        let read = !(self.printing && self.backslashes == Backslashes::Keep);
        let mut chars = String::new();
        while self.token.kind == Kind::Text {
            let token = self.advance()?;
            let body = &token.text[1..token.text.len() - 1];
            if !read {
                chars.push_str(body);
            } else if let Err(reason) = unescape(body, &mut chars) {
                return Err(token.unexpected(reason));
            }
        }
        Ok(Value::text(chars))
    }

    /// Reads a number.
    pub(super) fn number(&mut self) -> Parsed<Value> {
        let token: Token<'a> = self.advance()?;
        let digits = token.text.replace('_', "");
        let value = if token.kind == Kind::Float {
            digits.parse().ok().map(Value::Float)
        } else {
            let base = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("0b") => 2,
                Some("0o") => 8,
                Some("0x") => 16,
                _ => 10,
            };
            let digits = if base == 10 { &*digits } else { &digits[2..] };
            BigInt::parse_bytes(digits.as_bytes(), base).map(Value::integer)
        };
        value.ok_or_else(|| token.astray())
    }
}

/// Returns whether a number starts the text, as what, and how long it is.
pub(super) fn number(text: &str, after_dot: bool) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    if !after_dot && let Some(length) = float(bytes) {
        return Some((Kind::Float, length));
    }
    let digits: fn(&u8) -> bool = match bytes.get(1).map(u8::to_ascii_lowercase) {
        Some(b'b') if bytes[0] == b'0' => |b| matches!(b, b'0' | b'1'),
        Some(b'o') if bytes[0] == b'0' => |b| (b'0'..=b'7').contains(b),
        Some(b'x') if bytes[0] == b'0' => u8::is_ascii_hexdigit,
        _ => |_| false,
    };
    let prefixed = run(bytes, 2, digits);
    if prefixed > 2 {
        return Some((Kind::Integer, prefixed));
    }
    let length = match bytes[0] {
        b'0' => run(bytes, 1, |b| *b == b'0'),
        _ => run(bytes, 1, u8::is_ascii_digit),
    };
    Some((Kind::Integer, length))
}

/// Returns where a run of digits ends, each of which one `_` may stand before.
fn run(bytes: &[u8], from: usize, is_digit: impl Fn(&u8) -> bool) -> usize {
    let mut at = from;
    loop {
        let digit = if bytes.get(at) == Some(&b'_') { at + 1 } else { at };
        match bytes.get(digit) {
            Some(byte) if is_digit(byte) => at = digit + 1,
            _ => return at,
        }
    }
}

/// Returns the length of the float that starts a text of digits, when it is one.
fn float(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| -> Option<usize> {
        bytes.get(from).filter(|b| b.is_ascii_digit())?;
        Some(run(bytes, from + 1, u8::is_ascii_digit))
    };
    let whole = digits(0)?;
    let fraction = if bytes.get(whole) == Some(&b'.') { digits(whole + 1) } else { None };
    let mantissa = fraction.unwrap_or(whole);
    let exponent = match bytes.get(mantissa) {
        Some(b'e' | b'E') => {
            let sign = usize::from(matches!(bytes.get(mantissa + 1), Some(b'+' | b'-')));
            digits(mantissa + 1 + sign)
        }
        _ => None,
    };
    exponent.or(fraction)
}

/// Returns where the text of a constant ends.
pub(super) fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (place, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(place),
            _ => {}
        }
    }
    None
}

/// Writes text with Python's escapes resolved; what is no escape stays.
fn unescape(body: &str, out: &mut String) -> Result<(), String> {
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
                let c = coded(&mut chars, digits);
                out.push(c.ok_or_else(|| {
                    format!(
                        "`\\{mark}` must be followed by {digits} hexadecimal digits of a character"
                    )
                })?);
            }
            Some('N') => return Err("characters cannot be given by name (`\\N`)".to_owned()),
            Some('0'..='7') => {
                chars = before;
                out.push(octal(&mut chars));
            }
            // Python reads the code of what is beyond ASCII here, its backslash spent.
            Some(c) if !c.is_ascii() => {
                let code = u32::from(c);
                out.push_str(&match code {
                    0..=0xff => format!("\\x{code:02x}"),
                    0x100..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    Ok(())
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
    use super::*;

    #[test]
    fn escapes_are_pythons() {
        for (written, expected) in [
            (r"a\nb", Some("a\nb")),
            (r"\/\d", Some(r"\/\d")),
            (r"it\'s", Some("it's")),
            (r"\x41\u00e9\101\0", Some("A\u{e9}A\0")),
            (r"\ud83d\ude00", Some("\u{1f600}")),
            (r"\é", Some(r"\xe9")),
            (r"\xg", None),
        ] {
            let mut out = String::new();
            let got = unescape(written, &mut out).ok().map(|()| &*out);
            assert_eq!(got, expected, "{written}");
        }
    }

    #[test]
    fn numbers_end_where_pythons_do() {
        for (text, expected) in [
            ("1_000.5e-3x", Some((Kind::Float, 10))),
            ("1e", Some((Kind::Integer, 1))),
            ("1.e3", Some((Kind::Integer, 1))),
            ("08", Some((Kind::Integer, 1))),
            ("0x_fF", Some((Kind::Integer, 5))),
            ("1__0", Some((Kind::Integer, 1))),
            ("_1", None),
        ] {
            assert_eq!(number(text, false), expected, "{text}");
        }
        assert_eq!(number("1.2", true), Some((Kind::Integer, 1)));
    }
}
