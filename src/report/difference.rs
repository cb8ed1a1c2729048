//! Differences as text: what goes, what comes, and a little around it.

use super::colour::{Colours, Role};
use super::json::masked;
use crate::base::Value;
use crate::module::Diff;
use crate::template::{JsonStyle, write_json};

/// How many equal lines are shown around what differs.
const AROUND: usize = 3;

/// Returns a difference as a unified one; nothing when there is nothing to show.
pub(super) fn text(diff: &Diff, colours: Colours) -> Option<String> {
    let (left, right, before, after) = match diff {
        Diff::None => return None,
        Diff::Prepared(text) => return Some(text.clone()),
        Diff::Text { before_header, after_header, before, after } => (
            format!("before: {before_header}"),
            format!("after: {after_header}"),
            before.clone(),
            after.clone(),
        ),
        Diff::Values { before, after, .. } => {
            ("before".into(), "after".into(), shown(before), shown(after))
        }
    };
    let left =
        if before.is_empty() && matches!(diff, Diff::Text { .. }) { "before".into() } else { left };
    let lines = unified(&before, &after);
    if lines.is_empty() {
        return None;
    }
    let mut out = vec![
        colours.paint(Role::Removed, &format!("--- {left}")),
        colours.paint(Role::Added, &format!("+++ {right}")),
    ];
    out.extend(lines.into_iter().map(|line| match line.as_bytes().first() {
        Some(b'-') => colours.paint(Role::Removed, &line),
        Some(b'+') => colours.paint(Role::Added, &line),
        Some(b'@') => colours.paint(Role::Skipped, &line),
        _ => line,
    }));
    Some(out.join("\n"))
}

fn shown(value: &Value) -> String {
    let style = JsonStyle {
        indent: Some("    ".into()),
        item_separator: ",".into(),
        sort_keys: true,
        ascii: false,
        ..JsonStyle::default()
    };
    let value = masked(value);
    write_json(&value, &style).unwrap_or_else(|_| value.repr()) + "\n"
}

/// One step of going from one text to the other.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Step {
    Keep(usize, usize),
    Remove(usize),
    Add(usize),
}

/// Returns the lines of a unified difference, without the headers.
fn unified(before: &str, after: &str) -> Vec<String> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let steps = steps(&old, &new);
    let changes: Vec<usize> =
        (0..steps.len()).filter(|index| !matches!(steps[*index], Step::Keep(..))).collect();
    let mut out = Vec::new();
    let mut next = 0;
    while next < changes.len() {
        let mut last = next;
        while last + 1 < changes.len() && changes[last + 1] - changes[last] <= 2 * AROUND {
            last += 1;
        }
        let from = changes[next].saturating_sub(AROUND);
        let to = (changes[last] + AROUND + 1).min(steps.len());
        hunk(&steps, from, to, (&old, &new), &mut out);
        next = last + 1;
    }
    out
}

fn hunk(
    steps: &[Step],
    from: usize,
    to: usize,
    (old, new): (&[&str], &[&str]),
    out: &mut Vec<String>,
) {
    let before =
        |index: usize| steps[..index].iter().filter(|step| !matches!(step, Step::Add(_))).count();
    let after = |index: usize| {
        steps[..index].iter().filter(|step| !matches!(step, Step::Remove(_))).count()
    };
    let range = |start: usize, count: usize| {
        let start = if count == 0 { start } else { start + 1 };
        if count == 1 { format!("{start}") } else { format!("{start},{count}") }
    };
    let left = range(before(from), before(to) - before(from));
    let right = range(after(from), after(to) - after(from));
    out.push(format!("@@ -{left} +{right} @@"));
    for step in &steps[from..to] {
        let (mark, line) = match *step {
            Step::Keep(index, _) => (' ', old[index]),
            Step::Remove(index) => ('-', old[index]),
            Step::Add(index) => ('+', new[index]),
        };
        out.push(format!("{mark}{}", line.trim_end_matches('\n')));
        if !line.ends_with('\n') {
            out.push("\\ No newline at end of file".into());
        }
    }
}

/// Larger texts are compared as a whole between their equal ends: the table would be too large, in cells.
const LARGEST: usize = 16_000_000;

/// Returns the shortest way from one list of lines to the other.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail =
        old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut steps: Vec<Step> = (0..head).map(|index| Step::Keep(index, index)).collect();
    if a.len().saturating_mul(b.len()) > LARGEST {
        steps.extend((0..a.len()).map(|index| Step::Remove(head + index)));
        steps.extend((0..b.len()).map(|index| Step::Add(head + index)));
    } else {
        middle(a, b, head, &mut steps);
    }
    steps.extend(
        (0..tail).map(|index| Step::Keep(old.len() - tail + index, new.len() - tail + index)),
    );
    steps
}

/// The longest common subsequence, by the classic table.
fn middle(a: &[&str], b: &[&str], head: usize, steps: &mut Vec<Step>) {
    let width = b.len() + 1;
    let mut table = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i * width + j] = if a[i] == b[j] {
                table[(i + 1) * width + j + 1] + 1
            } else {
                table[(i + 1) * width + j].max(table[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            steps.push(Step::Keep(head + i, head + j));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len()
            && (j == b.len() || table[(i + 1) * width + j] >= table[i * width + j + 1])
        {
            steps.push(Step::Remove(head + i));
            i += 1;
        } else {
            steps.push(Step::Add(head + j));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(before: &str, after: &str, expected: &[&str]) {
        assert_eq!(unified(before, after), expected);
    }

    #[test]
    fn differences() {
        case("a\nb\nc\n", "a\nx\nc\n", &["@@ -1,3 +1,3 @@", " a", "-b", "+x", " c"]);
        case("", "a\n", &["@@ -0,0 +1 @@", "+a"]);
        case("a\n", "", &["@@ -1 +0,0 @@", "-a"]);
        case("a\n", "a\n", &[]);
        case("a", "a\n", &["@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"]);
    }

    #[test]
    fn far_changes_are_in_pieces_of_their_own() {
        let before: String = (0..30).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n5\n", "\nx\n").replace("\n25\n", "\ny\n");
        assert_eq!(
            unified(&before, &after).iter().filter(|line| line.starts_with("@@")).count(),
            2
        );
    }
}
