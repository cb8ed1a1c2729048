//! What still works and will not for ever: told to users, and registered with results, as Ansible does it.

use super::{Position, Value};

/// Something that will end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deprecation {
    /// What it is, in a sentence.
    pub message: String,
    /// Where it stands.
    pub at: Position,
    /// What to do, when that is known.
    pub help: Option<&'static str>,
}

impl Deprecation {
    /// The version of ansible-core that does without.
    pub const VERSION: &str = "2.23";

    /// Returns it without help.
    pub fn new(message: impl Into<String>, at: &Position) -> Self {
        Self { message: message.into(), at: at.clone(), help: None }
    }

    /// Returns what is registered.
    pub fn to_value(&self) -> Value {
        let deprecator =
            Value::map([("resolved_name", Value::from("ansible.builtin")), ("type", Value::Null)]);
        Value::map([
            ("collection_name", Value::from("ansible.builtin")),
            ("deprecator", deprecator),
            ("msg", self.message.as_str().into()),
            ("version", Self::VERSION.into()),
        ])
    }
}
