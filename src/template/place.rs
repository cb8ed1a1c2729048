//! From a span of a template to a place in the file it stands in.
//!
//! The text of a template is what YAML made of a scalar. For a plain or quoted scalar on one line the place is exact; in
//! block and folded scalars the line is found by its text.

use std::sync::Arc;

use super::ir::{Origin, Place, Span};
use crate::base::{Position, SourceFile};

/// Lines after the start of a scalar in which its text is looked for.
const REACH: u32 = 400;

/// Returns the place of a span and how many characters of its line it covers.
pub(super) fn locate(source: &str, origin: &Origin, span: Span) -> (Position, usize) {
    let (start, end) = trimmed(source, span);
    let before = &source[..start];
    let line = before.matches('\n').count();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = source[line_start..start].chars().count();
    let shown = source[start..end].lines().next().unwrap_or_default();
    let width = shown.chars().count().max(1);
    let at = match origin {
        Origin::File(at) => Position::new(&at.file, at.line + number(line), number(column + 1)),
        Origin::Scalar(at) => in_scalar(source, at, Wanted { line, line_start, column }),
    };
    (at, width)
}

/// Returns the text of a span, without blanks around it.
pub(super) fn text(source: &str, span: Span) -> &str {
    let (start, end) = trimmed(source, span);
    &source[start..end]
}

impl Place {
    /// Returns where it is and how many characters it covers.
    pub(super) fn locate(&self) -> (Position, usize) {
        locate(&self.program.source, &self.program.origin, self.span)
    }

    /// Returns what is written there.
    pub(super) fn text(&self) -> &str {
        text(&self.program.source, self.span)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Returns the bytes of a span without blanks and without the marks that the parser counts to what follows them.
fn trimmed(source: &str, span: Span) -> (usize, usize) {
    let fits = |at: usize| at <= source.len() && source.is_char_boundary(at);
    let (start, end) = (span.start as usize, span.end as usize);
    if !fits(start) || !fits(end) || end < start {
        return (0, 0);
    }
    let text = &source[start..end];
    let mut body = text.trim_start();
    for mark in ["{{-", "{{", "{%-", "{%"] {
        if let Some(rest) = body.strip_prefix(mark) {
            body = rest.trim_start();
            break;
        }
    }
    if body.is_empty() {
        return (start, end);
    }
    let start = end - body.len();
    (start, start + body.trim_end().len())
}

struct Wanted {
    line: usize,
    line_start: usize,
    column: usize,
}

fn in_scalar(source: &str, at: &Position, wanted: Wanted) -> Position {
    if !at.is_known() || at.line == 0 {
        return at.clone();
    }
    let line_text = source[wanted.line_start..].lines().next().unwrap_or_default();
    if wanted.line == 0
        && let Some(shift) = starts_there(source, at)
    {
        return Position::new(&at.file, at.line, at.column + number(wanted.column) + shift);
    }
    search(&at.file, at.line, line_text, wanted.column).unwrap_or_else(|| at.clone())
}

/// Returns how many characters of quotes stand before the text, when the scalar is on the line of its position.
fn starts_there(source: &str, at: &Position) -> Option<u32> {
    let line = at.file.line(at.line)?;
    let from = line.char_indices().nth((at.column.max(1) - 1) as usize).map(|(place, _)| place)?;
    let written = &line[from..];
    let first = source.lines().next().unwrap_or_default();
    for shift in 0..2 {
        let rest = written.get(shift..)?;
        // Escapes of quoted scalars shift what follows them: then the start of the scalar has to do.
        if rest.starts_with(first) {
            return Some(number(shift));
        }
    }
    None
}

/// Looks for a line of the template in the lines that follow.
fn search(file: &Arc<SourceFile>, from: u32, text: &str, column: usize) -> Option<Position> {
    let wanted = text.trim();
    if wanted.is_empty() {
        return None;
    }
    let lines = file.text.lines().enumerate().skip((from as usize).saturating_sub(1));
    for (index, line) in lines.take(REACH as usize) {
        if let Some(found) = line.find(wanted) {
            let lead = text.chars().take_while(|c| c.is_whitespace()).count();
            let base = line[..found].chars().count();
            let column = base + column.saturating_sub(lead) + 1;
            return Some(Position::new(file, number(index + 1), number(column)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(file: &str, at: (u32, u32), template: &str, part: &str, expected: (u32, u32)) {
        let file = SourceFile::new("main.yml", file);
        let origin = Origin::Scalar(Position::new(&file, at.0, at.1));
        let start = template.find(part).unwrap();
        let span = Span { start: number(start), end: number(start + part.len()) };
        let (found, width) = locate(template, &origin, span);
        assert_eq!((found.line, found.column), expected);
        assert_eq!(width, part.chars().count());
    }

    #[test]
    fn scalars_on_one_line_are_exact() {
        case("a: {{ x }} b\n", (1, 4), "{{ x }} b", "x", (1, 7));
        case("a: \"{{ x }} b\"\n", (1, 4), "{{ x }} b", "x", (1, 8));
        case("- when: foo == bar\n", (1, 9), "foo == bar", "bar", (1, 16));
    }

    #[test]
    fn block_scalars_are_found_by_line() {
        let file = "a:\n  b: |\n    one\n    {{ x }}\n    {{ y }}\n";
        case(file, (2, 6), "one\n{{ x }}\n{{ y }}\n", "y", (5, 8));
        let folded = "a: >-\n  one {{ x }}\n  two {{ y }}\n";
        case(folded, (1, 4), "one {{ x }}\ntwo {{ y }}", "y", (3, 10));
    }

    #[test]
    fn an_unknown_place_stays_unknown() {
        let origin = Origin::Scalar(Position::default());
        let (at, _) = locate("{{ x }}", &origin, Span { start: 3, end: 4 });
        assert!(!at.is_known());
    }
}
