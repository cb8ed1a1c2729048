//! Filling paragraphs as Python's `textwrap` does.

use crate::base::pyregex::{Flags, Pattern};

/// Where lines may be broken.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Breaks {
    /// Whether a word longer than a line is cut.
    pub(in crate::template) long_words: bool,
    /// Whether a line may end after a hyphen.
    pub(in crate::template) hyphens: bool,
}

/// Splits text where a line may end: white space, words, and after hyphens between letters.
const PIECES: &str = r"([\t\n\v\r\f ]+|(?<=[\w!\x22'&.,?])-{2,}(?=\w)|[^\t\n\v\r\f ](?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\r\f ]|\Z)|(?<=[\w!\x22'&.,?])(?=-{2,}\w)|[^\t\n\v\r\f ])*?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\r\f ]|\Z)|(?<=[\w!\x22'&.,?])(?=-{2,}\w)))";

fn pieces(text: &str, breaks: Breaks) -> Vec<&str> {
    let source = if breaks.hyphens { PIECES } else { r"([\t\n\v\r\f ]+)" };
    let pattern = Pattern::kept(source, Flags::NONE).expect("the pattern is a constant");
    let parts = pattern.split(text, 0).unwrap_or_else(|_| vec![Some(text)]);
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect()
}

/// Returns whether a text has more characters than a number, without counting them all.
fn exceeds(text: &str, count: usize) -> bool {
    text.len() > count && text.chars().nth(count).is_some()
}

fn blank(text: &str) -> bool {
    text.trim_matches(['\t', '\n', '\u{b}', '\r', '\u{c}', ' ']).is_empty()
}

/// Returns the lines of one paragraph, no longer than `width` where words allow it.
pub(in crate::template) fn wrap(text: &str, width: usize, breaks: Breaks) -> Vec<String> {
    let mut pieces = pieces(text, breaks);
    pieces.reverse();
    let mut lines: Vec<String> = Vec::new();
    while !pieces.is_empty() {
        // White space at the start of a line goes, except before the first.
        if !lines.is_empty() && pieces.last().is_some_and(|piece| blank(piece)) {
            pieces.pop();
        }
        let mut line: Vec<&str> = Vec::new();
        let mut used = 0;
        while let Some(piece) = pieces.last() {
            if exceeds(piece, width - used) {
                break;
            }
            used += piece.chars().count();
            line.extend(pieces.pop());
        }
        if pieces.last().is_some_and(|piece| exceeds(piece, width)) {
            long_word(
                &mut pieces,
                &mut line,
                width.saturating_sub(used).max(usize::from(width < 1)),
                breaks,
            );
        }
        if line.last().is_some_and(|piece| blank(piece)) {
            line.pop();
        }
        if !line.is_empty() {
            lines.push(line.concat());
        }
    }
    lines
}

/// Deals with a word longer than a line: cuts it, or gives it a line of its own.
fn long_word<'t>(pieces: &mut Vec<&'t str>, line: &mut Vec<&'t str>, room: usize, breaks: Breaks) {
    let Some(word) = pieces.last().copied() else {
        return;
    };
    if !breaks.long_words {
        if line.is_empty() {
            line.extend(pieces.pop());
        }
        return;
    }
    let at = |count: usize| word.char_indices().nth(count).map_or(word.len(), |(at, _)| at);
    let mut end = at(room);
    if breaks.hyphens && exceeds(word, room) {
        // A cut after a hyphen is better than one inside of a part, unless the part is all hyphens.
        let hyphen = word[..end].rfind('-').filter(|hyphen| *hyphen > 0);
        if let Some(hyphen) = hyphen.filter(|hyphen| word[..*hyphen].chars().any(|c| c != '-')) {
            end = hyphen + 1;
        }
    }
    line.push(&word[..end]);
    if let Some(last) = pieces.last_mut() {
        *last = &word[end..];
    }
}
