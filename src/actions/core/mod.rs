//! Actions of the language itself: they need no host.

mod add_host;
mod assert;
mod async_status;
mod debug;
mod fail;
mod gather_facts;
mod group_by;
mod include_vars;
mod pause;
mod set_fact;
mod set_stats;
mod validate_argument_spec;

use super::{Action, Error};
use crate::base::Value;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[
    &add_host::AddHost,
    &assert::Assert,
    &async_status::AsyncStatus,
    &debug::Debug,
    &fail::Fail,
    &gather_facts::GatherFacts,
    &group_by::GroupBy,
    &include_vars::IncludeVars,
    &pause::Pause,
    &set_fact::SetFact,
    &set_stats::SetStats,
    &validate_argument_spec::ValidateArgumentSpec,
];

/// Refuses a name that no variable can have.
fn check_name(name: &Value) -> Result<(), Error> {
    let Value::Text(text) = name else {
        let kind = name.type_name();
        return Err(Error::new(format!(
            "Task failed: Invalid variable name '{name}' of type '{kind}'."
        )));
    };
    let text = text.as_str();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let good = text.chars().all(is_word)
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && !matches!(text, "False" | "None" | "True" | "false" | "none" | "true");
    if good {
        return Ok(());
    }
    Err(Error::new(format!("Task failed: Invalid variable name '{text}'.")))
}
