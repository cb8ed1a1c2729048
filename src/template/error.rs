//! Why a template failed, told to an operator: what, where, in which expression, and which variable led there.

use std::fmt;

use super::Reason;
use super::ir::Place;
use crate::base::{Mistake, Position};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// Something else: a filter, an operator, a file.
    Invalid,
    /// Variables that stand for each other without end.
    Recursion,
    /// The text is not a template.
    Syntax,
    /// Something undefined was used.
    Undefined,
}

/// Why a template failed.
#[derive(Clone, Debug)]
pub struct Error(pub(super) Box<Detail>);

#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    /// Whether the place is known; the innermost one counts.
    pub(super) placed: bool,
    pub(super) at: Position,
    /// Where the text begins that holds the place.
    pub(super) begins: Position,
    pub(super) width: usize,
    pub(super) expression: String,
    pub(super) name: Option<String>,
    pub(super) hints: Vec<String>,
    /// The variables on the way, the one used in the task first.
    pub(super) through: Vec<(String, Position)>,
}

impl Error {
    /// What is said of an expression that no operator wrote.
    pub const UNTRUSTED: &str = "Encountered untrusted template or expression.";

    /// Returns a failure with its sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Detail {
            kind,
            message: message.into(),
            placed: false,
            at: Position::default(),
            begins: Position::default(),
            width: 1,
            expression: String::new(),
            name: None,
            hints: Vec::new(),
            through: Vec::new(),
        }))
    }

    /// Returns a failure of no special kind.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Adds the place, unless a more exact one is known.
    #[must_use]
    pub(super) fn placed(mut self, place: &Place) -> Self {
        if !self.0.placed {
            let (at, width) = place.locate();
            let detail = &mut self.0;
            detail.placed = true;
            detail.at = at;
            detail.begins = place.program.origin.start();
            detail.width = width;
            detail.expression = place.text().to_owned();
        }
        self
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the sentence alone: `'x' is undefined`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns where it happened; the failing variable's own definition when that is where the template stands.
    pub fn at(&self) -> &Position {
        &self.0.at
    }

    /// Returns where the text begins that holds [`Self::at`]: the start of the YAML scalar, or the file.
    pub fn begins(&self) -> &Position {
        &self.0.begins
    }

    /// Returns the name that is undefined.
    pub fn undefined_name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Returns the expression that failed, as it was written.
    pub fn expression(&self) -> &str {
        &self.0.expression
    }

    /// Returns the failure as a mistake, with its line, a caret and hints.
    pub fn mistake(&self) -> Mistake {
        let mut mistake = Mistake::new(self.0.message.clone(), &self.0.at).width(self.0.width);
        for (name, at) in &self.0.through {
            mistake = mistake.hint(if at.is_known() {
                format!("needed by `{name}`, defined at {at}")
            } else {
                format!("needed by `{name}`")
            });
        }
        mistake.hints.extend(self.0.hints.iter().cloned());
        mistake
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Invalid(text) => Self::new(ErrorKind::Invalid, text),
            Reason::Undefined(text) => Self::new(ErrorKind::Undefined, text),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mistake().fmt(f)
    }
}

impl std::error::Error for Error {}
