//! Patterns of hosts: `web:db`, `all:!web`, `web:&prod`, `web*`, `~web\d+`, `web[0]`, `web[1:3]`, `@failed.txt`.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexSet;

use super::graph::Graph;
use super::{LOCAL, address, glob};
use crate::base::pyregex::{Flags, Pattern};
use crate::base::{suggest, words};

/// Why a pattern cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// A regular expression is none.
    #[error("`{pattern}` is no pattern of hosts: {why}")]
    Invalid {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// A subscript lies behind the last host.
    #[error("`{pattern}` asks for a host that is not there: `{group}` has {count}")]
    Subscript {
        /// The pattern.
        pattern: String,
        /// What stands before the subscript.
        group: String,
        /// How many hosts that has, in words.
        count: String,
    },
    /// A file of hosts cannot be read.
    #[error("cannot read the file of hosts `{path}`: {why}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
}

/// The hosts of a pattern.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// The names, in the order of the inventory.
    pub hosts: Vec<Arc<str>>,
    /// Parts of the pattern that fit no host and no group.
    pub unmatched: Vec<Unmatched>,
}

/// A part of a pattern that fits nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unmatched {
    /// The part.
    pub pattern: String,
    /// The host or group that it was perhaps meant to be.
    pub near: Option<String>,
}

/// Splits a pattern at its commas, or at its colons where they do not belong to an address or a range.
pub fn split(pattern: &str) -> Vec<String> {
    let parts: Vec<&str> = if pattern.contains(',') {
        pattern.split(',').collect()
    } else if address::parse(pattern).is_some() {
        vec![pattern]
    } else {
        split_at_colons(pattern)
    };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn split_at_colons(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut place = 0;
    while let Some(c) = pattern[place..].chars().next() {
        let mut end = place + c.len_utf8();
        let closed = pattern[place..].find(']').map(|length| place + length + 1);
        match (c, closed) {
            ('[', Some(closed)) => end = closed,
            // Ansible drops a bracket that is never closed, and so chooses all hosts for `~[`.
            (c, _) if c == ':' || c.is_whitespace() => {
                parts.push(&pattern[start..place]);
                start = end;
            }
            _ => {}
        }
        place = end;
    }
    parts.push(&pattern[start..]);
    parts
}

/// Reads the parts `@file` of a limit: one pattern a line.
pub(super) fn read_files(parts: Vec<String>, folder: &Path) -> Result<Vec<String>, PatternError> {
    let mut done = Vec::new();
    for part in parts {
        let Some(path) = part.strip_prefix('@') else {
            done.push(part);
            continue;
        };
        let failed = |why: String| PatternError::File { path: path.to_owned(), why };
        let text =
            std::fs::read_to_string(folder.join(path)).map_err(|error| failed(reason(&error)))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let before = done.len();
        done.extend(lines.map(str::to_owned));
        // Without this an empty file of failed hosts would choose all hosts.
        if done.len() == before {
            return Err(failed("it names no host".to_owned()));
        }
    }
    Ok(done)
}

/// Returns the kernel's words without Rust's `(os error 2)`.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Finds hosts in a graph. Hosts are numbers; the host of this machine that is in no inventory has none.
pub(super) struct Search<'a> {
    pub(super) graph: &'a Graph,
    pub(super) unmatched: Vec<Unmatched>,
}

/// A host by its number, or the implicit one by its name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Member {
    Known(usize),
    Local(Arc<str>),
}

impl Search<'_> {
    /// Returns the hosts of several patterns: unions first, then intersections, then exclusions.
    pub(super) fn all(&mut self, parts: &[String]) -> Result<IndexSet<Member>, PatternError> {
        let plain = |part: &&String| !part.starts_with(['&', '!']);
        let starts = |mark| move |part: &&String| part.starts_with(mark);
        let mut hosts = IndexSet::new();
        let everything = "all".to_owned();
        let mut unions: Vec<&String> = parts.iter().filter(plain).collect();
        if unions.is_empty() {
            unions.push(&everything);
        }
        for part in unions {
            hosts.extend(self.one(part)?);
        }
        for part in parts.iter().filter(starts('&')) {
            let kept: HashSet<Member> = self.one(&part[1..])?.into_iter().collect();
            hosts.retain(|host| kept.contains(host));
        }
        for part in parts.iter().filter(starts('!')) {
            let gone: HashSet<Member> = self.one(&part[1..])?.into_iter().collect();
            hosts.retain(|host| !gone.contains(host));
        }
        Ok(hosts)
    }

    fn one(&mut self, pattern: &str) -> Result<Vec<Member>, PatternError> {
        if let Some(host) = self.graph.hosts.get_index_of(pattern) {
            return Ok(vec![Member::Known(host)]);
        }
        let (name, subscript) = subscript(pattern);
        let hosts = self.matching(name, pattern)?;
        let Some(subscript) = subscript.filter(|_| !hosts.is_empty()) else { return Ok(hosts) };
        subscript.of(&hosts).map(<[Member]>::to_vec).ok_or_else(|| PatternError::Subscript {
            pattern: pattern.to_owned(),
            group: name.to_owned(),
            count: words::count(hosts.len(), "host"),
        })
    }

    fn matching(&mut self, name: &str, pattern: &str) -> Result<Vec<Member>, PatternError> {
        let mut hosts = IndexSet::new();
        let groups = select(self.graph.groups.keys(), name, pattern)?;
        for group in &groups {
            hosts.extend(self.graph.hosts_of(*group));
        }
        let special = name.starts_with('~') || name.contains(['.', '?', '*', '[']);
        if groups.is_empty() || special {
            hosts.extend(select(self.graph.hosts.keys(), name, pattern)?);
        }
        if hosts.is_empty() && LOCAL.contains(&name) {
            return Ok(vec![Member::Local(Arc::from(name))]);
        }
        if hosts.is_empty() && groups.is_empty() && name != "all" {
            let names = self.graph.groups.keys().chain(self.graph.hosts.keys()).map(|name| &**name);
            let near = suggest::closest(name, names).map(str::to_owned);
            self.unmatched.push(Unmatched { pattern: pattern.to_owned(), near });
        }
        Ok(hosts.into_iter().map(Member::Known).collect())
    }
}

/// Returns the numbers of the names that fit a glob, or a regular expression after `~`.
fn select<'n>(
    names: impl Iterator<Item = &'n Arc<str>>,
    name: &str,
    pattern: &str,
) -> Result<Vec<usize>, PatternError> {
    let invalid = |why: String| PatternError::Invalid { pattern: pattern.to_owned(), why };
    let mut found = Vec::new();
    if let Some(source) = name.strip_prefix('~') {
        let regex =
            Pattern::kept(source, Flags::NONE).map_err(|error| invalid(error.to_string()))?;
        for (number, name) in names.enumerate() {
            if regex.match_(name).map_err(|error| invalid(error.to_string()))?.is_some() {
                found.push(number);
            }
        }
        return Ok(found);
    }
    let wanted: Vec<char> = name.chars().collect();
    let is_plain = !name.contains(['*', '?', '[']);
    for (number, candidate) in names.enumerate() {
        if **candidate == *name || !is_plain && glob::fits(&wanted, candidate) {
            found.push(number);
        }
    }
    Ok(found)
}

/// A part of the hosts of a pattern.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subscript {
    /// One of them, from the end when negative.
    One(i64),
    /// From one to another, both included; to the end when there is no other.
    Range(usize, Option<usize>),
}

impl Subscript {
    /// Returns the part, nothing when there is no such host.
    fn of(self, hosts: &[Member]) -> Option<&[Member]> {
        match self {
            Self::One(number) => {
                let place =
                    if number < 0 { number + i64::try_from(hosts.len()).ok()? } else { number };
                let place = usize::try_from(place).ok()?;
                hosts.get(place..=place)
            }
            Self::Range(first, last) => {
                let end = last.map_or(hosts.len(), |last| hosts.len().min(last.saturating_add(1)));
                Some(hosts.get(first..end).unwrap_or_default())
            }
        }
    }
}

/// Takes `[2]`, `[-1]`, `[1:3]` or `[1:]` off the end of a pattern.
fn subscript(pattern: &str) -> (&str, Option<Subscript>) {
    let inner = || {
        let (name, inner) = pattern.strip_suffix(']')?.rsplit_once('[')?;
        if name.is_empty() || name.starts_with('~') {
            return None;
        }
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if let Some((first, last)) = inner.split_once(':').or_else(|| inner.split_once('-'))
            && !first.is_empty()
        {
            let valid = digits(first) && digits(last);
            let subscript = match last.parse().ok() {
                // Ansible takes an end of zero for none, so only the first one is meant.
                Some(0) => Subscript::One(first.parse().ok()?),
                last => Subscript::Range(first.parse().ok()?, last),
            };
            return valid.then_some((name, subscript));
        }
        let valid = digits(inner.strip_prefix('-').unwrap_or(inner));
        Some((name, Subscript::One(inner.parse().ok().filter(|_| valid)?)))
    };
    inner().map_or((pattern, None), |(name, subscript)| (name, Some(subscript)))
}
