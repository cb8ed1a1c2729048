//! Which values of a result are shown, and how they are written.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::event::{Status, TaskInfo, TaskResult};
use crate::report::mask::{HIDDEN, masked};
use crate::report::settings::ValueFormat;
use crate::template::{self, Texts};

/// Values that the line says already, or that are shown apart.
const APART: [&str; 5] = ["deprecations", "exception", "failed", "skipped", "warnings"];

/// Values that are shown from `-vvv` on.
const DETAILS: [&str; 2] = ["diff", "invocation"];

/// Values that `debug` does not show beside its variable.
const NOT_OF_DEBUG: [&str; 6] = [
    "ansible_index_var",
    "ansible_loop",
    "ansible_loop_var",
    "changed",
    "failed_when_result",
    "skip_reason",
];

/// Returns the action without its collection.
fn short(task: &TaskInfo) -> &str {
    task.action.rsplit('.').next().unwrap_or_default()
}

/// Returns whether the task is `debug`.
pub(in crate::report) fn is_debug(task: &TaskInfo) -> bool {
    short(task) == "debug"
}

/// Returns whether the values are too many to be shown with `-v`: those of facts.
pub(super) fn is_quiet(task: &TaskInfo) -> bool {
    matches!(short(task), "gather_facts" | "setup")
}

/// Returns whether the values of a failure are spread over several lines, as those of the same success are.
pub(super) fn is_loud(task: &TaskInfo, result: &TaskResult) -> bool {
    let by_nature = match short(task) {
        "assert" => result.values.contains_key("assertion"),
        "debug" => {
            result.values.contains_key("changed")
                && result.values.contains_key("failed_when_result")
        }
        _ => false,
    };
    by_nature && result.status == Status::Failed
}

/// Returns what is shown of the values of a result: of `debug`, what it was asked for.
pub(in crate::report) fn shown(task: &TaskInfo, result: &TaskResult, verbosity: u8) -> Map {
    filtered(result, verbosity, is_debug(task))
}

/// Returns what is shown of the values of a result, whatever the unit is.
pub(in crate::report) fn all_shown(result: &TaskResult, verbosity: u8) -> Map {
    filtered(result, verbosity, false)
}

fn filtered(result: &TaskResult, verbosity: u8, debug: bool) -> Map {
    if result.no_log {
        let changed = result.values.get("changed").cloned();
        let changed = changed.filter(|_| !debug);
        let changed = changed.map(|changed| ("changed", changed));
        return [("censored", Value::from(HIDDEN))].into_iter().chain(changed).collect();
    }
    let message_alone = debug && result.values.contains_key("msg");
    let keep = |key: &str| {
        if message_alone {
            return key == "msg";
        }
        let hidden = APART.contains(&key)
            || key.starts_with("_ansible_")
            || (verbosity < 3 && DETAILS.contains(&key))
            || (debug && NOT_OF_DEBUG.contains(&key))
            || (result.looped && key == "results" && result.status != Status::Unreachable);
        !hidden
    };
    let pairs = result.values.iter().filter(|(key, _)| key.as_str().is_none_or(keep));
    let invocation = result.invocation.as_ref().filter(|_| verbosity > 2 && !debug).map(|args| {
        let args = [("module_args", masked(&Value::Map(Arc::clone(args))))];
        (Value::from("invocation"), Value::map(args))
    });
    pairs.map(|(key, value)| (masked(key), masked(value))).chain(invocation).collect()
}

/// Writes values; for JSON `pretty` means several lines, for YAML it means readable before exact.
pub(in crate::report) fn dump(mut values: Map, pretty: bool, format: ValueFormat) -> String {
    if format == ValueFormat::Json {
        return template::json(&values.into(), pretty.then_some(4));
    }
    let repeated = [("stdout", "stdout_lines"), ("stderr", "stderr_lines")];
    for (name, lines) in repeated.iter().filter(|_| pretty) {
        if values.contains_key(name) && values.contains_key(lines) {
            values.insert(*lines, "<omitted>".into());
        }
    }
    let (indent, texts) = if pretty { (4, Texts::Readable) } else { (2, Texts::Exact) };
    let text = if values.is_empty() {
        "{}".to_owned()
    } else {
        template::yaml(&values.into(), indent, texts)
    };
    let lines = text
        .lines()
        .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("    {line}") });
    format!("\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_indented_and_says_lines_once() {
        let values = Map::from_iter([
            ("stdout", Value::from("a\nb")),
            ("stdout_lines", Value::list(["a".into(), "b".into()])),
            ("changed", true.into()),
        ]);
        assert_eq!(
            dump(values.clone(), true, ValueFormat::Yaml),
            "\n    changed: true\n    stdout: |-\n        a\n        b\n    stdout_lines: <omitted>"
        );
        assert_eq!(
            dump(values, false, ValueFormat::Json),
            "{\"changed\": true, \"stdout\": \"a\\nb\", \"stdout_lines\": [\"a\", \"b\"]}"
        );
    }
}
