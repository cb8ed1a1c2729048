//! Changes of one kind for many topics: what they are called, and how it is seen that they were made. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::{Found, Survey};
use super::throttle::lasting;

/// Changes of one kind; a request or two, however many topics there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Batch {
    Configure(Vec<Settings>),
    Create(Vec<New>),
    Delete(Vec<String>),
    Grow(Vec<Growth>),
    Move(Vec<Move>),
    /// Takes the marks of these topics away, and what slows the brokers down.
    Unthrottle(Vec<String>),
}

/// Settings of a topic to change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Settings {
    pub(super) topic: String,
    pub(super) set: BTreeMap<String, String>,
    pub(super) unset: BTreeSet<String>,
}

/// A topic to make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct New {
    pub(super) topic: String,
    pub(super) partitions: usize,
    pub(super) factor: usize,
    pub(super) config: BTreeMap<String, String>,
}

/// Partitions to add.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Growth {
    pub(super) topic: String,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Partitions of a topic to move.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Move {
    pub(super) topic: String,
    /// Why, in words.
    pub(super) why: String,
    /// The brokers that a partition gets.
    pub(super) partitions: BTreeMap<usize, Vec<i32>>,
    /// The values of [`MARKS`], when the move is slowed down.
    pub(super) marks: Option<[String; 2]>,
}

impl Batch {
    /// Returns a step in words for each topic.
    pub(super) fn steps(&self) -> Vec<String> {
        match self {
            Self::Configure(all) => all.iter().map(Settings::text).collect(),
            Self::Create(all) => all.iter().map(New::text).collect(),
            Self::Delete(all) => all.iter().map(|topic| format!("delete topic {topic}")).collect(),
            Self::Grow(all) => {
                let text = |growth: &Growth| {
                    let Growth { topic, from, to } = growth;
                    format!("topic {topic} grows from {from} to {to} partitions")
                };
                all.iter().map(text).collect()
            }
            Self::Move(all) => {
                let text = |one: &Move| {
                    let count = one.partitions.len();
                    let move_ = if count == 1 { "partition moves" } else { "partitions move" };
                    format!("topic {} {}: {count} {move_}", one.topic, one.why)
                };
                all.iter().map(text).collect()
            }
            Self::Unthrottle(topics) => {
                vec![format!("moves of {} are slowed down no more", topics.join(", "))]
            }
        }
    }

    /// Returns the same changes for each topic alone.
    pub(super) fn each(&self) -> Vec<(String, Self)> {
        fn one<T: Clone>(
            all: &[T],
            topic: fn(&T) -> &String,
            batch: fn(Vec<T>) -> Batch,
        ) -> Vec<(String, Batch)> {
            all.iter().map(|item| (topic(item).clone(), batch(vec![item.clone()]))).collect()
        }
        match self {
            Self::Configure(all) => one(all, |one| &one.topic, Self::Configure),
            Self::Create(all) => one(all, |one| &one.topic, Self::Create),
            Self::Delete(all) => one(all, |topic| topic, Self::Delete),
            Self::Grow(all) => one(all, |one| &one.topic, Self::Grow),
            Self::Move(all) => one(all, |one| &one.topic, Self::Move),
            Self::Unthrottle(all) => one(all, |topic| topic, Self::Unthrottle),
        }
    }

    /// Returns whether a survey shows that it was done.
    pub(super) fn is_visible(&self, survey: &Survey) -> bool {
        let found = |topic: &str| survey.topics.get(topic);
        match self {
            Self::Configure(all) => all.iter().all(|one| {
                found(&one.topic).is_some_and(|found| {
                    one.set.iter().all(|(key, value)| is_set(found, key, value))
                        && one.unset.iter().all(|key| !found.config.contains_key(key))
                })
            }),
            Self::Create(all) => all.iter().all(|new| {
                found(&new.topic).is_some_and(|found| found.partitions.len() == new.partitions)
            }),
            Self::Delete(all) => all.iter().all(|topic| found(topic).is_none()),
            Self::Grow(all) => all
                .iter()
                .all(|one| found(&one.topic).is_some_and(|found| found.partitions.len() == one.to)),
            Self::Move(all) => all.iter().all(|one| {
                found(&one.topic).is_some_and(|found| {
                    one.partitions.iter().all(|(index, to)| {
                        found.partitions.get(*index).is_some_and(|there| {
                            let there = there.target();
                            // The first one leads by preference.
                            there.first() == to.first() && sorted(there) == sorted(to.clone())
                        })
                    })
                })
            }),
            Self::Unthrottle(topics) => {
                topics.iter().all(|topic| found(topic).is_none_or(|found| !found.is_marked()))
            }
        }
    }
}

fn sorted(mut ids: Vec<i32>) -> Vec<i32> {
    ids.sort_unstable();
    ids
}

impl New {
    fn text(&self) -> String {
        let Self { topic, partitions, factor, config } = self;
        let mut text = format!("create topic {topic}: {partitions} partitions, {factor} replicas");
        for (key, value) in config {
            text.push_str(&format!(", {key}={value}"));
        }
        text
    }
}

impl Settings {
    fn text(&self) -> String {
        let set = self.set.iter().map(|(key, value)| format!("set {key}={value}"));
        let unset = self.unset.iter().map(|key| format!("unset {key}"));
        let all: Vec<String> = set.chain(unset).collect();
        format!("topic {}: {}", self.topic, all.join(", "))
    }
}

/// Returns whether a setting is as wished.
pub(super) fn is_set(found: &Found, key: &str, value: &str) -> bool {
    lasting(found).get(key).is_some_and(|there| plain(there) == plain(value))
}

/// Returns a setting as Kafka shows it: it reads numbers, truths and lists, and writes them in its own way.
fn plain(value: &str) -> Vec<String> {
    let item = |item: &str| {
        let item = item.trim();
        if let Ok(number) = item.parse::<i64>() {
            return number.to_string();
        }
        match item.parse::<f64>() {
            Ok(number) if number.is_finite() => number.to_string(),
            _ if item.eq_ignore_ascii_case("true") || item.eq_ignore_ascii_case("false") => {
                item.to_ascii_lowercase()
            }
            _ => item.to_owned(),
        }
    };
    value.split(',').map(item).collect()
}
