//! Plans of clusters that exist only here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::batch::Batch;
use super::plan::{Next, plan};
use super::simulate::{apply, describe};
use super::spread::{Broker, Brokers};
use super::survey::{Found, MARKS, Partition, Survey};
use super::{Others, Topic, Wish};

/// Brokers on racks: `1a` is broker 1 on rack a, `2` has none.
pub(super) fn brokers(texts: &[&str]) -> Vec<Broker> {
    let broker = |text: &&str| {
        let end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
        let rack = Some(text[end..].to_owned()).filter(|rack| !rack.is_empty());
        Broker { id: text[..end].parse().unwrap(), rack }
    };
    texts.iter().map(broker).collect()
}

fn partition(replicas: &[i32]) -> Partition {
    Partition {
        leader: replicas.first().copied(),
        replicas: replicas.to_vec(),
        in_step: replicas.to_vec(),
        ..Partition::default()
    }
}

pub(super) fn found(partitions: &[&[i32]]) -> Found {
    let partitions = partitions.iter().map(|replicas| partition(replicas)).collect();
    Found { partitions, ..Found::default() }
}

/// A cluster of three brokers with one topic, `t`.
fn survey(partitions: &[&[i32]]) -> Survey {
    Survey {
        brokers: brokers(&["1", "2", "3"]),
        topics: [("t".to_owned(), found(partitions))].into(),
        usual: Some((1, 1)),
    }
}

fn wish(topics: &[Topic]) -> Wish {
    Wish {
        topics: topics.to_vec(),
        others: Others::Keep,
        throttle: None,
        timeout: Duration::from_secs(1),
    }
}

fn t() -> Topic {
    Topic::named("t")
}

fn config(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// All steps until nothing is left to do, or what is said instead.
fn steps(wish: &Wish, survey: &Survey) -> Vec<String> {
    let mut survey = survey.clone();
    let mut steps = Vec::new();
    loop {
        match plan(wish, &survey) {
            Ok(plan) => match plan.next {
                Next::Do(batch) => {
                    steps.extend(batch.steps());
                    apply(&mut survey, &batch);
                    assert!(batch.is_visible(&survey), "{batch:?} does nothing");
                }
                Next::Rest => return [steps, plan.warnings].concat(),
                Next::Wait(reason) => return [steps, vec![format!("wait: {reason}")]].concat(),
            },
            Err(error) => return [steps, vec![format!("error: {error}")]].concat(),
        }
    }
}

#[track_caller]
fn case(topic: Topic, survey: &Survey, expected: &[&str]) {
    assert_eq!(steps(&wish(&[topic]), survey), expected);
}

#[test]
fn topics_are_made_changed_and_deleted() {
    let there = survey(&[&[1], &[2]]);
    case(t(), &there, &[]);
    case(Topic { present: false, ..t() }, &there, &["delete topic t"]);
    case(Topic { present: false, ..Topic::named("u") }, &there, &[]);
    case(Topic::named("u"), &there, &["create topic u: 1 partitions, 1 replicas"]);
    let settings = [("a".to_owned(), Some("1".to_owned())), ("b".to_owned(), None)];
    let new = Topic {
        partitions: Some(4),
        factor: Some(2),
        config: settings.clone().into(),
        ..Topic::named("u")
    };
    case(new, &there, &["create topic u: 4 partitions, 2 replicas, a=1"]);
    let all = Topic { partitions: Some(3), factor: Some(2), config: settings.into(), ..t() };
    let mut there = there;
    there.topics.get_mut("t").unwrap().config = config(&[("b", "2"), ("c", "3")]);
    let expected = [
        "topic t: set a=1, unset b",
        "topic t grows from 2 to 3 partitions",
        "topic t gets 2 replicas instead of 1: 3 partitions move",
    ];
    case(all.clone(), &there, &expected);
    let mut exact = wish(&[all]);
    exact.others = Others::Remove;
    assert_eq!(steps(&exact, &there)[0], "topic t: set a=1, unset b, unset c");
}

#[test]
fn settings_are_the_same_however_they_are_written() {
    let mut there = survey(&[&[1]]);
    let same =
        [("a", "1000", "1_000"), ("b", "compact,delete", "compact, delete"), ("c", "TRUE", "true")];
    for (key, has, _) in same {
        there.topics.get_mut("t").unwrap().config.insert(key.into(), has.into());
    }
    let wished = |value: fn(&(&str, &str, &str)) -> String| Topic {
        config: same.iter().map(|item| (item.0.to_owned(), Some(value(item)))).collect(),
        ..t()
    };
    case(wished(|item| item.1.to_lowercase()), &there, &[]);
    case(wished(|item| item.2.replace('_', "")), &there, &[]);
    let other = Topic { config: [("a".to_owned(), Some("1001".to_owned()))].into(), ..t() };
    case(other, &there, &["topic t: set a=1001"]);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_done() {
    let mut there = survey(&[&[1], &[2]]);
    there.topics.get_mut("t").unwrap().internal = true;
    let new = Topic { partitions: Some(1), factor: Some(1), ..Topic::named("u") };
    let refused = |topic| steps(&wish(&[new.clone(), topic]), &there);
    assert_eq!(
        refused(Topic { partitions: Some(1), ..t() }),
        [
            "error: topic t has 2 partitions, and Kafka cannot make them 1: a topic only grows. Say `partitions: 2`, or copy the messages to a new topic"
        ]
    );
    assert_eq!(
        refused(Topic { present: false, ..t() }),
        ["error: topic t is Kafka's own: it has to stay"]
    );
    let four = Topic { factor: Some(4), ..t() };
    case(four, &there, &["error: topic t cannot have 4 replicas: 3 brokers are registered"]);
}

#[test]
fn what_is_not_well_is_waited_for_or_warned_of() {
    let mut there = survey(&[&[1, 2], &[2, 3]]);
    let found = there.topics.get_mut("t").unwrap();
    found.partitions[0].in_step = vec![1];
    case(t(), &there, &["wait: t-0 is not in step on broker 2"]);
    there.brokers.remove(1);
    case(t(), &there, &["broker 2 is down, and has 2 replicas of these topics"]);
    there.topics.get_mut("t").unwrap().partitions[1].leader = None;
    case(t(), &there, &["wait: t-1 has no leader: it is on broker 2 and 3"]);
    let strict = Topic { config: [("min.insync.replicas".into(), Some("3".into()))].into(), ..t() };
    let steps = steps(&wish(&[strict]), &survey(&[&[1, 2]]));
    assert_eq!(
        steps[1..],
        [
            "topic t: min.insync.replicas=3 is more than its 2 replicas, so nobody can write with acks=all"
        ]
    );
}

#[test]
fn a_move_that_is_under_way_is_taken_up() {
    let mut there = survey(&[&[1, 2, 3], &[2]]);
    let found = there.topics.get_mut("t").unwrap();
    found.partitions[0] =
        Partition { in_step: vec![1], adding: vec![2, 3], ..partition(&[1, 2, 3]) };
    let three = Topic { factor: Some(3), ..t() };
    case(
        three.clone(),
        &there,
        &[
            "topic t gets 3 replicas instead of 1 to 3: 1 partition moves",
            "wait: t-0 is copied to broker 2 and 3",
        ],
    );
    // It grows when the move is over.
    let grown = Topic { partitions: Some(3), ..three };
    assert_eq!(steps(&wish(&[grown]), &there).len(), 2);
    // What slows it down stays until then.
    let found = there.topics.get_mut("t").unwrap();
    found.config = config(&[(MARKS[0], "00:2"), (MARKS[1], "00:1"), ("x", "y")]);
    case(t(), &there, &["wait: t-0 is copied to broker 2 and 3"]);
    found_of(&mut there).partitions[0] = partition(&[1, 2, 3]);
    case(t(), &there, &["moves of t are slowed down no more"]);
    assert_eq!(
        describe(&wish(&[t()]), &there),
        "t:\n  partitions: 2\n  replication_factor: 1 to 3\n  config:\n    x: y\n"
    );
}

fn found_of(survey: &mut Survey) -> &mut Found {
    survey.topics.get_mut("t").unwrap()
}

#[test]
fn slowed_moves_are_marked() {
    let mut slow = wish(&[Topic { factor: Some(2), ..t() }]);
    slow.throttle = Some(1000);
    let there = survey(&[&[1], &[2], &[3, 1]]);
    let Next::Do(Batch::Move(moves)) = plan(&slow, &there).unwrap().next else { panic!() };
    assert_eq!(moves[0].partitions, [(0, vec![1, 2]), (1, vec![2, 3])].into());
    assert_eq!(moves[0].marks, Some(["00:2,01:3".into(), "00:1,01:2".into()]));
    assert_eq!(
        steps(&slow, &there),
        [
            "topic t gets 2 replicas instead of 1 to 2: 2 partitions move",
            "moves of t are slowed down no more"
        ]
    );
}

/// Gives every partition of a topic so many replicas.
#[track_caller]
fn spread(names: &[&str], partitions: &[&[i32]], factor: usize, expected: &[&[i32]]) {
    let topic = found(partitions);
    let mut all = Brokers::new(&brokers(names), &BTreeSet::new(), [&topic].into_iter());
    let placed = topic.partitions.iter().map(|partition| all.place(partition, factor).unwrap());
    assert_eq!(placed.collect::<Vec<_>>(), expected);
}

#[test]
fn replicas_are_spread() {
    // Evenly over brokers.
    spread(&["1", "2", "3"], &[&[1], &[2], &[3]], 2, &[&[1, 2], &[2, 3], &[3, 1]]);
    spread(&["1", "2", "3"], &[&[1], &[1], &[1]], 2, &[&[1, 2], &[1, 3], &[1, 2]]);
    // On racks first.
    spread(&["1a", "2a", "3b", "4b"], &[&[1], &[3]], 2, &[&[1, 4], &[3, 2]]);
    spread(&["1a", "2a", "3b", "4b"], &[&[1, 2]], 3, &[&[1, 2, 3]]);
    // What is there stays, also on brokers that are down.
    spread(&["1", "2", "3"], &[&[9, 1]], 3, &[&[9, 1, 2]]);
    spread(&["1", "2", "3"], &[&[2, 3, 1]], 3, &[&[2, 3, 1]]);
    // The leader stays; what is down, or shares a rack, or has most goes first.
    spread(&["1", "2", "3"], &[&[1, 9, 2]], 2, &[&[1, 2]]);
    spread(&["1a", "2a", "3b"], &[&[1, 2, 3]], 2, &[&[1, 3]]);
    spread(&["1", "2", "3"], &[&[1, 2, 3], &[2]], 1, &[&[1], &[2]]);
}

#[test]
fn a_replica_that_lags_goes_before_one_in_step_but_the_leader_stays() {
    let late = Partition { leader: Some(3), in_step: vec![3, 1], ..partition(&[1, 2, 3]) };
    let mut all = Brokers::new(&brokers(&["1", "2", "3"]), &BTreeSet::new(), [].into_iter());
    assert_eq!(all.place(&late, 2), Some(vec![1, 3]));
    assert_eq!(all.place(&late, 1), Some(vec![3]));
    assert_eq!(all.place(&late, 4), None);
}

#[test]
fn brokers_are_emptied() {
    let emptied = BTreeSet::from([3]);
    let topic = found(&[&[3, 1], &[1, 2], &[2, 3], &[3, 2, 1]]);
    let names = ["1", "2", "3", "4"];
    let mut all = Brokers::new(&brokers(&names), &emptied, [&topic].into_iter());
    let mut moved = |at: usize| all.evacuate(&topic.partitions[at], &emptied);
    assert_eq!(moved(0), Some(vec![1, 4]));
    assert_eq!(moved(2), Some(vec![2, 4]));
    // The one that leads less leads now.
    assert_eq!(moved(3), Some(vec![2, 1, 4]));
    let mut few = Brokers::new(&brokers(&["1", "2", "3"]), &emptied, [&topic].into_iter());
    assert_eq!(few.evacuate(&topic.partitions[3], &emptied), None);
}
