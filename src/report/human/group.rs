//! What is said of one task, gathered until all its hosts are through.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::entry::{Entry, Said, Word};
use super::layout::{Look, time};
use crate::base::words;
use crate::event::TaskInfo;
use crate::report::colors::Role;

/// What is said of one task.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) task: Arc<TaskInfo>,
    entries: Vec<Entry>,
    ok: Vec<Arc<str>>,
    skipped: Vec<Arc<str>>,
    took: Duration,
}

/// Returns the heading of a task.
pub(super) fn heading(task: &TaskInfo, look: &Look) -> String {
    let kind = if task.handler { "HANDLER" } else { "TASK" };
    let check = if task.check && !look.settings.check { " (check mode)" } else { "" };
    let text = format!("{kind} [{}]{}{check}", task.title(), task.play.mark());
    let place = if look.settings.verbosity >= 2 && task.at.is_known() {
        look.paint(Role::Dim, &format!("  {}", task.at))
    } else {
        String::new()
    };
    look.paint(Role::Heading, &text) + &place
}

impl Group {
    /// Returns a group of which nothing is said yet.
    pub(super) fn new(task: &Arc<TaskInfo>) -> Self {
        Self {
            task: Arc::clone(task),
            entries: Vec::new(),
            ok: Vec::new(),
            skipped: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Says something of a host; of all items when no item is given.
    pub(super) fn say(&mut self, host: &Arc<str>, item: Option<&str>, said: Said) {
        let same = |entry: &&mut Entry| {
            entry.said == said && entry.items.first().map(String::as_str) == item
        };
        match self.entries.iter_mut().find(same) {
            Some(entry) => {
                if !entry.hosts.contains(host) {
                    entry.hosts.push(Arc::clone(host));
                }
            }
            None => self.entries.push(Entry {
                said,
                items: item.map(str::to_owned).into_iter().collect(),
                hosts: vec![Arc::clone(host)],
            }),
        }
    }

    /// Notes that nothing had to change on a host.
    pub(super) fn ok(&mut self, host: &Arc<str>) {
        if !self.speaks_of(host) {
            self.ok.push(Arc::clone(host));
        }
    }

    /// Notes that the task did not apply to a host.
    pub(super) fn skip(&mut self, host: &Arc<str>) {
        if !self.speaks_of(host) {
            self.skipped.push(Arc::clone(host));
        }
    }

    /// Notes how long a host took.
    pub(super) fn took(&mut self, took: Duration) {
        self.took = self.took.max(took);
    }

    /// Returns whether something is said of a host.
    fn speaks_of(&self, host: &Arc<str>) -> bool {
        self.entries.iter().any(|entry| entry.hosts.contains(host))
    }

    /// Returns whether a host failed.
    pub(super) fn has_failed(&self) -> bool {
        let failed = |entry: &Entry| matches!(entry.said.word, Word::Failed | Word::Unreachable);
        self.entries.iter().any(failed)
    }

    /// Returns the lines of the group and forgets what was said; `order` tells which host comes first.
    pub(super) fn lines(&mut self, look: &Look, order: &HashMap<Arc<str>, usize>) -> Vec<String> {
        let entries = joined(std::mem::take(&mut self.entries), order);
        let (ok, skipped) = (std::mem::take(&mut self.ok), std::mem::take(&mut self.skipped));
        let verbose = look.settings.verbosity > 0;
        if entries.is_empty() {
            let all = [(Word::Ok, &ok), (Word::Skipped, &skipped)];
            let counts = all.into_iter().filter(|(_, hosts)| !hosts.is_empty());
            let counts: Vec<String> = counts
                .map(|(word, hosts)| {
                    format!("{} {}", look.paint(word.role(), word.text()), number(hosts))
                })
                .collect();
            if !verbose || counts.is_empty() {
                return Vec::new();
            }
            let text = format!("{}  {}", heading(&self.task, look), counts.join(", "));
            return vec![look.with_right(&text, &time(self.took))];
        }
        let mut lines = Vec::new();
        let mut took = self.took;
        for entry in entries {
            lines.extend(entry.lines(look, std::mem::take(&mut took)));
        }
        for (word, hosts) in [(Word::Ok, ok), (Word::Skipped, skipped)] {
            if !hosts.is_empty() {
                lines.push(look.word(word.role(), word.text()) + &number(&hosts));
            }
        }
        lines
    }
}

/// Returns the name of one host, else how many there are.
fn number(hosts: &[Arc<str>]) -> String {
    match hosts {
        [one] => one.to_string(),
        _ => words::count(hosts.len(), "host"),
    }
}

/// Sorts the hosts of each entry, and joins items of which the same is said of the same hosts.
fn joined(entries: Vec<Entry>, order: &HashMap<Arc<str>, usize>) -> Vec<Entry> {
    let place = |host: &Arc<str>| order.get(host).copied().unwrap_or(usize::MAX);
    let mut entries = entries;
    entries.iter_mut().for_each(|entry| entry.hosts.sort_by_key(place));
    entries.sort_by_key(|entry| entry.hosts.first().map(place));
    let mut out: Vec<Entry> = Vec::new();
    for mut entry in entries {
        let plain = entry.said.more.is_empty() && entry.said.diff.is_empty();
        let same = |other: &&mut Entry| {
            plain
                && !other.items.is_empty()
                && other.said == entry.said
                && other.hosts == entry.hosts
        };
        match out.iter_mut().find(same).filter(|_| !entry.items.is_empty()) {
            Some(other) => other.items.append(&mut entry.items),
            None => out.push(entry),
        }
    }
    out
}
