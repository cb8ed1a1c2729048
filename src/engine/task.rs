//! One task on one host: loop, condition, tries, and what comes of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::broken::Broken;
use super::delegate::{Delegate, mark};
use super::frame::Frame;
use super::invoke::Invocation;
use super::play::PlayRun;
use super::repeat::{self, Round};
use super::result::Raw;
use super::run::Run;
use super::scope::Reader;
use super::walk::Walker;
use crate::actions::Effect;
use crate::base::{Deprecation, Map, Value};
use crate::event::{Event, Status, TaskInfo, TaskResult};
use crate::playbook::{Given, Keyword, Task};
use crate::template::{self, Scope};
use crate::vars::TaskScope;

/// What a task that runs once leaves for the other hosts.
#[derive(Clone, Debug)]
pub(super) struct Once {
    /// What came of it.
    pub result: Arc<TaskResult>,
    /// Handlers to notify.
    pub notify: Vec<String>,
}

/// One task on one host.
pub(super) struct TaskRun<'a> {
    /// The run.
    pub run: &'a Arc<Run>,
    /// The play.
    pub play: &'a Arc<PlayRun>,
    /// The host.
    pub host: Arc<str>,
    /// The task.
    pub task: &'a Arc<Task>,
    /// What it inherits.
    pub frame: &'a Frame,
    /// The task as reporters see it.
    pub info: Arc<TaskInfo>,
    /// The hosts that get what it sets: its own, or the whole batch when it runs once.
    pub audience: Vec<Arc<str>>,
}

impl<'a> TaskRun<'a> {
    /// Returns a task as a host comes to it on its walk.
    pub(super) fn of(
        walker: &'a Walker,
        task: &'a Arc<Task>,
        frame: &'a Frame,
        info: Arc<TaskInfo>,
        audience: Vec<Arc<str>>,
    ) -> Self {
        let host = Arc::clone(&walker.host);
        Self { run: &walker.run, play: &walker.play, host, task, frame, info, audience }
    }
}

/// What stands for the traceback of a failure: there is none.
const NO_TRACE: &str = "(traceback unavailable)";

/// What a failed task says when nothing else is known.
const HIDDEN: &str =
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

impl TaskRun<'_> {
    /// Runs the task and registers its result.
    pub(super) async fn go(&self) -> Once {
        let started = Instant::now();
        let scope = super::scope::of_task(self.run, self.play, &self.host, self.task, self.frame);
        let mut result = match repeat::items(self, &scope) {
            Ok(None) => self.single(&scope).await,
            Ok(Some(items)) => self.looped(&scope, items).await,
            Err(raw) => self.verdict(*raw, &scope, Duration::ZERO),
        };
        result.took = started.elapsed();
        if !result.deprecations.is_empty() {
            let all = Value::list(result.deprecations.iter().map(Deprecation::to_value));
            Arc::make_mut(&mut result.values).insert("deprecations", all);
        }
        self.register(&result);
        let notify = self.notifications(&scope, &result);
        Once { result: Arc::new(result), notify }
    }

    /// Returns a reader of the task's keywords.
    pub(super) fn reader(&self, scope: &TaskScope) -> Reader<'_> {
        Reader {
            run: self.run,
            task: self.task,
            frame: self.frame,
            scope: Arc::new(scope.clone()) as Arc<dyn Scope>,
        }
    }

    async fn single(&self, scope: &TaskScope) -> TaskResult {
        let started = Instant::now();
        let (raw, delegate) = self.once(scope).await;
        let mut result = self.verdict(raw, scope, started.elapsed());
        mark(&mut result, delegate);
        result
    }

    async fn looped(&self, scope: &TaskScope, items: Vec<Value>) -> TaskResult {
        let mut results: Vec<Arc<TaskResult>> = Vec::new();
        let control = match repeat::Control::read(self, scope) {
            Ok(control) => control,
            Err(reason) => return self.verdict(Raw::failed(reason), scope, Duration::ZERO),
        };
        let all: Arc<[Value]> = items.into();
        for index in 0..all.len() {
            if index > 0 && control.pause > Duration::ZERO {
                tokio::time::sleep(control.pause).await;
            }
            let round = Round { control: &control, all: &all, index };
            // Facts set by the item before are seen by the next one.
            let scope =
                super::scope::of_task(self.run, self.play, &self.host, self.task, self.frame);
            let scope = scope.with_local(round.vars());
            let started = Instant::now();
            let (raw, delegate) = self.once(&scope).await;
            let (raw, label) = match round.label(self, &scope) {
                Ok(label) => (raw, label),
                Err(reason) => (Raw::failed(reason), "None".to_owned()),
            };
            let mut result = self.verdict(raw, &scope, started.elapsed());
            mark(&mut result, delegate);
            result.label = Some(label);
            round.mark(&mut result);
            let stop = control.is_over(self, &scope, &result);
            let result = Arc::new(result);
            self.run.sink.event(&Event::ItemDone {
                task: Arc::clone(&self.info),
                host: Arc::clone(&self.host),
                result: Arc::clone(&result),
            });
            results.push(result);
            if stop {
                break;
            }
        }
        repeat::sum_up(&results)
    }

    /// Checks the condition and runs the unit until it is satisfied, for one item.
    async fn once(&self, scope: &TaskScope) -> (Raw, Option<Delegate>) {
        match self.holds(scope) {
            Ok(None) => {}
            Ok(Some(condition)) => {
                self.run.debug(|| {
                    format!("{} is left out on {}: {condition}", self.info.title(), self.host)
                });
                return (Raw::skipped(Some(condition)), None);
            }
            Err(broken) => return (Raw::broken(broken), None),
        }
        let invocation = match Invocation::prepare(self, scope) {
            Ok(invocation) => invocation,
            Err(broken) => return (Raw::broken(broken), None),
        };
        let delegate = invocation.shown_delegate();
        (self.tries(&invocation).await, delegate)
    }

    /// Returns the first condition that does not hold.
    pub(super) fn holds(&self, scope: &TaskScope) -> Result<Option<Value>, Broken> {
        let vars: Arc<dyn Scope> = Arc::new(scope.clone());
        for condition in self.frame.when.iter().chain(&self.task.when) {
            let holds = self.run.templates.condition(&condition.value, &condition.at, &vars);
            match holds {
                Ok(true) => {}
                Ok(false) => return Ok(Some(source_of(&condition.value))),
                Err(error) => return Err(unclear(error, condition)),
            }
        }
        Ok(None)
    }

    async fn tries(&self, invocation: &Invocation<'_>) -> Raw {
        let scope = &*invocation.scope;
        let reader = self.reader(scope);
        let retries = reader.field(self.task.retries.as_ref(), "retries");
        let delay = reader.field(self.task.delay.as_ref(), "delay");
        let (retries, delay) = match (retries, delay) {
            (Ok(retries), Ok(delay)) => (retries, delay.unwrap_or(5.0).max(0.0)),
            (Err(broken), _) | (_, Err(broken)) => return Raw::broken(broken),
        };
        let tries = match retries {
            Some(number) => (number.max(0.0) as u32) + 1,
            None if self.task.until.is_empty() => 1,
            None => 4,
        };
        for attempt in 1..=tries {
            let mut raw = invocation.run().await;
            if raw.unreachable || raw.skipped {
                return raw;
            }
            if tries > 1 {
                raw.values.insert("attempts", attempt.into());
            }
            if let Err(reason) = add_to_inventory(invocation, &mut raw) {
                return Raw { failed: true, ..with_message(raw, reason) };
            }
            if let Err((word, broken)) = self.judge(&mut raw, scope) {
                raw.values.insert(format!("{word}_result"), broken.reason().into());
                return Raw { failed: true, broken: Some(Box::new(broken)), ..raw };
            }
            if tries == 1 {
                return applied(invocation, raw);
            }
            let satisfied = match self.satisfied(&raw, scope) {
                Ok(satisfied) => satisfied,
                Err(broken) => return Raw::broken(broken),
            };
            if satisfied {
                return applied(invocation, raw);
            }
            if attempt == tries {
                // Where `failed_when` says what a failure is, running out of tries is none.
                raw.failed |= self.task.failed_when.is_none();
                raw.values.insert("attempts", (attempt - 1).max(1).into());
                return raw;
            }
            let mut tried = raw.clone();
            tried.values.insert("retries", tries.into());
            let mut tried = tried.finish(Duration::ZERO);
            mark(&mut tried, invocation.shown_delegate());
            self.run.sink.event(&Event::Retry {
                task: Arc::clone(&self.info),
                host: Arc::clone(&self.host),
                left: tries - attempt,
                result: Arc::new(tried),
            });
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs_f64(delay)) => {}
                () = self.run.interrupted.cancelled() => return Raw::failed("interrupted"),
            }
        }
        Raw::failed("no try was made")
    }

    /// Applies `changed_when` and `failed_when`.
    fn judge(&self, raw: &mut Raw, scope: &TaskScope) -> Result<(), (&'static str, Broken)> {
        if self.task.changed_when.is_none() && self.task.failed_when.is_none() {
            return Ok(());
        }
        let holds = |conditions: &[Given], raw: &Raw, word| {
            self.all_hold(conditions, raw, scope).map_err(|broken| (word, broken))
        };
        if let Some(conditions) = self.task.failed_when.as_ref().filter(|all| !all.is_empty()) {
            let failed = holds(conditions, raw, "failed_when")?;
            if raw.failed && !failed {
                raw.values.insert("failed_when_suppressed_exception", NO_TRACE.into());
            }
            raw.failed = failed;
            raw.values.insert("failed_when_result", failed.into());
        }
        if let Some(conditions) = &self.task.changed_when {
            raw.changed = !conditions.is_empty() && holds(conditions, raw, "changed_when")?;
        }
        Ok(())
    }

    fn satisfied(&self, raw: &Raw, scope: &TaskScope) -> Result<bool, Broken> {
        if self.task.until.is_empty() {
            return Ok(!raw.failed);
        }
        self.all_hold(&self.task.until, raw, scope)
    }

    fn all_hold(&self, conditions: &[Given], raw: &Raw, scope: &TaskScope) -> Result<bool, Broken> {
        let mut more = raw
            .values
            .get("ansible_facts")
            .and_then(Value::as_map)
            .map(|map| (**map).clone())
            .unwrap_or_default();
        if let Some(name) = &self.task.register {
            more.insert(name.value.to_string(), raw.registered().into());
        }
        let vars: Arc<dyn Scope> = Arc::new(scope.with_more_local(more));
        for condition in conditions {
            let holds = self.run.templates.condition(&condition.value, &condition.at, &vars);
            if !holds.map_err(|error| unclear(error, condition))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Turns a result into what is shown and registered: ignored errors, hidden values.
    fn verdict(&self, raw: Raw, scope: &TaskScope, took: Duration) -> TaskResult {
        let reader = self.reader(scope);
        let flag = |keyword| reader.flag(keyword).ok().flatten().unwrap_or(false);
        let no_log = reader.hides().unwrap_or(true);
        let ignored = match raw.status() {
            Status::Failed => flag(Keyword::IgnoreErrors),
            Status::Unreachable => flag(Keyword::IgnoreUnreachable),
            Status::Ok | Status::Changed | Status::Skipped => false,
        };
        let shows_diff = reader.flag(Keyword::Diff).ok().flatten();
        let deprecations = template::noted();
        let mut result = TaskResult { ignored, no_log, deprecations, ..raw.finish(took) };
        if !shows_diff.unwrap_or(self.run.options.diff) {
            result.diffs.clear();
        }
        result
    }

    /// Keeps a result under the name that the task gives it.
    pub(super) fn register(&self, result: &TaskResult) {
        let Some(name) = &self.task.register else { return };
        let name = Value::from(name.value.to_string());
        let mut value = Value::from(with_exceptions(&result.values));
        if result.no_log {
            value = value.into_secret();
        }
        for host in &self.audience {
            self.play.store.set(host, [(name.clone(), value.clone())]);
        }
    }

    /// Returns the handlers to notify.
    fn notifications(&self, scope: &TaskScope, result: &TaskResult) -> Vec<String> {
        let changed = result.values.get("changed").is_some_and(Value::truth);
        if !changed
            || (result.status == Status::Failed && !result.ignored)
            || result.status == Status::Unreachable
        {
            return Vec::new();
        }
        let reader = self.reader(scope);
        let given = self.frame.notify.iter().chain(&self.task.notify);
        let words = given.filter_map(|given| reader.optional(given).ok().flatten());
        words
            .flat_map(|value| {
                value.as_list().map_or_else(
                    || vec![value.to_string()],
                    |list| list.iter().map(ToString::to_string).collect(),
                )
            })
            .collect()
    }
}

/// Adds hosts and groups, which is what makes such a task changed or not.
fn add_to_inventory(invocation: &Invocation<'_>, raw: &mut Raw) -> Result<(), String> {
    let is_ours =
        |effect: &Effect| matches!(effect, Effect::AddHost { .. } | Effect::GroupBy { .. });
    let (ours, rest) = std::mem::take(&mut raw.effects).into_iter().partition(is_ours);
    raw.effects = rest;
    let ours: Vec<Effect> = ours;
    ours.into_iter().try_for_each(|effect| super::effects::apply(invocation, effect, raw))
}

/// Applies what the unit wants changed in the run.
fn applied(invocation: &Invocation<'_>, mut raw: Raw) -> Raw {
    let effects = std::mem::take(&mut raw.effects);
    for effect in effects {
        if let Err(reason) = super::effects::apply(invocation, effect, &mut raw) {
            return Raw { failed: true, ..with_message(raw, reason) };
        }
    }
    if !raw.facts.is_empty() && !raw.failed {
        for host in &invocation.fact_hosts {
            let kept = invocation.task.play.store.add_facts(host, &raw.facts);
            raw.warnings.extend(kept.err());
        }
    }
    raw
}

/// Returns a result as it is registered: failures have an `exception`, which playbooks look for.
pub(super) fn with_exceptions(values: &Arc<Map>) -> Map {
    let mut values = Map::clone(values);
    if values.get("failed").is_some_and(Value::truth) && !values.contains_key("exception") {
        values.insert("exception", NO_TRACE.into());
    }
    let items = values.get("results").and_then(Value::as_list).map(|list| list.to_vec());
    let is_failed = |item: &Value| item.get("failed").is_some_and(Value::truth);
    if let Some(items) = items.filter(|items| items.iter().any(is_failed)) {
        let items = items.into_iter().map(|item| match &item {
            Value::Map(map) => with_exceptions(map).into(),
            _ => item,
        });
        values.insert("results", Value::list(items));
    }
    values
}

/// Returns why it is not known whether a condition holds.
fn unclear(error: template::Error, condition: &Given) -> Broken {
    Broken::from(error).at(&condition.at)
}

/// Returns a text as the playbook has it.
pub(super) fn source_text(value: &Value) -> String {
    source_of(value).to_string()
}

/// Returns the text of a condition as the playbook has it.
fn source_of(condition: &Value) -> Value {
    match condition {
        Value::Lazy(lazy) => Value::text(Arc::clone(lazy.source())),
        other => other.clone(),
    }
}

fn with_message(mut raw: Raw, message: String) -> Raw {
    raw.values.insert("msg", message.into());
    raw
}

/// Returns what is shown of a result that must not be shown.
pub fn censored(result: &TaskResult) -> Map {
    let mut values = Map::from_iter([("censored", Value::from(HIDDEN))]);
    if let Some(changed) = result.values.get("changed") {
        values.insert("changed", changed.clone());
    }
    values
}
