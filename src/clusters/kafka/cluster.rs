//! Waits until a cluster is whole, and empties brokers that are to leave it.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::{DescribeConfigsRequest, DescribeQuorumRequest, MetadataRequest};
use kafka_protocol::protocol::StrBytes;
use tokio::time::Instant;

use super::apply::{Last, PAUSE, agree, tell};
use super::balance::balance;
use super::batch::{Batch, Move};
use super::error::code;
use super::execute::execute;
use super::health::{Condition, Reached, Seat, can_be_emptied, judge};
use super::plan::{Next, plan};
use super::quorum::{Quorum, quorum};
use super::simulate;
use super::spread::Brokers;
use super::survey::{Survey, resource, settings, survey_all};
use super::throttle::marks;
use super::{Changes, Client, ClusterWish, Error, Observer, Others, Shares, Topic, Wish};
use crate::clusters::Address;

/// How long what cannot be has to stay so, until it is believed.
const DOUBT: Duration = Duration::from_secs(2);

/// A broker for results: number, address, rack.
type Row = (i32, String, Option<String>);

impl Condition {
    /// Returns the brokers that are registered.
    pub fn brokers(&self) -> Vec<Row> {
        let row = |(id, address): (&i32, &Address)| {
            let mut brokers = self.survey.brokers.iter();
            let rack = brokers.find(|broker| broker.id == *id).and_then(|one| one.rack.clone());
            (*id, address.to_string(), rack)
        };
        self.advertised.iter().map(row).collect()
    }

    /// Returns the cluster's number.
    pub fn cluster(&self) -> Option<&str> {
        self.cluster.as_deref()
    }

    /// Returns who decides: a broker, or in KRaft a node that may be no broker.
    pub fn controller(&self) -> Option<i32> {
        self.controller
    }

    /// Returns KRaft's quorum, when there is one.
    pub fn quorum(&self) -> Option<&Quorum> {
        self.quorum.as_ref()
    }

    /// Returns what keeps the brokers together, when there are any.
    pub fn mode(&self) -> Option<&'static str> {
        let mode = if self.quorum.is_some() { "kraft" } else { "zookeeper" };
        (!self.advertised.is_empty()).then_some(mode)
    }

    /// Returns the brokers in words, with how many replicas they have or will have.
    fn describe(&self) -> String {
        let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
        for partition in self.survey.topics.values().flat_map(|found| &found.partitions) {
            partition.target().iter().for_each(|id| *counts.entry(*id).or_default() += 1);
        }
        let line = |(id, address, rack): Row| {
            let rack = rack.map(|rack| format!(", rack {rack}")).unwrap_or_default();
            let count = counts.get(&id).unwrap_or(&0);
            format!("broker {id} at {address}{rack}: {count} replicas\n")
        };
        self.brokers().into_iter().map(line).collect()
    }
}

/// Asks all brokers who and where they are.
async fn condition(wish: &ClusterWish, client: &mut Client<'_>) -> Result<Condition, Error> {
    let mut survey = survey_all(client).await?;
    if wish.moves() {
        // What slows down a move that broke off is a setting of its topic.
        let topics = survey.topics.keys().cloned().collect();
        settings(&mut survey, topics, client).await?;
    }
    let cluster = client.cluster().map(str::to_owned);
    let advertised = client.brokers().clone();
    let mut reached = BTreeMap::new();
    for id in advertised.keys() {
        let there = client.broker(*id, &who(*id)).await;
        let there = match there.map(|answer| identity(*id, &answer)) {
            Ok(Some(other)) if other != *id => Reached::Other(other),
            Ok(_) => Reached::Itself,
            Err(Error::Advertised { source, .. }) => Reached::Nobody(source.to_string()),
            Err(error) => return Err(error),
        };
        reached.insert(*id, there);
    }
    let mut seats = Vec::new();
    for broker in &wish.brokers {
        seats.push(seat(&broker.address, cluster.as_deref(), &advertised, client).await?);
    }
    let is_kraft = client.knows::<DescribeQuorumRequest>();
    let quorum = if is_kraft { Some(quorum(client).await?) } else { None };
    let leader = quorum.as_ref().and_then(|quorum| quorum.leader);
    let controller = leader.or(client.controller_id());
    Ok(Condition { survey, cluster, controller, quorum, advertised, reached, seats })
}

/// Returns a wish for all topics, about which nothing is said.
fn all(wish: &ClusterWish, survey: &Survey) -> Wish {
    Wish {
        topics: survey.topics.keys().map(|name| Topic::named(name)).collect(),
        others: Others::Keep,
        throttle: wish.throttle,
        timeout: wish.timeout,
    }
}

/// A question that only one broker answers; the others say who they are.
fn who(id: i32) -> DescribeConfigsRequest {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(resource::BROKER)
        .with_resource_name(StrBytes::from_string(id.to_string()))
        .with_configuration_keys(Some(vec![StrBytes::from_static_str("broker.id")]));
    DescribeConfigsRequest::default().with_resources(vec![resource])
}

/// Returns who answered [`who`], when it tells.
fn identity(asked: i32, answer: &kafka_protocol::messages::DescribeConfigsResponse) -> Option<i32> {
    let result = answer.results.first()?;
    match result.error_code {
        0 => Some(asked),
        code::INVALID_REQUEST => read_identity(result.error_message.as_ref()?),
        _ => None,
    }
}

/// Reads "Unexpected broker id, expected 1 or empty string, but received 7", which brokers say since 1.1.
pub(super) fn read_identity(text: &str) -> Option<i32> {
    let rest = text.split_once(", expected ")?.1;
    rest.split_whitespace().next()?.parse().ok()
}

async fn seat(
    address: &Address,
    cluster: Option<&str>,
    advertised: &BTreeMap<i32, Address>,
    client: &mut Client<'_>,
) -> Result<Seat, Error> {
    let nothing = MetadataRequest::default().with_topics(Some(Vec::new()));
    let answer = match client.ask(address, &nothing).await {
        Ok(answer) => answer,
        Err(Error::Io { source, .. }) => return Ok(Seat::Down(source.to_string())),
        Err(error) => return Err(error),
    };
    let other = answer.cluster_id.map(|id| id.to_string());
    if let Some(other) = other.filter(|other| cluster.is_some_and(|cluster| cluster != other)) {
        return Ok(Seat::Foreign(other));
    }
    if let Some((id, _)) = advertised.iter().find(|(_, other)| *other == address) {
        return Ok(Seat::Broker(*id));
    }
    // No broker has a negative number, so it says its own.
    match client.ask(address, &who(-2)).await {
        Ok(answer) => Ok(identity(-2, &answer).map_or(Seat::Unknown, Seat::Broker)),
        Err(Error::Io { source, .. }) => Ok(Seat::Down(source.to_string())),
        Err(error) => Err(error),
    }
}

/// Returns the next change: partitions that leave brokers or are shared out, or what slowed them down.
fn next(wish: &ClusterWish, survey: &Survey, whole: bool) -> Result<Option<Batch>, Error> {
    if !wish.moves() {
        return Ok(None);
    }
    can_be_emptied(&wish.emptied, survey)?;
    let mut brokers = Brokers::new(&survey.brokers, &wish.emptied, survey.topics.values());
    let mut moves = leaving(wish, survey, &mut brokers);
    // Without one of its brokers, what is even now would not be later.
    if moves.is_empty() && wish.shares == Shares::Even && whole {
        moves = balance(survey, &brokers, wish.throttle.is_some());
    }
    if !moves.is_empty() {
        return Ok(Some(Batch::Move(moves)));
    }
    match plan(&all(wish, survey), survey)?.next {
        Next::Do(batch @ Batch::Unthrottle(_)) => Ok(Some(batch)),
        Next::Do(_) | Next::Rest | Next::Wait(_) => Ok(None),
    }
}

/// Returns what has to move for brokers to be empty.
fn leaving(wish: &ClusterWish, survey: &Survey, brokers: &mut Brokers) -> Vec<Move> {
    let mut moves = Vec::new();
    for (topic, found) in &survey.topics {
        let leaving: BTreeMap<usize, Vec<i32>> = found
            .partitions
            .iter()
            .enumerate()
            .filter(|(_, partition)| partition.target().iter().any(|id| wish.emptied.contains(id)))
            .filter_map(|(index, partition)| {
                Some((index, brokers.evacuate(partition, &wish.emptied)?))
            })
            .collect();
        if !leaving.is_empty() {
            let marks = wish.throttle.and_then(|_| marks(found, &leaving));
            let ids: Vec<i32> = wish.emptied.iter().copied().collect();
            let why = format!("leaves {}", super::plan::list(&ids));
            moves.push(Move { topic: topic.clone(), why, partitions: leaving, marks });
        }
    }
    moves
}

/// Returns what would be done, without waiting for anything.
pub async fn predict_cluster(
    wish: &ClusterWish,
    client: &mut Client<'_>,
) -> Result<(Changes, Condition), Error> {
    let mut found = match condition(wish, client).await {
        Err(Error::Io { .. }) => {
            let warnings = vec!["no broker answers yet".to_owned()];
            return Ok((Changes { warnings, ..Changes::default() }, Condition::default()));
        }
        found => found?,
    };
    let verdict = judge(wish, &found)?;
    let mut changes = Changes { before: found.describe(), ..Changes::default() };
    changes.warnings = verdict.warnings;
    let whole = verdict.missing.is_empty();
    changes.warnings.extend(verdict.missing);
    changes.warnings.extend(verdict.trouble);
    while let Some(batch) = next(wish, &found.survey, whole)? {
        changes.steps.extend(batch.steps());
        simulate::apply(&mut found.survey, &batch);
    }
    changes.after = found.describe();
    Ok((changes, found))
}

/// Waits until the cluster is whole, and empties brokers.
pub async fn ensure_cluster(
    wish: &ClusterWish,
    client: &mut Client<'_>,
    observer: &dyn Observer,
) -> Result<(Changes, Condition), Error> {
    let start = Instant::now();
    let mut changes = Changes::default();
    let mut before = None;
    let mut last = Last::None;
    let mut notes = Vec::new();
    let mut doubt = None;
    loop {
        let late = start.elapsed() >= wish.timeout;
        let trouble = match condition(wish, client).await {
            Ok(found) if last.is_hidden(&found.survey) => {
                "the brokers do not show the last change yet".to_owned()
            }
            Ok(found) => {
                last.tell(&found.survey, &mut changes, observer);
                let verdict = judge(wish, &found)?;
                // A broker that only starts is waited for before anything is moved.
                let whole = verdict.missing.is_empty();
                let batch = match (whole || late).then(|| next(wish, &found.survey, whole)) {
                    // The end of a move may not be known everywhere yet.
                    Some(Err(_)) if doubt.get_or_insert_with(Instant::now).elapsed() < DOUBT => {
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                    Some(batch) => {
                        doubt = None;
                        batch?
                    }
                    None => None,
                };
                if let Some(batch) = batch {
                    before.get_or_insert_with(|| found.describe());
                    match execute(&batch, wish.throttle, &found.survey, client).await {
                        Ok(said) => {
                            notes.extend(said);
                            tell(&batch, &mut changes, observer);
                            last = Last::Done(batch);
                            continue;
                        }
                        Err(failed) => last.failed(batch, failed, &mut changes, observer)?,
                    }
                } else if let (Some(trouble), _) | (None, Some(trouble)) =
                    (verdict.trouble, verdict.missing.first().filter(|_| !late).cloned())
                {
                    trouble
                } else if !changes.steps.is_empty()
                    && !agree(&all(wish, &found.survey), &found.survey, client).await
                {
                    "not all brokers have heard of the changes".into()
                } else {
                    // Those that are missing may stay so: the others serve all partitions.
                    changes.warnings = [verdict.missing, verdict.warnings, notes].concat();
                    changes.after = found.describe();
                    changes.before = before.unwrap_or_else(|| changes.after.clone());
                    return Ok((changes, found));
                }
            }
            Err(error) if error.is_passing() => error.to_string(),
            Err(error) => return Err(error),
        };
        if late {
            return Err(Error::Timeout { seconds: wish.timeout.as_secs(), reason: trouble });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
