//! The block above a failure: what failed, where it stands, the lines around it.

use std::path::Path;

use crate::base::{Position, path};
use crate::event::{Cause, Status, TaskInfo, TaskResult};
use crate::modules;

/// How many lines are shown above the one that is meant.
const ABOVE: u32 = 2;

/// How messages about arguments that an action refuses begin.
const REFUSALS: [&str; 4] = [
    "Unsupported parameters for ",
    "argument '",
    "missing required arguments: ",
    "parameters are mutually exclusive: ",
];

/// Returns the block above a failure.
pub(in crate::report) fn block(task: &TaskInfo, result: &TaskResult) -> String {
    let message = result.message().unwrap_or_default();
    if !result.causes.is_empty() && message.starts_with("Task failed: ") {
        return chain(task, &message, &result.causes);
    }
    if message.starts_with("Task failed: ") {
        return format!("[ERROR]: {message}\n{}", origin(&task.at));
    }
    let refused = matches!(task.action.rsplit('.').next(), Some("add_host" | "set_fact"));
    let unit = match modules::find(&task.action) {
        _ if result.status == Status::Unreachable
            || refused
            || message.starts_with("The `loop` value")
            || message.ends_with("does not support async.") =>
        {
            ""
        }
        _ if message.starts_with("async task did not complete") => "Action failed",
        _ if task.action.rsplit('.').next() == Some("async_status") => "Module failed",
        _ if message.is_empty() => "Action failed",
        None if REFUSALS.iter().any(|words| message.starts_with(words)) => "",
        Some(_) => "Module failed",
        None => "Action failed",
    };
    let words = [unit, &message];
    let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
    let end = if message.is_empty() { "." } else { "" };
    format!("[ERROR]: Task failed: {}{end}\n{}", words.join(": "), origin(&task.at))
}

/// Returns the block of a failure that has a way from the task down to what is wrong.
fn chain(task: &TaskInfo, message: &str, causes: &[Cause]) -> String {
    let first = Cause { text: "Task failed".to_owned(), at: task.at.clone() };
    let way: Vec<Cause> = std::iter::once(first).chain(causes.iter().cloned()).collect();
    let groups: Vec<&[Cause]> = way.chunk_by(|one, next| one.at == next.at).collect();
    if groups.len() == 1 {
        return format!("[ERROR]: {message}\n{}", origin(&task.at));
    }
    let steps = groups.iter().enumerate().map(|(index, group)| {
        let texts: Vec<&str> = group.iter().map(|cause| cause.text.as_str()).collect();
        let end = if index + 1 < groups.len() { "." } else { "" };
        format!("{}{end}\n{}", texts.join(": "), origin(&group[0].at))
    });
    let steps: Vec<String> = steps.collect();
    format!("[ERROR]: {message}\n\n{}", steps.join("\n<<< caused by >>>\n\n"))
}

/// Returns the place with the lines around it.
pub(in crate::report) fn origin(at: &Position) -> String {
    match at.line {
        _ if !at.is_known() => String::new(),
        // What stands on the command line is shown whole.
        0 if at.file.path.starts_with('<') => {
            format!("Origin: {}\n\n{}\n", at.file.path, at.file.text)
        }
        0 => format!("Origin: {}\n", absolute(at)),
        line => format!("Origin: {}:{line}:{}\n\n{}", absolute(at), at.column, excerpt(at)),
    }
}

/// Returns the absolute path of a place.
pub(super) fn absolute(at: &Position) -> String {
    path::absolute(Path::new(&at.file.path)).display().to_string()
}

/// How long a line may be, with its number, in characters.
const WIDEST: usize = 120;

/// Returns the line of a place with the ones above it, numbers in front, and the column below.
fn excerpt(at: &Position) -> String {
    let digits = at.line.to_string().len();
    let first = at.line.saturating_sub(ABOVE).max(1);
    let mut out = String::new();
    for number in first..=at.line {
        let Some(line) = at.file.line(number) else { continue };
        out += &shortened(&format!("{number:>digits$} {line}"));
        out.push('\n');
    }
    let indent = " ".repeat(digits + at.column as usize);
    out + &format!("{indent}^ column {}\n", at.column)
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDEST) {
        None => line.to_owned(),
        Some(_) => line.chars().take(WIDEST - 3).chain("...".chars()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SourceFile;

    #[test]
    fn an_excerpt_shows_two_lines_above() {
        let text: String = (1..=12).map(|n| format!("  line {n}\n")).collect();
        let file = SourceFile::new("a.yml", text);
        assert_eq!(
            excerpt(&Position::new(&file, 10, 3)),
            " 8   line 8\n 9   line 9\n10   line 10\n     ^ column 3\n"
        );
        assert_eq!(excerpt(&Position::new(&file, 1, 3)), "1   line 1\n    ^ column 3\n");
    }
}
