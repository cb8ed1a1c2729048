//! Loops: over what, what the item is called, and what all rounds together come to.

use std::sync::Arc;
use std::time::Duration;

use super::broken::Broken;
use super::result::Raw;
use super::task::TaskRun;
use crate::base::{Map, Value};
use crate::event::{Status, TaskResult};
use crate::playbook::load::short;
use crate::playbook::{Given, LoopControl};
use crate::template::Scope;
use crate::vars::TaskScope;

/// Returns the items a task runs over; nothing when it has no loop.
///
/// A loop that cannot be resolved does not matter when the task's condition does not hold without an item.
pub(super) fn items(task: &TaskRun<'_>, scope: &TaskScope) -> Result<Option<Vec<Value>>, Box<Raw>> {
    let Some(repeat) = &task.task.repeat else { return Ok(None) };
    let vars: Arc<dyn Scope> = Arc::new(scope.clone());
    let templates = &task.run.templates;
    let resolved = match &repeat.lookup {
        None => templates
            .resolve(&repeat.over.value, &vars)
            .map_err(Broken::from)
            .and_then(|value| listed(value).map_err(|what| Broken::bare(what, &repeat.over.at))),
        Some(lookup) => looked_up(task, lookup, &repeat.over.value, scope),
    };
    resolved.map(Some).map_err(|reason| match task.holds(scope) {
        Ok(Some(condition)) => Box::new(Raw::skipped(Some(condition))),
        Ok(None) | Err(_) => Box::new(Raw::broken(reason)),
    })
}

/// Runs the lookup of `with_…` over its terms.
fn looked_up(
    task: &TaskRun<'_>,
    lookup: &str,
    terms: &Value,
    scope: &TaskScope,
) -> Result<Vec<Value>, Broken> {
    let templates = &task.run.templates;
    let vars: Arc<dyn Scope> = Arc::new(scope.clone());
    let terms = templates.resolve(terms, &vars)?;
    let terms = if matches!(terms, Value::List(_)) { terms } else { Value::list([terms]) };
    let more = [(Value::from("_lookup"), Value::from(lookup)), (Value::from("_terms"), terms)];
    let vars: Arc<dyn Scope> = Arc::new(scope.with_more_local(more));
    let call = match folder(lookup, &task.task.action.word) {
        Some(folder) => format!("query(_lookup, *_terms, _subdir='{folder}')"),
        None => "query(_lookup, *_terms)".to_owned(),
    };
    Ok(listed(templates.expression(&call, &task.task.at, &vars)?)?)
}

/// Returns the sub-folder in which `with_first_found` looks for what the task's action takes, unless it is `files`.
fn folder(lookup: &str, action: &str) -> Option<&'static str> {
    let kinds = [("template", "templates"), ("var", "vars")];
    let mut kinds = kinds.iter().filter(|_| short(lookup) == "first_found");
    kinds.find(|(kind, _)| action.contains(kind)).map(|(_, folder)| *folder)
}

fn listed(value: Value) -> Result<Vec<Value>, String> {
    match &value {
        Value::List(list) | Value::Tuple(list) => Ok(list.to_vec()),
        other => {
            Err(format!("The `loop` value must resolve to a 'list', not '{}'.", other.type_name()))
        }
    }
}

/// How a loop runs, resolved.
pub(super) struct Control<'a> {
    given: &'a LoopControl,
    /// The variable of the item.
    pub item: String,
    /// The variable of the index.
    pub index: Option<String>,
    /// How long to wait between rounds.
    pub pause: Duration,
    extended: bool,
    all_items: bool,
}

impl<'a> Control<'a> {
    /// Reads `loop_control`.
    pub(super) fn read(task: &TaskRun<'a>, scope: &TaskScope) -> Result<Self, String> {
        let repeat = task.task.repeat.as_ref().expect("the task has a loop");
        let given = &repeat.control;
        let reader = task.reader(scope);
        let text =
            |given: &Option<Given>| given.as_ref().map(|given| reader.resolve(given)).transpose();
        let flag = |given: &Option<Given>, word: &str| -> Result<Option<bool>, String> {
            text(given)?.map(|value| super::scope::truth(&value, word)).transpose()
        };
        let item = text(&given.loop_var)?.map_or_else(|| "item".into(), |value| value.to_string());
        if scope.given(&item).is_some() {
            task.run.warn_at(
                format!("The loop variable '{item}' is already in use."),
                "set `loop_var` below `loop_control` to another name",
                &task.task.at,
            );
        }
        let pause = reader.field(given.pause.as_ref(), "pause")?.unwrap_or_default();
        Ok(Self {
            given,
            item,
            index: text(&given.index_var)?.map(|value| value.to_string()),
            pause: Duration::from_secs_f64(pause.max(0.0)),
            extended: flag(&given.extended, "extended")?.unwrap_or(false),
            all_items: flag(&given.extended_allitems, "extended_allitems")?.unwrap_or(true),
        })
    }

    /// Returns whether `break_when` ends the loop.
    pub(super) fn is_over(
        &self,
        task: &TaskRun<'_>,
        scope: &TaskScope,
        result: &TaskResult,
    ) -> bool {
        if self.given.break_when.is_empty() {
            return false;
        }
        let mut more = Map::new();
        if let Some(name) = &task.task.register {
            more.insert(name.value.to_string(), Value::Map(Arc::clone(&result.values)));
        }
        let vars: Arc<dyn Scope> = Arc::new(scope.with_more_local(more));
        let holds = |given: &Given| {
            task.run.templates.condition(&given.value, &given.at, &vars).unwrap_or(false)
        };
        self.given.break_when.iter().all(holds)
    }
}

/// One round.
pub(super) struct Round<'a> {
    /// How the loop runs.
    pub control: &'a Control<'a>,
    /// All items.
    pub all: &'a Arc<[Value]>,
    /// Which one it is.
    pub index: usize,
}

impl Round<'_> {
    fn item(&self) -> &Value {
        &self.all[self.index]
    }

    /// Returns the variables of the round.
    pub(super) fn vars(&self) -> Map {
        let mut vars = Map::new();
        vars.insert(self.control.item.as_str(), self.item().clone());
        vars.insert("ansible_loop_var", self.control.item.as_str().into());
        if let Some(name) = &self.control.index {
            vars.insert(name.as_str(), self.index.into());
            vars.insert("ansible_index_var", name.as_str().into());
        }
        if self.control.extended {
            vars.insert("ansible_loop", self.extended());
        }
        vars
    }

    fn extended(&self) -> Value {
        let count = self.all.len();
        let mut vars = Map::new();
        vars.insert("index", (self.index + 1).into());
        vars.insert("index0", self.index.into());
        vars.insert("first", (self.index == 0).into());
        vars.insert("last", (self.index + 1 == count).into());
        vars.insert("length", count.into());
        vars.insert("revindex", (count - self.index).into());
        vars.insert("revindex0", (count - self.index - 1).into());
        if self.control.all_items {
            vars.insert("allitems", Value::list(self.all.iter().cloned()));
        }
        if let Some(next) = self.all.get(self.index + 1) {
            vars.insert("nextitem", next.clone());
        }
        if self.index > 0 {
            vars.insert("previtem", self.all[self.index - 1].clone());
        }
        vars.into()
    }

    /// Returns what is shown of the item.
    pub(super) fn label(&self, task: &TaskRun<'_>, scope: &TaskScope) -> Result<String, String> {
        let Some(given) = &self.control.given.label else { return Ok(self.item().to_string()) };
        let value = task.reader(scope).resolve(given).map_err(|broken| {
            format!("Failed to template loop_control.label: {}", broken.reason())
        })?;
        Ok(value.to_string())
    }

    /// Puts the item into its result.
    pub(super) fn mark(&self, result: &mut TaskResult) {
        let values = Arc::make_mut(&mut result.values);
        values.insert("ansible_loop_var", self.control.item.as_str().into());
        values.insert(self.control.item.as_str(), self.item().clone());
        if let Some(name) = &self.control.index {
            values.insert("ansible_index_var", name.as_str().into());
            values.insert(name.as_str(), self.index.into());
        }
        if self.control.extended {
            values.insert("ansible_loop", self.extended());
        }
    }
}

/// Returns what all rounds together come to.
pub(super) fn sum_up(results: &[Arc<TaskResult>]) -> TaskResult {
    let any = |status: Status| results.iter().any(|result| result.status == status);
    let changed =
        results.iter().any(|result| result.values.get("changed").is_some_and(Value::truth));
    let is_bad =
        |result: &&Arc<TaskResult>| matches!(result.status, Status::Failed | Status::Unreachable);
    let bad: Vec<_> = results.iter().filter(is_bad).collect();
    let skipped =
        !results.is_empty() && results.iter().all(|result| result.status == Status::Skipped);
    let status = if any(Status::Unreachable) {
        Status::Unreachable
    } else if any(Status::Failed) {
        Status::Failed
    } else if skipped || results.is_empty() {
        Status::Skipped
    } else if changed {
        Status::Changed
    } else {
        Status::Ok
    };
    let mut values = Map::new();
    values.insert(
        "results",
        Value::list(results.iter().map(|result| Value::Map(Arc::clone(&result.values)))),
    );
    values.insert("changed", changed.into());
    let message = match status {
        Status::Failed => "One or more items failed",
        Status::Skipped => "All items skipped",
        Status::Ok | Status::Changed | Status::Unreachable => "All items completed",
    };
    match status {
        Status::Skipped | Status::Ok | Status::Changed => {}
        Status::Unreachable => {
            values.insert("unreachable", true.into());
        }
        Status::Failed => {
            values.insert("failed", true.into());
        }
    }
    values.insert("skipped", (status == Status::Skipped).into());
    if results.is_empty() {
        values.insert("skipped_reason", "No items in the list".into());
    } else {
        values.insert("msg", message.into());
    }
    TaskResult {
        status,
        ignored: bad.iter().all(|result| result.ignored) && !bad.is_empty(),
        values: Arc::new(values),
        deprecations: results
            .iter()
            .flat_map(|result| result.deprecations.iter().cloned())
            .collect(),
        diffs: results.iter().flat_map(|result| result.diffs.iter().cloned()).collect(),
        no_log: results.iter().any(|result| result.no_log),
        loud: results.iter().any(|result| result.loud),
        looped: true,
        ..TaskResult::default()
    }
}
