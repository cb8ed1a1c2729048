//! What ends the program before or around a run: the lines to show, and the exit code.

use super::exit::Exit;
use crate::base::{Mistake, Mistakes, words};

/// At most so many mistakes are shown; a number stands for the rest.
const SHOWN: usize = 30;

/// The end of the program.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Error {
    /// The exit code.
    pub(super) exit: Exit,
    /// What is shown on standard error, with `error: ` before it where it belongs.
    pub(super) text: String,
}

impl Error {
    /// Returns an error with a message of one's own.
    pub(super) fn new(exit: Exit, what: impl std::fmt::Display) -> Self {
        Self { exit, text: format!("error: {what}") }
    }

    /// Returns an end of which everything was said before.
    pub(super) fn quiet(exit: Exit) -> Self {
        Self { exit, text: String::new() }
    }

    /// Returns the end for mistakes that were found before anything was touched.
    pub(super) fn mistakes(exit: Exit, mistakes: &Mistakes) -> Self {
        let all = &mistakes.0;
        let mut blocks: Vec<String> =
            all.iter().take(SHOWN).map(|mistake| format!("error: {mistake}")).collect();
        if all.len() > SHOWN {
            blocks.push(format!("… and {} more", all.len() - SHOWN));
        }
        blocks.push(summary(all));
        Self { exit, text: blocks.join("\n\n") }
    }
}

fn summary(mistakes: &[Mistake]) -> String {
    let files: std::collections::BTreeSet<&str> = mistakes
        .iter()
        .map(|mistake| mistake.at.file.path.as_ref())
        .filter(|path: &&str| !path.is_empty())
        .collect();
    let count = words::count(mistakes.len(), "mistake");
    match files.len() {
        0 => format!("{count}; nothing was touched."),
        number => format!("{count} in {}; nothing was touched.", words::count(number, "file")),
    }
}

impl From<Mistakes> for Error {
    fn from(mistakes: Mistakes) -> Self {
        Self::mistakes(Exit::Unreachable, &mistakes)
    }
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Self {
        Mistakes::from(mistake).into()
    }
}

impl From<crate::vault::Error> for Error {
    fn from(error: crate::vault::Error) -> Self {
        Self::new(Exit::Error, chain(&error))
    }
}

/// Returns an error with its causes on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Position, SourceFile};

    #[test]
    fn many_mistakes_end_with_a_count() {
        let file = SourceFile::new("site.yml", "x\n");
        let mut mistakes = Mistakes::default();
        for number in 0..32 {
            mistakes.push(Mistake::new(format!("m{number}"), &Position::new(&file, 1, 1)));
        }
        let error = Error::from(mistakes);
        assert_eq!(error.exit, Exit::Unreachable);
        assert!(
            error.text.ends_with("\n\n… and 2 more\n\n32 mistakes in 1 file; nothing was touched."),
            "{}",
            error.text
        );
        assert!(error.text.starts_with("error: m0\n  --> site.yml:1:1\n"), "{}", error.text);
    }
}
