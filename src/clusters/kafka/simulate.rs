//! What changes come to, without making them.

use super::Wish;
use super::batch::Batch;
use super::plan::factors;
use super::survey::{Found, MARKS, Partition, Survey};
use super::throttle::lasting;

/// Returns the wished topics in words.
pub(super) fn describe(wish: &Wish, survey: &Survey) -> String {
    let mut names: Vec<&str> = wish.topics.iter().map(|topic| topic.name.as_str()).collect();
    names.sort_unstable();
    let mut text = String::new();
    for name in names {
        let Some(found) = survey.topics.get(name) else { continue };
        text.push_str(&format!("{name}:\n  partitions: {}\n", found.partitions.len()));
        text.push_str(&format!("  replication_factor: {}\n", factors(found)));
        for (place, (key, value)) in lasting(found).iter().enumerate() {
            if place == 0 {
                text.push_str("  config:\n");
            }
            text.push_str(&format!("    {key}: {value}\n"));
        }
    }
    text
}

/// Does a batch to what was surveyed.
pub(super) fn apply(survey: &mut Survey, batch: &Batch) {
    match batch {
        Batch::Configure(all) => {
            for one in all {
                let Some(found) = survey.topics.get_mut(&one.topic) else { continue };
                found.config.extend(one.set.clone());
                found.config.retain(|key, _| !one.unset.contains(key));
            }
        }
        Batch::Create(all) => {
            for new in all {
                let mut found = Found { config: new.config.clone(), ..Found::default() };
                grow(&mut found, new.partitions, new.factor, survey);
                survey.topics.insert(new.topic.clone(), found);
            }
        }
        Batch::Delete(all) => survey.topics.retain(|topic, _| !all.contains(topic)),
        Batch::Grow(all) => {
            for one in all {
                let Some(mut found) = survey.topics.get(&one.topic).cloned() else { continue };
                let factor = found.partitions.first().map_or(1, |first| first.target().len());
                grow(&mut found, one.to, factor, survey);
                survey.topics.insert(one.topic.clone(), found);
            }
        }
        Batch::Move(all) => {
            for one in all {
                let Some(found) = survey.topics.get_mut(&one.topic) else { continue };
                for (index, to) in &one.partitions {
                    if let Some(partition) = found.partitions.get_mut(*index) {
                        *partition = well(to.clone());
                    }
                }
                let marks = one.marks.iter().flatten();
                let marks = MARKS.iter().zip(marks);
                found.config.extend(marks.map(|(mark, value)| ((*mark).to_owned(), value.clone())));
            }
        }
        Batch::Unthrottle(topics) => {
            for topic in topics {
                let Some(found) = survey.topics.get_mut(topic) else { continue };
                found.config = lasting(found);
            }
        }
    }
}

/// Adds partitions, somewhere: where they really go Kafka decides.
fn grow(found: &mut Found, to: usize, factor: usize, survey: &Survey) {
    let brokers = survey.brokers.iter().map(|broker| broker.id).cycle();
    let anybody = 0..;
    for index in found.partitions.len()..to {
        let replicas: Vec<i32> =
            brokers.clone().skip(index).chain(anybody.clone()).take(factor).collect();
        found.partitions.push(well(replicas));
    }
}

fn well(replicas: Vec<i32>) -> Partition {
    Partition {
        leader: replicas.first().copied(),
        in_step: replicas.clone(),
        replicas,
        ..Partition::default()
    }
}
