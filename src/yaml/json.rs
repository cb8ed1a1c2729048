//! JSON with positions. Files that are JSON are read by its rules, as Ansible reads them: `1e3` is a number and
//! `"\ud83d\ude00"` one character, neither of which holds in YAML 1.1.

use std::collections::HashMap;
use std::sync::Arc;

use super::node::Items;
use super::{Kind, Node, Style, Trust, is_template};
use crate::base::{Lazy, Position, SourceFile, Text, Value};

const DEPTH: usize = 200;

/// Parses a text that is one JSON object or list; nothing when it is not.
pub(super) fn parse(text: &str, file: &Arc<SourceFile>, trust: Trust) -> Option<Node> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut json = Json { text, place: 0, marked: 0, line: 1, column: 1, file, trust, depth: 0 };
    let node = json.value()?;
    json.blank();
    (json.place == text.len()).then_some(node)
}

struct Json<'t> {
    text: &'t str,
    place: usize,
    /// The offset that `line` and `column` belong to; it follows `place` so that each character is counted once.
    marked: usize,
    line: u32,
    column: u32,
    file: &'t Arc<SourceFile>,
    trust: Trust,
    depth: usize,
}

impl<'t> Json<'t> {
    fn value(&mut self) -> Option<Node> {
        self.blank();
        let at = self.here();
        let (style, kind) = match self.peek()? {
            b'{' => (Style::Flow, self.nested(Self::object)?),
            b'[' => (Style::Flow, self.nested(Self::list)?),
            b'"' => {
                let chars: Arc<str> = self.string()?.into();
                (Style::Double, Kind::Scalar(self.text_value(&chars, &at), chars))
            }
            _ => {
                let word = self.word();
                (Style::Plain, Kind::Scalar(scalar(word)?, Arc::from(word)))
            }
        };
        let end = self.here();
        Some(Node { at, end: (end.line, end.column), style, tag: None, kind })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Kind>) -> Option<Kind> {
        self.depth += 1;
        self.place += 1;
        let kind = if self.depth <= DEPTH { read(self) } else { None };
        self.depth -= 1;
        kind
    }

    fn list(&mut self) -> Option<Kind> {
        let mut items = Vec::new();
        self.blank();
        if self.eat(b']') {
            return Some(Kind::List(Items::new(items)));
        }
        loop {
            items.push(self.value()?);
            self.blank();
            if self.eat(b']') {
                return Some(Kind::List(Items::new(items)));
            }
            self.eat(b',').then_some(())?;
        }
    }

    fn object(&mut self) -> Option<Kind> {
        let mut pairs: Vec<(Node, Node)> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        self.blank();
        if self.eat(b'}') {
            return Some(Kind::Map(Items::new(pairs)));
        }
        loop {
            self.blank();
            let at = self.here();
            let name: Arc<str> = self.string()?.into();
            let end = self.here();
            let kind = Kind::Scalar(Value::Text(Text::plain(Arc::clone(&name))), Arc::clone(&name));
            let key =
                Node { at, end: (end.line, end.column), style: Style::Double, tag: None, kind };
            self.blank();
            self.eat(b':').then_some(())?;
            let value = self.value()?;
            if let Some(place) = places.get(&name) {
                pairs[*place] = (key, value);
            } else {
                places.insert(name, pairs.len());
                pairs.push((key, value));
            }
            self.blank();
            if self.eat(b'}') {
                return Some(Kind::Map(Items::new(pairs)));
            }
            self.eat(b',').then_some(())?;
        }
    }

    /// Reads a string; escapes and surrogate pairs are left to serde_json.
    fn string(&mut self) -> Option<String> {
        let rest = self.text.as_bytes().get(self.place..)?;
        let mut end = 1;
        if rest.first() != Some(&b'"') {
            return None;
        }
        loop {
            match rest.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let quoted = self.text.get(self.place..=self.place + end)?;
        self.place += end + 1;
        serde_json::from_str(quoted).ok()
    }

    fn text_value(&self, chars: &Arc<str>, at: &Position) -> Value {
        match self.trust {
            Trust::Templates | Trust::Secrets if is_template(chars) => {
                Value::Lazy(Arc::new(Lazy::template(Arc::clone(chars), at.clone())))
            }
            Trust::Secrets => Value::Text(Text::secret(Arc::clone(chars)).into_written()),
            Trust::Templates => Value::written(Arc::clone(chars)),
            Trust::Nothing => Value::text(Arc::clone(chars)),
        }
    }

    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.place..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        self.place += end;
        &rest[..end]
    }

    fn here(&mut self) -> Position {
        for c in self.text[self.marked..self.place].chars() {
            (self.line, self.column) =
                if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.marked = self.place;
        Position::new(self.file, self.line, self.column)
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.place += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.place += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }
}

fn scalar(word: &str) -> Option<Value> {
    Some(match word {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "NaN" => Value::Float(f64::NAN),
        "Infinity" => Value::Float(f64::INFINITY),
        "-Infinity" => Value::Float(f64::NEG_INFINITY),
        _ => {
            // serde_json knows the grammar of numbers; the digits are read here, so that none is lost.
            serde_json::from_str::<serde_json::Number>(word).ok()?;
            if word.contains(['.', 'e', 'E']) {
                Value::Float(word.parse().ok()?)
            } else {
                Value::decimal(word)?
            }
        }
    })
}
