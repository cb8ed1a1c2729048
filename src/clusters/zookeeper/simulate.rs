//! What changes come to, without making them.

use super::plan::{Next, Step, plan};
use super::survey::{State, Survey};
use super::words::Mode;
use super::{Changes, Error, Role, Wish};

/// More changes than any ensemble needs: numbers go up to 255.
const ROUNDS: usize = 600;

/// Returns what would be done, and what the list of servers would be afterwards.
pub(super) fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    if survey.nodes.iter().all(|node| matches!(node.state, State::Down(_))) {
        plan(wish, survey)?;
        return Ok(formed(wish));
    }
    let mut survey = survey.clone();
    let mut changes = Changes { before: describe(&survey), ..Changes::default() };
    for _ in 0..ROUNDS {
        let plan = plan(wish, &survey)?;
        changes.warnings = plan.warnings;
        match plan.next {
            Next::Do(step) => {
                changes.steps.push(step.text());
                apply(&mut survey, step);
            }
            Next::Rest => break,
            Next::Wait(reason) => {
                changes.warnings.push(reason);
                break;
            }
        }
    }
    changes.after = describe(&survey);
    Ok(changes)
}

/// Returns what servers would form that do not run yet.
fn formed(wish: &Wish) -> Changes {
    let mut changes = Changes::default();
    let mut names = Vec::new();
    for (at, member) in (1..).zip(&wish.servers) {
        let id = member.id.unwrap_or(at);
        let role = member.role.unwrap_or_default();
        let name = match role {
            Role::Observer => format!("{} (server {id}, observer)", member.address),
            Role::Participant => format!("{} (server {id})", member.address),
        };
        names.push(name);
        changes.after.push_str(&format!("server {id}: {}, {}\n", member.address, role.name()));
    }
    let word = if names.len() == 1 { "runs" } else { "form an ensemble" };
    changes.steps.push(format!("{} {word}", names.join(", ")));
    changes
}

/// Returns the list of servers in words.
pub(super) fn describe(survey: &Survey) -> String {
    survey.list().map(super::list::List::describe).unwrap_or_default()
}

/// Does a change to what was surveyed.
fn apply(survey: &mut Survey, step: Step) {
    let heir = survey.with(Mode::Follower).map(|(node, _)| node.address.clone()).next();
    let leader = survey.leader().and_then(|(node, _)| node.id());
    let Some(mut list) = survey.list().cloned() else { return };
    let gone = match step {
        Step::Add(server) | Step::Change(server) => {
            let id = server.id;
            let gone = (server.role == Role::Observer).then_some(id);
            list.servers.insert(id, server);
            gone
        }
        Step::Remove(server) => {
            list.servers.remove(&server.id);
            Some(server.id)
        }
    };
    for node in &mut survey.nodes {
        let is_heir = gone == leader && Some(&node.address) == heir.as_ref();
        let State::Serving(report) = &mut node.state else { continue };
        if gone.is_some() && report.conf.id == gone {
            report.mode = Mode::Observer;
        } else if gone.is_some() && is_heir {
            report.mode = Mode::Leader;
        }
        report.synced = None;
        report.conf.list = Some(list.clone());
    }
    // Nobody asks those any more that are gone and were not named.
    let is_listed = |id: u64| list.servers.contains_key(&id);
    survey.nodes.retain(|node| node.id().is_none_or(is_listed) || !is_gone(node.id(), gone));
}

fn is_gone(id: Option<u64>, gone: Option<u64>) -> bool {
    id.is_some() && id == gone
}
