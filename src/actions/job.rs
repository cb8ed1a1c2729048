//! Jobs in the background of a host: how they are started, what they left, how that is removed. The engine runs tasks
//! with `async` by them, the action `async_status` asks for what they left.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Context, Done, Error, Failed};
use crate::base::{Map, Value, json};
use crate::module::{Failure, Outcome, diffs_of};

/// The word that starts a job in place of a module.
const WRAPPER: &str = "async_wrapper";

/// Starts a module as a job that may take so long.
pub async fn start(
    cx: &Context<'_>,
    module: &str,
    args: &Map,
    time: Duration,
) -> Result<Done, Error> {
    let wrapped = Map::from_iter([
        ("args", Value::from(args.clone())),
        ("folder", cx.job_folder.as_str().into()),
        ("module", module.into()),
        ("seconds", time.as_secs().into()),
    ]);
    cx.module(WRAPPER, wrapped, Vec::new()).await
}

/// Returns what a job left so far; a job that is not there is a failure.
pub async fn look(cx: &Context<'_>, jid: &str) -> Result<Map, Error> {
    let path = format!("{}/{jid}", cx.job_folder);
    let args = Map::from_iter([("src", Value::from(path))]);
    let done = match cx.module("slurp", args, Vec::new()).await {
        Ok(done) => done,
        Err(Error::Failed(_)) => return Err(lost(jid)),
        Err(error) => return Err(error),
    };
    let content = done.outcome.values.get("content").and_then(Value::as_str).unwrap_or_default();
    let text = STANDARD.decode(content).unwrap_or_default();
    let file = done.outcome.values.get("source").cloned().unwrap_or_default();
    let Ok(Value::Map(values)) = json::parse(&String::from_utf8_lossy(&text)) else {
        let failure = Failure::new(format!("Could not parse job output: {file}"));
        return Err(failure.with("ansible_job_id", jid).into());
    };
    let mut values = Map::clone(&values);
    values.insert("ansible_job_id", jid.into());
    values.insert("results_file", file);
    for (name, value) in [
        ("finished", false.into()),
        ("started", true.into()),
        ("stderr", "".into()),
        ("stdout", "".into()),
    ] {
        if !values.contains_key(name) {
            values.insert(name, value);
        }
    }
    Ok(values)
}

/// Returns the folder for results as a user sees it whose home is known.
pub fn folder(cx: &Context<'_>, home: &str) -> String {
    match cx.job_folder.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None => cx.job_folder.clone(),
    }
}

/// Removes what a job left and returns the path of it.
pub async fn erase(cx: &Context<'_>, jid: &str) -> Result<Value, Error> {
    let path = format!("{}/{jid}", cx.job_folder);
    let args = Map::from_iter([("path", Value::from(path)), ("state", "absent".into())]);
    let done = cx.module("file", args, Vec::new()).await?;
    Ok(done.outcome.values.get("path").cloned().unwrap_or_default())
}

/// Returns the failure for a job that is not there.
pub fn lost(jid: &str) -> Error {
    Failure::new("could not find job")
        .with("ansible_job_id", jid)
        .with("finished", true)
        .with("started", true)
        .with("stderr", "")
        .with("stdout", "")
        .into()
}

/// Returns whether a job has ended, by what it left.
pub fn has_ended(values: &Map) -> bool {
    values.get("finished").is_some_and(Value::truth)
}

/// Returns what a job left as the result of a task.
pub fn result(mut values: Map) -> Result<Done, Error> {
    let mut take = |name: &str| values.remove(name).unwrap_or_default();
    let changed = take("changed").truth();
    let (failed, skipped) = (take("failed").truth(), take("skipped").truth());
    let facts = take("ansible_facts").as_map().map(|map| Map::clone(map)).unwrap_or_default();
    let diffs = diffs_of(&take("diff"));
    let warnings = take("warnings");
    let warnings = warnings.as_list().map(|list| list.iter().map(ToString::to_string).collect());
    let warnings: Vec<String> = warnings.unwrap_or_default();
    if failed {
        let message = values.remove("msg").map(|text| text.to_string()).unwrap_or_default();
        let failure = Failure { values, ..Failure::new(message) };
        let failed = Failed { failure, changed, diffs, warnings, template: None };
        return Err(Error::Failed(Box::new(failed)));
    }
    let outcome = Outcome { values, facts, skipped, changed: Some(changed), ..Outcome::default() };
    Ok(Done { changed, outcome, diffs, warnings, ..Done::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_left_is_a_result() {
        let text = r#"{"changed": true, "rc": 0, "diff": {"before": "a", "after": "b"}, "warnings": ["w"], "ansible_facts": {"x": 1}}"#;
        let Ok(Value::Map(map)) = json::parse(text) else { panic!("it is JSON") };
        let done = result(Map::clone(&map)).unwrap();
        assert!(done.changed);
        assert_eq!(done.warnings, ["w"]);
        assert_eq!(done.diffs.len(), 1);
        assert_eq!(done.outcome.facts.get("x"), Some(&1.into()));
        assert_eq!(Value::from(done.outcome.values).repr(), "{'rc': 0}");
    }

    #[test]
    fn a_failure_is_one() {
        let values = Map::from_iter([("failed", Value::from(true)), ("msg", "no".into())]);
        let Err(Error::Failed(failed)) = result(values) else { panic!("it failed") };
        assert_eq!(failed.failure.message, "no");
    }
}
