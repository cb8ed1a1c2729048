//! JSON and YAML of values for reporters: what Ansible's callbacks print of a result.

use libyaml_safer::{Break, ScalarStyle};

use super::text::{json, yaml};
use crate::base::Value;

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

/// Returns a block of YAML with sorted keys, so many spaces a level, without a final line feed.
pub fn yaml(value: &Value, indent: i32) -> String {
    let style = yaml::Style {
        indent,
        width: 80,
        flow: yaml::Flow::Block,
        scalars: ScalarStyle::Any,
        sort_keys: true,
        explicit_start: false,
        explicit_end: false,
        canonical: false,
        line_break: Break::Ln,
    };
    let text = yaml::write(value, &style).unwrap_or_else(|_| value.repr());
    let text = text.trim_end_matches('\n');
    text.strip_suffix("\n...").unwrap_or(text).to_owned()
}
