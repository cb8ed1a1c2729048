//! JSON and YAML of values for reporters: what Ansible's callbacks print of a result.

use libyaml_safer::{Break, ScalarStyle};

use super::Reason;
use super::text::yaml::BREAKS;
use super::text::{json, yaml};
use crate::base::Value;

/// How texts that YAML cannot show in a block of lines are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Texts {
    /// In quotes, nothing lost.
    Exact,
    /// In a block, without the blanks and characters that forbid one.
    Readable,
}

/// Returns JSON with sorted keys, on one line or with so many spaces a level; what is not ASCII stays as it is.
pub fn json(value: &Value, indent: Option<usize>) -> String {
    let style = json::Style {
        indent: indent.map(|spaces| " ".repeat(spaces)),
        item_separator: if indent.is_some() { "," } else { ", " }.to_owned(),
        sort_keys: true,
        ascii: false,
        ..json::Style::default()
    };
    json::write(value, &style).unwrap_or_else(|_| value.repr())
}

/// Returns JSON as Python's `json.dumps` writes it when nothing is said: on one line, in ASCII.
pub fn dumps(value: &Value) -> Result<String, Reason> {
    json::write(value, &json::Style::default())
}

/// Returns a block of YAML with sorted keys, so many spaces a level, without a final line feed.
pub fn yaml(value: &Value, indent: i32, texts: Texts) -> String {
    let style = yaml::Style {
        indent,
        width: 80,
        flow: yaml::Flow::Block,
        scalars: ScalarStyle::Any,
        sort_keys: true,
        explicit_start: false,
        explicit_end: false,
        blocks: true,
        whole: false,
        canonical: false,
        line_break: Break::Ln,
    };
    let readable = (texts == Texts::Readable).then(|| readable(value));
    let text = yaml::write(readable.as_ref().unwrap_or(value), &style);
    let text = text.unwrap_or_else(|_| value.repr());
    let text = text.trim_end_matches('\n');
    text.strip_suffix("\n...").unwrap_or(text).to_owned()
}

/// Returns a document of YAML as `ansible-inventory` writes one: sorted keys, vaulted texts marked as such.
pub fn inventory_yaml(value: &Value) -> Result<String, Reason> {
    let style = yaml::Style {
        indent: 2,
        width: 80,
        flow: yaml::Flow::Block,
        scalars: ScalarStyle::Any,
        sort_keys: true,
        explicit_start: false,
        explicit_end: false,
        blocks: false,
        whole: true,
        canonical: false,
        line_break: Break::Ln,
    };
    yaml::write(value, &style)
}

/// Returns the value with every text of several lines in a form that a block can have.
fn readable(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.as_str().contains(BREAKS) => lines(text.as_str()).into(),
        Value::List(items) | Value::Tuple(items) => Value::list(items.iter().map(readable)),
        Value::Map(map) => {
            Value::map(map.iter().map(|(key, value)| (readable(key), readable(value))))
        }
        Value::Object(object) => readable(&object.plain()),
        other => other.clone(),
    }
}

/// Returns a text of several lines without blanks at the ends of lines, tabs, and characters that are not printed.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.trim_end().chars() {
        match c {
            '\t' => {
                let blanks = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
                continue;
            }
            c if BREAKS.contains(&c) => {
                out.truncate(out.trim_end_matches(' ').len());
                column = 0;
            }
            '\r' => column = 0,
            _ => column += 1,
        }
        if !is_special(c) {
            out.push(c);
        }
    }
    out
}

/// Returns whether YAML writes a character only in double quotes.
fn is_special(c: char) -> bool {
    let printed = matches!(c, '\n' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    !printed || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_several_lines_are_blocks() {
        let value =
            Value::map([("a", Value::from("x\ty \n\x07z\n\n")), ("b", "one\tline ".into())]);
        assert_eq!(
            yaml(&value, 4, Texts::Readable),
            "a: |-\n    x       y\n    z\nb: \"one\\tline \""
        );
        assert_eq!(yaml(&value, 2, Texts::Exact), "a: \"x\\ty \\n\\az\\n\\n\"\nb: \"one\\tline \"");
    }
}
