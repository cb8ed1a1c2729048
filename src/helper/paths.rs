//! Replaces `~` and variables in arguments that are paths, as the user of the helper sees them.

use crate::base::{Map, Value};
use crate::module::{ArgumentSpec, Kind};
use crate::system::{self, Look};

/// Returns the arguments with their paths expanded.
pub(super) fn expand(args: &Map, specs: &[ArgumentSpec], machine: &dyn Look) -> Map {
    args.iter()
        .map(|(key, value)| {
            let spec =
                key.as_str().and_then(|name| specs.iter().find(|spec| spec.answers_to(name)));
            let value = match spec.map(|spec| spec.kind) {
                Some(Kind::Path) => expand_value(value, machine),
                Some(Kind::List(Kind::Path)) => match value {
                    Value::List(list) => {
                        Value::list(list.iter().map(|item| expand_value(item, machine)))
                    }
                    other => expand_value(other, machine),
                },
                _ => value.clone(),
            };
            (key.clone(), value)
        })
        .collect()
}

fn expand_value(value: &Value, machine: &dyn Look) -> Value {
    match value.as_str() {
        Some(text) if text.starts_with('~') || text.contains('$') => {
            system::expand(text, machine).into()
        }
        _ => value.clone(),
    }
}
