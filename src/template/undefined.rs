//! Undefined: strict when it is used, silent while it is only passed on, and it keeps the first name that was missing.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::base::{Flags, Object, Value};
use crate::template::Error;
use crate::template::ir::Place;

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Missing {
    /// A value has no such attribute or item.
    Attribute {
        /// The type of the value.
        of: &'static str,
        /// The attribute or item.
        key: Value,
    },
    /// A variable on the way met something undefined.
    Failed(Error),
    /// Somebody says it in their own words.
    Hint(Arc<str>),
    /// There is no variable of that name.
    Name(Arc<str>),
    /// An inline `if` without `else` was false; alone among all it prints as nothing.
    NoElse(u32),
}

/// A value that is not there.
#[derive(Debug)]
pub struct Undefined {
    pub(super) missing: Missing,
    pub(super) place: Option<Place>,
    hint: OnceLock<String>,
}

impl Undefined {
    pub(super) fn value(missing: Missing, place: Option<Place>) -> Value {
        Value::Object(Arc::new(Self { missing, place, hint: OnceLock::new() }))
    }

    /// Returns what its use says: `'x' is undefined`.
    pub fn hint(&self) -> &str {
        self.hint.get_or_init(|| match &self.missing {
            Missing::Attribute { of, key } if key.flags().contains(Flags::SECRET) => {
                format!("object of type '{of}' has no attribute '****'")
            }
            Missing::Attribute { of: "HostVars", key } => format!("hostvars[{}] is undefined", key.repr()),
            Missing::Attribute { of, key: key @ (Value::Text(_) | Value::Int(_)) } => {
                format!("object of type '{of}' has no attribute {}", key.repr())
            }
            Missing::Attribute { of, key } => format!("{of} object has no element {}", key.repr()),
            Missing::Failed(error) => error.message().to_owned(),
            Missing::Hint(hint) => hint.to_string(),
            Missing::Name(name) => format!("'{name}' is undefined"),
            Missing::NoElse(line) => format!(
                "the inline if-expression on line {line} evaluated to false and no else section was defined."
            ),
        })
    }

    /// Returns whether it prints as nothing instead of failing (an inline `if` without `else`).
    pub fn is_quiet(&self) -> bool {
        matches!(self.missing, Missing::NoElse(_))
    }
}

impl Object for Undefined {
    fn type_name(&self) -> &'static str {
        "UndefinedMarker"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    /// Undefined counts as unresolved, so that no container with it passes for a final value.
    fn flags(&self) -> Flags {
        Flags::LAZY
    }

    fn truth(&self) -> bool {
        false
    }

    fn plain(&self) -> Value {
        Value::text("")
    }
}

/// Returns an undefined value; the hint is Ansible's sentence (`'x' is undefined`).
pub fn undefined(hint: impl Into<Arc<str>>) -> Value {
    Undefined::value(Missing::Hint(hint.into()), None)
}

/// Returns whether a value is undefined.
pub fn is_undefined(value: &Value) -> bool {
    value.as_object::<Undefined>().is_some()
}

/// Returns what to say of an undefined value, nothing of others.
pub fn hint_of(value: &Value) -> &str {
    value.as_object::<Undefined>().map_or("", Undefined::hint)
}

/// Returns whether a value is undefined and prints as nothing.
pub(super) fn is_quiet(value: &Value) -> bool {
    value.as_object::<Undefined>().is_some_and(Undefined::is_quiet)
}
