//! What steps come to, without doing them.

use std::time::Duration;

use super::config::Config;
use super::plan::{Step, plan};
use super::survey::{Health, Set, State, Survey};
use super::{Changes, Error, Wish};
use crate::clusters::pace::Next;

/// More steps than any set needs: three for each of fifty members.
const ROUNDS: usize = 150;

/// Returns what would be done, and what the set would be afterwards.
pub(super) fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    let mut survey = survey.clone();
    let mut changes = Changes { before: describe(&survey), ..Changes::default() };
    for _ in 0..ROUNDS {
        let plan = plan(wish, &survey)?;
        changes.warnings = plan.warnings;
        let Next::Do(step) = plan.next else { break };
        if let (Step::FirstUser, Some(reason)) = (&step, &survey.denied) {
            return Err(Error::Impossible(reason.clone()));
        }
        changes.steps.push(step.text(wish));
        if let (Step::Initiate { .. }, Some(_)) = (&step, &wish.login) {
            changes.steps.push(Step::FirstUser.text(wish));
        }
        apply(wish, &mut survey, step);
    }
    changes.after = describe(&survey);
    Ok(changes)
}

/// Returns the members in words.
pub(super) fn describe(survey: &Survey) -> String {
    survey.set.as_ref().map(|set| set.config.describe()).unwrap_or_default()
}

fn apply(wish: &Wish, survey: &mut Survey, step: Step) {
    match (step, &mut survey.set) {
        (Step::Initiate { first }, _) => {
            let member = &wish.members[first];
            let config = Config::first(&wish.name, member);
            let host = config.seats[0].host.clone();
            survey.set = Some(Set {
                health: vec![well(config.seats[0].id, "PRIMARY")],
                config,
                primary: Some(host),
                told_by: member.address.clone(),
            });
            survey.nodes[first] = State::Member;
        }
        (Step::Reconfigure { config, forced_on, .. }, Some(set)) => {
            set.config = config;
            let ids: Vec<i32> = set.config.seats.iter().map(|seat| seat.id).collect();
            for id in ids
                .into_iter()
                .filter(|id| forced_on.is_some() || set.health(*id).is_none())
                .collect::<Vec<_>>()
            {
                set.health.retain(|health| health.id != id);
                set.health.push(well(id, "SECONDARY"));
            }
            set.primary = forced_on.map(|address| address.to_string()).or(set.primary.take());
            for (member, state) in wish.members.iter().zip(&mut survey.nodes) {
                if set.config.seat(&member.address.to_string()).is_some()
                    && !matches!(state, State::Down(_))
                {
                    *state = State::Member;
                }
            }
        }
        (Step::Resign { host }, Some(set)) => {
            let heir =
                set.config.seats.iter().find(|seat| seat.host != host && seat.is_electable());
            set.primary = heir.map(|seat| seat.host.clone());
        }
        _ => {}
    }
}

fn well(id: i32, state: &str) -> Health {
    Health { id, state: state.to_owned(), up: true, behind: Duration::ZERO }
}
