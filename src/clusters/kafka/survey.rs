//! Asks the cluster for its brokers, all topics, the settings of some, and the moves that are under way: three requests,
//! however many topics there are.

use std::collections::BTreeMap;

use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::list_partition_reassignments_response::OngoingTopicReassignment;
use kafka_protocol::messages::metadata_response::MetadataResponsePartition;
use kafka_protocol::messages::{
    BrokerId, DescribeConfigsRequest, ListPartitionReassignmentsRequest, MetadataRequest,
    MetadataResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::error::check;
use super::spread::Broker;
use super::throttle::has_ours;
use super::{Client, Error, Wish};

/// The settings that mark the partitions whose moves are slowed down.
pub(super) const MARKS: [&str; 2] =
    ["follower.replication.throttled.replicas", "leader.replication.throttled.replicas"];
const MIN_IN_STEP: &str = "min.insync.replicas";

/// The kinds of things that have settings.
pub(super) mod resource {
    pub(in super::super) const TOPIC: i8 = 2;
    pub(in super::super) const BROKER: i8 = 4;
}

/// A setting that somebody made for this very topic.
const OF_THE_TOPIC: i8 = 1;
/// An error that a topic has while it is made or deleted.
const NOT_THERE: i16 = 3;

/// A cluster as it is.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The brokers that are registered.
    pub(super) brokers: Vec<Broker>,
    /// Every topic that can be seen.
    pub(super) topics: BTreeMap<String, Found>,
    /// What a new topic gets: partitions and replicas, when somebody had to know.
    pub(super) usual: Option<(usize, usize)>,
}

/// A topic as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Found {
    /// Whether it is Kafka's own.
    pub(super) internal: bool,
    /// Its partitions, in order.
    pub(super) partitions: Vec<Partition>,
    /// What is set for it and not left to the brokers, where somebody asked.
    pub(super) config: BTreeMap<String, String>,
    /// How many replicas have to be in step for a write that wants all of them.
    pub(super) min_in_step: Option<usize>,
}

/// A partition as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Partition {
    pub(super) leader: Option<i32>,
    /// The brokers that have it, those that are to lose it or only just get it included.
    pub(super) replicas: Vec<i32>,
    pub(super) in_step: Vec<i32>,
    pub(super) adding: Vec<i32>,
    pub(super) removing: Vec<i32>,
}

impl Partition {
    /// Returns whether a move is under way.
    pub(super) fn is_moving(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// Returns the brokers that have it when its move is over.
    pub(super) fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.removing.contains(id)).collect()
    }
}

impl Found {
    /// Returns whether any of its partitions is on the move.
    pub(super) fn is_moving(&self) -> bool {
        self.partitions.iter().any(Partition::is_moving)
    }

    /// Returns whether moves of it are marked as slowed down, by us.
    pub(super) fn is_marked(&self) -> bool {
        MARKS.iter().any(|mark| self.config.get(*mark).is_some_and(|marks| has_ours(marks)))
    }
}

/// Asks the cluster for its brokers, topics and moves; first for the moves, since one that ends between the two questions
/// would look like brokers that have too much.
pub(super) async fn survey_all(client: &mut Client<'_>) -> Result<Survey, Error> {
    if client.controller_id().is_none() {
        client.metadata().await?;
    }
    let ongoing = if client.knows::<ListPartitionReassignmentsRequest>() {
        let answer = moves(client).await;
        if answer.is_err() {
            // Another one may be the controller now.
            client.metadata().await?;
        }
        answer?
    } else {
        Vec::new()
    };
    let mut survey = read(&client.metadata().await?);
    if ongoing.is_empty() && survey.topics.values().any(is_late) {
        // The broker that was asked may not have heard of the end yet.
        survey = read(&client.metadata().await?);
    }
    read_moves(&mut survey, ongoing);
    Ok(survey)
}

/// Returns whether not all replicas of a topic are in step.
fn is_late(found: &Found) -> bool {
    let late = |one: &Partition| one.replicas.iter().any(|id| !one.in_step.contains(id));
    found.partitions.iter().any(late)
}

/// Asks the cluster, and for the settings of the topics that are wished.
pub(super) async fn survey(wish: &Wish, client: &mut Client<'_>) -> Result<Survey, Error> {
    let mut survey = survey_all(client).await?;
    let wished = wish.topics.iter().filter(|topic| topic.present);
    let (asked, new): (Vec<_>, Vec<_>) =
        wished.partition(|topic| survey.topics.contains_key(&topic.name));
    let names = asked.iter().map(|topic| topic.name.clone()).collect();
    settings(&mut survey, names, client).await?;
    if new.iter().any(|topic| topic.partitions.is_none() || topic.factor.is_none()) {
        survey.usual = usual(client).await?;
    }
    Ok(survey)
}

/// Asks for the settings of topics.
pub(super) async fn settings(
    survey: &mut Survey,
    topics: Vec<String>,
    client: &mut Client<'_>,
) -> Result<(), Error> {
    if topics.is_empty() {
        return Ok(());
    }
    let answer = client.anywhere(&settings_of(topics)).await?;
    answer.results.into_iter().try_for_each(|result| read_config(survey, result))
}

fn settings_of(topics: Vec<String>) -> DescribeConfigsRequest {
    let resource = |name: String| {
        DescribeConfigsResource::default()
            .with_resource_type(resource::TOPIC)
            .with_resource_name(StrBytes::from_string(name))
            .with_configuration_keys(None)
    };
    let resources = topics.into_iter().map(resource).collect();
    DescribeConfigsRequest::default().with_resources(resources)
}

/// Returns whether all brokers tell the same of the topics that are wished: each hears of a change in its own time, and
/// clients ask any of them.
pub(super) async fn all_agree(
    wish: &Wish,
    survey: &Survey,
    client: &mut Client<'_>,
) -> Result<bool, Error> {
    let present = wish.topics.iter().filter(|topic| topic.present);
    let present: Vec<String> = present.map(|topic| topic.name.clone()).collect();
    let ids: Vec<i32> = survey.brokers.iter().map(|broker| broker.id).collect();
    for id in ids {
        let all = MetadataRequest::default().with_topics(None);
        let mut other = match client.broker(id, &all).await {
            Ok(metadata) => read(&metadata),
            // It cannot be asked from here, or only just went down.
            Err(Error::Advertised { .. }) => continue,
            Err(error) => return Err(error),
        };
        if !present.is_empty() {
            let answer = client.broker(id, &settings_of(present.clone())).await?;
            answer.results.into_iter().try_for_each(|result| read_config(&mut other, result))?;
        }
        let told = |survey: &Survey, name: &str| {
            let found = survey.topics.get(name)?;
            let replicas = found.partitions.iter().map(|partition| partition.replicas.clone());
            Some((replicas.collect::<Vec<_>>(), found.config.clone()))
        };
        if wish.topics.iter().any(|topic| told(&other, &topic.name) != told(survey, &topic.name)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn read(metadata: &MetadataResponse) -> Survey {
    let brokers = metadata.brokers.iter().map(|broker| Broker {
        id: broker.node_id.0,
        rack: broker.rack.as_ref().map(|rack| rack.to_string()),
    });
    let mut brokers: Vec<Broker> = brokers.collect();
    brokers.sort_by_key(|broker| broker.id);
    let there = metadata.topics.iter().filter(|topic| topic.error_code != NOT_THERE);
    let topics = there.filter_map(|topic| {
        let mut partitions: Vec<&MetadataResponsePartition> = topic.partitions.iter().collect();
        partitions.sort_by_key(|partition| partition.partition_index);
        let found = Found {
            internal: topic.is_internal,
            partitions: partitions.into_iter().map(read_partition).collect(),
            ..Found::default()
        };
        Some((topic.name.as_ref()?.to_string(), found))
    });
    Survey { topics: topics.collect(), brokers, usual: None }
}

fn read_partition(partition: &MetadataResponsePartition) -> Partition {
    Partition {
        leader: Some(partition.leader_id.0).filter(|id| *id >= 0),
        replicas: ids(&partition.replica_nodes),
        in_step: ids(&partition.isr_nodes),
        ..Partition::default()
    }
}

fn ids(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|id| id.0).collect()
}

/// Asks for the moves that are under way.
async fn moves(client: &mut Client<'_>) -> Result<Vec<OngoingTopicReassignment>, Error> {
    let request = ListPartitionReassignmentsRequest::default().with_topics(None);
    let answer = client.controller(&request).await?;
    check::<ListPartitionReassignmentsRequest>(
        answer.error_code,
        answer.error_message.as_ref(),
        String::new,
    )?;
    Ok(answer.topics)
}

fn read_moves(survey: &mut Survey, moves: Vec<OngoingTopicReassignment>) {
    for topic in moves {
        let Some(found) = survey.topics.get_mut(topic.name.as_str()) else { continue };
        for ongoing in topic.partitions {
            let index = usize::try_from(ongoing.partition_index).unwrap_or(usize::MAX);
            if let Some(partition) = found.partitions.get_mut(index) {
                partition.replicas = ids(&ongoing.replicas);
                partition.adding = ids(&ongoing.adding_replicas);
                partition.removing = ids(&ongoing.removing_replicas);
            }
        }
    }
}

fn read_config(survey: &mut Survey, result: DescribeConfigsResult) -> Result<(), Error> {
    let name = result.resource_name.to_string();
    if result.error_code == NOT_THERE {
        // It has just been deleted.
        survey.topics.remove(&name);
        return Ok(());
    }
    check::<DescribeConfigsRequest>(result.error_code, result.error_message.as_ref(), || {
        format!("topic {name}")
    })?;
    let Some(found) = survey.topics.get_mut(&name) else { return Ok(()) };
    for item in result.configs {
        let value = item.value.map(|value| value.to_string()).unwrap_or_default();
        if &*item.name == MIN_IN_STEP {
            found.min_in_step = value.parse().ok();
        }
        if item.config_source == OF_THE_TOPIC {
            found.config.insert(item.name.to_string(), value);
        }
    }
    Ok(())
}

/// Asks a broker what a new topic gets.
async fn usual(client: &mut Client<'_>) -> Result<Option<(usize, usize)>, Error> {
    let Some(id) = client.brokers().keys().next().copied() else { return Ok(None) };
    let keys = ["num.partitions", "default.replication.factor"];
    let resource = DescribeConfigsResource::default()
        .with_resource_type(resource::BROKER)
        .with_resource_name(StrBytes::from_string(id.to_string()))
        .with_configuration_keys(Some(keys.map(StrBytes::from_static_str).to_vec()));
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
    let answer = client.broker(id, &request).await?;
    let configs = answer.results.iter().flat_map(|result| &result.configs);
    let value = |key: &str| {
        let mut found = configs.clone().filter(|config| &*config.name == key);
        found.next().and_then(|config| config.value.as_ref()?.parse::<usize>().ok())
    };
    Ok(value(keys[0]).zip(value(keys[1])))
}
