//! Slows moves down, and takes away again what did it, but nothing that an operator set.
//!
//! What is ours has to be known by its looks, since a run that breaks off leaves it to the next one: a mark `7:2` of an
//! operator is `07:2` when it is ours, which Kafka reads alike, and our rates end in `001`.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::{DescribeConfigsRequest, IncrementalAlterConfigsRequest};
use kafka_protocol::protocol::StrBytes;

use super::batch::Settings;
use super::error::check;
use super::execute::altered;
use super::survey::{Found, MARKS, Survey, resource};
use super::{Client, Error};

/// The settings of brokers that slow moves down.
const RATES: [&str; 2] =
    ["follower.replication.throttled.rate", "leader.replication.throttled.rate"];
/// A setting that somebody made for this very broker, while it runs.
const OF_THE_BROKER: i8 = 2;
/// All replicas of a topic.
const ALL: &str = "*";
/// Our rates are one more than a multiple of this.
const UNIT: u64 = 1000;

/// Returns whether a mark was set by us.
fn is_ours(mark: &str) -> bool {
    let partition = mark.trim().split(':').next().unwrap_or_default();
    partition.len() > 1 && partition.starts_with('0')
}

/// Returns whether some marks were set by us.
pub(super) fn has_ours(marks: &str) -> bool {
    marks.split(',').any(is_ours)
}

/// Returns what an operator marked.
pub(super) fn theirs(marks: &str) -> String {
    let theirs: Vec<&str> = marks.split(',').filter(|mark| !is_ours(mark)).collect();
    theirs.join(",")
}

/// Returns the settings of a topic without what we set.
pub(super) fn lasting(found: &Found) -> BTreeMap<String, String> {
    let mut config = found.config.clone();
    for mark in MARKS {
        if let Some(marks) = config.get_mut(mark)
            && has_ours(marks)
        {
            *marks = theirs(marks);
        }
    }
    config.retain(|key, value| !value.is_empty() || !MARKS.contains(&key.as_str()));
    config
}

/// Returns what of a topic is copied, in the order of [`MARKS`], along with what is marked already.
pub(super) fn marks(found: &Found, moves: &BTreeMap<usize, Vec<i32>>) -> Option<[String; 2]> {
    let (mut copies, mut sources) = (Vec::new(), Vec::new());
    for (index, partition) in found.partitions.iter().enumerate() {
        let has = |id: &&i32| !partition.adding.contains(id);
        let current: Vec<i32> = partition.replicas.iter().filter(has).copied().collect();
        let target = moves.get(&index).cloned().unwrap_or_else(|| partition.target());
        let coming: Vec<i32> = target.into_iter().filter(|id| !current.contains(id)).collect();
        if !coming.is_empty() {
            copies.extend(coming.iter().map(|id| format!("0{index}:{id}")));
            sources.extend(current.iter().map(|id| format!("0{index}:{id}")));
        }
    }
    let there = MARKS.map(|mark| found.config.get(mark).map(|marks| theirs(marks)));
    // What is marked as a whole needs no more marks, and takes none.
    let is_whole = there.iter().flatten().any(|marks| marks.trim() == ALL);
    let [copied, sent] = there.map(|marks| marks.filter(|marks| !marks.is_empty()));
    let all = |marks: Option<String>, ours: Vec<String>| {
        marks.into_iter().chain(ours).collect::<Vec<_>>().join(",")
    };
    (!copies.is_empty() && !is_whole).then(|| [all(copied, copies), all(sent, sources)])
}

/// Returns the settings of a topic that take our marks away.
pub(super) fn unmarked(topic: &str, survey: &Survey) -> Settings {
    let (mut set, mut unset) = (BTreeMap::new(), BTreeSet::new());
    let config = survey.topics.get(topic).map(|found| &found.config);
    for mark in MARKS {
        let marks = config.and_then(|config| config.get(mark)).filter(|marks| has_ours(marks));
        match marks.map(|marks| theirs(marks)) {
            Some(rest) if rest.is_empty() => drop(unset.insert(mark.to_owned())),
            Some(rest) => drop(set.insert(mark.to_owned(), rest)),
            None => {}
        }
    }
    Settings { topic: topic.to_owned(), set, unset }
}

/// Returns a rate as we write it.
fn ours(rate: u64) -> u64 {
    (rate / UNIT).max(1).saturating_mul(UNIT).saturating_add(1)
}

/// Has all brokers copy and send no faster than this; returns those that keep what somebody else set.
pub(super) async fn slow_down(
    rate: u64,
    survey: &Survey,
    client: &mut Client<'_>,
) -> Result<Vec<String>, Error> {
    let rate = ours(rate).to_string();
    let mut notes = Vec::new();
    for broker in &survey.brokers {
        let there = rates(broker.id, client).await?;
        for (key, value) in &there {
            if let Rate::Theirs(value) = value {
                notes.push(format!(
                    "broker {} has {key}={value}, which somebody else set: it stays, and counts for moves",
                    broker.id
                ));
            }
        }
        let free = there.iter().filter(|(_, there)| !matches!(there, Rate::Theirs(_)));
        let free: Vec<&str> = free.map(|(key, _)| *key).collect();
        configure(broker.id, &free, Some(&rate), client).await?;
    }
    Ok(notes)
}

/// Takes away the rates that we set.
pub(super) async fn let_go(survey: &Survey, client: &mut Client<'_>) -> Result<(), Error> {
    for broker in &survey.brokers {
        let there = rates(broker.id, client).await?;
        let ours = there.iter().filter(|(_, there)| *there == Rate::Ours);
        let ours: Vec<&str> = ours.map(|(key, _)| *key).collect();
        configure(broker.id, &ours, None, client).await?;
    }
    Ok(())
}

/// A rate of a broker.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Rate {
    None,
    Ours,
    Theirs(String),
}

impl Rate {
    fn read(value: &str) -> Self {
        match value.parse::<u64>() {
            Ok(rate) if rate == ours(rate) => Self::Ours,
            _ => Self::Theirs(value.to_owned()),
        }
    }
}

/// Asks a broker for what is set for it alone; that of all brokers is only hidden by it, and comes back by itself.
async fn rates(id: i32, client: &mut Client<'_>) -> Result<[(&'static str, Rate); 2], Error> {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(resource::BROKER)
        .with_resource_name(StrBytes::from_string(id.to_string()))
        .with_configuration_keys(Some(RATES.map(StrBytes::from_static_str).to_vec()));
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
    let answer = client.broker(id, &request).await?;
    let items = || answer.results.iter().flat_map(|result| &result.configs);
    Ok(RATES.map(|key| {
        let mut found = items().filter(|item| &*item.name == key);
        let item = found.next().filter(|item| item.config_source == OF_THE_BROKER);
        let value = item.and_then(|item| item.value.as_ref());
        (key, value.map_or(Rate::None, |value| Rate::read(value)))
    }))
}

/// Sets rates of a broker, or takes them away: only itself takes such an order.
async fn configure(
    id: i32,
    keys: &[&str],
    rate: Option<&str>,
    client: &mut Client<'_>,
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let settings = keys.iter().map(|key| (*key, rate));
    let resource = altered(resource::BROKER, &id.to_string(), settings);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    let answer = client.broker(id, &request).await?;
    answer.responses.iter().try_for_each(|result| {
        let message = result.error_message.as_ref();
        check::<IncrementalAlterConfigsRequest>(result.error_code, message, || {
            format!("broker {id}")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::survey::Partition;
    use super::*;

    fn found(marks: [&str; 2]) -> Found {
        let partition =
            |replicas: &[i32]| Partition { replicas: replicas.to_vec(), ..Partition::default() };
        let config = MARKS.iter().zip(marks).filter(|(_, marks)| !marks.is_empty());
        Found {
            partitions: vec![partition(&[1]), partition(&[2])],
            config: config.map(|(key, marks)| ((*key).to_owned(), marks.to_owned())).collect(),
            ..Found::default()
        }
    }

    #[test]
    fn marks_of_an_operator_stay() {
        let moves = BTreeMap::from([(1, vec![2, 3])]);
        let pair = |one: &str, two: &str| Some([one.to_owned(), two.to_owned()]);
        assert_eq!(marks(&found(["", ""]), &moves), pair("01:3", "01:2"));
        assert_eq!(marks(&found(["0:1,10:2", ""]), &moves), pair("0:1,10:2,01:3", "01:2"));
        // What a broken run left is not taken for the operator's.
        assert_eq!(marks(&found(["0:1,00:9", "01:2"]), &moves), pair("0:1,01:3", "01:2"));
        assert_eq!(marks(&found(["*", ""]), &moves), None);

        let mut survey = Survey::default();
        survey.topics.insert("t".into(), found(["0:1,01:3", "01:2"]));
        let settings = unmarked("t", &survey);
        assert_eq!(settings.set, [(MARKS[0].to_owned(), "0:1".to_owned())].into());
        assert_eq!(settings.unset, [MARKS[1].to_owned()].into());
        assert_eq!(lasting(&survey.topics["t"]), settings.set);
        assert_eq!(lasting(&found(["*", ""]))[MARKS[0]], "*");
    }

    #[test]
    fn rates_tell_whose_they_are() {
        assert_eq!([ours(0), ours(999), ours(50_000_000)], [1001, 1001, 50_000_001]);
        assert_eq!(Rate::read("50000001"), Rate::Ours);
        assert_eq!(Rate::read("50000000"), Rate::Theirs("50000000".into()));
        assert_eq!(Rate::read("1048577"), Rate::Theirs("1048577".into()));
    }
}
