//! `omit`: the value that makes an argument as if it were not written.

use std::any::Any;
use std::sync::{Arc, LazyLock};

use crate::base::{Object, Value};

#[derive(Debug)]
struct Omit;

static OMIT: LazyLock<Value> = LazyLock::new(|| Value::Object(Arc::new(Omit)));

impl Object for Omit {
    fn type_name(&self) -> &'static str {
        "_OmitType"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text("<<Omit>>")
    }
}

/// Returns the value of the variable `omit`.
pub fn omit() -> Value {
    OMIT.clone()
}

/// Returns whether a value is `omit`.
pub fn is_omit(value: &Value) -> bool {
    value.as_object::<Omit>().is_some()
}
