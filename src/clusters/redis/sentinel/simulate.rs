//! What steps come to, without doing them.

use super::plan::{Step, plan};
use super::read::{Node, Watched};
use super::survey::{State, Survey};
use super::{Address, Changes, Error, Wish};
use crate::clusters::pace::Next;

/// More steps than there can be: a few for each of a hundred nodes and sentinels.
const ROUNDS: usize = 400;

/// Returns what would be done, and what would be there afterwards.
pub(super) fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    let mut survey = survey.clone();
    let mut changes = Changes { before: describe(wish, &survey), ..Changes::default() };
    for _ in 0..ROUNDS {
        let plan = plan(wish, &survey)?;
        changes.warnings = plan.warnings;
        let Next::Do(step) = plan.next else { break };
        changes.steps.push(step.text(wish));
        apply(wish, &mut survey, &step);
    }
    changes.after = describe(wish, &survey);
    Ok(changes)
}

/// Returns a node that was just started.
pub(super) fn fresh(wish: &Wish, at: usize) -> Node {
    let address = wish.nodes[at].clone();
    Node { histories: vec![address.to_string()], seen: Some(address), ..Node::default() }
}

/// Returns nodes and sentinels in words.
pub(super) fn describe(wish: &Wish, survey: &Survey) -> String {
    let mut lines = Vec::new();
    for (address, state) in wish.nodes.iter().zip(&survey.nodes) {
        let text = match state {
            State::Down(_) => "does not answer".to_owned(),
            State::Up(node) => node
                .master
                .as_ref()
                .map_or_else(|| "is a master".to_owned(), |master| format!("copies {master}")),
        };
        lines.push(format!("{address} {text}\n"));
    }
    for (address, state) in wish.sentinels.iter().zip(&survey.sentinels) {
        let text = match state {
            State::Down(_) => "does not answer".to_owned(),
            State::Up(None) => format!("does not watch {}", wish.name),
            State::Up(Some(watched)) => watches(wish, watched),
        };
        lines.push(format!("sentinel {address} {text}\n"));
    }
    lines.concat()
}

fn watches(wish: &Wish, watched: &Watched) -> String {
    let master = watched.master.as_ref().map(Address::to_string).unwrap_or_default();
    let names = ["quorum"].into_iter().chain(wish.settings.iter().map(|(name, _)| name.as_str()));
    let settings = names.filter_map(|name| Some(format!(", {name} {}", watched.field(name)?)));
    format!("watches {master}{}", settings.collect::<String>())
}

fn apply(wish: &Wish, survey: &mut Survey, step: &Step) {
    match step {
        Step::Follow { node, master } => {
            let leader = survey.node_at(wish, master).and_then(|at| survey.nodes[at].up().cloned());
            if let State::Up(node) = &mut survey.nodes[*node] {
                node.master = Some(master.clone());
                node.follows = true;
                if let Some(leader) = leader {
                    node.keys = leader.keys;
                    node.histories = leader.histories;
                }
            }
        }
        Step::Forget { sentinel } => change(survey, *sentinel, |watched| {
            watched.replicas.retain(|(_, well)| *well);
            watched.sentinels.retain(|(_, well)| *well);
        }),
        Step::Login { node } => {
            if let State::Up(node) = &mut survey.nodes[*node] {
                node.logs_in = Some(true);
            }
        }
        Step::Promote { node } => {
            if let State::Up(node) = &mut survey.nodes[*node] {
                node.master = None;
            }
        }
        Step::Set { sentinel, settings } => {
            change(survey, *sentinel, |watched| set(watched, settings));
        }
        Step::Watch { sentinel, master, settings, .. } => {
            let watched =
                Watched { master: Some(master.clone()), well: true, ..Watched::default() };
            survey.sentinels[*sentinel] = State::Up(Some(watched));
            let quorum = ("quorum".to_owned(), wish.quorum.to_string());
            let settings: Vec<(String, String)> =
                std::iter::once(quorum).chain(settings.iter().cloned()).collect();
            change(survey, *sentinel, |watched| set(watched, &settings));
        }
    }
    acquaint(wish, survey);
}

fn change(survey: &mut Survey, sentinel: usize, change: impl Fn(&mut Watched)) {
    if let State::Up(Some(watched)) = &mut survey.sentinels[sentinel] {
        change(watched);
    }
}

fn set(watched: &mut Watched, settings: &[(String, String)]) {
    for (name, value) in settings {
        watched.fields.retain(|(known, _)| known != name);
        watched.fields.push((name.clone(), value.clone()));
    }
}

/// Sentinels hear by themselves of those who watch and copy the same master.
fn acquaint(wish: &Wish, survey: &mut Survey) {
    let places: Vec<(Address, Option<Address>)> = (0..survey.nodes.len())
        .map(|at| {
            let master = survey.nodes[at].up().and_then(|node| node.master.clone());
            (survey.seen(wish, at), master)
        })
        .collect();
    let watching: Vec<(usize, Option<Address>)> =
        survey.watching().map(|(at, watched)| (at, watched.master.clone())).collect();
    for (at, master) in &watching {
        let replicas = places.iter().filter(|(_, copied)| copied == master && copied.is_some());
        let replicas: Vec<Address> = replicas.map(|(place, _)| place.clone()).collect();
        let others = watching.iter().filter(|(other, of)| other != at && of == master);
        let others: Vec<Address> =
            others.map(|(other, _)| wish.sentinels[*other].clone()).collect();
        change(survey, *at, |watched| {
            watched.doubt = None;
            for place in &replicas {
                watched.replicas.retain(|(known, _)| known != place);
                watched.replicas.push((place.clone(), true));
            }
            for place in &others {
                if !watched.sentinels.iter().any(|(known, _)| known == place) {
                    watched.sentinels.push((place.clone(), true));
                }
            }
        });
    }
}
