//! What became of a task: `failed`, `changed`, `skipped` and their relatives, asked of a registered result.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["changed", "change"], changed),
    builtin(&["failed", "failure"], |call| says(call, "failed", true)),
    builtin(&["finished"], |call| under_way(call, "finished")),
    builtin(&["reachable"], |call| says(call, "unreachable", false)),
    builtin(&["skipped", "skip"], |call| says(call, "skipped", true)),
    builtin(&["started"], |call| under_way(call, "started")),
    builtin(&["succeeded", "success", "successful"], |call| says(call, "failed", false)),
    builtin(&["timedout"], timedout),
    builtin(&["unreachable"], |call| says(call, "unreachable", true)),
];

fn result(call: &Call<'_>) -> Result<Arc<Map>, Reason> {
    call.accept_none()?;
    plain_map(&call.input).ok_or_else(|| {
        Reason::new(format!(
            "needs the result of a task (what `register` keeps), got {}",
            described(&call.input)
        ))
    })
}

fn says(call: &mut Call<'_>, key: &str, wanted: bool) -> Result<Value, Reason> {
    let result = result(call)?;
    Ok((result.get(key).is_some_and(Value::truth) == wanted).into())
}

/// Whether a background task got that far; any other task has.
fn under_way(call: &mut Call<'_>, key: &str) -> Result<Value, Reason> {
    Ok(result(call)?.get(key).is_none_or(Value::truth).into())
}

/// Whether the task changed something; of a loop without its own word on it, whether any turn did.
fn changed(call: &mut Call<'_>) -> Result<Value, Reason> {
    let result = result(call)?;
    if let Some(changed) = result.get("changed") {
        return Ok(changed.truth().into());
    }
    let turns = result.get("results").and_then(Value::as_list);
    let any = turns.is_some_and(|turns| {
        turns.iter().any(|turn| turn.get("changed").is_some_and(Value::truth))
    });
    Ok(any.into())
}

fn timedout(call: &mut Call<'_>) -> Result<Value, Reason> {
    let result = result(call)?;
    let period = result.get("timedout").and_then(|timedout| timedout.get("period"));
    Ok(period.is_some_and(Value::truth).into())
}
