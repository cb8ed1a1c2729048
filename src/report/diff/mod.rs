//! Differences as text: a unified diff with the same hunks as Python's `difflib`, which Ansible shows.

mod matching;

use std::fmt::Write;

use crate::base::Value;
use crate::module::Diff;
use crate::report::mask::masked;
use crate::template::{self, Texts};

use matching::{Change, changes};

/// How the sides of a difference of values are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Values {
    /// As JSON.
    Json,
    /// As YAML.
    Yaml,
    /// As YAML the way Ansible's callback does it: four spaces in front, an empty line behind.
    AnsibleYaml,
}

/// How differences are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// How many unchanged lines stand around a change.
    pub(super) context: usize,
    /// How values are written.
    pub(super) values: Values,
}

/// What a line of a difference is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// The name of the left side, or a line that goes.
    Removed,
    /// The name of the right side, or a line that comes.
    Added,
    /// Where a change is.
    Place,
    /// A line that stays.
    Same,
}

/// Returns the lines of a difference, without line feeds; nothing when both sides are the same.
pub(super) fn lines(diff: &Diff, style: Style) -> Vec<(Line, String)> {
    match diff {
        Diff::None => Vec::new(),
        Diff::Text { before_header, after_header, before, after } => {
            unified((before_header, before), (after_header, after), style.context)
        }
        Diff::Values { before, after, .. } => {
            let text = |value: &Value| side(&masked(value), style.values);
            unified(("", &text(before)), ("", &text(after)), style.context)
        }
        Diff::Prepared(text) => text.lines().map(prepared).collect(),
    }
}

/// Returns what a line of a finished difference is.
fn prepared(line: &str) -> (Line, String) {
    let kind = match line.as_bytes().first() {
        Some(b'+') => Line::Added,
        Some(b'-') => Line::Removed,
        Some(b'@') => Line::Place,
        Some(_) | None => Line::Same,
    };
    (kind, line.to_owned())
}

/// Returns a side of a difference of values as text.
fn side(value: &Value, format: Values) -> String {
    match (value, format) {
        (Value::Null, _) => String::new(),
        (Value::Text(text), _) => text.as_str().to_owned(),
        (_, Values::Json) => template::json(value, Some(4)) + "\n",
        (Value::Map(map), Values::Yaml) if map.is_empty() => String::new(),
        (_, Values::Yaml) => template::yaml(value, 2, Texts::Exact) + "\n",
        (_, Values::AnsibleYaml) => {
            let text = template::yaml(value, 4, Texts::Exact);
            let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
            lines.join("\n") + "\n\n"
        }
    }
}

/// What stands below a last line without line feed.
pub(super) const NO_NEWLINE: &str = "\\ No newline at end of file";

fn unified(before: (&str, &str), after: (&str, &str), context: usize) -> Vec<(Line, String)> {
    let old: Vec<&str> = before.1.split_inclusive('\n').collect();
    let new: Vec<&str> = after.1.split_inclusive('\n').collect();
    let groups = grouped(changes(&old, &new), context);
    if groups.is_empty() {
        return Vec::new();
    }
    let header = |sign: &str, side: &str, name: &str| {
        if name.is_empty() { format!("{sign} {side}") } else { format!("{sign} {side}: {name}") }
    };
    let mut out = vec![
        (Line::Removed, header("---", "before", before.0)),
        (Line::Added, header("+++", "after", after.0)),
    ];
    for group in groups {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let left = span(first.old.start, last.old.end);
        let right = span(first.new.start, last.new.end);
        out.push((Line::Place, format!("@@ -{left} +{right} @@")));
        for change in &group {
            if change.is_same() {
                push(&mut out, Line::Same, ' ', &old[change.old.clone()]);
            } else {
                push(&mut out, Line::Removed, '-', &old[change.old.clone()]);
                push(&mut out, Line::Added, '+', &new[change.new.clone()]);
            }
        }
    }
    out
}

fn push(out: &mut Vec<(Line, String)>, kind: Line, sign: char, lines: &[&str]) {
    for line in lines {
        match line.strip_suffix('\n') {
            Some(line) => out.push((kind, format!("{sign}{line}"))),
            None => {
                out.push((kind, format!("{sign}{line}")));
                out.push((kind, NO_NEWLINE.to_owned()));
            }
        }
    }
}

/// Returns a range of lines as hunks name it: `3`, `3,2`, or `2,0` for nothing after line 2.
fn span(start: usize, end: usize) -> String {
    let mut out = String::new();
    let written = match end - start {
        0 => write!(out, "{start},0"),
        1 => write!(out, "{}", start + 1),
        length => write!(out, "{},{length}", start + 1),
    };
    written.expect("writing to a string does not fail");
    out
}

/// Returns the changes with so many unchanged lines around them; far apart ones in groups of their own.
fn grouped(mut all: Vec<Change>, context: usize) -> Vec<Vec<Change>> {
    if all.iter().all(Change::is_same) {
        return Vec::new();
    }
    if let Some(first) = all.first_mut().filter(|first| first.is_same()) {
        first.keep_last(context);
    }
    if let Some(last) = all.last_mut().filter(|last| last.is_same()) {
        last.keep_first(context);
    }
    let mut groups = Vec::new();
    let mut group = Vec::new();
    for change in all {
        if change.is_same() && change.old.len() > 2 * context {
            let mut before = change.clone();
            before.keep_first(context);
            group.push(before);
            groups.push(std::mem::take(&mut group));
            let mut after = change;
            after.keep_last(context);
            group.push(after);
        } else {
            group.push(change);
        }
    }
    if group.iter().any(|change| !change.is_same()) {
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(before: &str, after: &str, expected: &str) {
        let diff = Diff::Text {
            before_header: "f".into(),
            after_header: "f".into(),
            before: before.into(),
            after: after.into(),
        };
        let style = Style { context: 3, values: Values::Json };
        let lines: Vec<String> = lines(&diff, style).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn texts() {
        case("a\n", "a\n", "");
        case("", "a\nb\n", "--- before: f\n+++ after: f\n@@ -0,0 +1,2 @@\n+a\n+b");
        case(
            "w\n",
            "w",
            "--- before: f\n+++ after: f\n@@ -1 +1 @@\n-w\n+w\n\\ No newline at end of file",
        );
        case(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
            "--- before: f\n+++ after: f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8",
        );
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let before: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let after = before.replace("\n3\n", "\nthree\n").replace("\n17\n", "\n");
        case(
            &before,
            &after,
            "--- before: f\n+++ after: f\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n\
             @@ -14,7 +14,6 @@\n 14\n 15\n 16\n-17\n 18\n 19\n 20",
        );
    }

    #[test]
    fn values_are_written_out() {
        let mode = |mode: &str| Value::map([("path", Value::from("/f")), ("mode", mode.into())]);
        let diff = Diff::values("/f", mode("0600"), mode("0644"));
        let text = |values| {
            let lines = lines(&diff, Style { context: 3, values });
            lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            text(Values::Json),
            "--- before\n+++ after\n@@ -1,4 +1,4 @@\n {\n-    \"mode\": \"0600\",\n+    \"mode\": \"0644\",\n     \"path\": \"/f\"\n }"
        );
        assert_eq!(
            text(Values::Yaml),
            "--- before\n+++ after\n@@ -1,2 +1,2 @@\n-mode: '0600'\n+mode: '0644'\n path: /f"
        );
    }
}
