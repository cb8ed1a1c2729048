//! How values print: `str()` and `repr()` of Python, which is what templates and messages show.

use std::fmt::{self, Write};

use super::Value;

impl fmt::Display for Value {
    /// Writes Python's `str()` of the value. Secrets are written in the clear: this is how templates are filled.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text.as_str()),
            Self::Lazy(lazy) => f.write_str(lazy.source()),
            Self::Object(object) => object.plain().fmt(f),
            other => other.write_repr(f),
        }
    }
}

impl Value {
    /// Returns Python's `repr()` of the value.
    pub fn repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out).expect("writing to a string does not fail");
        out
    }

    /// Writes Python's `repr()` of the value.
    pub fn write_repr(&self, out: &mut dyn Write) -> fmt::Result {
        match self {
            Self::Null => out.write_str("None"),
            Self::Bool(true) => out.write_str("True"),
            Self::Bool(false) => out.write_str("False"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Big(number) => write!(out, "{number}"),
            Self::Float(number) => out.write_str(&float_repr(*number)),
            Self::Text(text) => quote(text.as_str(), out),
            Self::Lazy(lazy) => quote(lazy.source(), out),
            Self::Bytes(bytes) => {
                out.write_char('b')?;
                quote_bytes(bytes, out)
            }
            Self::List(list) => {
                out.write_char('[')?;
                write_items(list, out)?;
                out.write_char(']')
            }
            Self::Tuple(list) => {
                out.write_char('(')?;
                write_items(list, out)?;
                out.write_str(if list.len() == 1 { ",)" } else { ")" })
            }
            Self::Map(map) => {
                out.write_char('{')?;
                for (place, (key, value)) in map.iter().enumerate() {
                    if place > 0 {
                        out.write_str(", ")?;
                    }
                    key.write_repr(out)?;
                    out.write_str(": ")?;
                    value.write_repr(out)?;
                }
                out.write_char('}')
            }
            Self::Object(object) => match object.plain() {
                // What is no data has no quotes: `<Macro 'x'>`.
                Self::Text(text) if text.as_str().starts_with('<') => out.write_str(text.as_str()),
                plain => plain.write_repr(out),
            },
        }
    }
}

fn write_items(items: &[Value], out: &mut dyn Write) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.write_str(", ")?;
        }
        item.write_repr(out)?;
    }
    Ok(())
}

/// Writes text in Python's quotes: single ones, unless it holds a single and no double quote.
fn quote(chars: &str, out: &mut dyn Write) -> fmt::Result {
    let mark = if chars.contains('\'') && !chars.contains('"') { '"' } else { '\'' };
    out.write_char(mark)?;
    for c in chars.chars() {
        match c {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c == mark => write!(out, "\\{c}")?,
            c if u32::from(c) < 0x20 || (0x7f..=0xa0).contains(&u32::from(c)) || c == '\u{ad}' => {
                write!(out, "\\x{:02x}", u32::from(c))?;
            }
            // Python escapes what it calls not printable; of those, the separators occur in practice.
            '\u{1680}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{3000}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' => {
                write!(out, "\\u{:04x}", u32::from(c))?;
            }
            c => out.write_char(c)?,
        }
    }
    out.write_char(mark)
}

fn quote_bytes(bytes: &[u8], out: &mut dyn Write) -> fmt::Result {
    let mark = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.write_char(mark)?;
    for &byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            b if char::from(b) == mark => write!(out, "\\{mark}")?,
            0x20..0x7f => out.write_char(byte.into())?,
            b => write!(out, "\\x{b:02x}")?,
        }
    }
    out.write_char(mark)
}

/// Returns Python's `repr()` of a float: shortest digits that read back, an exponent from 1e16 on and below 1e-4.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.into();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    let text = number.to_string();
    if text.contains('.') { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(value: &Value, expected: &str) {
        assert_eq!(value.repr(), expected);
    }

    #[test]
    fn floats_print_as_python_prints_them() {
        for (number, expected) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"),
            (1.5e300, "1.5e+300"),
            (123456789012345.0, "123456789012345.0"),
            (1e16, "1e+16"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
        ] {
            assert_eq!(float_repr(number), expected);
        }
    }

    #[test]
    fn text_is_quoted_as_python_quotes_it() {
        case(&Value::text("a"), "'a'");
        case(&Value::text("it's"), "\"it's\"");
        case(&Value::text("it's \"x\""), "'it\\'s \"x\"'");
        case(&Value::text("a\nb\\"), "'a\\nb\\\\'");
        case(&Value::text("\u{1}é"), "'\\x01é'");
    }

    #[test]
    fn containers_print_as_python_prints_them() {
        let list = Value::list([Value::Int(1), Value::Null, Value::Bool(true)]);
        case(&list, "[1, None, True]");
        case(&Value::map([("a", list)]), "{'a': [1, None, True]}");
        case(&Value::Tuple(std::sync::Arc::new([Value::Int(1)].into_iter().collect())), "(1,)");
    }
}
