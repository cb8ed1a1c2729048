//! Whether all is well, by the word of the nodes and of the sentinels: pure.

use super::survey::{State, Survey};
use super::{Others, Wish};

/// Returns what is not well yet among those who answer, or nothing.
pub(super) fn complaint(wish: &Wish, survey: &Survey, master: usize) -> Option<String> {
    let seen = survey.seen(wish, master);
    for (at, node) in survey.nodes_up().filter(|(at, _)| *at != master) {
        if !node.follows {
            return Some(format!(
                "{} does not have all data of the master {seen} yet; can it reach it, and are `masterauth` and `masteruser` right there?",
                wish.nodes[at]
            ));
        }
    }
    let up = survey.sentinels.iter().filter(|state| state.up().is_some()).count();
    for (at, watched) in survey.watching() {
        let sentinel = &wish.sentinels[at];
        if !watched.well {
            return Some(format!(
                "the sentinel {sentinel} is not in touch with the master {seen}; can it reach it, and is the password right?"
            ));
        }
        let known = watched.sentinels.iter().filter(|(_, well)| *well).count();
        if known + 1 < up {
            return Some(format!(
                "the sentinel {sentinel} knows {known} of the {} others; can they reach each other, and has each an id of its own (`sentinel myid`)?",
                up - 1
            ));
        }
        for (node, _) in survey.nodes_up().filter(|(node, _)| *node != master) {
            let place = survey.seen(wish, node);
            match watched.replicas.iter().find(|(replica, _)| *replica == place) {
                Some((_, true)) => {}
                Some((_, false)) => {
                    return Some(format!(
                        "to the sentinel {sentinel} the replica {place} is not well yet"
                    ));
                }
                None => {
                    return Some(format!(
                        "the sentinel {sentinel} does not know the replica {place} yet"
                    ));
                }
            }
        }
        if let Some(doubt) = &watched.doubt {
            return Some(format!("the sentinel {sentinel} says {doubt}"));
        }
    }
    None
}

/// Returns whether a sentinel has somebody in mind who is gone and not named.
pub(super) fn remembers(wish: &Wish, survey: &Survey, sentinel: usize) -> bool {
    let Some(Some(watched)) = survey.sentinels[sentinel].up() else { return false };
    let replica = |(place, well): &(_, bool)| !well && survey.node_at(wish, place).is_none();
    watched.replicas.iter().any(replica) || watched.sentinels.iter().any(|(_, well)| !well)
}

/// Returns warnings: of those who do not answer, and of those who are not named.
pub(super) fn warnings(wish: &Wish, survey: &Survey) -> Vec<String> {
    let nodes = survey.nodes.iter().filter_map(down);
    let down: Vec<&String> = nodes.chain(survey.sentinels.iter().filter_map(down)).collect();
    let absent = !down.is_empty();
    let mut warnings: Vec<String> = down
        .into_iter()
        .map(|reason| format!("{reason}; the rest goes on without it, run again when it is up"))
        .collect();
    let mut strangers = Vec::new();
    for (_, watched) in survey.watching() {
        let replicas = watched.replicas.iter().map(|found| ("replica", found));
        for (kind, (place, well)) in
            replicas.chain(watched.sentinels.iter().map(|found| ("sentinel", found)))
        {
            let is_named = match kind {
                "replica" => survey.node_at(wish, place).is_some(),
                _ => wish.sentinels.contains(place) || (*well && by_name(wish)),
            };
            if !is_named && !strangers.contains(&(kind, place, *well)) {
                strangers.push((kind, place, *well));
            }
        }
    }
    warnings.extend(strangers.into_iter().filter_map(|(kind, place, well)| {
        match (well, wish.others) {
            (true, Others::Keep) => None,
            (true, Others::Remove) => Some(format!(
                "the {kind} {place} is not named and lives: stop it, then run this again"
            )),
            (false, Others::Keep) => Some(format!(
                "the {kind} {place} is gone and not named: `remove_others: true` has the sentinels forget it"
            )),
            (false, Others::Remove) => absent.then(|| {
                format!("the {kind} {place} is gone and not named, and is forgotten when all others are up")
            }),
        }
    }));
    warnings
}

fn by_name(wish: &Wish) -> bool {
    wish.sentinels.iter().any(|address| address.host.parse::<std::net::IpAddr>().is_err())
}

fn down<T>(state: &State<T>) -> Option<&String> {
    match state {
        State::Down(reason) => Some(reason),
        State::Up(_) => None,
    }
}
