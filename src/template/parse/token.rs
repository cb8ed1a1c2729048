//! Tokens, and how a complaint calls them.

use super::failure::Failure;
use crate::template::ir::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    BlockEnd,
    BlockStart,
    /// Text outside of all marks.
    Data,
    End,
    Float,
    Integer,
    Operator,
    PrintEnd,
    PrintStart,
    /// A constant in quotes.
    Text,
    Word,
}

impl Kind {
    /// Returns what Jinja2 calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BlockEnd => "end of statement block",
            Self::BlockStart => "begin of statement block",
            Self::Data => "template data / text",
            Self::End => "end of template",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Operator => "operator",
            Self::PrintEnd => "end of print statement",
            Self::PrintStart => "begin of print statement",
            Self::Text => "string",
            Self::Word => "name",
        }
    }
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) span: Span,
}

impl<'a> Token<'a> {
    pub(super) fn is_operator(&self, operator: &str) -> bool {
        self.kind == Kind::Operator && self.text == operator
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Returns whether it is one of those words.
    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.contains(&self.text)
    }

    /// Returns what a complaint calls it: words and operators as they are written.
    pub(super) fn described(&self) -> &'a str {
        match self.kind {
            Kind::Operator | Kind::Word => self.text,
            kind => kind.name(),
        }
    }

    /// Returns the complaint that something else has to stand here.
    pub(super) fn instead_of(&self, expected: &str) -> Failure {
        self.unexpected(format!("expected token '{expected}', got '{}'", self.described()))
    }

    /// Returns the complaint that nothing can be made of it.
    pub(super) fn astray(&self) -> Failure {
        self.unexpected(format!("unexpected '{}'", self.described()))
    }

    /// Returns a complaint about it.
    pub(super) fn unexpected(&self, message: impl Into<String>) -> Failure {
        let failure = Failure::new(message, self.span);
        match self.text {
            "=" if self.kind == Kind::Operator => failure.hint("write `==` to compare"),
            _ => failure,
        }
    }
}
