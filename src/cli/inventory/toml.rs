//! Values as TOML, laid out as the library does that `ansible-inventory` uses: values before tables, one item a line.

use std::fmt::Write;

use crate::base::value::float_repr;
use crate::base::{LazyKind, Map, Value};

/// A line that is longer is laid out as tables of its own.
const WIDEST: usize = 100;

/// Writes a dictionary as a document.
pub(super) fn write(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    if let Value::Map(map) = value {
        table(map, "", false, &mut out)?;
    }
    Ok(out)
}

fn table(map: &Map, name: &str, in_array: bool, out: &mut String) -> Result<(), String> {
    let mut literals = String::new();
    let mut tables: Vec<(String, &Map, bool)> = Vec::new();
    for (name, value) in map {
        let key = key(&name.to_string());
        match value {
            Value::Map(inner) => tables.push((key, inner, false)),
            Value::List(items) | Value::Tuple(items) if !items.is_empty() && is_tables(items)? => {
                tables.extend(
                    items.iter().filter_map(|item| Some((key.clone(), &**item.as_map()?, true))),
                );
            }
            other => {
                writeln!(literals, "{key} = {}", literal(other, 0)?)
                    .expect("writing to a string does not fail");
            }
        }
    }
    let mut written = in_array || !name.is_empty() && (!literals.is_empty() || tables.is_empty());
    if written {
        let (open, close) = if in_array { ("[[", "]]") } else { ("[", "]") };
        writeln!(out, "{open}{name}{close}").expect("writing to a string does not fail");
    }
    written |= !literals.is_empty();
    out.push_str(&literals);
    for (key, inner, in_array) in tables {
        if std::mem::replace(&mut written, true) {
            out.push('\n');
        }
        let full = if name.is_empty() { key } else { format!("{name}.{key}") };
        table(inner, &full, in_array, out)?;
    }
    Ok(())
}

/// Returns whether a list is of tables, and one of them too wide for a line.
fn is_tables(items: &[Value]) -> Result<bool, String> {
    if !items.iter().all(|item| matches!(item, Value::Map(_))) {
        return Ok(false);
    }
    for item in items {
        let line = literal(item, 0)?;
        if line.chars().count() + 5 > WIDEST || line.contains('\n') {
            return Ok(true);
        }
    }
    Ok(false)
}

fn literal(value: &Value, depth: usize) -> Result<String, String> {
    Ok(match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(_) | Value::Big(_) => value.to_string(),
        Value::Float(number) => float_repr(*number),
        Value::Text(chars) => text(chars.as_str()),
        Value::Lazy(lazy) if lazy.kind() == LazyKind::Vault => {
            return Err("TOML has no vaulted texts; write YAML or JSON instead".to_owned());
        }
        Value::Lazy(lazy) => text(lazy.source()),
        Value::List(items) | Value::Tuple(items) if items.is_empty() => "[]".to_owned(),
        Value::List(items) | Value::Tuple(items) => {
            let items: Result<Vec<_>, _> =
                items.iter().map(|item| literal(item, depth + 1)).collect();
            let indent = "    ".repeat(depth + 1);
            let lines: String = items?.iter().map(|item| format!("{indent}{item},\n")).collect();
            format!("[\n{lines}{}]", "    ".repeat(depth))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let pair = |(name, value): (&Value, &Value)| {
                Ok::<_, String>(format!("{} = {}", key(&name.to_string()), literal(value, depth)?))
            };
            let pairs: Result<Vec<_>, _> = map.iter().map(pair).collect();
            format!("{{ {} }}", pairs?.join(", "))
        }
        Value::Null => return Err("TOML has no `null`; write YAML or JSON instead".to_owned()),
        Value::Bytes(_) => return Err("TOML has no bytes; write YAML instead".to_owned()),
        Value::Object(object) => object.plain().to_string(),
    })
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { text(name) }
}

fn text(chars: &str) -> String {
    let mut out = String::from("\"");
    for c in chars.chars() {
        match c {
            '\u{8}' => out.push_str("\\b"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push('\t'),
            c if (c as u32) < 0x20 || c == '\u{7f}' => {
                write!(out, "\\u{:04x}", c as u32).expect("writing to a string does not fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(yaml: &str, expected: &str) {
        let found = write(&crate::yaml::value_of(yaml).unwrap()).unwrap_or_else(|why| why);
        assert_eq!(found, expected);
    }

    #[test]
    fn values_come_before_tables() {
        case(
            "{t: {a: 1}, b: x, l: [1, [2]]}",
            "b = \"x\"\nl = [\n    1,\n    [\n        2,\n    ],\n]\n\n[t]\na = 1\n",
        );
        case("{a.b: {}, l: [{x: 1}], f: 1.0}", "l = [\n    { x = 1 },\n]\nf = 1.0\n\n[\"a.b\"]\n");
        case("{a: }", "TOML has no `null`; write YAML or JSON instead");
    }
}
