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
                apply(&mut survey, &step);
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
fn apply(survey: &mut Survey, step: &Step) {
    let Some(mut list) = survey.list().cloned() else { return };
    step.apply(&mut list);
    let leader = survey.leader().and_then(|(node, _)| node.id());
    let heir = survey.with(Mode::Follower).find_map(|(node, _)| node.id());
    // Who votes no more leads no more.
    let resigns = match step {
        Step::Add(_) => false,
        Step::Change(server) => server.role == Role::Observer && Some(server.id) == leader,
        Step::Remove(server) => Some(server.id) == leader,
    };
    for node in &mut survey.nodes {
        let State::Serving(report) = &mut node.state else { continue };
        match report.conf.id {
            id if resigns && id == leader => report.mode = Mode::Observer,
            id if resigns && id == heir => report.mode = Mode::Leader,
            _ => {}
        }
        report.synced = None;
        report.conf.list = Some(list.clone());
    }
}
