//! What a body puts out: one piece keeps its type, several become text.

use crate::base::Value;
use crate::template::eval::run::{Run, Use, is_cell};
use crate::template::eval::text;
use crate::template::{Error, is_omit, size};

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
    /// Several, of which some may still change: they are written at the end.
    Several(Vec<Value>),
}

impl Output {
    /// Adds a piece.
    pub(super) fn push(&mut self, piece: Value, run: &Run<'_>) -> Result<(), Error> {
        if piece.is_null() {
            return Ok(());
        }
        match self {
            Self::Nothing => *self = Self::One(piece),
            Self::Several(pieces) => pieces.push(piece),
            Self::One(first) if may_change(first) || may_change(&piece) => {
                *self = Self::Several(vec![std::mem::take(first), piece]);
            }
            Self::Text { chars, secret } if may_change(&piece) => {
                let before = text::marked(std::mem::take(chars), *secret).into();
                *self = Self::Several(vec![before, piece]);
            }
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
    pub(super) fn finish(self, run: &Run<'_>) -> Result<Value, Error> {
        Ok(match self {
            Self::Nothing => Value::Null,
            Self::One(value) => value,
            Self::Text { chars, secret } => text::marked(chars, secret).into(),
            Self::Several(pieces) => {
                let mut chars = String::new();
                let mut secret = false;
                for piece in &pieces {
                    secret |= write(piece, &mut chars, run)?;
                }
                text::marked(chars, secret).into()
            }
        })
    }
}

/// Returns whether a value is a list or a dictionary that the template may change, or holds one.
fn may_change(value: &Value) -> bool {
    match value {
        Value::List(list) | Value::Tuple(list) => !value.is_final() && list.iter().any(may_change),
        Value::Map(map) => !value.is_final() && map.values().any(may_change),
        other => is_cell(other),
    }
}

/// Writes a piece as text and returns whether it is secret.
pub(super) fn write(piece: &Value, chars: &mut String, run: &Run<'_>) -> Result<bool, Error> {
    use std::fmt::Write;
    let secret = match piece {
        Value::Null => false,
        Value::Text(text) => {
            size::text(chars.len() + text.as_str().len())?;
            chars.push_str(text.as_str());
            text.is_secret()
        }
        Value::Object(_) if is_omit(piece) => false,
        Value::Object(_) if crate::template::undefined::is_quiet(piece) => false,
        other => {
            let value = run.finalize(other, Use::Print)?;
            // Bytes print as the text they hold, not as Python's `b'…'`, which no file wants.
            if let Value::Bytes(bytes) = &value {
                chars.push_str(&String::from_utf8_lossy(bytes));
            } else {
                write!(chars, "{value}")
                    .map_err(|_| Error::invalid("the value cannot be printed"))?;
            }
            text::is_secret(&value)
        }
    };
    size::text(chars.len())?;
    Ok(secret)
}
