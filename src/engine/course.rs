//! One play, from its first batch to its last.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::batch::{self, Batch};
use super::frame::Frame;
use super::lockstep::Lockstep;
use super::play::PlayRun;
use super::run::Run;
use super::start::GRACE;
use super::walk::{Flow, Walker};
use super::{facts, order, sections, vars_files};
use crate::base::{Map, Value};
use crate::event::{Event, PlayInfo};
use crate::playbook::{Item, Play};
use crate::template::{Scope, noting};
use crate::vars::Store;

/// What a play begins with.
pub(super) struct Start {
    /// Its number in the run.
    pub number: usize,
    /// Whether other plays may run at the same time.
    pub beside: bool,
    /// What imports it, where its name alone is not enough.
    pub within: Option<String>,
    /// The hosts that are out of it.
    pub out: BTreeSet<Arc<str>>,
    /// The answers to its questions, when they were given before.
    pub answers: Option<Map>,
    /// What its hosts have gathered.
    pub store: Arc<Store>,
}

/// How a play went.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// The hosts that are out of the plays after it.
    pub out: BTreeSet<Arc<str>>,
    /// Whether hosts failed.
    pub failed: bool,
    /// Whether hosts could not be reached.
    pub unreachable: bool,
    /// Whether the play itself went wrong.
    pub error: bool,
    /// Why the plays after it do not run, when they do not.
    pub stopped: Option<&'static str>,
}

/// Runs one play.
pub(super) async fn run(run: &Arc<Run>, play: &Arc<Play>, start: Start) -> Course {
    let mut course = Course { out: start.out.clone(), ..Course::default() };
    let began = Instant::now();
    let ready = match ready(run, play, start) {
        Ok(ready) => ready,
        Err(reason) => {
            run.fail(format!("{}: {reason}", play.at));
            course.error = true;
            course.stopped = Some("could not begin");
            return course;
        }
    };
    let info = Arc::clone(&ready.play.info);
    if ready.hosts.is_empty() {
        started(run, &info, Vec::new());
        if ready.all_failed {
            course.stopped = Some("had no host left");
            run.sink.event(&Event::NoHostsRemaining(Arc::clone(&info)));
        } else {
            run.sink.event(&Event::NoHostsMatched(Arc::clone(&info)));
        }
    } else {
        batches(run, ready, &mut course).await;
    }
    run.sink.event(&Event::PlayEnded { play: info, took: began.elapsed() });
    course
}

fn started(run: &Run, play: &Arc<PlayInfo>, hosts: Vec<Arc<str>>) {
    let play = Arc::clone(play);
    run.sink.event(&Event::PlayStarted { play, hosts, check: run.options.check });
}

/// Runs the batches of a play, as long as one is left that did not fail as a whole.
async fn batches(run: &Arc<Run>, ready: Ready, course: &mut Course) {
    let play = &ready.play;
    let sections = Arc::new(sections::of(run, play));
    for hosts in ready.batches {
        let (before, count) = (course.out.len(), hosts.len());
        started(run, &play.info, hosts.clone());
        let batch = Arc::new(Batch::new(run, hosts, play.together, ready.max_fail));
        run_batch(run, play, &batch, &sections).await;
        let (failed, lost) = (play.failed(), batch.lost());
        course.failed |= !failed.is_empty();
        course.unreachable |= !lost.is_empty();
        course.out.extend(failed);
        course.out.extend(lost);
        if let Some(reason) = batch.error() {
            run.fail(reason);
            course.error = true;
            course.stopped = Some("could not go on");
            return;
        }
        let lost = course.out.len() - before;
        if lost > 0 && batch.lockstep.too_many_lost() {
            run.sink.event(&Event::TooManyFailed(Arc::clone(&play.info)));
            course.stopped = Some("failed on more hosts than `max_fail_percentage` allows");
        } else if lost > 0 && lost >= count {
            let all = count == ready.hosts.len();
            let stopped =
                if all { "failed on all its hosts" } else { "failed on all hosts of a batch" };
            course.stopped = Some(stopped);
        }
        if course.stopped.is_some() {
            run.sink.event(&Event::NoHostsRemaining(Arc::clone(&play.info)));
            return;
        }
        if play.has_ended() || run.interrupted.is_cancelled() {
            return;
        }
    }
}

/// A play with everything resolved that holds for all its hosts.
struct Ready {
    play: Arc<PlayRun>,
    hosts: Vec<Arc<str>>,
    batches: Vec<Vec<Arc<str>>>,
    max_fail: Option<f64>,
    all_failed: bool,
}

fn ready(run: &Arc<Run>, play: &Arc<Play>, start: Start) -> Result<Ready, String> {
    let answers = start.answers.map_or_else(|| run.prompt(play), Ok)?;
    let vars = vec![Arc::clone(&play.vars), Arc::new(answers)];
    let mut all = Map::new();
    for map in vars.iter().chain([&run.options.extra, &run.fixed]) {
        all.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let vars_scope: Arc<dyn Scope> = Arc::new(all);
    let resolve = |value: &Value| {
        run.templates.resolve(value, &vars_scope).map_err(|error| error.to_string())
    };
    let optional = |given: &Option<crate::playbook::Given>| {
        given.as_ref().map(|given| resolve(&given.value)).transpose()
    };
    let strategy = optional(&play.strategy)?
        .map_or_else(|| run.options.strategy.clone(), |value| value.to_string());
    let pattern = pattern_of(&resolve(&play.hosts.value)?)?;
    let order = optional(&play.order)?.map(|value| value.to_string());
    let hosts = run.hosts_of(&pattern)?;
    let before = hosts.len();
    let hosts: Vec<Arc<str>> = hosts.into_iter().filter(|host| !start.out.contains(host)).collect();
    let mut ordered = hosts.clone();
    put_in_order(&mut ordered, order.as_deref())?;
    let serial = optional(&play.serial)?;
    let max_fail = optional(&play.max_fail_percentage)?;
    let max_fail = max_fail.map(|value| {
        value
            .to_string()
            .trim_end_matches('%')
            .parse()
            .map_err(|_| format!("`max_fail_percentage` is no number: {value}"))
    });
    let name = match &play.name {
        Some(name) => {
            resolve(&name.value).map_or_else(|_| name.value.to_string(), |value| value.to_string())
        }
        None => pattern,
    };
    let strategy = strategy.rsplit('.').next().unwrap_or_default();
    let together = !matches!(strategy, "free" | "host_pinned");
    let name = order::titled(start.within.as_deref(), &name);
    // Tasks have numbers of their own, from one on.
    let info = PlayInfo { id: start.number as u64 + 1, name, together, beside: start.beside };
    let mut ready = PlayRun::new(run, Arc::clone(play), vars, strategy);
    ready.info = Arc::new(info);
    ready.store = start.store;
    ready.hosts.clone_from(&hosts);
    let ready = Ready {
        batches: batch::split(&ordered, serial.as_ref())?,
        play: Arc::new(ready),
        max_fail: max_fail.transpose()?,
        all_failed: before > 0 && hosts.is_empty(),
        hosts,
    };
    Ok(ready)
}

/// Puts the hosts into the order in which a play wants them.
fn put_in_order(hosts: &mut [Arc<str>], order: Option<&str>) -> Result<(), String> {
    match order {
        None | Some("inventory") => {}
        Some("reverse_inventory") => hosts.reverse(),
        Some("sorted") => hosts.sort(),
        Some("reverse_sorted") => hosts.sort_by(|a, b| b.cmp(a)),
        Some("shuffle") => {
            use rand::seq::SliceRandom;
            hosts.shuffle(&mut rand::rng());
        }
        Some(other) => {
            return Err(format!("Invalid 'order' specified for inventory hosts: {other}"));
        }
    }
    Ok(())
}

/// Returns the pattern of hosts that a play gives as text or as a list.
pub(super) fn pattern_of(value: &Value) -> Result<String, String> {
    match value.as_list() {
        Some(list) => Ok(list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        None if value.to_string().trim().is_empty() => {
            Err("Keyword 'hosts' is required, and cannot have empty values.".to_owned())
        }
        None => Ok(value.to_string()),
    }
}

/// Runs a batch of hosts to the end of the play.
async fn run_batch(
    run: &Arc<Run>,
    ready: &Arc<PlayRun>,
    batch: &Arc<Batch>,
    sections: &Arc<Vec<Vec<Item>>>,
) {
    ready.set_facts(|| facts::of(run, ready, batch));
    vars_files::load(run, ready, batch);
    let frame = Arc::new(Frame::of_play(&ready.play));
    let mut walks = tokio::task::JoinSet::new();
    for index in 0..batch.hosts.len() {
        let mut walker = Walker::new(run, ready, batch, index);
        let (sections, frame, batch) =
            (Arc::clone(sections), Arc::clone(&frame), Arc::clone(batch));
        let (play, run) = (Arc::clone(ready), Arc::clone(run));
        walks.spawn(noting(async move {
            let _pin =
                if play.pinned { Arc::clone(&run.forks).acquire_owned().await.ok() } else { None };
            let flow = walker.sections(&sections, &frame).await;
            match flow {
                Flow::Failed => walker.give_up(),
                Flow::Lost => play.set_facts(|| facts::of(&run, &play, &batch)),
                Flow::Next | Flow::EndRole | Flow::End => {}
            }
            let lost = matches!(flow, Flow::Failed | Flow::Lost);
            batch.lockstep.leave(walker.index, lost);
        }));
    }
    tokio::select! {
        () = async { while walks.join_next().await.is_some() {} } => {}
        () = interrupted(run, &batch.lockstep) => {
            // No new task starts; running ones finish, or are told to stop.
            let finished = async { while walks.join_next().await.is_some() {} };
            if tokio::time::timeout(GRACE, finished).await.is_err() {
                run.stopped.cancel();
                while walks.join_next().await.is_some() {}
            }
        }
    }
    batch.lockstep.finish();
}

async fn interrupted(run: &Run, lockstep: &Lockstep) {
    run.interrupted.cancelled().await;
    lockstep.end();
}
