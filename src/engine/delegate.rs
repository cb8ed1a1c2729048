//! What a task that another host does for its own host sees of that other host.

use std::sync::Arc;

use super::broken::Broken;
use super::scope;
use super::task::TaskRun;
use crate::base::{Map, Value};
use crate::event::TaskResult;
use crate::playbook::Keyword;
use crate::template::{Scope, ScopeObject};
use crate::vars::TaskScope;

/// How the host is reached that does the work: a task sees it where its own host says nothing.
const REACHED: [&str; 4] = ["ansible_host", "ansible_port", "ansible_ssh_host", "ansible_user"];

/// The host that did the work, as it is shown.
pub(super) struct Delegate {
    /// Its name.
    pub host: Arc<str>,
    /// Its address, when that is not its name.
    pub address: Option<Arc<str>>,
}

/// Notes in a result who did the work.
pub(super) fn mark(result: &mut TaskResult, delegate: Option<Delegate>) {
    if let Some(Delegate { host, address }) = delegate {
        result.delegate = Some(host);
        result.delegate_address = address;
    }
}

/// Returns the host that does the work, when the task names one.
pub(super) fn host(task: &TaskRun<'_>, own: &TaskScope) -> Result<Option<Arc<str>>, Broken> {
    let name = task.reader(own).text(Keyword::DelegateTo)?;
    Ok(name.filter(|name| !name.is_empty()).map(Arc::from))
}

/// Returns the variables of another host at a task; loop variables stay visible.
pub(super) fn other(task: &TaskRun<'_>, own: &TaskScope, host: &Arc<str>) -> TaskScope {
    scope::of_task(task.run, task.play, host, task.task, task.frame)
        .with_local((*own.layers().local).clone())
}

/// Returns what the task sees: its own variables, with `ansible_delegated_vars` when another host does the work.
/// With it comes the address of that host, when it is not its name.
pub(super) fn seen(
    task: &TaskRun<'_>,
    own: &TaskScope,
    host: Option<&Arc<str>>,
) -> (TaskScope, Option<Arc<str>>) {
    let Some(host) = host else { return (own.clone(), None) };
    let other = other(task, own, host);
    let vars: Arc<dyn Scope> = Arc::new(other.clone());
    let address = other.get("ansible_host");
    let address = address.and_then(|address| task.run.templates.resolve(&address, &vars).ok());
    let address = address.map(|address| Arc::from(address.to_string()));
    let address = address.filter(|address: &Arc<str>| address != host);
    let mut more = Map::new();
    for name in REACHED {
        if let Some(value) = other.get(name).filter(|_| own.given(name).is_none()) {
            more.insert(name, value);
        }
    }
    let mut values = Map::new();
    values.insert(Value::from(Arc::clone(host)), ScopeObject::value(Arc::new(other)));
    more.insert("ansible_delegated_vars", values.into());
    (own.with_more_local(more), address)
}

/// Returns the hosts that get a task's facts: those it is for, or the one that does the work with `delegate_facts`.
pub(super) fn fact_hosts(
    task: &TaskRun<'_>,
    scope: &TaskScope,
    host: Option<&Arc<str>>,
) -> Vec<Arc<str>> {
    let delegated = task.reader(scope).flag(Keyword::DelegateFacts).ok().flatten();
    match host {
        Some(host) if delegated.unwrap_or(false) => vec![Arc::clone(host)],
        _ => task.audience.clone(),
    }
}
