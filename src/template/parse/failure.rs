//! Complaints about the syntax, at the place that has to be changed.

use super::Span;
use crate::template::ir::Origin;
use crate::template::place::locate;
use crate::template::{Error, ErrorKind, TextKind};

/// Why a text could not be read; boxed, since what it is returned beside is small.
#[derive(Debug)]
pub(super) struct Failure(Box<Complaint>);

#[derive(Debug)]
struct Complaint {
    message: String,
    span: Span,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>, span: Span) -> Self {
        Self(Box::new(Complaint { message: message.into(), span, hint: None }))
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Returns the complaint as an error of a text.
    pub(super) fn error(self, source: &str, origin: &Origin, kind: TextKind) -> Error {
        let what = if kind == TextKind::Template { "template" } else { "expression" };
        let message = format!("Syntax error in {what}: {}", self.0.message);
        let mut error = Error::new(ErrorKind::Syntax, message);
        let (at, width) = locate(source, origin, self.0.span);
        error.0.placed = true;
        error.0.at = at;
        error.0.width = width;
        error.0.expression = source.lines().next().unwrap_or_default().to_owned();
        match self.0.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
