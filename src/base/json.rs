//! Reads JSON on hosts, where the helper brings no other reader: output of programs, manifests, facts of the user.

use super::{List, Map, Value};

/// Why a text is no JSON, with the place in bytes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct NotJson {
    /// What is wrong.
    what: &'static str,
    /// Where.
    at: usize,
}

/// How deep lists and maps may be nested; deeper ones would exhaust the stack.
const DEEPEST: usize = 200;

/// Returns the value of a JSON text.
pub fn parse(text: &str) -> Result<Value, NotJson> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.space();
    if reader.at < text.len() {
        reader.fail("there is more text after the value")
    } else {
        Ok(value)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, what: &'static str) -> Result<T, NotJson> {
        Err(NotJson { what, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self) -> Result<Value, NotJson> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::map),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::text(self.string()?)),
            Some(_) if self.take("-Infinity") => Ok(Value::Float(f64::NEG_INFINITY)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) if self.take("Infinity") => Ok(Value::Float(f64::INFINITY)),
            Some(_) if self.take("NaN") => Ok(Value::Float(f64::NAN)),
            Some(_) if self.take("true") => Ok(Value::Bool(true)),
            Some(_) if self.take("false") => Ok(Value::Bool(false)),
            Some(_) if self.take("null") => Ok(Value::Null),
            Some(_) => self.fail("no value starts here"),
            None => self.fail("the text ends where a value should stand"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, NotJson>) -> Result<Value, NotJson> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail("it is nested too deeply");
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value, NotJson> {
        let mut list = List::new();
        self.space();
        if self.take("]") {
            return Ok(list.into());
        }
        loop {
            list.push(self.value()?);
            self.space();
            if self.take("]") {
                return Ok(list.into());
            }
            if !self.take(",") {
                return self.fail("a comma or `]` is missing");
            }
        }
    }

    fn map(&mut self) -> Result<Value, NotJson> {
        let mut map = Map::new();
        self.space();
        if self.take("}") {
            return Ok(map.into());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return self.fail("a key in quotes is missing");
            }
            let key = self.string()?;
            self.space();
            if !self.take(":") {
                return self.fail("a colon is missing");
            }
            let value = self.value()?;
            map.insert(key, value);
            self.space();
            if self.take("}") {
                return Ok(map.into());
            }
            if !self.take(",") {
                return self.fail("a comma or `}` is missing");
            }
        }
    }

    fn string(&mut self) -> Result<String, NotJson> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = rest.find(['"', '\\']) else {
                return self.fail("a quote is not closed");
            };
            out.push_str(&rest[..stop]);
            self.at += stop + 1;
            if rest.as_bytes()[stop] == b'"' {
                return Ok(out);
            }
            let Some(escape) = self.peek() else { return self.fail("a quote is not closed") };
            self.at += 1;
            out.push(match escape {
                b'"' => '"',
                b'\\' => '\\',
                b'/' => '/',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.escaped()?,
                _ => return self.fail("this escape is not known"),
            });
        }
    }

    /// Reads the digits after `\u`, and of the second half of a pair.
    fn escaped(&mut self) -> Result<char, NotJson> {
        let first = self.hex()?;
        let is_high = (0xd800..0xdc00).contains(&first);
        let code = if is_high && self.take("\\u") {
            let second = self.hex()?;
            0x10000 + ((first - 0xd800) << 10) + (second.wrapping_sub(0xdc00) & 0x3ff)
        } else {
            first
        };
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, NotJson> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        code.map_or_else(|| self.fail("four hexadecimal digits are missing"), Ok)
    }

    fn number(&mut self) -> Result<Value, NotJson> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let digits = &rest[..end];
        let value = if digits.contains(['.', 'e', 'E']) {
            digits.parse().ok().map(Value::Float)
        } else {
            Value::decimal(digits)
        };
        match value {
            Some(value) => {
                self.at += end;
                Ok(value)
            }
            None => self.fail("this is no number"),
        }
    }
}

/// Writes a value as JSON on one line.
pub fn write(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Null => "null".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Big(number) => number.to_string(),
        // What JSON has no word for is written, and read, in Python's words.
        Value::Float(number) if number.is_nan() => "NaN".into(),
        Value::Float(number) if number.is_infinite() => {
            if *number > 0.0 {
                "Infinity".into()
            } else {
                "-Infinity".into()
            }
        }
        Value::Float(number) => super::value::float_repr(*number),
        Value::List(list) | Value::Tuple(list) => {
            format!("[{}]", joined(list.iter().map(write).collect()))
        }
        Value::Map(map) => {
            let pairs = map
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(&key.to_string()), write(value)));
            format!("{{{}}}", joined(pairs.collect()))
        }
        other => quoted(&other.to_string()),
    }
}

fn quoted(text: &str) -> String {
    let inner: String = text
        .chars()
        .map(|c| match c {
            '"' => "\\\"".into(),
            '\\' => "\\\\".into(),
            '\n' => "\\n".into(),
            c if u32::from(c) < 0x20 => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{inner}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        assert_eq!(
            parse(text).map_or_else(|error| error.to_string(), |value| value.repr()),
            expected
        );
    }

    #[test]
    fn values() {
        case(
            r#" {"a": [1, -2.5, 1e3, true, false, null], "b": {}} "#,
            "{'a': [1, -2.5, 1000.0, True, False, None], 'b': {}}",
        );
        case(r#""a\n\u00e9\ud83d\ude00\/""#, "'a\\né😀/'");
        case("123456789012345678901", "123456789012345678901");
        case("[]", "[]");
        case("[NaN, -Infinity, 1e999]", "[nan, -inf, inf]");
    }

    #[test]
    fn numbers_without_a_word_in_json_come_back() {
        let value = parse("[NaN, -Infinity, Infinity]").unwrap();
        assert_eq!(write(&value), "[NaN, -Infinity, Infinity]");
    }

    #[test]
    fn mistakes() {
        case("", "the text ends where a value should stand at byte 0");
        case("[1 2]", "a comma or `]` is missing at byte 3");
        case("{a: 1}", "a key in quotes is missing at byte 1");
        case("\"x", "a quote is not closed at byte 1");
        case("1 x", "there is more text after the value at byte 2");
        case("-", "this is no number at byte 0");
        case("\"\\u+041\"", "four hexadecimal digits are missing at byte 7");
        case(&"[".repeat(300), "it is nested too deeply at byte 200");
    }
}
