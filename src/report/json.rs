//! One document of JSON at the end, in the form of the callback `ansible.posix.json`.

use std::sync::{Arc, Mutex, PoisonError};

use super::ansible::shown;
use super::mask::masked_map;
use super::streams::{Out, put};
use crate::base::{Map, Value};
use crate::event::{Event, PlayInfo, Sink, Stats, TaskInfo, TaskResult};
use crate::template;

/// The report.
pub(super) struct Json(Mutex<State>);

struct State {
    out: Out,
    plays: Vec<Play>,
}

struct Play {
    id: u64,
    name: String,
    /// Why it did not run.
    left_out: Option<String>,
    tasks: Vec<(Arc<TaskInfo>, Map)>,
}

impl Json {
    /// Returns the report.
    pub(super) fn new(out: Out) -> Self {
        Self(Mutex::new(State { out, plays: Vec::new() }))
    }
}

impl Sink for Json {
    fn event(&self, event: &Event) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::PlayStarted { play, .. } => state.plays.push(Play::new(play)),
            Event::PlayLeftOut { play, reason } => {
                state.plays.push(Play { left_out: Some(reason.clone()), ..Play::new(play) });
            }
            Event::HostDone { task, host, result } => state.done(task, host, result),
            Event::RunEnded { stats, custom, .. } => state.end(stats, custom),
            _ => {}
        }
    }
}

impl Play {
    fn new(play: &PlayInfo) -> Self {
        Self { id: play.id, name: play.name.clone(), left_out: None, tasks: Vec::new() }
    }
}

impl State {
    fn done(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, result: &TaskResult) {
        let is_its = |play: &&mut Play| play.id == task.play.id;
        let Some(play) = self.plays.iter_mut().rev().find(is_its) else { return };
        if !play.tasks.iter().rev().any(|(known, _)| known.id == task.id) {
            play.tasks.push((Arc::clone(task), Map::new()));
        }
        let mut values =
            if result.no_log { shown(task, result, 0) } else { masked_map(&result.values) };
        values.insert("action", task.action.as_str().into());
        if let Some((_, hosts)) = play.tasks.iter_mut().rev().find(|(known, _)| known.id == task.id)
        {
            hosts.insert(Arc::clone(host), values.into());
        }
    }

    fn end(&mut self, stats: &[(Arc<str>, Stats)], custom: &Map) {
        let plays = self.plays.iter().map(|play| {
            let tasks = play.tasks.iter().map(|(task, hosts)| {
                let about = Value::map([
                    ("id", Value::from(task.id.to_string())),
                    ("name", task.title().into()),
                ]);
                Value::map([("task", about), ("hosts", hosts.clone().into())])
            });
            let mut about = Map::from_iter([("name", Value::from(&play.name))]);
            if let Some(reason) = &play.left_out {
                about.insert("left_out", reason.into());
            }
            Value::map([("play", about.into()), ("tasks", Value::list(tasks))])
        });
        let mut custom = masked_map(custom);
        let global = custom.remove("_run").unwrap_or_else(|| Map::new().into());
        let document = Value::map([
            ("plays", Value::list(plays)),
            (
                "stats",
                Value::map(stats.iter().map(|(host, stats)| (Arc::clone(host), counts(stats)))),
            ),
            ("custom_stats", custom.into()),
            ("global_custom_stats", global),
        ]);
        put(&mut self.out, &(template::json(&document, Some(4)) + "\n"));
    }
}

/// Returns the counts of a host under the names of that callback.
fn counts(stats: &Stats) -> Value {
    let Stats { ok, changed, unreachable, failed, skipped, rescued, ignored } = *stats;
    Value::map([
        ("ok", Value::from(ok)),
        ("changed", changed.into()),
        ("unreachable", unreachable.into()),
        ("failures", failed.into()),
        ("skipped", skipped.into()),
        ("rescued", rescued.into()),
        ("ignored", ignored.into()),
    ])
}
