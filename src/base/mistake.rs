//! A mistake in what the user wrote: what, where, why, what to do. Preflight gathers them and shows all at once.

use std::fmt::{self, Write};

use crate::base::Position;

/// One mistake, ready to be shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// What is wrong: lower case, no full stop, names in backticks.
    pub what: String,
    /// Where it stands.
    pub at: Position,
    /// How many characters the caret underlines, one at least.
    pub width: u32,
    /// What stands beside the caret, as «did you mean `x`?»; may be empty.
    pub label: String,
    /// What to do, one line each.
    pub hints: Vec<String>,
}

impl Mistake {
    /// Returns a mistake at a place.
    pub fn new(what: impl Into<String>, at: &Position) -> Self {
        Self {
            what: what.into(),
            at: at.clone(),
            width: 1,
            label: String::new(),
            hints: Vec::new(),
        }
    }

    /// Underlines so many characters.
    #[must_use]
    pub fn width(mut self, characters: usize) -> Self {
        self.width = u32::try_from(characters).unwrap_or(1).max(1);
        self
    }

    /// Puts text beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Mistake {
    /// Writes the message, the place, the line with a caret, and the hints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.at.is_known() {
            write!(f, "\n  --> {}", self.at)?;
            if let Some(line) = self.at.file.line(self.at.line) {
                write!(f, "\n{}", excerpt(line, self))?;
            }
        } else if !self.label.is_empty() {
            write!(f, ": {}", self.label)?;
        }
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl std::error::Error for Mistake {}

/// Longest line shown whole; of longer ones a window around the caret is shown.
const WINDOW: usize = 100;

fn excerpt(line: &str, mistake: &Mistake) -> String {
    let number = mistake.at.line.to_string();
    let column = (mistake.at.column.max(1) - 1) as usize;
    let chars: Vec<char> =
        line.trim_end().chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let start = if chars.len() > WINDOW { column.saturating_sub(WINDOW / 2) } else { 0 };
    let shown: String = chars.iter().skip(start).take(WINDOW).collect();
    let gutter = " ".repeat(number.len());
    let room = shown.chars().count().saturating_sub(column - start).max(1);
    let carets = "^".repeat((mistake.width as usize).min(room));
    let indent = " ".repeat(column - start);
    let mut out = format!("{gutter} |\n{number} | {shown}\n{gutter} | {indent}{carets}");
    if !mistake.label.is_empty() {
        write!(out, " {}", mistake.label).expect("writing to a string does not fail");
    }
    out
}

/// Mistakes gathered while everything that can be read is read.
#[derive(Clone, Debug, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Adds a mistake, once.
    pub fn push(&mut self, mistake: Mistake) {
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SourceFile;

    #[test]
    fn a_mistake_shows_its_line() {
        let file = SourceFile::new("main.yml", "- copy:\n    pth: /x\n");
        let mistake = Mistake::new("`copy` has no argument `pth`", &Position::new(&file, 2, 5))
            .width(3)
            .label("did you mean `path`?")
            .hint("see `fcplay doc copy`");
        assert_eq!(
            mistake.to_string(),
            "`copy` has no argument `pth`\n  --> main.yml:2:5\n  |\n2 |     pth: /x\n  |     ^^^ did you mean `path`?\nhint: see `fcplay doc copy`"
        );
    }

    #[test]
    fn a_long_line_shows_the_part_that_matters() {
        let file = SourceFile::new("m", "x".repeat(500));
        let text = Mistake::new("m", &Position::new(&file, 1, 400)).to_string();
        assert!(text.lines().all(|line| line.len() < 120), "{text}");
    }
}
