//! `meta`: what tells the run itself what to do.

use std::sync::Arc;

use super::frame::Frame;
use super::lockstep::{Place, Step};
use super::scope::Reader;
use super::task::TaskRun;
use super::turn::Turn;
use super::walk::{Flow, Walker};
use crate::event::{Event, TaskInfo};
use crate::playbook::Task;
use crate::template::Scope;

/// All forms of `meta`.
pub(super) const WORDS: [&str; 10] = [
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_host",
    "end_play",
    "end_role",
    "flush_handlers",
    "noop",
    "refresh_inventory",
    "reset_connection",
];

/// Forms that the first host does for all of them.
const ONCE: [&str; 5] =
    ["clear_facts", "clear_host_errors", "end_batch", "end_play", "refresh_inventory"];

/// Returns which form a task is.
pub(super) fn word(task: &Task) -> String {
    task.action
        .free_form
        .as_ref()
        .map(|given| given.value.to_string())
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Runs `meta` on one host.
pub(super) async fn run(
    walker: &mut Walker,
    task: &Arc<Task>,
    frame: &Frame,
    place: &Place,
    (step, turn): (&Step, Turn),
) -> Flow {
    let word = word(task);
    let is_first = step.hosts.first() == Some(&walker.host);
    if walker.play.together && !is_first && ONCE.contains(&word.as_str()) {
        return Flow::Next;
    }
    turn.comes().await;
    let holds = holds(walker, task, frame, &word);
    if let (true, Ok(holds)) = (task.at.is_known(), &holds) {
        let task = info(walker, task, frame, &task.action.word);
        let (host, word) = (Arc::clone(&walker.host), word.clone());
        walker.run.sink.event(&Event::Meta { task, host, word, holds: *holds });
    }
    match holds {
        // What follows may take long, or meet the others.
        Ok(true) => drop(turn),
        Ok(false) => return Flow::Next,
        Err(message) => {
            let done = walker.report_failure(info(walker, task, frame, &word), message, false);
            return walker.take(task, frame, &done, true);
        }
    }
    match word.as_str() {
        "flush_handlers" => return walker.flush(place, frame).await,
        "end_host" => {
            walker.batch.end_host(&walker.host);
            walker.play.set_facts(|| super::facts::of(&walker.run, &walker.play, &walker.batch));
            return Flow::End;
        }
        "end_role" => return Flow::EndRole,
        "end_play" => {
            walker.play.end();
            walker.batch.lockstep.end();
            return Flow::End;
        }
        "end_batch" => {
            walker.batch.lockstep.end();
            return Flow::End;
        }
        "clear_facts" => {
            walker.play.hosts.iter().for_each(|host| walker.play.store.clear_facts(host));
        }
        "clear_host_errors" => {
            walker.play.forgive_all();
            walker.batch.forgive_all();
            walker.batch.lockstep.forgive();
            walker.play.set_facts(|| super::facts::of(&walker.run, &walker.play, &walker.batch));
        }
        "refresh_inventory" => {
            if let Err(reason) = walker.run.refresh_inventory() {
                walker.run.warn(reason);
            }
            walker.play.forget_inventory();
        }
        "reset_connection" => walker.play.reset(&walker.run, &walker.host).await,
        // `noop`; other words were refused before the run.
        _ => {}
    }
    Flow::Next
}

/// Returns whether the task's conditions hold. `noop` and the like have none in Ansible.
fn holds(
    walker: &Walker,
    task: &Arc<Task>,
    frame: &Frame,
    word: &str,
) -> Result<bool, super::broken::Broken> {
    if frame.when.is_empty() && task.when.is_empty() {
        return Ok(true);
    }
    if matches!(word, "noop" | "refresh_inventory" | "reset_connection") && !task.when.is_empty() {
        walker.run.warn(format!("{word} task does not support when conditional"));
        return Ok(true);
    }
    let scope = super::scope::of_task(&walker.run, &walker.play, &walker.host, task, frame);
    let unit = TaskRun::of(walker, task, frame, info(walker, task, frame, word), Vec::new());
    let holds = unit.holds(&scope)?.is_none();
    walker.run.tell_noted();
    Ok(holds)
}

fn info(walker: &Walker, task: &Arc<Task>, frame: &Frame, word: &str) -> Arc<TaskInfo> {
    let scope = super::scope::of_task(&walker.run, &walker.play, &walker.host, task, frame);
    let reader = Reader { run: &walker.run, task, frame, scope: Arc::new(scope) as Arc<dyn Scope> };
    let name =
        task.name.as_ref().and_then(|name| reader.resolve(name).ok()).map(|name| name.to_string());
    Arc::new(TaskInfo {
        play: Arc::clone(&walker.play.info),
        id: walker.run.next_id(),
        name: name.unwrap_or_else(|| word.to_owned()),
        role: frame.role().map(|role| role.name.clone()),
        action: task.action.word.clone(),
        at: task.at.clone(),
        handler: frame.handlers,
        rescued: frame.rescued,
        check: walker.run.options.check,
    })
}
