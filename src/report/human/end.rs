//! What stands at the end: the recap, every failure once more, how long it took, how to go on.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::entry::{Entry, Said, Word};
use super::group;
use super::layout::{Glyph, Look};
use crate::base::words;
use crate::event::{Event, PlayInfo, Stats, Status, TaskInfo, TaskResult};
use crate::report::colors::Role;
use crate::report::recap;

/// How many of the slowest tasks are named.
const SLOWEST: usize = 3;

/// Tasks that took less are not called slow.
const SLOW: Duration = Duration::from_secs(1);

/// A failure of a host.
#[derive(Debug)]
struct Failed {
    task: Arc<TaskInfo>,
    item: Option<String>,
    said: Said,
}

/// What is gathered for the end.
#[derive(Debug, Default)]
pub(super) struct Totals {
    tasks: HashSet<u64>,
    took: IndexMap<u64, (String, Duration)>,
    failed: HashMap<Arc<str>, Vec<Failed>>,
    /// The plays that are through, and how long they took.
    plays: Vec<(Arc<PlayInfo>, Duration)>,
    /// Hosts and tasks that would change.
    would_change: (HashSet<Arc<str>>, HashSet<u64>),
}

impl Totals {
    /// Notes that a play is through.
    pub(super) fn play(&mut self, play: &Arc<PlayInfo>, took: Duration) {
        self.plays.push((Arc::clone(play), took));
    }

    /// Notes that a task begins.
    pub(super) fn task(&mut self, task: &TaskInfo) {
        self.tasks.insert(task.id);
    }

    /// Notes how long a task took on a host, and whether it would change something there.
    pub(super) fn done(&mut self, task: &TaskInfo, host: &Arc<str>, result: &TaskResult) {
        let known = self.took.entry(task.id).or_insert_with(|| (task.name.clone(), Duration::ZERO));
        known.1 = known.1.max(result.took);
        if result.status == Status::Changed && task.check {
            self.would_change.0.insert(Arc::clone(host));
            self.would_change.1.insert(task.id);
        }
    }

    /// Notes a failure that nobody ignores and no `rescue` takes care of.
    pub(super) fn note(
        &mut self,
        task: &Arc<TaskInfo>,
        host: &Arc<str>,
        item: Option<&str>,
        said: &Said,
    ) {
        let counts = match said.word {
            Word::Failed => !task.rescued,
            word => word == Word::Unreachable,
        };
        if counts {
            let failed = Failed {
                task: Arc::clone(task),
                item: item.map(str::to_owned),
                said: said.clone(),
            };
            self.failed.entry(Arc::clone(host)).or_default().push(failed);
        }
    }

    /// Forgets the failures: they still stand right above.
    pub(super) fn forget_failures(&mut self) {
        self.failed.clear();
    }

    /// Returns the lines of the end.
    pub(super) fn lines(&mut self, event: &Event, look: &Look) -> Vec<String> {
        let Event::RunEnded { stats, took, interrupted, resume, .. } = event else {
            return Vec::new();
        };
        let columns = look.settings.width.saturating_sub(1).clamp(20, 79);
        let mut lines = vec![String::new()];
        if *interrupted {
            lines.insert(0, look.paint(Role::Error, "interrupted"));
        }
        lines.push(recap::banner("PLAY RECAP", columns));
        lines.extend(
            stats.iter().map(|(host, stats)| recap::line(host, stats, &look.settings.colors)),
        );
        let failures = self.failures(stats, look);
        if !failures.is_empty() {
            lines.push(String::new());
            lines.extend(failures);
        }
        lines.push(String::new());
        lines.push(self.summary(stats.len(), *took, look));
        lines.extend(self.times(look));
        if look.settings.check {
            lines.push(self.would_change());
        }
        if let Some(resume) = resume {
            lines.push(format!("continue with: {resume}"));
        }
        lines
    }

    /// Returns the failures that made hosts fail: the last ones of a host in each play.
    fn failures(&mut self, stats: &[(Arc<str>, Stats)], look: &Look) -> Vec<String> {
        let mut tasks: IndexMap<u64, (Arc<TaskInfo>, Vec<Entry>)> = IndexMap::new();
        for (host, stats) in stats {
            if stats.failed + stats.unreachable == 0 {
                continue;
            }
            let all = self.failed.remove(host).unwrap_or_default();
            let lasts = all.iter().map(|failed| (failed.task.play.id, failed.task.id));
            let lasts: HashMap<u64, u64> = lasts.collect();
            let is_last = |failed: &Failed| lasts[&failed.task.play.id] == failed.task.id;
            for failed in all.into_iter().filter(is_last) {
                let (_, entries) = tasks
                    .entry(failed.task.id)
                    .or_insert_with(|| (Arc::clone(&failed.task), Vec::new()));
                let items: Vec<String> = failed.item.into_iter().collect();
                match entries
                    .iter_mut()
                    .find(|entry| entry.said == failed.said && entry.items == items)
                {
                    Some(entry) => entry.hosts.push(Arc::clone(host)),
                    None => entries.push(Entry {
                        said: failed.said,
                        items,
                        hosts: vec![Arc::clone(host)],
                    }),
                }
            }
        }
        let blocks = tasks.into_values().flat_map(|(task, entries)| {
            let lines = entries.into_iter().flat_map(|entry| entry.lines(look, Duration::ZERO));
            std::iter::once(group::heading(&task, look)).chain(lines).collect::<Vec<_>>()
        });
        blocks.collect()
    }

    fn summary(&self, hosts: usize, took: Duration, look: &Look) -> String {
        let between = format!(" {} ", look.glyph(Glyph::Between));
        let (tasks, hosts) = (words::count(self.tasks.len(), "task"), words::count(hosts, "host"));
        let mut parts = vec![format!("{tasks} on {hosts} in {}", words::duration(took))];
        let mut slow: Vec<_> = self.took.values().filter(|(_, took)| *took >= SLOW).collect();
        slow.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        if !slow.is_empty() {
            let named = slow.iter().take(SLOWEST);
            let named = named.map(|(name, took)| format!("{name} {}", words::duration(*took)));
            parts.push(format!("slowest: {}", named.collect::<Vec<_>>().join(", ")));
        }
        if let Some(path) = &look.settings.log {
            parts.push(format!("log: {}", path.display()));
        }
        parts.join(&between)
    }

    /// Returns how long each play took, where some ran side by side.
    fn times(&self, look: &Look) -> Option<String> {
        if !self.plays.iter().any(|(play, _)| play.beside) {
            return None;
        }
        let mut times: Vec<_> = self.plays.iter().collect();
        times.sort_by_key(|(play, _)| play.id);
        let times = times.into_iter();
        let times = times.map(|(play, took)| format!("{} {}", play.name, words::duration(*took)));
        let between = format!(" {} ", look.glyph(Glyph::Between));
        Some(format!("plays: {}", times.collect::<Vec<_>>().join(&between)))
    }

    fn would_change(&self) -> String {
        let (hosts, tasks) = &self.would_change;
        if hosts.is_empty() {
            return "nothing would change; nothing was touched.".to_owned();
        }
        let (hosts, tasks) = (words::count(hosts.len(), "host"), words::count(tasks.len(), "task"));
        format!("{hosts} would change in {tasks}; nothing was touched.")
    }
}
