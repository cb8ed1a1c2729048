//! A line of JSON for each event, for programs. The first line says what it is: `fcplay.events/1`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::mask::{HIDDEN, masked, masked_map};
use super::streams::{Out, put};
use crate::base::{Map, Value};
use crate::event::{Event, JobState, PlayInfo, Sink, Stats, Status, TaskInfo, TaskResult};
use crate::template;

/// The name and version of the format. A field that goes or means something else makes a new version.
const FORMAT: &str = "fcplay.events/1";

/// The report.
pub(super) struct Events {
    out: Mutex<Out>,
    clock: fn() -> String,
}

impl Events {
    /// Returns the report, and writes its first line.
    pub(super) fn new(out: Out) -> Self {
        Self::with_clock(out, || jiff::Timestamp::now().to_string())
    }

    fn with_clock(mut out: Out, clock: fn() -> String) -> Self {
        let first = Value::map(
            [("format", FORMAT), ("fcplay", env!("CARGO_PKG_VERSION"))]
                .map(|(name, text)| (name, Value::from(text))),
        );
        put(&mut out, &(template::json(&first, None) + "\n"));
        Self { out: Mutex::new(out), clock }
    }
}

impl Sink for Events {
    fn event(&self, event: &Event) {
        let mut fields = Map::from_iter(fields(event));
        fields.insert("event", name(event).into());
        fields.insert("time", (self.clock)().into());
        let line = template::json(&fields.into(), None) + "\n";
        put(&mut self.out.lock().unwrap_or_else(PoisonError::into_inner), &line);
    }
}

/// Returns the name of an event.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Asking(_) => "asking",
        Event::Debug(_) => "debug",
        Event::Said { .. } => "said",
        Event::Deprecated(_) => "deprecated",
        Event::Error(_) => "error",
        Event::HostDone { .. } => "host_done",
        Event::HostStarted { .. } => "host_started",
        Event::Included { .. } => "included",
        Event::ItemDone { .. } => "item_done",
        Event::Job { .. } => "job",
        Event::Meta { .. } => "meta",
        Event::NoHostsMatched(_) => "no_hosts_matched",
        Event::NoHostsRemaining(_) => "no_hosts_remaining",
        Event::Notified { .. } => "notified",
        Event::Output { .. } => "output",
        Event::PlayEnded { .. } => "play_ended",
        Event::PlayLeftOut { .. } => "play_left_out",
        Event::PlayStarted { .. } => "play_started",
        Event::Progress { .. } => "progress",
        Event::Retry { .. } => "retry",
        Event::RunEnded { .. } => "run_ended",
        Event::RunStarted { .. } => "run_started",
        Event::TaskStarted(_) => "task_started",
        Event::TooManyFailed(_) => "too_many_failed",
        Event::Warning(_) => "warning",
    }
}

type Fields = Vec<(&'static str, Value)>;

/// Returns what an event says.
fn fields(event: &Event) -> Fields {
    match event {
        Event::RunStarted { playbooks, inventory, hosts, tasks, files, took } => vec![
            ("playbooks", texts(playbooks)),
            ("inventory", texts(inventory)),
            ("hosts", (*hosts).into()),
            ("tasks", (*tasks).into()),
            ("files", (*files).into()),
            ("seconds", seconds(*took)),
        ],
        Event::PlayStarted { play, hosts, check } => {
            let mut fields = of_play(play);
            fields.extend([
                ("hosts", names(hosts)),
                ("check", (*check).into()),
                ("together", play.together.into()),
            ]);
            fields
        }
        Event::PlayEnded { play, took } => {
            [of_play(play), vec![("seconds", seconds(*took))]].concat()
        }
        Event::PlayLeftOut { play, reason } => {
            [of_play(play), vec![("reason", reason.into())]].concat()
        }
        Event::NoHostsMatched(play)
        | Event::NoHostsRemaining(play)
        | Event::TooManyFailed(play) => of_play(play),
        Event::TaskStarted(task) => about(task),
        Event::HostStarted { task, host } => of_host(task, host),
        Event::ItemDone { task, host, result } | Event::HostDone { task, host, result } => {
            with_result(of_host(task, host), result)
        }
        Event::Retry { task, host, left, result } => {
            let mut fields = with_result(of_host(task, host), result);
            fields.push(("left", (*left).into()));
            fields
        }
        Event::Job { task, host, jid, state } => {
            let mut fields = of_host(task, host);
            let state = match state {
                JobState::Done => "done",
                JobState::Failed => "failed",
                JobState::Running => "running",
            };
            fields.extend([
                ("jid", jid.clone().map_or(Value::Null, Value::from)),
                ("state", state.into()),
            ]);
            fields
        }
        Event::Output { task, host, err, text } => {
            let mut fields = of_host(task, host);
            let stream = if *err { "stderr" } else { "stdout" };
            fields.extend([("stream", stream.into()), ("text", text.into())]);
            fields
        }
        Event::Progress { task, host, what, done, all } => {
            let mut fields = of_host(task, host);
            fields.extend([
                ("what", what.into()),
                ("done", (*done).into()),
                ("all", (*all).into()),
            ]);
            fields
        }
        Event::Included { task, file, hosts, label } => {
            let mut fields = about(task);
            let item = label.clone().into();
            fields.extend([("file", file.into()), ("hosts", names(hosts)), ("item", item)]);
            fields
        }
        Event::Meta { task, host, word, holds } => {
            let mut fields = of_host(task, host);
            fields.extend([("word", word.into()), ("holds", (*holds).into())]);
            fields
        }
        Event::Notified { play, handler, host } => {
            let host = Arc::clone(host);
            [of_play(play), vec![("handler", handler.into()), ("host", host.into())]].concat()
        }
        Event::Said { task, text } => [about(task), vec![("text", text.into())]].concat(),
        Event::Asking(asking) => vec![("asking", (*asking).into())],
        Event::Deprecated(deprecation) => vec![("deprecation", deprecation.to_value())],
        Event::Debug(text) | Event::Error(text) | Event::Warning(text) => {
            vec![("text", text.into())]
        }
        Event::RunEnded { stats, custom, took, interrupted, resume } => vec![
            (
                "stats",
                Value::map(stats.iter().map(|(host, stats)| (Arc::clone(host), counts(stats)))),
            ),
            ("custom", masked_map(custom).into()),
            ("seconds", seconds(*took)),
            ("interrupted", (*interrupted).into()),
            ("resume", resume.clone().into()),
        ],
    }
}

fn texts(items: &[String]) -> Value {
    Value::list(items.iter().map(Value::from))
}

fn names(hosts: &[Arc<str>]) -> Value {
    Value::list(hosts.iter().map(|host| Value::from(Arc::clone(host))))
}

fn seconds(time: Duration) -> Value {
    Value::Float((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

fn of_host(task: &TaskInfo, host: &Arc<str>) -> Fields {
    let mut fields = about(task);
    fields.push(("host", Arc::clone(host).into()));
    fields
}

fn of_play(play: &PlayInfo) -> Fields {
    vec![("play", (&play.name).into()), ("play_id", play.id.into())]
}

fn about(task: &TaskInfo) -> Fields {
    let mut fields = of_play(&task.play);
    fields.extend([
        ("task", task.id.into()),
        ("name", task.title().into()),
        ("action", (&task.action).into()),
        ("at", task.at.to_string().into()),
        ("handler", task.handler.into()),
        ("check", task.check.into()),
    ]);
    fields
}

fn with_result(mut fields: Fields, result: &TaskResult) -> Fields {
    let values = if result.no_log {
        Value::map([("censored", HIDDEN)].map(|(name, text)| (name, Value::from(text))))
    } else {
        masked(&Value::Map(Arc::clone(&result.values)))
    };
    let item =
        result.label.clone().map(|label| if result.no_log { "hidden".to_owned() } else { label });
    fields.extend([
        ("status", status(result.status).into()),
        ("ignored", result.ignored.into()),
        ("delegate", result.delegate.clone().into()),
        ("item", item.into()),
        ("result", values),
        ("seconds", seconds(result.took)),
    ]);
    fields
}

/// Returns the word of a status.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Changed => "changed",
        Status::Skipped => "skipped",
        Status::Failed => "failed",
        Status::Unreachable => "unreachable",
    }
}

/// Returns the counts of a host.
fn counts(stats: &Stats) -> Value {
    let Stats { ok, changed, unreachable, failed, skipped, rescued, ignored } = *stats;
    Value::map([
        ("ok", Value::from(ok)),
        ("changed", changed.into()),
        ("unreachable", unreachable.into()),
        ("failed", failed.into()),
        ("skipped", skipped.into()),
        ("rescued", rescued.into()),
        ("ignored", ignored.into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::streams::tests::Kept;
    use super::*;

    #[test]
    fn a_line_an_event() {
        let kept = Kept::default();
        let sink = Events::with_clock(Box::new(kept.clone()), || "now".to_owned());
        let first = concat!(
            "{\"fcplay\": \"",
            env!("CARGO_PKG_VERSION"),
            "\", \"format\": \"fcplay.events/1\"}\n"
        );
        assert_eq!(kept.take(), first);
        sink.event(&Event::Warning("look\nout".into()));
        assert_eq!(
            kept.take(),
            "{\"event\": \"warning\", \"text\": \"look\\nout\", \"time\": \"now\"}\n"
        );
    }

    #[test]
    fn nothing_secret_is_in_a_result() {
        let values = Arc::new(Map::from_iter([("password", Value::secret("x"))]));
        let shown = |no_log| {
            let result =
                TaskResult { values: Arc::clone(&values), no_log, ..TaskResult::default() };
            Value::map(with_result(Vec::new(), &result)).get("result").unwrap().repr()
        };
        assert_eq!(shown(false), "{'password': '****'}");
        assert_eq!(shown(true), format!("{{'censored': \"{HIDDEN}\"}}"));
    }
}
