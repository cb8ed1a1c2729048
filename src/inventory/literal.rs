//! Values of INI inventories: what Python's literals mean (`1`, `1.5`, `True`, `['a', 'b']`, `{'a': 1}`); all else is text.

use std::cmp::Ordering;
use std::sync::Arc;

use num_bigint::BigInt;

use crate::base::{List, Map, Value};

/// Deepest nesting of brackets; what is deeper stays text.
const DEPTH: usize = 50;

/// Returns the value of a Python literal, nothing when the text is none. `text` makes the values of strings.
pub(super) fn parse(source: &str, text: &dyn Fn(String) -> Value) -> Option<Value> {
    let first = source.trim_start_matches([' ', '\t']).chars().next()?;
    // Most values are plain words: they are told from literals by their first character.
    if !matches!(
        first,
        '0'..='9'
            | '+'
            | '-'
            | '.'
            | '\''
            | '"'
            | '['
            | '('
            | '{'
            | 'T'
            | 'F'
            | 'N'
            | 's'
            | 'r'
            | 'R'
            | 'b'
            | 'B'
            | 'u'
            | 'U'
    ) {
        return None;
    }
    let mut parser = Parser { rest: source, text, depth: 0 };
    let mut value = parser.value()?;
    if parser.eat_char(',') {
        value = parser.tuple(value)?;
    }
    parser.blank();
    let done = parser.rest.is_empty() || parser.rest.starts_with('#');
    done.then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
    text: &'a dyn Fn(String) -> Value,
    depth: usize,
}

impl Parser<'_> {
    fn value(&mut self) -> Option<Value> {
        self.blank();
        match self.rest.chars().next()? {
            '[' => self.nested(']').map(|(items, _)| Value::list(items)),
            '(' => {
                let (mut items, comma) = self.nested(')')?;
                if items.len() == 1 && !comma { items.pop() } else { Some(Value::list(items)) }
            }
            '{' => self.braces(),
            '+' | '-' => self.signed(),
            '0'..='9' | '.' if self.rest.starts_with("...") => {
                self.eat("...").then(|| (self.text)("...".into()))
            }
            '0'..='9' | '.' => self.number(),
            _ => self.word(),
        }
    }

    /// Reads the items behind the first one of a tuple without parentheses: `80, 443`.
    fn tuple(&mut self, first: Value) -> Option<Value> {
        let mut items = vec![first];
        self.blank();
        while !self.rest.is_empty() && !self.rest.starts_with('#') {
            items.push(self.value()?);
            if !self.eat_char(',') {
                break;
            }
            self.blank();
        }
        Some(Value::list(items))
    }

    /// Reads items up to the closing bracket; tells whether a comma stood behind the last one.
    fn nested(&mut self, close: char) -> Option<(Vec<Value>, bool)> {
        self.depth += 1;
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        let mut comma = false;
        if self.depth > DEPTH {
            return None;
        }
        while !self.eat_char(close) {
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.value()?);
            comma = self.eat_char(',');
        }
        self.depth -= 1;
        Some((items, comma))
    }

    /// Reads a dictionary, or a set, which becomes a list.
    fn braces(&mut self) -> Option<Value> {
        self.depth += 1;
        self.rest = &self.rest[1..];
        let (mut map, mut set) = (Map::new(), List::new());
        let mut comma = true;
        if self.depth > DEPTH {
            return None;
        }
        while !self.eat_char('}') {
            if !comma {
                return None;
            }
            let key = self.value()?;
            if self.eat_char(':') {
                let hashable = !matches!(key, Value::List(_) | Value::Map(_));
                let value = self.value()?;
                if !hashable || !set.is_empty() {
                    return None;
                }
                map.insert(plain(key), value);
            } else {
                if !map.is_empty() {
                    return None;
                }
                if !set.contains(&key) {
                    set.push(key);
                }
            }
            comma = self.eat_char(',');
        }
        self.depth -= 1;
        Some(if set.is_empty() { map.into() } else { set.into() })
    }

    fn signed(&mut self) -> Option<Value> {
        let negative = self.rest.starts_with('-');
        self.rest = &self.rest[1..];
        self.blank();
        let number = if self.rest.starts_with('(') {
            // A sign inside the parentheses would be a second one.
            self.value().filter(|number| number.order(&Value::Int(0)) != Some(Ordering::Less))?
        } else if self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            self.number()?
        } else {
            return None;
        };
        match (number, negative) {
            (Value::Bool(_) | Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_), _) => {
                None
            }
            (number, false) => Some(number),
            (Value::Int(number), true) => Some(Value::Int(-number)),
            (Value::Float(number), true) => Some(Value::Float(-number)),
            (Value::Big(number), true) => Some(Value::integer(-(*number).clone())),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let end = number_end(self.rest);
        let (digits, rest) = self.rest.split_at(end);
        if let Some(tail) = rest.strip_prefix('j')
            && !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            // Nothing else has complex numbers: they stay as they are written.
            self.rest = tail;
            return Some((self.text)(format!("{digits}j")));
        }
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
            return None;
        }
        self.rest = rest;
        let grouped = !digits.split('_').any(str::is_empty);
        let clean = digits.replace('_', "");
        let radix = |radix, length: usize| {
            BigInt::parse_bytes(clean.get(length..)?.as_bytes(), radix).map(Value::integer)
        };
        if !grouped {
            return None;
        }
        match clean.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => return radix(16, 2),
            Some("0o") => return radix(8, 2),
            Some("0b") => return radix(2, 2),
            _ => {}
        }
        if clean.contains(['.', 'e', 'E']) {
            return clean.parse().ok().map(Value::Float);
        }
        let zeros = clean.bytes().all(|b| b == b'0');
        if clean.starts_with('0') && !zeros { None } else { Value::decimal(&clean) }
    }

    fn word(&mut self) -> Option<Value> {
        for (name, value) in
            [("True", Value::Bool(true)), ("False", Value::Bool(false)), ("None", Value::Null)]
        {
            let tail = self.rest.strip_prefix(name);
            if tail.is_some_and(|tail| !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            {
                self.rest = tail?;
                return Some(value);
            }
        }
        if self.eat("set()") {
            return Some(List::new().into());
        }
        let mut whole = self.string()?;
        // Strings side by side are one string.
        loop {
            self.blank();
            if !self.rest.starts_with(['\'', '"', 'r', 'R', 'b', 'B', 'u', 'U']) {
                return Some((self.text)(whole));
            }
            whole += &self.string()?;
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.rest.find(['\'', '"'])?;
        let prefix = self.rest[..start].to_ascii_lowercase();
        let raw = match prefix.as_str() {
            "" | "b" | "u" => false,
            "r" | "br" | "rb" => true,
            _ => return None,
        };
        let body = &self.rest[start..];
        let quote =
            [r#"""""#, "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote))?;
        let mut chars = body[quote.len()..].char_indices();
        let inner = &body[quote.len()..];
        let end = loop {
            let (place, c) = chars.next()?;
            if inner[place..].starts_with(quote) {
                break place;
            }
            if c == '\\' {
                chars.next()?;
            }
        };
        self.rest = &inner[end + quote.len()..];
        if raw { Some(inner[..end].to_owned()) } else { unescape(&inner[..end]) }
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c']);
    }

    fn eat_char(&mut self, c: char) -> bool {
        self.blank();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// Returns where a number ends: behind its digits, its point and its exponent.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let prefixed = bytes.first() == Some(&b'0')
        && matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
    let exponent = |place: usize| !prefixed && place > 0 && matches!(bytes[place - 1], b'e' | b'E');
    (0..bytes.len())
        .find(|&place| match bytes[place] {
            b'0'..=b'9' | b'_' => false,
            b'a'..=b'z' | b'A'..=b'Z' => {
                !(prefixed || matches!(bytes[place], b'e' | b'E') && place > 0)
            }
            b'.' => prefixed || bytes[..place].contains(&b'.'),
            b'+' | b'-' => !exponent(place),
            _ => true,
        })
        .unwrap_or(bytes.len())
}

/// Resolves the escapes of a Python string.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let c = after.chars().next()?;
        rest = &after[c.len_utf8()..];
        let simple = match c {
            '\n' => continue,
            '\\' | '\'' | '"' => c,
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' | 'u' | 'U' => {
                let length = [('x', 2), ('u', 4), ('U', 8)].iter().find(|(name, _)| *name == c)?.1;
                let digits = rest.get(..length)?;
                rest = &rest[length..];
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            '0'..='7' => {
                let length = after.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
                rest = &after[length..];
                char::from_u32(u32::from_str_radix(&after[..length], 8).ok()?)?
            }
            'N' => return None,
            other => {
                out.push('\\');
                other
            }
        };
        out.push(simple);
    }
    Some(out + rest)
}

/// Keys are text even where their text looks like a template.
fn plain(key: Value) -> Value {
    match key {
        Value::Lazy(lazy) => Value::text(Arc::clone(lazy.source())),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_what_python_makes_of_them() {
        let rows: Vec<(String, Option<String>)> =
            serde_json::from_str(include_str!("../../tests/data/inventory/literals.json")).unwrap();
        for (source, expected) in rows {
            let got = parse(&source, &|text| Value::text(text)).map(|value| value.repr());
            assert_eq!(got, expected, "{source:?}");
        }
    }
}
