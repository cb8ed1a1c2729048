//! The block above a failure: what failed, where it stands, the lines around it.

use std::path::Path;

use crate::base::Position;
use crate::event::{Status, TaskInfo, TaskResult};
use crate::modules;

/// How many lines are shown above the one that is meant.
const ABOVE: u32 = 2;

/// Beginnings of messages that name what went wrong before the unit ran.
const BEFORE: [&str; 4] = ["Error while", "Finalization of", "Task failed", "Unexpected "];

/// Returns the block above a failure.
pub(in crate::report) fn block(task: &TaskInfo, result: &TaskResult) -> String {
    let message = result.message().unwrap_or_default();
    let early = result.status == Status::Unreachable
        || BEFORE.iter().any(|begin| message.starts_with(begin));
    let unit = match modules::find(&task.action) {
        _ if early => "",
        Some(_) => "Module failed: ",
        None => "Action failed: ",
    };
    let message = message.strip_prefix("Task failed: ").unwrap_or(&message);
    let mut out = format!("[ERROR]: Task failed: {unit}{message}");
    if task.at.is_known() {
        out += &format!("\nOrigin: {}:{}:{}\n\n", absolute(&task.at), task.at.line, task.at.column);
        out += &excerpt(&task.at);
    }
    out
}

/// Returns the absolute path of a place.
pub(super) fn absolute(at: &Position) -> String {
    let path = Path::new(&at.file.path);
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Returns the line of a place with the ones above it, numbers in front, and the column below.
fn excerpt(at: &Position) -> String {
    let digits = at.line.to_string().len();
    let first = at.line.saturating_sub(ABOVE).max(1);
    let mut out = String::new();
    for number in first..=at.line {
        let Some(line) = at.file.line(number) else { continue };
        out += &format!("{number:>digits$} {line}\n");
    }
    let indent = " ".repeat(digits + at.column as usize);
    out + &format!("{indent}^ column {}\n", at.column)
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
