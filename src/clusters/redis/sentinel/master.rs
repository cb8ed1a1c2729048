//! Who is the master: whom the sentinels watch; before there are any, who holds the data. Pure.

use std::cmp::Reverse;

use super::read::Node;
use super::survey::Survey;
use super::{Address, Error, Strife, Wish};

/// Who is to be master.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    /// The node at this place, and whether sentinels say so.
    Node {
        /// Its place.
        at: usize,
        /// Whether sentinels say so.
        watched: bool,
    },
    /// That is just being decided.
    Wait(String),
}

/// Returns who is to be master.
pub(super) fn choose(wish: &Wish, survey: &Survey) -> Result<Choice, Error> {
    if survey.watching().any(|(_, watched)| watched.failing_over) {
        return Ok(Choice::Wait("another node is just becoming master (failover)".into()));
    }
    let mut votes: Vec<(usize, usize, u64)> = Vec::new();
    for (_, watched) in survey.watching() {
        let epoch = watched.field("config-epoch").and_then(|epoch| epoch.parse().ok()).unwrap_or(0);
        let Some(at) = watched.master.as_ref().and_then(|at| survey.node_at(wish, at)) else {
            continue;
        };
        match votes.iter_mut().find(|(node, ..)| *node == at) {
            Some((_, count, newest)) => {
                *count += 1;
                *newest = epoch.max(*newest);
            }
            None => votes.push((at, 1, epoch)),
        }
    }
    if votes.len() > 1 && !survey.settled {
        return Ok(Choice::Wait("the sentinels do not agree on the master yet".into()));
    }
    votes.sort_by_key(|(_, count, newest)| Reverse((*count, *newest)));
    match votes.as_slice() {
        [] => {
            foreign(wish, survey)?;
            by_data(wish, survey)
        }
        [first, second, ..] if (first.1, first.2) == (second.1, second.2) => {
            Err(Error::Impossible(format!(
                "as many sentinels take {} for the master {} as {}: say `SENTINEL REMOVE {}` to those that are wrong",
                wish.nodes[first.0], wish.name, wish.nodes[second.0], wish.name
            )))
        }
        [(at, ..), ..] => Ok(Choice::Node { at: *at, watched: true }),
    }
}

/// Refuses to turn sentinels away from a master that lives and is not named.
fn foreign(wish: &Wish, survey: &Survey) -> Result<(), Error> {
    let is_loopback = |address: &Address| {
        address.host.parse::<std::net::IpAddr>().is_ok_and(|host| host.is_loopback())
    };
    let named_by_loopback = wish.nodes.iter().any(is_loopback);
    for (at, watched) in survey.watching() {
        let Some(master) = &watched.master else { continue };
        // Distributions have every sentinel watch its own host until it is told otherwise.
        if watched.well && (named_by_loopback || !is_loopback(master)) {
            return Err(Error::Impossible(format!(
                "the sentinel {} watches {} at {master}, which lives and is not named: name it among `nodes`; to give it up, have it fail over to one that is named first (`SENTINEL FAILOVER {}`)",
                wish.sentinels[at], wish.name, wish.name
            )));
        }
    }
    Ok(())
}

/// Returns who is to be master when no sentinel says it: who holds the data, otherwise the first one.
fn by_data(wish: &Wish, survey: &Survey) -> Result<Choice, Error> {
    let up: Vec<(usize, &Node)> = survey.nodes_up().collect();
    if up.len() * 2 <= wish.nodes.len() {
        return Err(Error::Impossible(format!(
            "{} of {} nodes answer: a master is chosen when most of them do, because the others may hold the data",
            up.len(),
            wish.nodes.len()
        )));
    }
    let place = |master: &Address| {
        survey.node_at(wish, master).filter(|at| survey.nodes[*at].up().is_some())
    };
    let followers = |at: usize| {
        up.iter().filter(|(_, node)| node.master.as_ref().and_then(place) == Some(at)).count()
    };
    // Those who do not copy one of the others.
    let mut heads: Vec<(usize, &Node)> = up
        .iter()
        .copied()
        .filter(|(_, node)| node.master.as_ref().and_then(place).is_none())
        .collect();
    if heads.is_empty() {
        heads.clone_from(&up);
    }
    heads.sort_by_key(|(at, node)| (Reverse(node.keys > 0), Reverse(followers(*at)), *at));
    let Some(&(first, holder)) = heads.first() else {
        return Ok(Choice::Wait("no node answers".into()));
    };
    let strangers = heads.iter().filter(|(_, node)| node.keys > 0 && !share(node, holder));
    if let (Some((other, node)), Strife::Refuse) = (strangers.clone().next(), wish.strife) {
        return Err(Error::Impossible(format!(
            "{} holds {} keys and {} others, {}: empty the one that is to be a replica (`FLUSHALL`), or say `force: true`, by which {} stays the master and the others lose theirs",
            wish.nodes[first], holder.keys, wish.nodes[*other], node.keys, wish.nodes[first]
        )));
    }
    // Of those that have the same data, who has most of them.
    let same = heads.iter().filter(|(_, node)| share(node, holder) && node.keys > 0);
    let best = same.max_by_key(|(at, node)| (followers(*at), node.offset, Reverse(*at)));
    let (at, node) = best.copied().unwrap_or((first, holder));
    match &node.master {
        Some(master) if node.follows && survey.node_at(wish, master).is_none() => {
            Err(Error::Impossible(format!(
                "{} copies {master}, which is not named: name it among `nodes`",
                wish.nodes[at]
            )))
        }
        // It may come back, with data that nobody else has.
        Some(master)
            if wish.strife == Strife::Refuse
                && (node.keys == 0 || survey.node_at(wish, master).is_some()) =>
        {
            Ok(Choice::Wait(format!(
                "{} copies {master}, which does not answer: start it; if it is lost for good, `force: true` goes on without it",
                wish.nodes[at]
            )))
        }
        Some(master) if node.follows || !survey.settled => {
            Ok(Choice::Wait(format!("{} copies {master}, which does not answer", wish.nodes[at])))
        }
        _ => Ok(Choice::Node { at, watched: false }),
    }
}

/// Returns whether the data of two nodes have a common history.
pub(super) fn share(one: &Node, other: &Node) -> bool {
    one == other || one.histories.iter().any(|id| other.histories.contains(id))
}
