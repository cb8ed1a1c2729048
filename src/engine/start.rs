//! From playbooks to plays.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::order::{self, Placed};
use super::run::Run;
use super::{preflight, schedule};
use crate::base::{Mistakes, words};
use crate::event::Event;
use crate::playbook::{Loader, Playbook};

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
    let mut left_out = false;
    let mut first = 0;
    for (number, (playbook, order)) in prepared.playbooks.iter().zip(&prepared.order).enumerate() {
        if run.interrupted.is_cancelled() {
            break;
        }
        ended.last = number;
        let total = schedule::playbook(run, &playbook.plays, order, first).await;
        first += playbook.plays.len();
        ended.failed |= total.failed;
        ended.unreachable |= total.unreachable;
        ended.error |= total.error;
        left_out |= total.left_out;
        out.extend(total.out);
        // The next playbook may count on what this one was to do.
        if !out.is_empty() || ended.error {
            break;
        }
    }
    ended.interrupted = run.interrupted.is_cancelled();
    run.pool.close().await;
    let stats = run.tally.all();
    let resume = resume_line(run, &out, left_out);
    run.sink.event(&Event::RunEnded {
        stats,
        custom: run.stats(),
        took: started.elapsed(),
        interrupted: ended.interrupted,
        resume,
    });
    ended
}

/// Returns the line that continues the run. Where plays were left out, all their hosts have something to do.
fn resume_line(run: &Run, out: &BTreeSet<Arc<str>>, left_out: bool) -> Option<String> {
    if out.is_empty() {
        return None;
    }
    let books: Vec<_> =
        run.options.playbooks.iter().map(|path| path.display().to_string()).collect();
    let sources: Vec<_> =
        run.options.inventory_sources.iter().map(|source| format!(" -i {source}")).collect();
    let hosts: Vec<&str> = out.iter().map(|host| &**host).collect();
    let run = format!("fcplay {}{}", books.join(" "), sources.concat());
    Some(if left_out { run } else { format!("{run} --limit {}", hosts.join(",")) })
}
