//! Tasks with `async`: the module runs as a job on the host, which is looked at until it has ended or left alone.

use std::sync::Arc;
use std::time::Duration;

use super::broken::Broken;
use super::invoke::Invocation;
use super::language::Meaning;
use super::result::Raw;
use super::scope::Reader;
use crate::actions::{Context, job};
use crate::base::{Map, Value};
use crate::event::{Event, JobState};
use crate::playbook::{Given, Task};

/// Units of the controller that run beside other things anyway: they get the time of the job, and no job is made.
const WAITED_FOR: [&str; 2] = ["get_url", "uri"];
/// Modules that are what brings them to the host, so there is nothing to put into a job.
const NO_JOBS: [&str; 1] = ["raw"];

/// How a task runs in the background.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Job {
    /// How long it may take.
    time: Duration,
    /// How long lies between looks; nothing leaves it alone.
    poll: Option<Duration>,
}

impl Job {
    /// Reads `async` and `poll`; nothing when the task does not run in the background.
    pub(super) fn read(reader: &Reader<'_>, task: &Task) -> Result<Option<Self>, Broken> {
        let time = seconds(reader, task.r#async.as_ref(), "async_val")?.unwrap_or(0);
        if time == 0 {
            return Ok(None);
        }
        let poll = seconds(reader, task.poll.as_ref(), "poll")?.unwrap_or(reader.run.options.poll);
        let poll = (poll > 0).then(|| Duration::from_secs(poll));
        Ok(Some(Self { time: Duration::from_secs(time), poll }))
    }
}

/// Returns a keyword's whole number of seconds; below zero is none.
fn seconds(reader: &Reader<'_>, given: Option<&Given>, word: &str) -> Result<Option<u64>, Broken> {
    let Some(given) = given else { return Ok(None) };
    let during =
        |broken: Broken| broken.during(format!("Error processing keyword '{word}'"), &given.at);
    let Some(value) = reader.optional(given).map_err(during)? else { return Ok(None) };
    let number = match &value {
        Value::Int(number) => Some(*number),
        Value::Float(number) => Some(*number as i64),
        Value::Bool(truth) => Some(i64::from(*truth)),
        other => other.to_string().trim().parse().ok(),
    };
    let number = number.ok_or_else(|| {
        let what = format!("The value '{value}' could not be converted to 'int'.");
        during(Broken::wrong(what, &given.at))
    })?;
    Ok(Some(u64::try_from(number).unwrap_or(0)))
}

impl Invocation<'_> {
    /// Runs the unit as a job.
    pub(super) async fn background(&self, job: Job, cx: &Context<'_>) -> Raw {
        let word = &self.task.task.action.word;
        let refused = || Raw::failed(format!("This action ({word}) does not support async."));
        match self.meaning {
            Meaning::Module(module) if !NO_JOBS.contains(&module.spec().name) => {
                self.job(job, module.spec().name, cx).await
            }
            // These do nothing here that a job would miss.
            Meaning::Action(action) if action.spec().name == "package" => {
                self.job(job, "package", cx).await
            }
            Meaning::Action(action) if action.spec().name == "gather_facts" => {
                self.job(job, "setup", cx).await
            }
            Meaning::Action(action)
                if WAITED_FOR.contains(&action.spec().name) && job.poll.is_some() =>
            {
                match tokio::time::timeout(job.time, action.run(&self.args, cx)).await {
                    Ok(result) => Raw::of(result),
                    Err(_) => Raw::failed("Timeout exceeded"),
                }
            }
            Meaning::Action(_) | Meaning::Engine | Meaning::Module(_) => refused(),
        }
    }

    async fn job(&self, job: Job, module: &str, cx: &Context<'_>) -> Raw {
        let started = match job::start(cx, module, &self.args, job.time).await {
            Ok(done) => done,
            Err(error) => return Raw::of(Err(error)),
        };
        let Some(poll) = job.poll else { return Raw::of(Ok(started)) };
        let jid = started.outcome.values.get("ansible_job_id").map(ToString::to_string);
        let jid = jid.unwrap_or_default();
        let mut left = job.time;
        while !left.is_zero() {
            tokio::time::sleep(poll).await;
            let values = match job::look(cx, &jid).await {
                Ok(values) => values,
                Err(error) => return Raw::of(Err(error)),
            };
            if job::has_ended(&values) {
                return self.ended(values, &jid, cx).await;
            }
            left = left.saturating_sub(poll);
            self.tell(&jid, JobState::Running);
        }
        // Its own clock began a moment after ours: it may have been told to end just now.
        self.too_late(job, &jid, cx).await
    }

    async fn ended(&self, values: Map, jid: &str, cx: &Context<'_>) -> Raw {
        let result = job::result(values);
        self.tell(jid, if result.is_ok() { JobState::Done } else { JobState::Failed });
        let raw = Raw::of(result);
        match job::erase(cx, jid).await {
            Ok(_) => raw,
            Err(_) => {
                let mut raw = raw;
                raw.warnings.push(format!("the result of the job {jid} could not be removed"));
                raw
            }
        }
    }

    async fn too_late(&self, job: Job, jid: &str, cx: &Context<'_>) -> Raw {
        self.tell(jid, JobState::Failed);
        let seconds = job.time.as_secs();
        let mut raw = Raw::failed(format!(
            "async task did not complete within the requested time - {seconds}s"
        ));
        if let Ok(mut values) = job::look(cx, jid).await {
            for name in ["stderr_lines", "stdout_lines"] {
                values.insert(name, Value::list([]));
            }
            raw.values.insert("async_result", values.into());
        }
        raw
    }

    fn tell(&self, jid: &str, state: JobState) {
        let jid = (!self.hidden).then(|| jid.to_owned());
        let (task, host) = (Arc::clone(&self.task.info), Arc::clone(&self.task.host));
        self.task.run.sink.event(&Event::Job { task, host, jid, state });
    }
}
