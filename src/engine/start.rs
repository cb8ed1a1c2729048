//! From playbooks to plays to hosts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::{self, Batch};
use super::frame::Frame;
use super::lockstep::Lockstep;
use super::order::{self, Placed};
use super::play::PlayRun;
use super::run::Run;
use super::walk::{Flow, Walker};
use super::{facts, preflight, sections, vars_files};
use crate::base::{Map, Mistakes, Value, words};
use crate::event::Event;
use crate::playbook::{Item, Loader, Play, Playbook};
use crate::template::{Scope, noting};

/// Playbooks that were read and checked.
pub struct Prepared {
    /// The playbooks.
    pub playbooks: Vec<Playbook>,
    /// How many tasks are known.
    pub tasks: usize,
    /// Which plays wait for which, one list a playbook.
    order: Vec<Vec<Placed>>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ended {
    /// Whether hosts failed.
    pub failed: bool,
    /// Whether hosts could not be reached.
    pub unreachable: bool,
    /// Whether a play was broken off.
    pub broken_off: bool,
    /// Whether the user ended it.
    pub interrupted: bool,
    /// Whether the run itself went wrong.
    pub error: bool,
    /// The number of the playbook that ran last.
    pub last: usize,
}

/// How long tasks that run may take to finish once the user wants to end.
pub const GRACE: Duration = Duration::from_secs(10);

/// Reads the playbooks and checks everything that can be checked before the first connection.
pub fn prepare(run: &Run) -> Result<Prepared, Mistakes> {
    let (playbooks, mut mistakes) = read(run);
    let checked = preflight::check(run, &playbooks, &mut mistakes);
    let order = order::of(run, &playbooks, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    checked.warnings.iter().for_each(|warning| run.warn(warning.to_string()));
    Ok(Prepared { playbooks, tasks: checked.tasks, order })
}

/// Reads the playbooks for a listing: what only a run would need may be missing, and is told in a line.
pub fn prepare_listing(run: &Run) -> Result<Prepared, Mistakes> {
    let (playbooks, unread) = read(run);
    if !unread.is_empty() {
        return Err(unread);
    }
    let mut mistakes = Mistakes::default();
    let checked = preflight::check(run, &playbooks, &mut mistakes);
    let order = order::of(run, &playbooks, &mut mistakes);
    if !mistakes.is_empty() {
        let count = words::count(mistakes.0.len(), "mistake");
        run.warn(format!("a run would end with {count}; --syntax-check shows them"));
    }
    Ok(Prepared { playbooks, tasks: checked.tasks, order })
}

fn read(run: &Run) -> (Vec<Playbook>, Mistakes) {
    let loader = Loader::new(&run.files, &run.words);
    let playbooks = run.options.playbooks.iter().map(|path| loader.playbook(path)).collect();
    (playbooks, loader.take_mistakes())
}

/// Runs the playbooks.
pub async fn run(run: &Arc<Run>, prepared: &Prepared) -> Ended {
    let started = Instant::now();
    if run.options.flush_cache {
        run.inventory().hosts().for_each(|host| run.store.clear_facts(&host.name));
    }
    let mut ended = Ended::default();
    let mut out = BTreeSet::new();
    'run: for (number, playbook) in prepared.playbooks.iter().enumerate() {
        ended.last = number;
        for play in &playbook.plays {
            if run.interrupted.is_cancelled() {
                break 'run;
            }
            if !one_play(run, play, &mut out, &mut ended).await {
                break 'run;
            }
        }
        // The next playbook may count on what this one was to do.
        if !out.is_empty() {
            break;
        }
    }
    ended.interrupted = run.interrupted.is_cancelled();
    run.pool.close().await;
    let stats = run.tally.all();
    let resume = resume_line(run, &out);
    run.sink.event(&Event::RunEnded {
        stats,
        custom: run.stats(),
        took: started.elapsed(),
        interrupted: ended.interrupted,
        resume,
    });
    ended
}

fn resume_line(run: &Run, out: &BTreeSet<Arc<str>>) -> Option<String> {
    if out.is_empty() {
        return None;
    }
    let books: Vec<_> =
        run.options.playbooks.iter().map(|path| path.display().to_string()).collect();
    let sources: Vec<_> =
        run.options.inventory_sources.iter().map(|source| format!(" -i {source}")).collect();
    let hosts: Vec<&str> = out.iter().map(|host| &**host).collect();
    Some(format!("fcplay {}{} --limit {}", books.join(" "), sources.concat(), hosts.join(",")))
}

/// Runs one play and says whether the next one may begin.
async fn one_play(
    run: &Arc<Run>,
    play: &Arc<Play>,
    out: &mut BTreeSet<Arc<str>>,
    ended: &mut Ended,
) -> bool {
    let ready = match ready(run, play, out) {
        Ok(ready) => ready,
        Err(reason) => {
            run.fail(format!("{}: {reason}", play.at));
            ended.error = true;
            return false;
        }
    };
    let name = ready.name.clone();
    let hosts = ready.hosts.clone();
    let started = |hosts: Vec<Arc<str>>| {
        let (name, together) = (name.clone(), ready.play.together);
        run.sink.event(&Event::PlayStarted { name, hosts, check: run.options.check, together });
    };
    if hosts.is_empty() {
        started(Vec::new());
        run.sink.event(if ready.all_failed {
            &Event::NoHostsRemaining
        } else {
            &Event::NoHostsMatched
        });
        return !ready.all_failed;
    }
    let sections = Arc::new(sections::of(run, &ready.play));
    let mut all_lost = false;
    for hosts in ready.batches {
        let before = out.len();
        let count = hosts.len();
        started(hosts.clone());
        let batch = Arc::new(Batch::new(run, hosts, ready.play.together, ready.max_fail));
        run_batch(run, &ready.play, &batch, &sections).await;
        let (failed, lost) = (ready.play.failed(), batch.lost());
        ended.failed |= !failed.is_empty();
        ended.unreachable |= !lost.is_empty();
        out.extend(failed);
        out.extend(lost);
        if let Some(reason) = batch.error() {
            run.fail(reason);
            ended.error = true;
            return false;
        }
        let lost = out.len() - before;
        if lost > 0 && (lost >= count || batch.lockstep.too_many_lost()) {
            if batch.lockstep.too_many_lost() {
                run.sink.event(&Event::TooManyFailed);
            }
            all_lost = true;
            break;
        }
        if ready.play.has_ended() || run.interrupted.is_cancelled() {
            break;
        }
    }
    if all_lost {
        run.sink.event(&Event::NoHostsRemaining);
    }
    !all_lost
}

/// A play with everything resolved that holds for all its hosts.
struct Ready {
    name: String,
    play: Arc<PlayRun>,
    hosts: Vec<Arc<str>>,
    batches: Vec<Vec<Arc<str>>>,
    max_fail: Option<f64>,
    all_failed: bool,
}

fn ready(run: &Arc<Run>, play: &Arc<Play>, out: &BTreeSet<Arc<str>>) -> Result<Ready, String> {
    let prompts = run.prompt(play)?;
    let vars = vec![Arc::clone(&play.vars), Arc::new(prompts)];
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
    let hosts: Vec<Arc<str>> = hosts.into_iter().filter(|host| !out.contains(host)).collect();
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
    let mut ready = PlayRun::new(run, Arc::clone(play), vars, strategy);
    ready.hosts.clone_from(&hosts);
    let ready = Ready {
        batches: batch::split(&ordered, serial.as_ref())?,
        play: Arc::new(ready),
        max_fail: max_fail.transpose()?,
        all_failed: before > 0 && hosts.is_empty(),
        name,
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
