//! What a body puts out: one piece keeps its type, several become text.

use crate::base::Value;
use crate::template::eval::run::{Run, Use};
use crate::template::eval::text;
use crate::template::{Error, is_omit};

/// The pieces put out so far.
#[derive(Default)]
pub(super) enum Output {
    /// None yet; `None` and what is `null` do not count.
    #[default]
    Nothing,
    /// One, as it was computed.
    One(Value),
    /// Several, as text.
    Text {
        /// The characters.
        chars: String,
        /// Whether one of the pieces is secret.
        secret: bool,
    },
}

impl Output {
    /// Adds a piece.
    pub(super) fn push(&mut self, piece: Value, run: &Run<'_>) -> Result<(), Error> {
        if piece.is_null() {
            return Ok(());
        }
        match self {
            Self::Nothing => *self = Self::One(piece),
            Self::One(first) => {
                let mut chars = String::new();
                let secret = write(first, &mut chars, run)? | write(&piece, &mut chars, run)?;
                *self = Self::Text { chars, secret };
            }
            Self::Text { chars, secret } => *secret |= write(&piece, chars, run)?,
        }
        Ok(())
    }

    /// Returns what was put out.
    pub(super) fn finish(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::One(value) => value,
            Self::Text { chars, secret } => text::marked(chars, secret).into(),
        }
    }
}

/// Writes a piece as text and returns whether it is secret.
pub(super) fn write(piece: &Value, chars: &mut String, run: &Run<'_>) -> Result<bool, Error> {
    use std::fmt::Write;
    match piece {
        Value::Null => Ok(false),
        Value::Text(text) => {
            chars.push_str(text.as_str());
            Ok(text.is_secret())
        }
        Value::Object(_) if is_omit(piece) => Ok(false),
        Value::Object(_) if crate::template::undefined::is_quiet(piece) => Ok(false),
        other => {
            let value = run.finalize(other, Use::Print)?;
            // Bytes print as the text they hold, not as Python's `b'…'`, which no file wants.
            if let Value::Bytes(bytes) = &value {
                chars.push_str(&String::from_utf8_lossy(bytes));
            } else {
                write!(chars, "{value}")
                    .map_err(|_| Error::invalid("the value cannot be printed"))?;
            }
            Ok(text::is_secret(&value))
        }
    }
}
