//! Text with a mark that travels with it, and the flags that containers gather from their content.

use std::fmt;
use std::ops::BitOr;
use std::sync::Arc;

use super::Value;

/// What is known of a value and everything below it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Flags(u8);

impl Flags {
    /// Nothing special.
    pub const NONE: Self = Self(0);
    /// Something below is a template or a vaulted text that is not resolved yet.
    pub const LAZY: Self = Self(1);
    /// Something below must not be shown.
    pub const SECRET: Self = Self(2);

    /// Returns whether all of `other` is set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Immutable text; a secret one prints `****` in debug output, and reporters mask it.
#[derive(Clone)]
pub struct Text {
    chars: Arc<str>,
    secret: bool,
    written: bool,
}

impl Text {
    /// Returns text without marks.
    pub fn plain(chars: impl Into<Arc<str>>) -> Self {
        Self { chars: chars.into(), secret: false, written: false }
    }

    /// Returns text that is masked wherever it is shown.
    pub fn secret(chars: impl Into<Arc<str>>) -> Self {
        Self { chars: chars.into(), secret: true, written: false }
    }

    /// Returns the same text, marked as secret.
    pub fn into_secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Returns the same text, marked as standing in a file of the operator: it may be an expression. The mark stays on
    /// copies of the text and is lost when something is made of it.
    pub fn into_written(self) -> Self {
        Self { written: true, ..self }
    }

    /// Returns whether the text stands so in a file of the operator, and not in what a host or a template put out.
    pub fn is_written(&self) -> bool {
        self.written
    }

    /// Returns whether the text must not be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Returns the characters. Showing those of a secret text is the caller's responsibility.
    pub fn as_str(&self) -> &str {
        &self.chars
    }

    /// Returns the shared characters.
    pub fn shared(&self) -> &Arc<str> {
        &self.chars
    }

    pub(super) fn flags(&self) -> Flags {
        if self.secret { Flags::SECRET } else { Flags::NONE }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str("\"****\"") } else { fmt::Debug::fmt(&*self.chars, f) }
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Text {
    fn from(chars: &str) -> Self {
        Self::plain(chars)
    }
}

impl From<String> for Text {
    fn from(chars: String) -> Self {
        Self::plain(chars)
    }
}
