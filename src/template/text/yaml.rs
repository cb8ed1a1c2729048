//! YAML as PyYAML's `dump` writes it, by the same emitter that it uses (libyaml, here in Rust).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libyaml_safer::{Break, Emitter, Encoding, Event, MappingStyle, ScalarStyle, SequenceStyle};

use super::{anchors, order};
use crate::base::value::float_repr;
use crate::base::{LazyKind, Map, Value};
use crate::template::Reason;

/// How lists and dictionaries are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum Flow {
    /// One item a line.
    Block,
    /// In brackets.
    Brackets,
    /// In brackets where all items are single values.
    Leaves,
}

/// How YAML is written.
pub(in crate::template) struct Style {
    /// Spaces of one level.
    pub(in crate::template) indent: i32,
    /// Columns after which lines are folded.
    pub(in crate::template) width: i32,
    /// How lists and dictionaries are written.
    pub(in crate::template) flow: Flow,
    /// The quotes (or block marks) that every scalar gets.
    pub(in crate::template) scalars: ScalarStyle,
    /// Whether keys are sorted.
    pub(in crate::template) sort_keys: bool,
    /// Whether `---` stands at the start.
    pub(in crate::template) explicit_start: bool,
    /// Whether `...` stands at the end.
    pub(in crate::template) explicit_end: bool,
    /// Whether texts of several lines stand in literal blocks.
    pub(in crate::template) blocks: bool,
    /// Whether everything is written out, tags and all.
    pub(in crate::template) canonical: bool,
    /// Whether it is a file to be read again: vaulted texts are marked as such, and what several places share stands
    /// once.
    pub(in crate::template) whole: bool,
    /// What ends a line.
    pub(in crate::template) line_break: Break,
}

/// What ends a line in YAML.
pub(in crate::template) const BREAKS: [char; 4] = ['\n', '\u{85}', '\u{2028}', '\u{2029}'];

/// Writes a value as one YAML document.
pub(in crate::template) fn write(value: &Value, style: &Style) -> Result<String, Reason> {
    let mut out = Vec::new();
    let mut high = Vec::new();
    {
        let mut emitter = Emitter::new();
        emitter.set_output_string(&mut out);
        emitter.set_unicode(true);
        emitter.set_canonical(style.canonical);
        emitter.set_indent(style.indent);
        emitter.set_width(style.width);
        emitter.set_break(style.line_break);
        // The emitter loses empty lines in folded blocks; a literal block reads back as the same text.
        let folded = style.scalars == ScalarStyle::Folded;
        let scalars = if folded { ScalarStyle::Literal } else { style.scalars };
        let anchors = if style.whole { anchors::of(value) } else { anchors::Anchors::default() };
        let mut writer = Writer { emitter, style, scalars, anchors, high: &mut high };
        writer.emit(Event::stream_start(Encoding::Utf8))?;
        writer.emit(Event::document_start(None, &[], !style.explicit_start))?;
        writer.value(value)?;
        writer.emit(Event::document_end(!style.explicit_end))?;
        writer.emit(Event::stream_end())?;
        writer.emitter.flush().map_err(|error| failed(&error))?;
    }
    let out = String::from_utf8(out);
    let out = out.map_err(|_| Reason::new("the value cannot be written as YAML"))?;
    Ok(if high.is_empty() { out } else { with_high(&out, high) })
}

/// What stands for a character beyond the first 65,536: the emitter shows those, the one of PyYAML escapes them.
const HIGH: char = '\u{ffff}';
/// How the emitter writes it.
const ESCAPED: &str = "\\uFFFF";

/// Returns a text that the emitter escapes as PyYAML's does.
fn without_high(text: &str, high: &mut Vec<char>) -> Option<String> {
    if !text.chars().any(|c| c >= '\u{10000}') || text.contains(HIGH) || text.contains("uFFFF") {
        return None;
    }
    high.extend(text.chars().filter(|c| *c >= '\u{10000}'));
    Some(text.chars().map(|c| if c >= '\u{10000}' { HIGH } else { c }).collect())
}

/// Puts the characters that were taken out back, as escapes.
fn with_high(out: &str, high: Vec<char>) -> String {
    let mut pieces = out.split(ESCAPED);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut high = high.into_iter();
    for piece in pieces {
        match high.next() {
            Some(c) => text.push_str(&format!("\\U{:08X}", c as u32)),
            None => text.push_str(ESCAPED),
        }
        text.push_str(piece);
    }
    text
}

fn failed(error: &dyn std::fmt::Display) -> Reason {
    Reason::new(format!("the value cannot be written as YAML: {error}"))
}

struct Writer<'a, 'w> {
    emitter: Emitter<'w>,
    style: &'a Style,
    scalars: ScalarStyle,
    anchors: anchors::Anchors,
    /// Characters that were taken out of texts.
    high: &'a mut Vec<char>,
}

impl Writer<'_, '_> {
    fn emit(&mut self, event: Event) -> Result<(), Reason> {
        self.emitter.emit(event).map_err(|error| failed(&error))
    }

    fn value(&mut self, value: &Value) -> Result<(), Reason> {
        let anchor = match self.anchors.take(value) {
            Some(anchors::Use::Again(name)) => return self.emit(Event::alias(&name)),
            Some(anchors::Use::First(name)) => Some(name),
            None => None,
        };
        let anchor = anchor.as_deref();
        match value {
            Value::List(items) | Value::Tuple(items) => self.list(items, anchor),
            Value::Map(map) => self.map(map, anchor),
            Value::Object(object) if is_time(object.type_name()) => {
                self.scalar("timestamp", &object.plain().to_string().replacen('T', " ", 1))
            }
            Value::Object(object) => self.value(&object.plain()),
            Value::Text(text) => self.text(text.as_str()),
            Value::Lazy(lazy) if self.style.whole && lazy.kind() == LazyKind::Vault => {
                let text = format!("{}\n", lazy.source().trim_end());
                let event =
                    Event::scalar(None, Some("!vault"), &text, false, false, ScalarStyle::Literal);
                self.emit(event)
            }
            Value::Lazy(lazy) => self.text(lazy.source()),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Null => self.scalar("null", "null"),
            Value::Bool(truth) => self.scalar("bool", if *truth { "true" } else { "false" }),
            Value::Int(_) | Value::Big(_) => self.scalar("int", &value.to_string()),
            Value::Float(number) => self.scalar("float", &float(*number)),
        }
    }

    /// Writes a scalar that plain YAML reads back as it is.
    fn scalar(&mut self, tag: &str, text: &str) -> Result<(), Reason> {
        let tag = format!("tag:yaml.org,2002:{tag}");
        self.emit(Event::scalar(None, Some(&tag), text, true, false, self.scalars))
    }

    fn text(&mut self, text: &str) -> Result<(), Reason> {
        let escaped = without_high(text, self.high);
        let text = escaped.as_deref().unwrap_or(text);
        let plain = crate::yaml::reads_as_text(text);
        let tag = Some("tag:yaml.org,2002:str");
        let block = self.style.blocks && text.contains(BREAKS);
        let style = if block { ScalarStyle::Literal } else { self.scalars };
        self.emit(Event::scalar(None, tag, text, plain, true, style))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let encoded = STANDARD.encode(bytes);
        let lines: Vec<&str> = (0..encoded.len().div_ceil(76))
            .map(|line| &encoded[line * 76..encoded.len().min(line * 76 + 76)])
            .collect();
        let text = lines.join("\n") + "\n";
        let tag = Some("tag:yaml.org,2002:binary");
        self.emit(Event::scalar(None, tag, &text, false, false, ScalarStyle::Literal))
    }

    fn in_flow<'v>(&self, items: impl IntoIterator<Item = &'v Value>) -> bool {
        match self.style.flow {
            Flow::Block => false,
            Flow::Brackets => true,
            Flow::Leaves => self.scalars == ScalarStyle::Any && items.into_iter().all(is_leaf),
        }
    }

    fn list(&mut self, items: &[Value], anchor: Option<&str>) -> Result<(), Reason> {
        let style = if self.in_flow(items) { SequenceStyle::Flow } else { SequenceStyle::Block };
        self.emit(Event::sequence_start(anchor, Some("tag:yaml.org,2002:seq"), true, style))?;
        items.iter().try_for_each(|item| self.value(item))?;
        self.emit(Event::sequence_end())
    }

    fn map(&mut self, map: &Map, anchor: Option<&str>) -> Result<(), Reason> {
        let style = if self.in_flow(map.iter().flat_map(|(key, value)| [key, value])) {
            MappingStyle::Flow
        } else {
            MappingStyle::Block
        };
        self.emit(Event::mapping_start(anchor, Some("tag:yaml.org,2002:map"), true, style))?;
        let keys: Vec<Value> = map.keys().cloned().collect();
        let sorted = if self.style.sort_keys {
            // Keys that have no order stay as they are.
            let keyed = keys.iter().map(|key| (key.clone(), key.clone())).collect();
            order::sort_by_key(keyed, false).unwrap_or(keys)
        } else {
            keys
        };
        for key in &sorted {
            self.value(key)?;
            self.value(map.get_value(key).unwrap_or(&Value::Null))?;
        }
        self.emit(Event::mapping_end())
    }
}

/// Returns whether a value is a single one. Bytes are written in a block, so they are not.
fn is_leaf(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Bytes(_) => false,
        Value::Object(object) => is_time(object.type_name()) || is_leaf(&object.plain()),
        _ => true,
    }
}

/// Returns a float as YAML 1.1 reads one: `1.0e+20`, `.inf`.
fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = float_repr(number);
    if text.contains('.') { text } else { text.replacen('e', ".0e", 1) }
}

fn is_time(type_name: &str) -> bool {
    matches!(type_name, "date" | "datetime")
}
