//! Does what is planned, round by round, and waits until Kafka itself says that all is well.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::batch::Batch;
use super::execute::{Failed, execute, validate};
use super::plan::{Next, factors, plan};
use super::simulate::{apply, describe};
use super::survey::{Survey, all_agree, survey};
use super::throttle::lasting;
use super::{Changes, Client, Error, Observer, Wish};

pub(super) const PAUSE: Duration = Duration::from_millis(200);
/// More kinds of changes than any wish needs.
const ROUNDS: usize = 20;

/// How a topic is, for results: partitions, replicas, settings.
type Row = (usize, String, BTreeMap<String, String>);

/// Asks the cluster, for a prediction: where no broker answers, none is there yet.
pub async fn look(wish: &Wish, client: &mut Client<'_>) -> Result<Survey, Error> {
    match survey(wish, client).await {
        Err(Error::Io { .. }) => Ok(Survey { usual: Some((1, 1)), ..Survey::default() }),
        found => found,
    }
}

/// Returns what would be done, after asking Kafka whether it would do it.
pub async fn predict(
    wish: &Wish,
    found: &Survey,
    client: &mut Client<'_>,
) -> Result<(Changes, Survey), Error> {
    let mut found = found.clone();
    let mut changes = Changes { before: describe(wish, &found), ..Changes::default() };
    let is_new = found.brokers.is_empty();
    for _ in 0..ROUNDS {
        let plan = plan(wish, &found)?;
        changes.warnings = plan.warnings;
        let Next::Do(batch) = plan.next else { break };
        if !is_new {
            validate(&batch, client).await?;
        }
        changes.steps.extend(batch.steps());
        apply(&mut found, &batch);
    }
    if is_new {
        changes
            .warnings
            .push("no broker answers yet: the topics of a new cluster are shown".into());
    }
    changes.after = describe(wish, &found);
    Ok((changes, found))
}

/// Returns the wished topics as they are, by name.
pub fn table(wish: &Wish, found: &Survey) -> BTreeMap<String, Row> {
    let row = |name: &String| {
        let found = found.topics.get(name)?;
        Some((name.clone(), (found.partitions.len(), factors(found), lasting(found))))
    };
    wish.topics.iter().filter_map(|topic| row(&topic.name)).collect()
}

/// Makes the topics what they should be; returns also how they are then.
pub async fn ensure(
    wish: &Wish,
    client: &mut Client<'_>,
    observer: &dyn Observer,
) -> Result<(Changes, Survey), Error> {
    let start = Instant::now();
    let mut changes = Changes::default();
    let mut before = None;
    let mut last = Last::None;
    let mut notes = Vec::new();
    loop {
        let trouble = match survey(wish, client).await {
            // The brokers hear of a change one after the other.
            Ok(found) if last.is_hidden(&found) => {
                "the brokers do not show the last change yet".to_owned()
            }
            Ok(found) => {
                before.get_or_insert_with(|| describe(wish, &found));
                last.tell(&found, &mut changes, observer);
                let plan = plan(wish, &found)?;
                changes.warnings = plan.warnings;
                match plan.next {
                    Next::Rest
                        if !changes.steps.is_empty() && !agree(wish, &found, client).await =>
                    {
                        "not all brokers have heard of the changes".into()
                    }
                    Next::Rest => {
                        changes.warnings.append(&mut notes);
                        changes.before = before.unwrap_or_default();
                        changes.after = describe(wish, &found);
                        return Ok((changes, found));
                    }
                    Next::Wait(reason) => reason,
                    Next::Do(batch) => match execute(&batch, wish.throttle, &found, client).await {
                        Ok(said) => {
                            notes.extend(said);
                            tell(&batch, &mut changes, observer);
                            last = Last::Done(batch);
                            continue;
                        }
                        Err(failed) => last.failed(batch, failed, &mut changes, observer)?,
                    },
                }
            }
            Err(error) if error.is_passing() => error.to_string(),
            Err(error) => return Err(error),
        };
        if start.elapsed() >= wish.timeout {
            return Err(Error::Timeout { seconds: wish.timeout.as_secs(), reason: trouble });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns whether all brokers that can be asked have heard of what was done.
pub(super) async fn agree(wish: &Wish, found: &Survey, client: &mut Client<'_>) -> bool {
    all_agree(wish, found, client).await.unwrap_or(false)
}

/// What was done last.
pub(super) enum Last {
    Done(Batch),
    None,
    /// The answer was lost.
    Tried(Batch),
}

impl Last {
    /// Returns whether a change that was made cannot be seen yet.
    pub(super) fn is_hidden(&self, found: &Survey) -> bool {
        matches!(self, Self::Done(batch) if !batch.is_visible(found))
    }

    /// Tells what was done of a batch that was not done as a whole; returns why, when waiting can help.
    pub(super) fn failed(
        &mut self,
        batch: Batch,
        failed: Failed,
        changes: &mut Changes,
        observer: &dyn Observer,
    ) -> Result<String, Error> {
        if let Some(refused) = failed.refused {
            let done = batch.each().into_iter().filter(|(topic, _)| !refused.contains(topic));
            done.for_each(|(_, one)| tell(&one, changes, observer));
        } else {
            *self = Self::Tried(batch);
        }
        if failed.error.is_passing() { Ok(failed.error.to_string()) } else { Err(failed.error) }
    }

    /// Tells what came of changes that were only tried.
    pub(super) fn tell(&mut self, found: &Survey, changes: &mut Changes, observer: &dyn Observer) {
        // What was done is looked for until something else is: Kafka's answers are not all of the same age.
        if let Self::Tried(batch) = self {
            let done = batch.each().into_iter().filter(|(_, one)| one.is_visible(found));
            done.for_each(|(_, one)| tell(&one, changes, observer));
            *self = Self::None;
        }
    }
}

/// Tells what was done.
pub(super) fn tell(batch: &Batch, changes: &mut Changes, observer: &dyn Observer) {
    for step in batch.steps() {
        observer.step(&step);
        changes.steps.push(step);
    }
}
