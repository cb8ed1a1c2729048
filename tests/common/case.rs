//! A case of a module, read from `tests/modules/<name>/<case>.yml`. CONTRIBUTING.md tells how to write one.

use fcplay::base::{Map, Value};

/// A case.
#[derive(Debug)]
pub(crate) struct Case {
    /// The arguments.
    pub(crate) args: Map,
    /// The machine before.
    pub(crate) before: Map,
    /// What should come of it.
    pub(crate) expect: Expect,
}

/// What should come of a case.
#[derive(Debug, Default)]
pub(crate) struct Expect {
    /// Whether something changed.
    pub(crate) changed: bool,
    /// Whether the module skips itself.
    pub(crate) skipped: bool,
    /// The message.
    pub(crate) message: Option<String>,
    /// The message of the failure.
    pub(crate) failure: Option<String>,
    /// Values that are registered, among others.
    pub(crate) values: Option<Value>,
    /// Facts that are set, among others.
    pub(crate) facts: Option<Value>,
    /// The files that are different afterwards, all of them.
    pub(crate) files: Map,
    /// The programs that were run to change something, all of them in order.
    pub(crate) commands: Vec<Value>,
    /// The differences, in order; not compared when not given.
    pub(crate) diff: Option<Vec<Value>>,
    /// The warnings, in order.
    pub(crate) warnings: Vec<Value>,
    /// What check mode does.
    pub(crate) check: Check,
    /// What the second run does.
    pub(crate) again: Again,
}

/// What check mode does.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Check {
    /// Predicts the same change and differences.
    #[default]
    Same,
    /// Predicts a change, not all of it.
    Partial,
    /// Is skipped by the module.
    Skipped,
    /// Fails.
    Failure,
}

/// What the second run does.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Again {
    /// Changes nothing and says why.
    #[default]
    Same,
    /// Changes something: the module always acts.
    Changed,
    /// Fails.
    Failure,
    /// Is not tried.
    Never,
}

/// Refuses keys that nobody reads.
fn known(what: &str, map: &Map, names: &[&str]) -> Result<(), String> {
    let unknown = map.keys().find(|key| !names.contains(&key.as_str().unwrap_or_default()));
    unknown.map_or(Ok(()), |key| Err(format!("`{what}` has no key `{key}`")))
}

fn map(value: Option<&Value>) -> Map {
    value.and_then(Value::as_map).map(|map| (**map).clone()).unwrap_or_default()
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_list).map(|list| list.to_vec()).unwrap_or_default()
}

fn text(value: Option<&Value>) -> Option<String> {
    value.map(ToString::to_string)
}

impl Case {
    /// Reads a case.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        let top = map(Some(value));
        known("the case", &top, &["about", "args", "before", "expect"])?;
        let expect = top.get("expect").ok_or("`expect` is missing")?;
        Ok(Self {
            args: map(top.get("args")),
            before: map(top.get("before")),
            expect: Expect::parse(&map(Some(expect)))?,
        })
    }
}

impl Expect {
    fn parse(map_: &Map) -> Result<Self, String> {
        let names = [
            "again", "changed", "check", "commands", "diff", "facts", "failure", "files",
            "message", "skipped", "values", "warnings",
        ];
        known("expect", map_, &names)?;
        let changed = map_.get("changed").and_then(Value::as_bool);
        let failure = text(map_.get("failure"));
        if changed.is_none() && failure.is_none() {
            return Err("`expect` needs `changed` or `failure`".into());
        }
        Ok(Self {
            changed: changed.unwrap_or_default(),
            skipped: map_.get("skipped").is_some_and(Value::truth),
            message: text(map_.get("message")),
            failure,
            values: map_.get("values").cloned(),
            facts: map_.get("facts").cloned(),
            files: map(map_.get("files")),
            commands: list(map_.get("commands")),
            diff: map_.get("diff").map(|value| list(Some(value))),
            warnings: list(map_.get("warnings")),
            check: match text(map_.get("check")).as_deref() {
                None | Some("same") => Check::Same,
                Some("failure") => Check::Failure,
                Some("partial") => Check::Partial,
                Some("skipped") => Check::Skipped,
                Some(other) => {
                    return Err(format!(
                        "`check: {other}` is none of failure, partial, same, skipped"
                    ));
                }
            },
            again: match text(map_.get("again")).as_deref() {
                None | Some("same") => Again::Same,
                Some("changed") => Again::Changed,
                Some("failure") => Again::Failure,
                Some("never") => Again::Never,
                Some(other) => {
                    return Err(format!(
                        "`again: {other}` is none of changed, failure, never, same"
                    ));
                }
            },
        })
    }
}
