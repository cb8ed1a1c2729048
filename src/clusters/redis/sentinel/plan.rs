//! From what is there to what is wished: the next step. Pure.

use super::health::{complaint, remembers, warnings};
use super::master::{Choice, choose, share};
use super::read::{Node, Watched};
use super::survey::{State, Survey};
use super::{Address, Error, Others, SETTINGS, Strife, Wish};
use crate::clusters::pace::{Next, Plan};

/// Something to do; nodes and sentinels are named by their places in the wish.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A node copies the master.
    Follow {
        /// The node.
        node: usize,
        /// Where the others find the master.
        master: Address,
    },
    /// A sentinel forgets whom it knows, and learns anew who is there.
    Forget {
        /// The sentinel.
        sentinel: usize,
    },
    /// A node logs in with the password when it copies another one.
    Login {
        /// The node.
        node: usize,
    },
    /// A node becomes master.
    Promote {
        /// The node.
        node: usize,
    },
    /// A sentinel gets settings for the master.
    Set {
        /// The sentinel.
        sentinel: usize,
        /// Names and values.
        settings: Vec<(String, String)>,
    },
    /// A sentinel watches the master.
    Watch {
        /// The sentinel.
        sentinel: usize,
        /// Where the others find the master.
        master: Address,
        /// Where it looked for the master before.
        instead: Option<Address>,
        /// All its settings.
        settings: Vec<(String, String)>,
    },
}

impl Step {
    /// Returns it in words.
    pub(super) fn text(&self, wish: &Wish) -> String {
        match self {
            Self::Follow { node, master } => format!("{} copies {master}", wish.nodes[*node]),
            Self::Forget { sentinel } => {
                format!("the sentinel {} forgets those that are gone", wish.sentinels[*sentinel])
            }
            Self::Login { node } => {
                format!("{} gets the password for its master", wish.nodes[*node])
            }
            Self::Promote { node } => format!("{} becomes master", wish.nodes[*node]),
            Self::Set { sentinel, settings } => {
                let words = settings.iter().map(|(name, value)| format!("{name} {value}"));
                let words: Vec<String> = words.collect();
                format!("the sentinel {} gets {}", wish.sentinels[*sentinel], words.join(", "))
            }
            Self::Watch { sentinel, master, instead, .. } => {
                let sentinel = &wish.sentinels[*sentinel];
                match instead {
                    None => format!("the sentinel {sentinel} watches {} at {master}", wish.name),
                    Some(other) if other == master => format!(
                        "the sentinel {sentinel} watches {} at {master} anew, with the password",
                        wish.name
                    ),
                    Some(other) => format!(
                        "the sentinel {sentinel} watches {} at {master} instead of {other}",
                        wish.name
                    ),
                }
            }
        }
    }
}

/// Returns what comes next.
pub(super) fn plan(wish: &Wish, survey: &Survey) -> Result<Plan<Step>, Error> {
    let up = survey.sentinels.iter().filter(|state| state.up().is_some()).count();
    if up * 2 <= wish.sentinels.len() {
        let reason = survey.sentinels.iter().find_map(|state| match state {
            State::Down(reason) => Some(reason.as_str()),
            State::Up(_) => None,
        });
        return Err(Error::Impossible(format!(
            "{up} of {} sentinels answer, and nothing is changed unless most of them do: {}",
            wish.sentinels.len(),
            reason.unwrap_or_default()
        )));
    }
    Ok(Plan { next: next(wish, survey)?, warnings: warnings(wish, survey) })
}

fn next(wish: &Wish, survey: &Survey) -> Result<Next<Step>, Error> {
    if let Some((at, _)) = survey.nodes_up().find(|(_, node)| node.loading) {
        return Ok(Next::Wait(format!("{} still reads its data", wish.nodes[at])));
    }
    let (master, watched) = match choose(wish, survey)? {
        Choice::Node { at, watched } => (at, watched),
        Choice::Wait(reason) => return Ok(Next::Wait(reason)),
    };
    let Some(node) = survey.nodes[master].up() else {
        if survey.nodes_up().next().is_none() {
            return Err(Error::Impossible(format!(
                "neither the master {} nor any other node answers: start them first",
                wish.nodes[master]
            )));
        }
        return Ok(Next::Wait(format!(
            "the master {} does not answer, and the sentinels have not chosen another one",
            wish.nodes[master]
        )));
    };
    if let Some(other) = &node.master {
        if watched {
            return Ok(Next::Wait(format!(
                "the sentinels take {} for the master, and it copies {other}",
                wish.nodes[master]
            )));
        }
        return Ok(Next::Do(Step::Promote { node: master }));
    }
    if let Some((at, _)) = survey.nodes_up().find(|(_, node)| node.logs_in == Some(false)) {
        return Ok(Next::Do(Step::Login { node: at }));
    }
    if watched && let Some(at) = is_following(wish, survey, master) {
        return Ok(Next::Wait(format!(
            "{} has not heard yet that {} is the master",
            wish.nodes[at], wish.nodes[master]
        )));
    }
    if let Some(step) = follow(wish, survey, (master, node))? {
        return Ok(Next::Do(step));
    }
    for at in 0..survey.sentinels.len() {
        if let Some(watched) = survey.sentinels[at].up()
            && let Some(next) = watch(wish, survey, (at, watched.as_ref()), master)
        {
            return Ok(next);
        }
    }
    if let Some(reason) = complaint(wish, survey, master) {
        return Ok(Next::Wait(reason));
    }
    let all = survey.nodes.iter().all(|state| state.up().is_some())
        && survey.sentinels.iter().all(|state| state.up().is_some());
    // Whoever is only away for a while must not be forgotten along with those that are gone.
    let forgetful = (0..survey.sentinels.len())
        .find(|at| wish.others == Others::Remove && all && remembers(wish, survey, *at));
    Ok(forgetful.map_or(Next::Rest, |sentinel| Next::Do(Step::Forget { sentinel })))
}

/// Returns a node that still copies another one that is named: after a failover, sentinels see to that themselves.
fn is_following(wish: &Wish, survey: &Survey, master: usize) -> Option<usize> {
    let copied = |node: &Node| survey.node_at(wish, node.master.as_ref()?);
    let mut others = survey.nodes_up().filter(|(at, _)| *at != master && !survey.settled);
    others.find(|(_, node)| copied(node).is_some_and(|at| at != master)).map(|(at, _)| at)
}

/// Returns the step by which a node copies the master.
fn follow(
    wish: &Wish,
    survey: &Survey,
    (master, leader): (usize, &Node),
) -> Result<Option<Step>, Error> {
    let seen = survey.seen(wish, master);
    for (at, node) in survey.nodes_up().filter(|(at, _)| *at != master) {
        let copied = node.master.as_ref();
        if copied.is_some_and(|copied| survey.node_at(wish, copied) == Some(master)) {
            continue;
        }
        let named = copied.is_some_and(|copied| survey.node_at(wish, copied).is_some());
        // Sentinels make it a replica again themselves, only later.
        let place = survey.seen(wish, at);
        let known = survey
            .watching()
            .any(|(_, watched)| watched.replicas.iter().any(|(replica, _)| *replica == place));
        let own = node.keys > 0 && !named && !known && !share(node, leader);
        if own && wish.strife == Strife::Refuse {
            let whose = copied.map_or_else(
                || "of its own".to_owned(),
                |copied| format!("of {copied}, which is not named"),
            );
            return Err(Error::Impossible(format!(
                "{} holds {} keys {whose}, which it would lose as a replica of {seen}: empty it first (`FLUSHALL`), or say `force: true`",
                wish.nodes[at], node.keys
            )));
        }
        return Ok(Some(Step::Follow { node: at, master: seen }));
    }
    Ok(None)
}

/// Returns what is to be done with a sentinel.
fn watch(
    wish: &Wish,
    survey: &Survey,
    (sentinel, watched): (usize, Option<&Watched>),
    master: usize,
) -> Option<Next<Step>> {
    let seen = survey.seen(wish, master);
    let Some(watched) = watched else {
        let settings = wish.settings.clone();
        return Some(Next::Do(Step::Watch { sentinel, master: seen, instead: None, settings }));
    };
    let watches = watched.master.as_ref().and_then(|place| survey.node_at(wish, place));
    if watches != Some(master) {
        // Sentinels tell each other of a new master; only one that hears of it from nobody is told.
        if watches.is_some() && !survey.settled {
            let sentinel = &wish.sentinels[sentinel];
            return Some(Next::Wait(format!(
                "the sentinel {sentinel} has not heard yet that {seen} is the master"
            )));
        }
        let instead = watched.master.clone();
        let settings = kept(wish, watched);
        return Some(Next::Do(Step::Watch { sentinel, master: seen, instead, settings }));
    }
    // A connection that was opened without the password stays as it is, before version 7 for ever.
    let given = wish.account.password.is_some();
    if !watched.well && given && survey.settled && !survey.told.contains(&sentinel) {
        let settings = kept(wish, watched);
        let instead = Some(seen.clone());
        return Some(Next::Do(Step::Watch { sentinel, master: seen, instead, settings }));
    }
    let quorum = ("quorum".to_owned(), wish.quorum.to_string());
    let differs = |(name, value): &(String, String)| watched.field(name) != Some(value.as_str());
    let wished = std::iter::once(quorum).chain(wish.settings.iter().cloned());
    let settings: Vec<(String, String)> = wished.filter(differs).collect();
    (!settings.is_empty()).then_some(Next::Do(Step::Set { sentinel, settings }))
}

/// Returns the settings of a sentinel that is to begin anew: those that are wished, and what it had.
fn kept(wish: &Wish, watched: &Watched) -> Vec<(String, String)> {
    let names = SETTINGS.into_iter().filter(|name| !wish.settings.iter().any(|(of, _)| of == name));
    let had = names.filter_map(|name| Some((name.to_owned(), watched.field(name)?.to_owned())));
    wish.settings.iter().cloned().chain(had).collect()
}
