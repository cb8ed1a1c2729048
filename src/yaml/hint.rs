//! The parser's errors in words for an operator: what it stumbled over, and what to write instead.

use std::sync::Arc;

use libyaml_safer::{Error, ErrorKind};

use super::events::place;
use super::map::unquoted;
use crate::base::{Mistake, Position, SourceFile};

/// Returns the mistake behind an error of the parser.
pub(super) fn mistake(error: &Error, text: &str, file: &Arc<SourceFile>) -> Mistake {
    if error.kind() == ErrorKind::Reader {
        return unreadable(text, file);
    }
    let at = place(file, error.problem_mark().unwrap_or_default());
    let start = error.context_mark().map_or_else(|| at.clone(), |mark| place(file, mark));
    let line = |at: &Position| text.lines().nth(at.line as usize - 1).unwrap_or_default();
    let seen = Seen { error, at: &at, start: &start, here: line(&at), there: line(&start) };
    seen.template().or_else(|| seen.character()).unwrap_or_else(|| seen.structure())
}

/// What is known of an error.
struct Seen<'a> {
    error: &'a Error,
    at: &'a Position,
    start: &'a Position,
    here: &'a str,
    there: &'a str,
}

impl Seen<'_> {
    /// A value that starts with `{{` or `{%` and has no quotes, followed by something.
    fn template(&self) -> Option<Mistake> {
        [(self.at, self.here), (self.start, self.there)].into_iter().find_map(|(at, line)| {
            let value = value_of(line);
            if !(value.starts_with("{{") || value.starts_with("{%")) {
                return None;
            }
            let column = line.chars().count() - value.chars().count() + 1;
            Some(unquoted(&Position::new(&at.file, at.line, u32::try_from(column).unwrap_or(1))))
        })
    }

    /// A character that cannot stand where it does.
    fn character(&self) -> Option<Mistake> {
        let new = |what: &str| Mistake::new(what, self.at);
        let problem = self.error.problem();
        let column = self.at.column as usize - 1;
        let found = self.here.chars().nth(column).unwrap_or(' ');
        match problem {
            "found character that cannot start any token" if found == '\t' => {
                Some(new("a tab cannot indent YAML").hint("replace the tab by spaces"))
            }
            "found character that cannot start any token" => Some(
                new(&format!("a text without quotes cannot start with `{found}`"))
                    .hint(quote_example(self.here)),
            ),
            "found a tab character where an indentation space is expected" => {
                Some(new("a tab cannot indent YAML").hint("replace the tab by spaces"))
            }
            "found unknown escape character" => {
                Some(new("unknown escape in a text in double quotes").hint(
                    "write `\\\\` for a backslash, or use single quotes, in which it means itself",
                ))
            }
            "did not find expected alphabetic or numeric character" => Some(
                Mistake::new("a text without quotes cannot start with `*` or `&`", self.start)
                    .hint(quote_example(self.there)),
            ),
            _ => None,
        }
    }

    /// Indentation, colons, brackets and quotes that do not fit together.
    fn structure(&self) -> Mistake {
        let new = |what: &str| Mistake::new(what, self.at);
        let opened = |what: &str| Mistake::new(what, self.start);
        match self.error.problem() {
            "mapping values are not allowed in this context" => self.unexpected_colon(),
            "could not find expected ':'" => missing_colon(self.start, self.there),
            "did not find expected key" => self.expected_key(),
            "did not find expected '-' indicator" => {
                new("this line belongs to no item of the list above").hint(format!(
                    "indent it to fit the item, or start it with `- `: the list begins at line {}",
                    self.start.line
                ))
            }
            "found unexpected end of stream" => opened("this quote is never closed"),
            "found unexpected document indicator" => {
                opened("this quote is not closed before the next document")
            }
            "did not find expected ',' or ']'" => opened("this `[` is never closed")
                .hint(format!("line {} came before a `]` or `,`", self.at.line)),
            "did not find expected ',' or '}'" => opened("this `{` is never closed")
                .hint(format!("line {} came before a `}}` or `,`", self.at.line)),
            "did not find expected <document start>" => {
                new("this stands outside of what came before")
                    .hint("check the indentation, and brackets closed once too often")
            }
            "block sequence entries are not allowed in this context" => {
                new("a list cannot start on the line of its key")
                    .hint("put `- ` on the next line, indented")
            }
            "found undefined tag handle" => {
                new("unknown tag").hint("a text that starts with `!` must be quoted")
            }
            other => {
                let context =
                    self.error.context().map(|text| format!(" ({text})")).unwrap_or_default();
                new(&format!("this is not valid YAML: {other}{context}"))
            }
        }
    }

    /// `a: b: c`, or an indented `key:` below a key that has a value already.
    fn unexpected_colon(&self) -> Mistake {
        let column = self.at.column as usize - 1;
        let before: String = self.here.chars().take(column).collect();
        if before.contains(": ") {
            return Mistake::new("a second `:` in this line", self.at)
                .hint(quote_example(self.here));
        }
        let mistake = Mistake::new("a key cannot stand here", self.at);
        let above = self.at.file.line(self.at.line.saturating_sub(1)).unwrap_or_default();
        if above.trim().is_empty() {
            return mistake.hint("check the indentation of this line and the one above");
        }
        if !above.trim_end().ends_with(':') && !above.contains(": ") {
            return missing_colon(&Position::new(&self.at.file, self.at.line - 1, 1), above);
        }
        mistake.hint("the line above has a value already; indent this line like the line above, or quote that value")
    }

    /// Text after a closing quote, or a line indented unlike its neighbors.
    fn expected_key(&self) -> Mistake {
        let value = value_of(self.here);
        let indent = self.here.chars().take_while(|c| *c == ' ').count();
        let first = self.at.column as usize - 1 == indent;
        if !first && value.starts_with(['"', '\'']) {
            return Mistake::new("text after the closing quote", self.at)
                .hint("quote the whole value: use the other kind of quotes outside, or double the inner ones");
        }
        if !first {
            return Mistake::new("this does not belong to the value before it", self.at)
                .hint(quote_example(self.here));
        }
        Mistake::new("this line is indented unlike the lines it belongs to", self.at).hint(format!(
            "the keys that began at line {} stand in column {}; this line is in column {}",
            self.start.line, self.start.column, self.at.column
        ))
    }
}

/// A line without colon among keys.
fn missing_colon(at: &Position, line: &str) -> Mistake {
    let word = line.trim();
    let indent = line.chars().count() - line.trim_start().chars().count();
    let at = Position::new(&at.file, at.line, u32::try_from(indent + 1).unwrap_or(1));
    let mistake = Mistake::new("a `:` is missing here", &at).width(word.chars().count());
    match word.trim_start_matches("- ").split_once(':') {
        Some((key, value)) if !value.is_empty() && !value.starts_with(' ') => {
            mistake.hint(format!("put a space after the colon: `{key}: {value}`"))
        }
        _ => {
            mistake.hint("write `key: value`, or indent the line if it goes on with the text above")
        }
    }
}

/// A character that YAML does not allow anywhere.
fn unreadable(text: &str, file: &Arc<SourceFile>) -> Mistake {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    for (number, line) in (1..).zip(text.split('\n')) {
        if let Some((column, c)) = (1..).zip(line.chars()).find(|(_, c)| !allowed(*c)) {
            let what = format!("the character U+{:04X} is not allowed in YAML", u32::from(c));
            return Mistake::new(what, &Position::new(file, number, column))
                .hint("remove it, or write it as an escape in double quotes, as \"\\x01\"");
        }
    }
    Mistake::new("this file is not YAML text", &Position::new(file, 0, 0))
}

/// Returns what stands behind `key: ` or `- ` on a line.
fn value_of(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    if rest.starts_with(['{', '"', '\'']) {
        return rest;
    }
    rest.split_once(": ").map_or("", |(_, value)| value.trim_start())
}

/// Returns a hint that shows the line with its value in quotes.
fn quote_example(line: &str) -> String {
    let value = value_of(line).trim_end();
    if value.is_empty() || value.contains('"') {
        return "put the whole value in quotes".to_owned();
    }
    let key = line.trim().strip_suffix(value).unwrap_or_default();
    format!("put the value in quotes: `{key}\"{value}\"`")
}
