//! The marks of a template: where a tag starts in plain text.

use crate::template::RenderOptions;

/// What a mark starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tag {
    Block,
    Comment,
    LineComment,
    LineStatement,
    Print,
}

/// The marks that start something, and those that end it.
pub(super) struct Marks<'a> {
    /// Starts inside of lines, the longest first.
    starts: Vec<(&'a str, Tag)>,
    line_statement: &'a str,
    line_comment: &'a str,
    /// The bytes that a start begins with.
    firsts: [bool; 256],
}

/// A tag that was found: where its text begins, where what follows the mark does, and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) tag: Tag,
    pub(super) start: usize,
    pub(super) inner: usize,
}

impl<'a> Marks<'a> {
    pub(super) fn new(options: &'a RenderOptions) -> Self {
        let marks = &options.delimiters;
        let mut starts = vec![
            (&*marks.variable.0, Tag::Print),
            (&*marks.comment.0, Tag::Comment),
            (&*marks.block.0, Tag::Block),
        ];
        starts.retain(|(mark, _)| !mark.is_empty());
        // The sort is stable: of equal marks the first one wins.
        starts.sort_by_key(|(mark, _)| std::cmp::Reverse(mark.len()));
        let mut firsts = [false; 256];
        for (mark, _) in &starts {
            firsts[usize::from(mark.as_bytes()[0])] = true;
        }
        let (line_statement, line_comment) = (&*marks.line_statement, &*marks.line_comment);
        if let Some(first) = line_comment.bytes().next() {
            firsts[usize::from(first)] = true;
        }
        Self { starts, line_statement, line_comment, firsts }
    }

    /// Returns the first tag at or after a place.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Found> {
        let bytes = text.as_bytes();
        for place in from..bytes.len() {
            let starts_line = place == 0 || bytes[place - 1] == b'\n';
            if starts_line && let Some(found) = self.line_statement(text, place) {
                return Some(found);
            }
            if self.firsts[usize::from(bytes[place])]
                && let Some(found) = self.at(text, from, place)
            {
                return Some(found);
            }
        }
        None
    }

    fn at(&self, text: &str, from: usize, place: usize) -> Option<Found> {
        let rest = text.get(place..)?;
        for (mark, tag) in &self.starts {
            if rest.starts_with(mark) {
                return Some(Found { tag: *tag, start: place, inner: place + mark.len() });
            }
        }
        if self.line_comment.is_empty() || !rest.starts_with(self.line_comment) {
            return None;
        }
        // The blanks before it belong to it, those before it on a line of its own too.
        let start = from + text[from..place].trim_end_matches([' ', '\t']).len();
        let inner = place + self.line_comment.len();
        Some(Found { tag: Tag::LineComment, start, inner })
    }

    fn line_statement(&self, text: &str, place: usize) -> Option<Found> {
        if self.line_statement.is_empty() {
            return None;
        }
        let rest = text[place..].trim_start_matches([' ', '\t', '\u{b}']);
        if self.line_comment.len() > self.line_statement.len()
            && rest.starts_with(self.line_comment)
        {
            let inner = text.len() - rest.len() + self.line_comment.len();
            return Some(Found { tag: Tag::LineComment, start: place, inner });
        }
        let after = rest.strip_prefix(self.line_statement)?;
        let inner = text.len() - after.len();
        Some(Found { tag: Tag::LineStatement, start: place, inner })
    }
}
