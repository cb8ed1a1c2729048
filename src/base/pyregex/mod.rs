//! Regular expressions with Python's meaning, for filters, tests and the modules that take a `regexp`.
//!
//! The pattern is rewritten into the syntax of `fancy-regex` (`translate`), searching follows Python's rules for empty
//! matches, and replacements are Python's (`\1`, `\g<name>`; `template`).

mod template;
mod translate;

use std::collections::HashMap;
use std::ops::{BitOr, Range};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fancy_regex::{Regex, RegexBuilder};

pub use template::Template;

/// How a pattern is read; several are joined with `|`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Flags(u8);

impl Flags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// Upper and lower case are the same.
    pub const IGNORECASE: Self = Self(1);
    /// `^` and `$` match at every line.
    pub const MULTILINE: Self = Self(2);
    /// `.` matches a line feed too.
    pub const DOTALL: Self = Self(4);
    /// White space and comments in the pattern do not count.
    pub const VERBOSE: Self = Self(8);
    /// `\w`, `\d`, `\s` and `\b` know ASCII only.
    pub const ASCII: Self = Self(16);

    /// Returns whether all of `other` is set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns these flags when `yes`, otherwise none.
    #[must_use]
    pub fn when(self, yes: bool) -> Self {
        if yes { self } else { Self::NONE }
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Why a pattern or a replacement cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// The pattern is not a regular expression.
    #[error("`{pattern}` is not a valid regular expression: {why}")]
    Pattern {
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// The replacement names something that is not there.
    #[error("`{replacement}` is not a valid replacement: {why}")]
    Replacement {
        /// The replacement as written.
        replacement: String,
        /// What is wrong with it.
        why: String,
    },
    /// Matching took too long.
    #[error("the regular expression `{0}` takes too long on this text; make it less ambiguous")]
    Effort(String),
    /// What comes of replacing is too long.
    #[error("replacing `{0}` would give a text of more than {mib} MiB", mib = LONGEST >> 20)]
    Length(String),
}

/// Steps a single search may take. Python has no limit; a run that hangs helps nobody.
const EFFORT: usize = 50_000_000;

/// Longest text that replacing gives, in bytes.
const LONGEST: usize = 64 << 20;

/// Patterns kept compiled.
const KEPT: usize = 512;

/// Which of a pattern's compiled forms: what `$` means depends on whether the text ends with a line feed, and after an
/// empty match the next one must not end where it ended.
#[derive(Clone, Copy)]
enum Form {
    Search,
    SearchBeforeNewline,
    Advance,
    AdvanceBeforeNewline,
    Full,
    FullBeforeNewline,
}

/// A compiled regular expression.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    flags: Flags,
    names: Vec<Option<String>>,
    uses_end: bool,
    forms: [OnceLock<Option<Regex>>; 6],
}

impl Pattern {
    /// Compiles a pattern.
    pub fn new(source: &str, flags: Flags) -> Result<Self, PatternError> {
        let invalid = |why: String| PatternError::Pattern { pattern: source.to_owned(), why };
        let plain = translate::translate(source, flags, r"\z").map_err(invalid)?;
        let regex = build(&plain.text).map_err(|error| invalid(plain_words(&error)))?;
        let pattern = Self {
            source: source.to_owned(),
            flags,
            names: plain.names,
            uses_end: plain.uses_end,
            forms: Default::default(),
        };
        // The cell is new, so this always sets it.
        pattern.forms[Form::Search as usize].get_or_init(|| Some(regex));
        Ok(pattern)
    }

    /// Returns the compiled pattern from those kept, or compiles and keeps it.
    pub fn kept(source: &str, flags: Flags) -> Result<Arc<Self>, PatternError> {
        type Kept = HashMap<(String, Flags), Arc<Pattern>>;
        static PATTERNS: OnceLock<Mutex<Kept>> = OnceLock::new();
        let kept = PATTERNS.get_or_init(Mutex::default);
        let key = (source.to_owned(), flags);
        if let Some(pattern) = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(pattern));
        }
        let pattern = Arc::new(Self::new(source, flags)?);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&pattern));
        Ok(pattern)
    }

    /// Returns the pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns how many groups the pattern has.
    pub fn groups(&self) -> usize {
        self.names.len()
    }

    /// Returns the number of a named group.
    pub fn group_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.as_deref() == Some(name)).map(|place| place + 1)
    }

    /// Returns the names of the groups from 1 on, nothing for those without one.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.names
    }

    /// Returns the first place where the pattern matches.
    pub fn search<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, PatternError> {
        self.search_from(text, 0)
    }

    /// Returns the first match at or after a byte offset, which look-behind and `^` see past.
    pub fn search_from<'t>(
        &self,
        text: &'t str,
        start: usize,
    ) -> Result<Option<Match<'t>>, PatternError> {
        self.find(Form::Search, text, start)
    }

    /// Returns the match at the start of the text.
    pub fn match_<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, PatternError> {
        Ok(self.search(text)?.filter(|found| found.start() == 0))
    }

    /// Returns the match of the whole text.
    pub fn fullmatch<'t>(&self, text: &'t str) -> Result<Option<Match<'t>>, PatternError> {
        self.find(Form::Full, text, 0)
    }

    /// Returns all matches that do not overlap, from left to right.
    pub fn find_iter<'p, 't>(&'p self, text: &'t str) -> Finds<'p, 't> {
        Finds { pattern: self, text, next: Some((Form::Search, 0)) }
    }

    /// Replaces the first `count` matches (0: all) by a Python replacement; returns the text and how many were replaced.
    pub fn replace_all(
        &self,
        text: &str,
        by: &str,
        count: usize,
    ) -> Result<(String, usize), PatternError> {
        let template = Template::new(by, self)?;
        self.replace_with(text, count, |found| template.expand(found))
    }

    /// Replaces the first `count` matches (0: all) by what a function makes of them.
    pub fn replace_with(
        &self,
        text: &str,
        count: usize,
        mut by: impl FnMut(&Match<'_>) -> String,
    ) -> Result<(String, usize), PatternError> {
        let mut out = String::with_capacity(text.len());
        let (mut last, mut done) = (0, 0);
        for found in self.find_iter(text).take(if count == 0 { usize::MAX } else { count }) {
            let found = found?;
            out.push_str(&text[last..found.start()]);
            out.push_str(&by(&found));
            if out.len() > LONGEST {
                return Err(PatternError::Length(self.source.clone()));
            }
            last = found.end();
            done += 1;
        }
        out.push_str(&text[last..]);
        Ok((out, done))
    }

    /// Splits the text at the first `count` matches (0: all); what groups matched comes in between, as in Python.
    pub fn split<'t>(
        &self,
        text: &'t str,
        count: usize,
    ) -> Result<Vec<Option<&'t str>>, PatternError> {
        let mut parts = Vec::new();
        let mut last = 0;
        for found in self.find_iter(text).take(if count == 0 { usize::MAX } else { count }) {
            let found = found?;
            parts.push(Some(&text[last..found.start()]));
            parts.extend((1..=self.groups()).map(|group| found.group(group)));
            last = found.end();
        }
        parts.push(Some(&text[last..]));
        Ok(parts)
    }

    fn find<'t>(
        &self,
        form: Form,
        text: &'t str,
        start: usize,
    ) -> Result<Option<Match<'t>>, PatternError> {
        let form = match form {
            _ if !self.uses_end || !text.ends_with('\n') => form,
            Form::Search => Form::SearchBeforeNewline,
            Form::Advance => Form::AdvanceBeforeNewline,
            Form::Full => Form::FullBeforeNewline,
            other => other,
        };
        let Some(regex) = self.form(form) else {
            return Ok(None);
        };
        let captures = regex
            .captures_from_pos(text, start)
            .map_err(|_| PatternError::Effort(self.source.clone()))?;
        Ok(captures.map(|captures| Match {
            text,
            spans: captures.iter().map(|group| group.map(|group| group.range())).collect(),
        }))
    }

    /// Returns the compiled form, made when first needed.
    fn form(&self, form: Form) -> Option<&Regex> {
        let make = || {
            let end = match form {
                Form::Search | Form::Advance | Form::Full => r"\z",
                _ => r"(?=\n?\z)",
            };
            let plain = translate::translate(&self.source, self.flags, end).ok()?;
            let text = match form {
                Form::Search | Form::SearchBeforeNewline => plain.text,
                Form::Advance | Form::AdvanceBeforeNewline => format!(r"(?:{})(?!\G)", plain.text),
                Form::Full | Form::FullBeforeNewline => format!(r"\A(?:{})\z", plain.text),
            };
            build(&text).ok()
        };
        self.forms[form as usize].get_or_init(make).as_ref()
    }
}

#[expect(
    clippy::result_large_err,
    reason = "the error is fancy-regex's own and lives for one line"
)]
fn build(text: &str) -> Result<Regex, fancy_regex::Error> {
    RegexBuilder::new(text).backtrack_limit(EFFORT).build()
}

/// Returns what is wrong without the position, which counts in the rewritten pattern.
fn plain_words(error: &fancy_regex::Error) -> String {
    match error {
        fancy_regex::Error::ParseError(_, error) => error.to_string().to_lowercase(),
        fancy_regex::Error::CompileError(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Returns the text with everything escaped that means something in a pattern, as Python's `re.escape` does.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// One match.
#[derive(Clone, Debug)]
pub struct Match<'t> {
    text: &'t str,
    spans: Vec<Option<Range<usize>>>,
}

impl<'t> Match<'t> {
    /// Returns the bytes of the text it covers.
    pub fn range(&self) -> Range<usize> {
        self.spans[0].clone().expect("group 0 takes part in every match")
    }

    /// Returns where it starts, in bytes.
    pub fn start(&self) -> usize {
        self.range().start
    }

    /// Returns where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.range().end
    }

    /// Returns what it covers.
    pub fn as_str(&self) -> &'t str {
        &self.text[self.range()]
    }

    /// Returns the bytes of the text that a group covers, or nothing when it took no part.
    pub fn span(&self, number: usize) -> Option<Range<usize>> {
        self.spans.get(number)?.clone()
    }

    /// Returns what a group covers (0 is the whole match), or nothing when it took no part.
    pub fn group(&self, number: usize) -> Option<&'t str> {
        self.spans.get(number)?.clone().map(|range| &self.text[range])
    }
}

/// The matches of a pattern in a text.
pub struct Finds<'p, 't> {
    pattern: &'p Pattern,
    text: &'t str,
    next: Option<(Form, usize)>,
}

impl<'t> Iterator for Finds<'_, 't> {
    type Item = Result<Match<'t>, PatternError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (form, start) = self.next.take()?;
        let found = match self.pattern.find(form, self.text, start) {
            Ok(found) => found?,
            Err(error) => return Some(Err(error)),
        };
        let form = if found.range().is_empty() { Form::Advance } else { Form::Search };
        self.next = Some((form, found.end()));
        Some(Ok(found))
    }
}

#[cfg(test)]
mod tests;
