//! Decides what comes next: one kind of change for all topics at once. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::{Batch, Growth, Move, New, Settings, is_set};
use super::spread::Brokers;
use super::survey::{Found, MARKS, Survey};
use super::throttle::marks;
use super::{Error, Others, Topic, Wish};

/// What comes next.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) next: Next,
    /// What cannot be as it should.
    pub(super) warnings: Vec<String>,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    Do(Batch),
    Rest,
    Wait(String),
}

/// Plans the next changes.
pub(super) fn plan(wish: &Wish, survey: &Survey) -> Result<Plan, Error> {
    let mut warnings = Vec::new();
    for topic in &wish.topics {
        refuse(topic, survey)?;
        warnings.extend(too_few_for_writes(topic, survey));
    }
    let present: Vec<(&Topic, &Found)> = wish
        .topics
        .iter()
        .filter(|topic| topic.present)
        .filter_map(|topic| Some((topic, survey.topics.get(&topic.name)?)))
        .collect();
    if let Some(batch) = changes(wish, survey, &present)? {
        return Ok(Plan { next: Next::Do(batch), warnings });
    }
    let next = match wait(&present, survey, &mut warnings) {
        Some(reason) => Next::Wait(reason),
        None => Next::Rest,
    };
    Ok(Plan { next, warnings })
}

/// Returns the next kind of change that is needed.
fn changes(
    wish: &Wish,
    survey: &Survey,
    present: &[(&Topic, &Found)],
) -> Result<Option<Batch>, Error> {
    let there = |topic: &&Topic| survey.topics.contains_key(&topic.name);
    let absent = wish.topics.iter().filter(|topic| !topic.present).filter(there);
    let deleted: Vec<String> = absent.map(|topic| topic.name.clone()).collect();
    if !deleted.is_empty() {
        return Ok(Some(Batch::Delete(deleted)));
    }
    let missing = wish.topics.iter().filter(|topic| topic.present && !there(topic));
    let created: Vec<New> = missing.map(|topic| new(topic, survey)).collect::<Result<_, _>>()?;
    if !created.is_empty() {
        return Ok(Some(Batch::Create(created)));
    }
    let settings = present.iter().filter_map(|(topic, found)| settings(wish.others, topic, found));
    let settings: Vec<Settings> = settings.collect();
    if !settings.is_empty() {
        return Ok(Some(Batch::Configure(settings)));
    }
    // While partitions move, Kafka adds none.
    let grown = present.iter().filter(|(_, found)| !found.is_moving());
    let grown = grown.filter_map(|(topic, found)| {
        let (from, to) = (found.partitions.len(), topic.partitions?);
        (to > from).then(|| Growth { topic: topic.name.clone(), from, to })
    });
    let grown: Vec<Growth> = grown.collect();
    if !grown.is_empty() {
        return Ok(Some(Batch::Grow(grown)));
    }
    let mut brokers = Brokers::new(&survey.brokers, &BTreeSet::new(), survey.topics.values());
    let mut moves = Vec::new();
    for (topic, found) in present {
        moves.extend(refactor(topic, found, &mut brokers, wish.throttle.is_some())?);
    }
    if !moves.is_empty() {
        return Ok(Some(Batch::Move(moves)));
    }
    Ok(unthrottle(present))
}

/// Refuses what would destroy something, or cannot be, before anything is done.
fn refuse(topic: &Topic, survey: &Survey) -> Result<(), Error> {
    let Some(found) = survey.topics.get(&topic.name) else { return Ok(()) };
    let name = &topic.name;
    if !topic.present {
        if found.internal {
            return Err(Error::Impossible(format!("topic {name} is Kafka's own: it has to stay")));
        }
        return Ok(());
    }
    let there = found.partitions.len();
    if let Some(wished) = topic.partitions.filter(|wished| *wished < there) {
        return Err(Error::Impossible(format!(
            "topic {name} has {there} partitions, and Kafka cannot make them {wished}: a topic only grows. Say `partitions: {there}`, or copy the messages to a new topic"
        )));
    }
    Ok(())
}

fn too_few_for_writes(topic: &Topic, survey: &Survey) -> Option<String> {
    let found = survey.topics.get(&topic.name);
    let replicas = || found?.partitions.iter().map(|partition| partition.target().len()).min();
    let replicas = topic.factor.or_else(replicas)?;
    let wished = topic.config.get("min.insync.replicas").cloned().flatten();
    let wished = wished.and_then(|text| text.parse().ok());
    let needed: usize = wished.or_else(|| found?.min_in_step)?;
    (topic.present && needed > replicas).then(|| {
        format!(
            "topic {}: min.insync.replicas={needed} is more than its {replicas} replicas, so nobody can write with acks=all",
            topic.name
        )
    })
}

fn new(topic: &Topic, survey: &Survey) -> Result<New, Error> {
    let usual = || {
        survey.usual.ok_or_else(|| {
            Error::Impossible(format!(
                "topic {} is new, and the brokers do not tell what they give new ones: say `partitions` and `replication_factor`",
                topic.name
            ))
        })
    };
    let config = topic.config.iter();
    Ok(New {
        topic: topic.name.clone(),
        partitions: topic.partitions.map_or_else(|| usual().map(|usual| usual.0), Ok)?,
        factor: topic.factor.map_or_else(|| usual().map(|usual| usual.1), Ok)?,
        config: config.filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect(),
    })
}

fn settings(others: Others, topic: &Topic, found: &Found) -> Option<Settings> {
    let mut set = BTreeMap::new();
    let mut unset = BTreeSet::new();
    for (key, value) in &topic.config {
        match value {
            Some(value) if !is_set(found, key, value) => {
                set.insert(key.clone(), value.clone());
            }
            None if found.config.contains_key(key) => {
                unset.insert(key.clone());
            }
            _ => {}
        }
    }
    if others == Others::Remove {
        let known =
            |key: &&String| topic.config.contains_key(*key) || MARKS.contains(&key.as_str());
        unset.extend(found.config.keys().filter(|key| !known(key)).cloned());
    }
    let something = !set.is_empty() || !unset.is_empty();
    something.then(|| Settings { topic: topic.name.clone(), set, unset })
}

/// Returns the partitions of a topic that have another number of replicas than they should.
fn refactor(
    topic: &Topic,
    found: &Found,
    brokers: &mut Brokers,
    slow: bool,
) -> Result<Option<Move>, Error> {
    let Some(factor) = topic.factor else { return Ok(None) };
    let before = factors(found);
    let mut partitions = BTreeMap::new();
    for (index, partition) in found.partitions.iter().enumerate() {
        if partition.target().len() != factor {
            let to = brokers.place(partition, factor).ok_or_else(|| {
                Error::Impossible(format!(
                    "topic {} cannot have {factor} replicas: {} brokers are registered",
                    topic.name,
                    brokers.len()
                ))
            })?;
            partitions.insert(index, to);
        }
    }
    if partitions.is_empty() {
        return Ok(None);
    }
    let marks = if slow { marks(found, &partitions) } else { None };
    let why = format!("gets {factor} replicas instead of {before}");
    Ok(Some(Move { topic: topic.name.clone(), why, partitions, marks }))
}

/// Returns how many replicas the partitions of a topic have.
pub(super) fn factors(found: &Found) -> String {
    let counts = found.partitions.iter().map(|partition| partition.target().len());
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

fn unthrottle(present: &[(&Topic, &Found)]) -> Option<Batch> {
    let marked = present.iter().filter(|(_, found)| found.is_marked());
    // All together, when the last of them is there: they share what slows the brokers down.
    if marked.clone().any(|(_, found)| found.is_moving()) {
        return None;
    }
    let topics: Vec<String> = marked.map(|(topic, _)| topic.name.clone()).collect();
    (!topics.is_empty()).then_some(Batch::Unthrottle(topics))
}

fn wait(
    present: &[(&Topic, &Found)],
    survey: &Survey,
    warnings: &mut Vec<String>,
) -> Option<String> {
    let topics = present.iter().map(|(topic, found)| (topic.name.as_str(), *found));
    trouble(topics, survey, warnings)
}

/// Returns what is not well with some topics, and warns of what can only be well when other brokers come back.
pub(super) fn trouble<'a>(
    topics: impl Iterator<Item = (&'a str, &'a Found)>,
    survey: &Survey,
    warnings: &mut Vec<String>,
) -> Option<String> {
    let is_up = |id: &i32| survey.brokers.iter().any(|broker| broker.id == *id);
    let mut down: BTreeMap<i32, usize> = BTreeMap::new();
    let mut troubles = Vec::new();
    for (name, found) in topics {
        for (index, partition) in found.partitions.iter().enumerate() {
            let late: Vec<i32> = partition
                .replicas
                .iter()
                .filter(|id| is_up(id) && !partition.in_step.contains(id))
                .copied()
                .collect();
            if partition.is_moving() {
                let to = list(&partition.adding);
                troubles.push(match partition.adding.is_empty() {
                    true => format!("{name}-{index} is taken from a broker"),
                    false => {
                        let down: Vec<i32> =
                            partition.replicas.iter().filter(|id| !is_up(id)).copied().collect();
                        let gone = match down.as_slice() {
                            [] => String::new(),
                            [_] => format!(", and {} is down", list(&down)),
                            _ => format!(", and {} are down", list(&down)),
                        };
                        format!("{name}-{index} is copied to {to}{gone}")
                    }
                });
            } else if partition.leader.is_none() {
                let on = list(&partition.replicas);
                troubles.push(format!("{name}-{index} has no leader: it is on {on}"));
            } else if !late.is_empty() {
                troubles.push(format!("{name}-{index} is not in step on {}", list(&late)));
            }
            for id in partition.replicas.iter().filter(|id| !is_up(id)) {
                *down.entry(*id).or_default() += 1;
            }
        }
    }
    for (id, count) in down {
        let replicas = if count == 1 { "replica" } else { "replicas" };
        warnings.push(format!("broker {id} is down, and has {count} {replicas} of these topics"));
    }
    let first = troubles.first()?.clone();
    Some(match troubles.len() {
        1 => first,
        count => format!("{first}, and {} other partitions are not well", count - 1),
    })
}

/// Returns brokers in words.
pub(super) fn list(ids: &[i32]) -> String {
    let all: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("broker {}", all.join(" and "))
}
