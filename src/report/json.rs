//! Results as JSON, as `ansible-playbook` shows them.

use crate::base::{Flags, Map, Value};
use crate::event::TaskResult;
use crate::template::{JsonStyle, write_json};

/// Names that are never shown: they are between units and the engine.
const HIDDEN: [&str; 3] = ["diff", "failed", "invocation"];

/// What is shown in the place of a result that must not be shown.
const CENSORED: &str =
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/// Returns a result on one line, or on several when it is loud.
pub(super) fn result(result: &TaskResult) -> String {
    let mut values = Map::new();
    if result.no_log {
        values.insert("censored", CENSORED.into());
        values
            .insert("changed", result.values.get("changed").cloned().unwrap_or(Value::Bool(false)));
    } else {
        let kept = result.values.iter().filter(|(key, _)| {
            let key = key.as_str().unwrap_or_default();
            let hidden = HIDDEN.contains(&key) || key.starts_with("_ansible");
            !(hidden || result.loud && is_noise(key, result))
        });
        values.extend(kept.map(|(key, value)| (key.clone(), masked(value))));
    }
    let style = JsonStyle {
        indent: result.loud.then(|| "    ".to_owned()),
        item_separator: if result.loud { ",".into() } else { ", ".into() },
        sort_keys: true,
        ascii: false,
        ..JsonStyle::default()
    };
    let value = Value::from(values);
    write_json(&value, &style).unwrap_or_else(|_| value.repr())
}

/// `debug` shows nothing but what it was asked for.
fn is_noise(key: &str, result: &TaskResult) -> bool {
    let is_debug = !result.values.contains_key("assertion") && !is_assert(result);
    is_debug && matches!(key, "changed" | "ansible_loop_var" | "ansible_index_var")
        || is_debug
            && result.label.is_some()
            && result.values.get("ansible_loop_var").and_then(Value::as_str) == Some(key)
        || is_debug && result.values.get("ansible_index_var").and_then(Value::as_str) == Some(key)
}

fn is_assert(result: &TaskResult) -> bool {
    result.values.get("msg").and_then(Value::as_str) == Some("All assertions passed")
}

/// Returns a value with what is secret in it masked.
pub(super) fn masked(value: &Value) -> Value {
    if !value.flags().contains(Flags::SECRET) {
        return value.clone();
    }
    match value {
        Value::Text(_) => "****".into(),
        Value::List(list) | Value::Tuple(list) => Value::list(list.iter().map(masked)),
        Value::Map(map) => Value::map(map.iter().map(|(key, value)| (key.clone(), masked(value)))),
        other => other.clone(),
    }
}
