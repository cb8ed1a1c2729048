//! YAML as PyYAML's `dump` writes it, by the same emitter that it uses (libyaml, here in Rust).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libyaml_safer::{Break, Emitter, Encoding, Event, MappingStyle, ScalarStyle, SequenceStyle};

use super::order;
use crate::base::value::float_repr;
use crate::base::{Map, Value};
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
    /// What ends a line.
    pub(in crate::template) line_break: Break,
}

/// What ends a line in YAML.
pub(in crate::template) const BREAKS: [char; 4] = ['\n', '\u{85}', '\u{2028}', '\u{2029}'];

/// Writes a value as one YAML document.
pub(in crate::template) fn write(value: &Value, style: &Style) -> Result<String, Reason> {
    let mut out = Vec::new();
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
        let mut writer = Writer { emitter, style, scalars };
        writer.emit(Event::stream_start(Encoding::Utf8))?;
        writer.emit(Event::document_start(None, &[], !style.explicit_start))?;
        writer.value(value)?;
        writer.emit(Event::document_end(!style.explicit_end))?;
        writer.emit(Event::stream_end())?;
        writer.emitter.flush().map_err(|error| failed(&error))?;
    }
    String::from_utf8(out).map_err(|_| Reason::new("the value cannot be written as YAML"))
}

fn failed(error: &dyn std::fmt::Display) -> Reason {
    Reason::new(format!("the value cannot be written as YAML: {error}"))
}

struct Writer<'a, 'w> {
    emitter: Emitter<'w>,
    style: &'a Style,
    scalars: ScalarStyle,
}

impl Writer<'_, '_> {
    fn emit(&mut self, event: Event) -> Result<(), Reason> {
        self.emitter.emit(event).map_err(|error| failed(&error))
    }

    fn value(&mut self, value: &Value) -> Result<(), Reason> {
        match value {
            Value::List(items) | Value::Tuple(items) => self.list(items),
            Value::Map(map) => self.map(map),
            Value::Object(object) if is_time(object.type_name()) => {
                self.scalar("timestamp", &object.plain().to_string().replacen('T', " ", 1))
            }
            Value::Object(object) => self.value(&object.plain()),
            Value::Text(text) => self.text(text.as_str()),
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

    fn list(&mut self, items: &[Value]) -> Result<(), Reason> {
        let style = if self.in_flow(items) { SequenceStyle::Flow } else { SequenceStyle::Block };
        self.emit(Event::sequence_start(None, Some("tag:yaml.org,2002:seq"), true, style))?;
        items.iter().try_for_each(|item| self.value(item))?;
        self.emit(Event::sequence_end())
    }

    fn map(&mut self, map: &Map) -> Result<(), Reason> {
        let style = if self.in_flow(map.iter().flat_map(|(key, value)| [key, value])) {
            MappingStyle::Flow
        } else {
            MappingStyle::Block
        };
        self.emit(Event::mapping_start(None, Some("tag:yaml.org,2002:map"), true, style))?;
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
