//! What is said of one result.

use super::entry::{Said, Word};
use super::failure;
use super::layout::Look;
use crate::base::{Map, Value};
use crate::event::{Status, TaskInfo, TaskResult};
use crate::module::Diff;
use crate::report::ansible::{is_debug, shown};
use crate::report::diff;
use crate::report::mask::{masked, masked_map};
use crate::report::text;
use crate::template::{self, Texts};

/// How many lines of a program's output are shown with `-v`.
const OUTPUT: usize = 20;

/// Returns what is said of a result; nothing when its status is all there is to say.
pub(super) fn said(task: &TaskInfo, result: &TaskResult, look: &Look) -> Option<Said> {
    match result.status {
        Status::Ok if result.loud && !result.no_log => Some(loud(task, result)),
        Status::Ok | Status::Skipped => None,
        Status::Changed => Some(changed(task, result, look)),
        Status::Failed | Status::Unreachable => Some(failure::said(task, result, look)),
    }
}

/// Returns what stands behind a host that was skipped.
pub(super) fn skip_reason(result: &TaskResult) -> String {
    let text = |name: &str| result.values.get(name).map(|value| masked(value).to_string());
    match text("false_condition") {
        Some(condition) => format!("not {condition}"),
        None => text("skipped_reason").or_else(|| text("msg")).unwrap_or_default(),
    }
}

/// Says the values of `debug` and the like.
fn loud(task: &TaskInfo, result: &TaskResult) -> Said {
    let values = masked_map(&shown(task, result, 0));
    let mut said = Said::word(Word::Ok);
    if let Some(message) = values.get("msg").filter(|_| is_debug(task) || values.len() <= 2) {
        return with_value(said, "", message);
    }
    if let (1, Some((name, value))) = (values.len(), values.iter().next()) {
        return with_value(said, &name.to_string(), value);
    }
    said.more = block(&values.into());
    said
}

/// Puts a value behind the host, or below when it takes more than a line.
fn with_value(mut said: Said, name: &str, value: &Value) -> Said {
    let mut lines = match value {
        Value::List(items) | Value::Tuple(items) if !items.is_empty() => block(value),
        Value::Map(map) if !map.is_empty() => block(value),
        other => text::harmless(&other.to_string()).lines().map(str::to_owned).collect(),
    };
    if lines.len() == 1 && !matches!(value, Value::List(_) | Value::Tuple(_) | Value::Map(_)) {
        let line = lines.remove(0);
        said.message = if name.is_empty() { line } else { format!("{name} = {line}") };
    } else if lines.is_empty() {
        said.message = if name.is_empty() { String::new() } else { format!("{name} is empty") };
    } else {
        said.message = name.to_owned();
        said.more = lines;
    }
    said
}

fn block(value: &Value) -> Vec<String> {
    template::yaml(value, 2, Texts::Readable).lines().map(text::harmless).collect()
}

fn changed(task: &TaskInfo, result: &TaskResult, look: &Look) -> Said {
    let word = if task.check { Word::WouldChange } else { Word::Changed };
    if result.no_log {
        return Said::word(word);
    }
    let mut said = Said::message(word, first_line(&result.values));
    if look.settings.verbosity > 0 {
        said.more = output(&result.values);
    }
    if look.settings.verbosity > 1 {
        said.more = block(&masked_map(&shown(task, result, look.settings.verbosity)).into());
    }
    let style = diff::Style { context: look.settings.context, values: diff::Values::Yaml };
    for difference in &result.diffs {
        let mut lines = diff::lines(difference, style);
        if let [first, second, ..] = &mut lines[..] {
            name_sides(difference, (&mut first.1, &mut second.1));
        }
        said.diff.extend(lines);
    }
    said
}

/// Writes the names of both sides of a difference.
fn name_sides(difference: &Diff, (first, second): (&mut String, &mut String)) {
    match difference {
        Diff::Values { header, .. } if !header.is_empty() => {
            *first = format!("--- {header}");
            *second = "+++ (after)".to_owned();
        }
        Diff::Text { before_header, after_header, .. } if !after_header.is_empty() => {
            let (before, after) = match before_header.as_str() {
                "" => ("(absent)", after_header.as_str()),
                before if before == after_header => (before, "(after)"),
                before => (before, after_header.as_str()),
            };
            *first = format!("--- {before}");
            *second = format!("+++ {after}");
        }
        Diff::None | Diff::Prepared(_) | Diff::Text { .. } | Diff::Values { .. } => {}
    }
}

/// Returns the message of a result, when it is one line that says something.
fn first_line(values: &Map) -> String {
    let message = values.get("msg").map(|message| masked(message).to_string()).unwrap_or_default();
    let message = text::harmless(message.trim());
    let silent = message.is_empty() || message.contains('\n') || values.contains_key("cmd");
    if silent { String::new() } else { message }
}

/// Returns what a program wrote, the end of it.
fn output(values: &Map) -> Vec<String> {
    let mut lines = Vec::new();
    for name in ["stdout", "stderr"] {
        let text = values.get(name).map(|text| masked(text).to_string()).unwrap_or_default();
        let all: Vec<String> = text::harmless(&text).lines().map(str::to_owned).collect();
        lines.extend(all.into_iter().filter(|line| !line.trim().is_empty()));
    }
    let hidden = lines.len().saturating_sub(OUTPUT);
    lines.split_off(hidden)
}
