//! Undefined: strict when it is used, silent while it is only passed on, and it keeps the first name that was missing.

use std::any::Any;
use std::sync::Arc;

use crate::base::{Flags, Object, Value};
use crate::template::Error;

/// A value that is not there.
#[derive(Debug)]
pub struct Undefined {
    error: Error,
}

impl Undefined {
    /// Returns the value for something missing; `error` is what its use will say.
    pub fn value(error: Error) -> Value {
        Value::Object(Arc::new(Self { error }))
    }

    /// Returns what its use says.
    pub fn error(&self) -> &Error {
        &self.error
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

/// Returns whether a value is undefined.
pub fn is_undefined(value: &Value) -> bool {
    value.as_object::<Undefined>().is_some()
}
