//! The text cut into tokens: plain text with its white space control, and what stands between marks.

use super::failure::Failure;
use super::marks::{Found, Marks, Tag};
use super::token::{Kind, Token};
use super::{Parsed, Span, literal};
use crate::template::RenderOptions;

/// Operators of two characters; those of one are in [`SINGLE`].
const DOUBLE: &[&str] = &["!=", "**", "//", "<=", "==", ">="];

const SINGLE: &str = "%()*+,-./:;<=>[]{|}~";

/// What is read at a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Block,
    Data,
    LineStatement,
    Print,
}

/// Reads a text token by token.
pub(super) struct Lexer<'a> {
    /// The text without its last newline.
    text: &'a str,
    options: &'a RenderOptions,
    marks: Marks<'a>,
    at: usize,
    state: State,
    /// Brackets that are open, by what closes them.
    open: Vec<u8>,
    /// What comes before anything else is read.
    next: Option<Token<'a>>,
}

fn span(start: usize, end: usize) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: number(start), end: number(end) }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, options: &'a RenderOptions, state: State) -> Self {
        let whole = options.keep_trailing_newline || state != State::Data;
        let text = if whole { text } else { text.strip_suffix('\n').unwrap_or(text) };
        let marks = Marks::new(options);
        Self { text, options, marks, at: 0, state, open: Vec::new(), next: None }
    }

    /// Returns the next token; at the end of the text always [`Kind::End`].
    pub(super) fn token(&mut self) -> Parsed<Token<'a>> {
        if let Some(token) = self.next.take() {
            return Ok(token);
        }
        if self.state == State::Data { self.data() } else { self.inner() }
    }

    fn made(&self, kind: Kind, start: usize, end: usize) -> Token<'a> {
        Token { kind, text: &self.text[start..end], span: span(start, end) }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Reads plain text up to a tag, and the start of the tag.
    fn data(&mut self) -> Parsed<Token<'a>> {
        loop {
            let start = self.at;
            let Some(found) = self.marks.find(self.text, start) else {
                self.at = self.text.len();
                let kind = if start == self.at { Kind::End } else { Kind::Data };
                return Ok(self.made(kind, start, self.at));
            };
            let (inner, sign) = self.sign(found.inner);
            let end = self.trimmed(start, &found, sign);
            self.at = inner;
            let raw = match found.tag {
                Tag::Block => self.raw_start(),
                _ => None,
            };
            match (found.tag, raw) {
                (_, Some(body)) => self.next = self.raw(found.start, body)?,
                (Tag::Comment, _) => self.comment(found.start)?,
                (Tag::LineComment, _) => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                (tag, None) => self.begin(tag, found.start),
            }
            if end > start {
                return Ok(self.made(Kind::Data, start, end));
            }
            if let Some(token) = self.next.take() {
                return Ok(token);
            }
        }
    }

    fn begin(&mut self, tag: Tag, start: usize) {
        let (kind, state) = match tag {
            Tag::Print => (Kind::PrintStart, State::Print),
            Tag::LineStatement => (Kind::BlockStart, State::LineStatement),
            _ => (Kind::BlockStart, State::Block),
        };
        self.state = state;
        self.next = Some(self.made(kind, start, self.at));
    }

    /// Returns where the sign for white space behind a mark ends, and the sign.
    fn sign(&self, at: usize) -> (usize, Option<char>) {
        match self.text[at..].chars().next() {
            Some(sign @ ('+' | '-')) => (at + 1, Some(sign)),
            _ => (at, None),
        }
    }

    /// Returns where the plain text before a tag ends.
    fn trimmed(&self, start: usize, found: &Found, sign: Option<char>) -> usize {
        let text = &self.text[start..found.start];
        if sign == Some('-') {
            return start + text.trim_end().len();
        }
        if !self.options.lstrip_blocks || sign.is_some() || found.tag == Tag::Print {
            return found.start;
        }
        let line = text.rfind('\n').map_or(0, |at| at + 1);
        let is_start = line > 0 || start == 0 || self.text.as_bytes()[start - 1] == b'\n';
        if is_start && text[line..].trim().is_empty() { start + line } else { found.start }
    }

    /// Goes behind the comment that was begun.
    fn comment(&mut self, start: usize) -> Parsed<()> {
        let mark = &*self.options.delimiters.comment.1;
        let Some(length) = self.rest().find(mark) else {
            return Err(Failure::new("Missing end of comment tag", span(start, self.at)));
        };
        let sign = self.rest()[..length].chars().next_back();
        self.at += length + mark.len();
        self.after_block(sign);
        Ok(())
    }

    /// Passes over the white space that goes with the end of a tag.
    fn after_block(&mut self, sign: Option<char>) {
        match sign {
            Some('-') => self.at += self.rest().len() - self.rest().trim_start().len(),
            Some('+') => {}
            _ if self.options.trim_blocks && self.rest().starts_with('\n') => self.at += 1,
            _ => {}
        }
    }

    /// Returns where the text of a raw block begins, when the tag starts one.
    fn raw_start(&self) -> Option<usize> {
        let rest = self.rest().trim_start().strip_prefix("raw")?.trim_start();
        let end = &*self.options.delimiters.block.1;
        let body = match rest.strip_prefix('-').and_then(|rest| rest.strip_prefix(end)) {
            Some(body) => body.trim_start(),
            None => rest.strip_prefix(end)?,
        };
        Some(self.text.len() - body.len())
    }

    /// Reads a raw block whose text begins at a place.
    fn raw(&mut self, start: usize, body: usize) -> Parsed<Option<Token<'a>>> {
        let marks = &self.options.delimiters.block;
        let mut from = body;
        while let Some(found) = self.text[from..].find(&*marks.0) {
            let place = from + found;
            let (inner, sign) = self.sign(place + marks.0.len());
            from = place + marks.0.len();
            let Some(rest) = self.text[inner..].trim_start().strip_prefix("endraw") else {
                continue;
            };
            let rest = rest.trim_start();
            let closing = rest.chars().next().filter(|sign| matches!(sign, '+' | '-'));
            let rest = &rest[closing.map_or(0, char::len_utf8)..];
            let Some(rest) = rest.strip_prefix(&*marks.1) else { continue };
            let found = Found { tag: Tag::Block, start: place, inner };
            let end = self.trimmed(body, &found, sign);
            self.at = self.text.len() - rest.len();
            self.after_block(closing);
            return Ok((end > body).then(|| self.made(Kind::Data, body, end)));
        }
        Err(Failure::new("Missing end of raw directive", span(start, body)))
    }

    /// Reads a token between marks.
    fn inner(&mut self) -> Parsed<Token<'a>> {
        loop {
            if self.open.is_empty()
                && let Some(token) = self.end()
            {
                return Ok(token);
            }
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            if blank == 0 {
                break;
            }
            self.at += blank;
        }
        let (start, rest) = (self.at, self.rest());
        let Some(first) = rest.chars().next() else {
            return Ok(self.made(Kind::End, start, start));
        };
        let after_dot = start > 0 && self.text.as_bytes()[start - 1] == b'.';
        let (kind, length) = if let Some(found) = literal::number(rest, after_dot) {
            found
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            (Kind::Word, end.unwrap_or(rest.len()))
        } else if matches!(first, '\'' | '"') {
            let Some(length) = literal::closing(&rest[1..], first) else {
                let at = span(start, self.text.len());
                return Err(Failure::new("a text constant is not closed", at));
            };
            (Kind::Text, length + 2)
        } else {
            (Kind::Operator, self.operator(first)?)
        };
        self.at += length;
        Ok(self.made(kind, start, self.at))
    }

    /// Reads the end of the tag when it comes.
    fn end(&mut self) -> Option<Token<'a>> {
        let (start, rest) = (self.at, self.rest());
        let marks = &self.options.delimiters;
        let (mark, kind) = match self.state {
            State::LineStatement => return self.line_end(),
            State::Print => (&*marks.variable.1, Kind::PrintEnd),
            _ => (&*marks.block.1, Kind::BlockEnd),
        };
        let sign = rest.chars().next().filter(|sign| match sign {
            '-' => true,
            '+' => kind == Kind::BlockEnd,
            _ => false,
        });
        let signed = sign.filter(|sign| rest[sign.len_utf8()..].starts_with(mark));
        if signed.is_none() && !rest.starts_with(mark) {
            return None;
        }
        let end = start + signed.map_or(0, char::len_utf8) + mark.len();
        self.at = end;
        if kind == Kind::BlockEnd || signed.is_some() {
            self.after_block(signed);
        }
        self.state = State::Data;
        Some(self.made(kind, start, end))
    }

    /// Reads the end of a line that is a statement.
    fn line_end(&mut self) -> Option<Token<'a>> {
        let (start, rest) = (self.at, self.rest());
        let blank = rest.len() - rest.trim_start().len();
        let end = match rest[..blank].rfind('\n') {
            _ if blank == rest.len() => blank,
            Some(place) => place + 1,
            None => return None,
        };
        self.at = start + end;
        self.state = State::Data;
        Some(self.made(Kind::BlockEnd, start, start))
    }

    /// Returns the length of the operator that comes, and notes brackets.
    fn operator(&mut self, first: char) -> Parsed<usize> {
        let (start, rest) = (self.at, self.rest());
        if DOUBLE.iter().any(|operator| rest.starts_with(operator)) {
            return Ok(2);
        }
        let at = span(start, start + first.len_utf8());
        if !SINGLE.contains(first) {
            let failure = Failure::new(format!("unexpected char '{first}'"), at);
            return Err(match first {
                '&' => failure.hint("write `and`"),
                '!' => failure.hint("write `not`"),
                _ => failure,
            });
        }
        match first {
            '(' => self.open.push(b')'),
            '[' => self.open.push(b']'),
            '{' => self.open.push(b'}'),
            ')' | ']' | '}' => match self.open.pop().map(char::from) {
                Some(expected) if expected == first => {}
                Some(expected) => {
                    let said = format!("unexpected '{first}', expected '{expected}'");
                    return Err(Failure::new(said, at));
                }
                None => return Err(Failure::new(format!("unexpected '{first}'"), at)),
            },
            _ => {}
        }
        Ok(1)
    }
}
