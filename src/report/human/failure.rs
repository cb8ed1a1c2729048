//! A failure, complete: what went wrong, where it stands, what the program said, what to do.

use super::entry::{Said, Word};
use super::layout::Look;
use crate::base::{Map, Value, shlex};
use crate::event::{Status, TaskInfo, TaskResult};
use crate::report::mask::masked;
use crate::report::text;

/// How many lines of a program's output are shown, the last ones.
const OUTPUT: usize = 20;

/// How far below its beginning the action of a task is looked for.
const TASK: usize = 40;

/// What `command` and its like say of every failure.
const NOTHING_SAID: &str = "non-zero return code";

/// Returns what is said of a failure.
pub(super) fn said(task: &TaskInfo, result: &TaskResult, look: &Look) -> Said {
    let word = match result.status {
        _ if result.ignored => Word::Ignored,
        Status::Unreachable => Word::Unreachable,
        Status::Ok | Status::Changed | Status::Skipped | Status::Failed => Word::Failed,
    };
    if result.no_log {
        let mut said = Said::message(word, "what it said is hidden (`no_log`)");
        said.more.extend(place(task, look));
        return said;
    }
    let message = match &result.mistake {
        Some(mistake) => mistake.to_string(),
        None => {
            result.values.get("msg").map(|message| masked(message).to_string()).unwrap_or_default()
        }
    };
    let message = text::harmless(message.trim());
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default();
    let first = match (result.values.get("rc"), first) {
        (Some(status), "" | NOTHING_SAID) => format!("the command ended with status {status}"),
        (None, "") => "it failed without a message".to_owned(),
        _ => first.to_owned(),
    };
    let mut said = Said::message(word, first);
    if result.ignored && look.settings.verbosity == 0 {
        return said;
    }
    let (hints, rest): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("hint: "));
    // The lines of a mistake belong together.
    let margin = if result.mistake.is_some() { " " } else { "" };
    let rest = rest.into_iter().filter(|line| !line.trim().is_empty());
    said.more.extend(rest.map(|line| format!("{margin}{line}")));
    said.more.extend(place(task, look));
    if let Some(delegate) = &result.delegate {
        said.more.push(format!("on {delegate}"));
    }
    program(&result.values, &mut said.more);
    said.more.extend(hints.into_iter().map(|hint| match hint.strip_prefix("hint: ") {
        // The way to a variable is nothing to try.
        Some(way) if way.starts_with("needed by ") => way.to_owned(),
        _ => hint.replacen("hint: ", "try: ", 1),
    }));
    said
}

/// Returns the line that says where the task stands, with the beginning of its action.
fn place(task: &TaskInfo, look: &Look) -> Option<String> {
    if !task.at.is_known() {
        return None;
    }
    let start = task.at.line.max(1);
    let begins = format!("{}:", task.action);
    let lines = task.at.file.text.lines().enumerate().skip(start as usize - 1).take(TASK);
    let action = lines
        .map(|(index, line)| (index, line.trim_start_matches([' ', '-'])))
        .take_while(|(index, _)| *index + 1 == start as usize || !is_next(task, *index))
        .find(|(_, line)| line.starts_with(&begins));
    let Some((index, line)) = action else {
        return Some(format!("at {}", task.at));
    };
    let column = task.at.file.text.lines().nth(index).map_or(0, str::len) - line.len() + 1;
    let room = look.settings.width.max(60);
    let line = text::cut(&text::harmless(line), room, "…");
    Some(format!("at {}:{}:{column}   {line}", task.at.file.path, index + 1))
}

/// Returns whether a line begins the next task.
fn is_next(task: &TaskInfo, index: usize) -> bool {
    let Some(line) = task.at.file.text.lines().nth(index) else { return true };
    let indent = line.len() - line.trim_start().len();
    line.trim_start().starts_with("- ") && indent < task.at.column as usize
}

/// Adds the program that ran and what it wrote.
fn program(values: &Map, lines: &mut Vec<String>) {
    match values.get("cmd").map(masked) {
        Some(Value::List(words)) => {
            let words: Vec<String> =
                words.iter().map(|word| shlex::quote(&text::harmless(&word.to_string()))).collect();
            let command = words.join(" ");
            // The task shows it where it is written out there.
            if !lines.iter().any(|line| line.starts_with("at ") && line.ends_with(&command)) {
                lines.push(format!("command: {command}"));
            }
        }
        Some(Value::Null) | None => {}
        Some(other) => lines
            .push(format!("command: {}", text::harmless(&other.to_string()).replace('\n', "; "))),
    }
    for name in ["stderr", "stdout", "module_stderr", "module_stdout"] {
        let text = values.get(name).map(|text| masked(text).to_string()).unwrap_or_default();
        let all: Vec<String> =
            text::harmless(&text).trim_end().lines().map(str::to_owned).collect();
        let hidden = all.len().saturating_sub(OUTPUT);
        if hidden > 0 {
            lines.push(format!("{name}, without its first {hidden} lines:"));
        } else if all.len() > 1 {
            lines.push(format!("{name}:"));
        }
        match &all[..] {
            [] => {}
            [line] => lines.push(format!("{name}: {line}")),
            all => lines.extend(all[hidden..].iter().map(|line| format!("  {line}"))),
        }
    }
}
