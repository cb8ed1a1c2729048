//! What the hosts of a play walk: gathering of facts, then the sections of the play.

use std::sync::Arc;

use super::frame::Frame;
use super::play::PlayRun;
use super::run::Run;
use super::{scope, start_at};
use crate::base::Map;
use crate::playbook::{Action, Given, Item, Play, Task};
use crate::template::Scope;

/// Returns what the hosts of a play walk: gathering of facts, then its sections.
pub(super) fn of(run: &Run, play: &PlayRun) -> Vec<Vec<Item>> {
    let mut sections: Vec<Vec<Item>> =
        play.play.sections().into_iter().map(|(_, items)| items).collect();
    if gathers(run, play) && !starts_later(run, play, &sections) {
        sections[0].insert(0, Item::Task(Arc::new(gathering(&play.play))));
    }
    sections
}

/// Returns whether the task to start at is still to come, in another play.
fn starts_later(run: &Run, play: &PlayRun, sections: &[Vec<Item>]) -> bool {
    let Some(start) = run.options.start_at.as_ref().filter(|_| run.is_searching()) else {
        return false;
    };
    let frame = Frame::of_play(&play.play);
    !sections.iter().any(|items| start_at::is_among(start, items, &frame))
}

fn gathers(run: &Run, play: &PlayRun) -> bool {
    let given = play.play.gather_facts.as_ref().map(|given| {
        let vars: Arc<dyn Scope> = match play.hosts.first() {
            Some(host) => Arc::new(scope::of_host(run, play, host)),
            None => Arc::new(Map::new()),
        };
        let value = run.templates.resolve(&given.value, &vars).unwrap_or_default();
        scope::truth(&value, "gather_facts").unwrap_or(true)
    });
    let smart = || {
        run.options.gathering == "smart"
            && play.hosts.iter().all(|host| !play.store.facts(host).is_empty())
    };
    given.unwrap_or_else(|| run.options.gathering != "explicit" && !smart())
}

/// Returns the task that gathers facts.
fn gathering(play: &Play) -> Task {
    let argument = |name: &str, given: &Option<Given>| {
        given.as_ref().map(|given| crate::playbook::Argument {
            name: name.into(),
            at: given.at.clone(),
            value: given.value.clone(),
            value_at: given.at.clone(),
        })
    };
    let args = [
        argument("gather_subset", &play.gather_subset),
        argument("gather_timeout", &play.gather_timeout),
        argument("fact_path", &play.fact_path),
    ];
    Task {
        at: play.at.clone(),
        name: Some(Given { value: "Gathering Facts".into(), at: play.at.clone() }),
        action: Action {
            word: "ansible.builtin.gather_facts".into(),
            at: play.at.clone(),
            args: args.into_iter().flatten().collect(),
            ..Action::default()
        },
        tags: vec![Given { value: "always".into(), at: play.at.clone() }],
        ..Task::default()
    }
}
