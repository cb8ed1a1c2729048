//! The text of files as modules edit it: UTF-8; a file that is none of that is taken byte by byte, so that what a module
//! does not touch stays as it is.

use std::borrow::Cow;

use crate::base::pyregex::{Flags, Pattern, PatternError};
use crate::module::Failure;

/// How the bytes of a file are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoding {
    /// As UTF-8.
    Utf8,
    /// Byte by byte: the file is not UTF-8, what the playbook says of it is.
    Bytes,
    /// As Latin-1, and so is what the playbook says of it.
    Latin,
}

impl Encoding {
    /// Returns a content as text, and how it was read.
    pub(super) fn read(content: &[u8]) -> (Cow<'_, str>, Self) {
        match std::str::from_utf8(content) {
            Ok(text) => (text.into(), Self::Utf8),
            Err(_) => (widen(content).into(), Self::Bytes),
        }
    }

    /// Returns a text of the playbook as it looks in the file.
    pub(super) fn own(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Utf8 | Self::Latin => text.into(),
            Self::Bytes => widen(text.as_bytes()).into(),
        }
    }

    /// Compiles a regular expression for the file.
    pub(super) fn pattern(self, source: &str, flags: Flags) -> Result<Pattern, Failure> {
        Pattern::new(&self.own(source), flags).map_err(|error| broken(&error))
    }

    /// Returns text as bytes again.
    pub(super) fn write(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            // What the playbook brings and Latin-1 lacks becomes a question mark.
            Self::Bytes | Self::Latin => {
                text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
            }
        }
    }
}

fn widen(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Returns the failure of a regular expression.
pub(super) fn broken(error: &PatternError) -> Failure {
    Failure::new(error.to_string())
}

/// Returns the lines with their line breaks.
pub(super) fn lines_of(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns a line without its line break.
pub(super) fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// Returns a line with a line break.
pub(super) fn with_break(line: &str) -> Cow<'_, str> {
    if line.ends_with('\n') { line.into() } else { format!("{line}\n").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_comes_back_as_it_was() {
        let content = b"gr\xfcn = 1\n";
        let (text, encoding) = Encoding::read(content);
        assert_eq!(encoding, Encoding::Bytes);
        assert_eq!(encoding.write(&text), content);
        let new = text.replace("= 1", &encoding.own("= \u{fc}"));
        assert_eq!(encoding.write(&new), b"gr\xfcn = \xc3\xbc\n");
    }
}
