//! The line of a result: the word, the host, the item, the values.

use crate::event::{Status, TaskResult};

/// Returns the line of a task on a host.
pub(super) fn host(host: &str, result: &TaskResult, values: Option<&str>) -> String {
    let host = label(host, result);
    let behind = values.map(|values| format!(" => {values}")).unwrap_or_default();
    match result.status {
        Status::Ok => format!("ok: [{host}]{behind}"),
        Status::Changed => format!("changed: [{host}]{behind}"),
        Status::Skipped => format!("skipping: [{host}]{behind}"),
        Status::Failed => format!("fatal: [{host}]: FAILED!{behind}"),
        Status::Unreachable => format!("fatal: [{host}]: UNREACHABLE!{behind}"),
    }
}

/// Returns the line of an item of a loop.
pub(super) fn item(host: &str, result: &TaskResult, values: Option<&str>) -> String {
    let host = label(host, result);
    let behind = values.map(|values| format!(" => {values}")).unwrap_or_default();
    let item = match &result.label {
        _ if result.no_log => "(censored due to no_log)",
        Some(label) => label,
        None => "",
    };
    match result.status {
        Status::Ok => format!("ok: [{host}] => (item={item}){behind}"),
        Status::Changed => format!("changed: [{host}] => (item={item}){behind}"),
        Status::Skipped => format!("skipping: [{host}] => (item={item}) {behind}"),
        Status::Failed | Status::Unreachable => format!("failed: [{host}] (item={item}){behind}"),
    }
}

/// Returns the host, and the one that did the work when it was another.
pub(super) fn label(host: &str, result: &TaskResult) -> String {
    match result.delegate.as_deref() {
        Some(delegate) if delegate != host => match &result.delegate_address {
            Some(address) => format!("{host} -> {delegate}({address})"),
            None => format!("{host} -> {delegate}"),
        },
        Some(_) | None => host.to_owned(),
    }
}
