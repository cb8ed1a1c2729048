//! JSON as Python's `json.dumps` writes it and `json.loads` reads it.

use std::fmt::Write;

use crate::base::value::float_repr;
use crate::base::{Map, Value};
use crate::template::{Reason, size};

/// How JSON is written.
pub struct Style {
    /// Spaces (or other text) of one level; nothing writes all on one line.
    pub indent: Option<String>,
    /// Between items, without the line feed.
    pub item_separator: String,
    /// Between a key and its value.
    pub key_separator: String,
    /// Whether keys are sorted.
    pub sort_keys: bool,
    /// Whether what is not ASCII is escaped.
    pub ascii: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            indent: None,
            item_separator: ", ".to_owned(),
            key_separator: ": ".to_owned(),
            sort_keys: false,
            ascii: true,
        }
    }
}

/// Writes a value as JSON.
pub fn write(value: &Value, style: &Style) -> Result<String, Reason> {
    let mut writer = Writer { out: String::new(), style, level: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: String,
    style: &'a Style,
    level: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Reason> {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => {
                write!(self.out, "{number}").expect("writing to a string does not fail");
            }
            Value::Big(number) => {
                write!(self.out, "{number}").expect("writing to a string does not fail");
            }
            Value::Float(number) => self.out.push_str(&float(*number)),
            Value::Text(text) => self.text(text.as_str()),
            Value::Lazy(lazy) => self.text(lazy.source()),
            Value::Bytes(_) => {
                return Err(Reason::new("bytes cannot be written as JSON; decode them first"));
            }
            Value::List(items) | Value::Tuple(items) => self.items(items)?,
            Value::Map(map) => self.map(map)?,
            // Points in time are written as `2024-01-02T03:04:05`.
            Value::Object(object) if object.type_name() == "datetime" => {
                self.text(&object.plain().to_string().replacen(' ', "T", 1));
            }
            Value::Object(object) => self.value(&object.plain())?,
        }
        Ok(())
    }

    fn items(&mut self, items: &[Value]) -> Result<(), Reason> {
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        self.level += 1;
        for (place, item) in items.iter().enumerate() {
            self.separate(place);
            self.value(item)?;
            size::text(self.out.len())?;
        }
        self.close(']');
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Reason> {
        if map.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        let mut pairs = Vec::with_capacity(map.len());
        for (key, value) in map {
            pairs.push((key_text(key)?, value));
        }
        if self.style.sort_keys {
            pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        self.out.push('{');
        self.level += 1;
        for (place, (key, value)) in pairs.iter().enumerate() {
            self.separate(place);
            self.text(key);
            self.out.push_str(&self.style.key_separator);
            self.value(value)?;
            size::text(self.out.len())?;
        }
        self.close('}');
        Ok(())
    }

    fn separate(&mut self, place: usize) {
        if place > 0 {
            self.out.push_str(&self.style.item_separator);
        }
        self.line();
    }

    fn close(&mut self, bracket: char) {
        self.level -= 1;
        self.line();
        self.out.push(bracket);
    }

    fn line(&mut self) {
        if let Some(indent) = &self.style.indent {
            self.out.push('\n');
            (0..self.level).for_each(|_| self.out.push_str(indent));
        }
    }

    fn text(&mut self, chars: &str) {
        self.out.push('"');
        for c in chars.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{c}' => self.out.push_str("\\f"),
                '\u{8}' => self.out.push_str("\\b"),
                c if u32::from(c) < 0x20 || self.style.ascii && !(' '..='~').contains(&c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}")
                            .expect("writing to a string does not fail");
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        float_repr(number)
    }
}

/// Returns a key as JSON text; numbers, booleans and null become text as in Python.
fn key_text(key: &Value) -> Result<String, Reason> {
    match key {
        Value::Null => Ok("null".to_owned()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Float(number) => Ok(float(*number)),
        Value::Text(_) | Value::Lazy(_) | Value::Int(_) | Value::Big(_) => Ok(key.to_string()),
        other => Err(Reason::new(format!("JSON keys cannot be of the type {}", other.type_name()))),
    }
}

/// Reads JSON, with Python's `NaN` and `Infinity`.
pub(in crate::template) fn read(text: &str) -> Result<Value, Reason> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("there is more text after the value"));
    }
    Ok(value)
}

/// Deepest nesting that is read.
const DEEPEST: usize = 900;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn wrong(&self, what: &str) -> Reason {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Reason::new(format!("not valid JSON: {what} (line {line}, column {column})"))
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, Reason> {
        if depth > DEEPEST {
            return Err(self.wrong("it is nested too deeply"));
        }
        match self.rest().chars().next() {
            None => Err(self.wrong("a value is missing")),
            Some('"') => self.string().map(Value::from),
            Some('[') => self.list(depth),
            Some('{') => self.object(depth),
            Some(c) if c == '-' && !self.rest().starts_with("-I") || c.is_ascii_digit() => {
                self.number()
            }
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Reason> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ] {
            if self.eat(word) {
                return Ok(value);
            }
        }
        Err(self.wrong("a value was expected"))
    }

    fn number(&mut self) -> Result<Value, Reason> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with('-'));
        let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let whole = if rest[sign..].starts_with('0') { 1 } else { digits(sign) };
        let mut end = sign + whole;
        if whole == 0 {
            return Err(self.wrong("a number was expected"));
        }
        let mut float = false;
        if rest[end..].starts_with('.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            float = true;
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            if digits(end + 1 + sign) > 0 {
                end += 1 + sign + digits(end + 1 + sign);
                float = true;
            }
        }
        let text = &rest[..end];
        let value = if float {
            text.parse().ok().map(Value::Float)
        } else {
            super::number::parse_int(text, 10).map(Value::integer)
        };
        let value = value.ok_or_else(|| self.wrong("a number was expected"))?;
        self.at += end;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Reason> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                self.at = start;
                return Err(self.wrong("the text that starts here has no end"));
            };
            if u32::from(c) < 0x20 {
                return Err(self.wrong("a control character stands inside of text"));
            }
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escape()?),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Reason> {
        let c = self.rest().chars().next().ok_or_else(|| self.wrong("the text has no end"))?;
        self.at += c.len_utf8();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit()?;
                if (0xd800..0xdc00).contains(&unit) && self.eat("\\u") {
                    let low = self.unit()?;
                    let pair = char::decode_utf16([unit as u16, low as u16]).next();
                    pair.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
                } else {
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => return Err(self.wrong("the escape is not one of JSON's")),
        })
    }

    fn unit(&mut self) -> Result<u32, Reason> {
        let digits =
            self.rest().get(..4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|text| u32::from_str_radix(text, 16).ok());
        let unit = unit.ok_or_else(|| self.wrong("`\\u` needs four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }

    fn list(&mut self, depth: usize) -> Result<Value, Reason> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.eat("]") {
            return Ok(Value::list(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat("]") {
                return Ok(Value::list(items));
            }
            if !self.eat(",") {
                return Err(self.wrong("`,` or `]` was expected"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Reason> {
        self.at += 1;
        let mut map = Map::new();
        self.space();
        if self.eat("}") {
            return Ok(map.into());
        }
        loop {
            self.space();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("a key in double quotes was expected"));
            }
            let key = self.string()?;
            self.space();
            if !self.eat(":") {
                return Err(self.wrong("`:` was expected"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.space();
            if self.eat("}") {
                return Ok(map.into());
            }
            if !self.eat(",") {
                return Err(self.wrong("`,` or `}` was expected"));
            }
        }
    }
}
