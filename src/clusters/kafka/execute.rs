//! Sends what is planned: one request for all topics of a batch.

use std::collections::{BTreeMap, BTreeSet};

use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, CreatePartitionsRequest, CreateTopicsRequest,
    DeleteTopicsRequest, IncrementalAlterConfigsRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::batch::{Batch, Growth, Move, New, Settings};
use super::error::check;
use super::message::Call;
use super::survey::{MARKS, Survey, resource};
use super::throttle::{let_go, slow_down, unmarked};
use super::{Client, Error};

/// How long the controller waits until most brokers know of a change, in milliseconds.
const PATIENCE: i32 = 30_000;
/// What is done to a setting.
const SET: i8 = 0;
const UNSET: i8 = 1;

/// Whether Kafka does what it is asked, or only says whether it would.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    Do,
    Ask,
}

/// Why a batch was not done, or not all of it.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// The topics that were refused, when all others were done; nothing when nobody knows.
    pub(super) refused: Option<BTreeSet<String>>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, refused: None }
    }
}

/// Returns the first error of an answer, rather one that waiting does not help, and which topics have one.
fn sum_up(results: impl Iterator<Item = (String, Result<(), Error>)>) -> Result<(), Failed> {
    let mut first: Option<Error> = None;
    let mut refused = BTreeSet::new();
    for (topic, result) in results {
        if let Err(error) = result {
            refused.insert(topic);
            if first.as_ref().is_none_or(|first| first.is_passing() && !error.is_passing()) {
                first = Some(error);
            }
        }
    }
    first.map_or(Ok(()), |error| Err(Failed { error, refused: Some(refused) }))
}

/// Does a batch; returns what has to be said of it.
pub(super) async fn execute(
    batch: &Batch,
    throttle: Option<u64>,
    survey: &Survey,
    client: &mut Client<'_>,
) -> Result<Vec<String>, Failed> {
    match batch {
        Batch::Configure(all) => configure(all, Purpose::Do, client).await?,
        Batch::Create(all) => create(all, Purpose::Do, client).await?,
        Batch::Delete(all) => delete(all, client).await?,
        Batch::Grow(all) => grow(all, Purpose::Do, client).await?,
        Batch::Move(all) => return reassign(all, throttle, survey, client).await,
        Batch::Unthrottle(topics) => unthrottle(topics, survey, client).await?,
    }
    Ok(Vec::new())
}

/// Asks Kafka whether it would do a batch, where it lets itself be asked.
pub(super) async fn validate(batch: &Batch, client: &mut Client<'_>) -> Result<(), Error> {
    let result = match batch {
        Batch::Configure(all) => configure(all, Purpose::Ask, client).await,
        Batch::Create(all) => create(all, Purpose::Ask, client).await,
        Batch::Grow(all) => grow(all, Purpose::Ask, client).await,
        Batch::Delete(_) | Batch::Move(_) | Batch::Unthrottle(_) => Ok(()),
    };
    match result {
        // The broker that was asked before had not heard of the latest changes.
        Err(failed) if failed.error.is_passing() => Ok(()),
        other => other.map_err(|failed| failed.error),
    }
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn name(topic: &str) -> TopicName {
    TopicName(text(topic))
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

async fn create(all: &[New], purpose: Purpose, client: &mut Client<'_>) -> Result<(), Failed> {
    let setting = |(key, value): (&String, &String)| {
        CreatableTopicConfig::default().with_name(text(key)).with_value(Some(text(value)))
    };
    let topic = |new: &New| {
        CreatableTopic::default()
            .with_name(name(&new.topic))
            .with_num_partitions(number(new.partitions))
            .with_replication_factor(i16::try_from(new.factor).unwrap_or(i16::MAX))
            .with_configs(new.config.iter().map(setting).collect())
    };
    let request = CreateTopicsRequest::default()
        .with_topics(all.iter().map(topic).collect())
        .with_timeout_ms(PATIENCE)
        .with_validate_only(purpose == Purpose::Ask);
    let answer = client.controller(&request).await?;
    sum_up(answer.topics.iter().map(|result| {
        let (code, message) = (result.error_code, result.error_message.as_ref());
        of_topic::<CreateTopicsRequest>(result.name.as_str(), code, message)
    }))
}

async fn delete(all: &[String], client: &mut Client<'_>) -> Result<(), Failed> {
    let request = DeleteTopicsRequest::default()
        .with_topic_names(all.iter().map(|topic| name(topic)).collect())
        .with_timeout_ms(PATIENCE);
    let answer = client.controller(&request).await?;
    sum_up(answer.responses.iter().map(|result| {
        let (code, message) = (result.error_code, result.error_message.as_ref());
        let name = result.name.as_ref().map_or("", |name| name.as_str());
        of_topic::<DeleteTopicsRequest>(name, code, message)
    }))
}

async fn grow(all: &[Growth], purpose: Purpose, client: &mut Client<'_>) -> Result<(), Failed> {
    let topic = |growth: &Growth| {
        CreatePartitionsTopic::default()
            .with_name(name(&growth.topic))
            .with_count(number(growth.to))
            .with_assignments(None)
    };
    let request = CreatePartitionsRequest::default()
        .with_topics(all.iter().map(topic).collect())
        .with_timeout_ms(PATIENCE)
        .with_validate_only(purpose == Purpose::Ask);
    let answer = client.controller(&request).await?;
    sum_up(answer.results.iter().map(|result| {
        let (code, message) = (result.error_code, result.error_message.as_ref());
        of_topic::<CreatePartitionsRequest>(result.name.as_str(), code, message)
    }))
}

async fn configure(
    all: &[Settings],
    purpose: Purpose,
    client: &mut Client<'_>,
) -> Result<(), Failed> {
    let resources = all.iter().map(|one| {
        let set = one.set.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
        let unset = one.unset.iter().map(|key| (key.as_str(), None));
        altered(resource::TOPIC, &one.topic, set.chain(unset))
    });
    let request = IncrementalAlterConfigsRequest::default()
        .with_resources(resources.collect())
        .with_validate_only(purpose == Purpose::Ask);
    let answer = client.controller(&request).await?;
    sum_up(answer.responses.iter().map(|result| {
        let (code, message) = (result.error_code, result.error_message.as_ref());
        of_topic::<IncrementalAlterConfigsRequest>(&result.resource_name, code, message)
    }))
}

/// Returns what an answer says of a topic.
fn of_topic<C: Call>(
    name: &str,
    code: i16,
    message: Option<&StrBytes>,
) -> (String, Result<(), Error>) {
    (name.to_owned(), check::<C>(code, message, || format!("topic {name}")))
}

/// Returns settings of something, changed or unset.
pub(super) fn altered<'a>(
    kind: i8,
    name: &str,
    settings: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> AlterConfigsResource {
    let setting = |(key, value): (&str, Option<&str>)| {
        AlterableConfig::default()
            .with_name(text(key))
            .with_config_operation(if value.is_some() { SET } else { UNSET })
            .with_value(value.map(text))
    };
    AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(settings.map(setting).collect())
}

/// Moves partitions; first what slows the move down is set, so that it is never fast by mistake.
async fn reassign(
    all: &[Move],
    throttle: Option<u64>,
    survey: &Survey,
    client: &mut Client<'_>,
) -> Result<Vec<String>, Failed> {
    let marked = all.iter().filter_map(|one| Some((one, one.marks.as_ref()?)));
    let marked: Vec<Settings> = marked
        .map(|(one, marks)| Settings {
            topic: one.topic.clone(),
            set: MARKS.iter().zip(marks).map(|(key, to)| ((*key).into(), to.clone())).collect(),
            unset: BTreeSet::new(),
        })
        .collect();
    let mut notes = Vec::new();
    if let (Some(rate), false) = (throttle, marked.is_empty()) {
        configure(&marked, Purpose::Do, client).await?;
        notes = slow_down(rate, survey, client).await?;
    }
    let topics: BTreeMap<&str, &Move> = all.iter().map(|one| (one.topic.as_str(), one)).collect();
    let topic = |(topic, one): (&str, &Move)| {
        let partition = |(index, to): (&usize, &Vec<i32>)| {
            ReassignablePartition::default()
                .with_partition_index(number(*index))
                .with_replicas(Some(to.iter().map(|id| BrokerId(*id)).collect()))
        };
        ReassignableTopic::default()
            .with_name(name(topic))
            .with_partitions(one.partitions.iter().map(partition).collect())
    };
    let request = AlterPartitionReassignmentsRequest::default()
        .with_topics(topics.into_iter().map(topic).collect())
        .with_timeout_ms(PATIENCE);
    let answer = client.controller(&request).await?;
    check::<AlterPartitionReassignmentsRequest>(
        answer.error_code,
        answer.error_message.as_ref(),
        String::new,
    )?;
    sum_up(answer.responses.iter().flat_map(|topic| {
        topic.partitions.iter().map(|result| {
            let (code, message) = (result.error_code, result.error_message.as_ref());
            let what = || format!("{}-{}", topic.name.as_str(), result.partition_index);
            let result = check::<AlterPartitionReassignmentsRequest>(code, message, what);
            (topic.name.to_string(), result)
        })
    }))?;
    Ok(notes)
}

/// Takes away what slowed moves down. The marks of the topics go last: a run that breaks off before finds them.
async fn unthrottle(
    topics: &[String],
    survey: &Survey,
    client: &mut Client<'_>,
) -> Result<(), Failed> {
    // The rates also slow down moves that others have begun.
    let others_move =
        survey.topics.iter().any(|(name, found)| !topics.contains(name) && found.is_moving());
    if !others_move {
        let_go(survey, client).await?;
    }
    let unmarked: Vec<Settings> = topics.iter().map(|topic| unmarked(topic, survey)).collect();
    configure(&unmarked, Purpose::Do, client).await
}
