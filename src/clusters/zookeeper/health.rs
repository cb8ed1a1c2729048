//! Judges an ensemble: who leads, who is in step, who is not who he should be, and whose data would be lost. Pure.

use std::collections::BTreeMap;

use super::list::{List, Server, is_any};
use super::survey::{Node, Report, State, Survey};
use super::words::Mode;
use super::{Error, Member, Wish};

/// Checks that every server is one of its own, and that all are one ensemble.
pub(super) fn identities(wish: &Wish, survey: &Survey) -> Result<(), Error> {
    let impossible = |text: String| Err(Error::Impossible(text));
    for (at, member) in wish.servers.iter().enumerate() {
        let address = &member.address;
        let same = |other: &Member| {
            other.address == *address || other.id.is_some() && other.id == member.id
        };
        if let Some(other) = wish.servers[..at].iter().find(|other| same(other)) {
            return impossible(if other.address == *address {
                format!("{address} is named twice")
            } else {
                format!(
                    "{} and {address} both are to have the `id` {}",
                    other.address,
                    member.id.unwrap_or(0)
                )
            });
        }
    }
    let mut owners: BTreeMap<u64, &Node> = BTreeMap::new();
    for node in &survey.nodes {
        let Some(id) = node.id().filter(|_| !is_alone(node)) else { continue };
        if let Some(other) = owners.insert(id, node) {
            return impossible(format!(
                "{} and {} both are server {id}: give each its own number, in {}, and restart it",
                other.address,
                node.address,
                myid(node)
            ));
        }
    }
    for (member, node) in wish.servers.iter().zip(&survey.nodes) {
        let (Some(id), false) = (node.id(), is_alone(node)) else { continue };
        if let Some(wished) = member.id.filter(|wished| *wished != id) {
            return impossible(format!(
                "{} is server {id}, and should be {wished}: write {wished} into {}, and restart it",
                member.address,
                myid(node)
            ));
        }
        if let Some(other) = impersonated(wish, survey, member, id) {
            return impossible(format!(
                "{} says that it is server {id}, and the list has {} at that number: correct {}, and restart it",
                member.address,
                other.address,
                myid(node)
            ));
        }
    }
    Ok(())
}

fn is_alone(node: &Node) -> bool {
    node.report().is_some_and(|report| report.mode == Mode::Standalone)
}

/// Returns the other server at whose place in the list one is by its number.
fn impersonated<'a>(
    wish: &'a Wish,
    survey: &Survey,
    member: &Member,
    id: u64,
) -> Option<&'a Member> {
    let seat = survey.list()?.servers.get(&id)?;
    let host = seat.host();
    let mine = member.host() == host || is_any(host);
    wish.servers
        .iter()
        .find(|other| !mine && other.address != member.address && other.host() == host)
}

/// Returns where a server's number is.
fn myid(node: &Node) -> String {
    let folder = node.report().and_then(|report| report.conf.folder.as_deref());
    folder.map_or_else(|| "`myid` in its `dataDir`".into(), |folder| format!("{folder}/myid"))
}

/// Checks that no server runs on its own, and that there are no two ensembles.
pub(super) fn together(wish: &Wish, survey: &Survey) -> Result<(), Error> {
    let leaders: Vec<(&Node, &Report)> = survey.with(Mode::Leader).collect();
    for (node, report) in &leaders {
        let foreign = leaders.iter().find(|(other, there)| {
            other.address != node.address && !knows(report, there) && !knows(there, report)
        });
        if let Some((other, _)) = foreign {
            return Err(Error::Impossible(format!(
                "{} and {} lead two ensembles: one of them has to be given up, with its data. Stop its servers, empty their `dataDir` (all but `myid`), give them the other's list of servers, and start them",
                node.address, other.address
            )));
        }
    }
    let alone: Vec<(&Node, &Report)> = survey.with(Mode::Standalone).collect();
    match alone.as_slice() {
        [] => Ok(()),
        [_] if wish.servers.len() == 1 => Ok(()),
        alone => Err(Error::Impossible(standalone(alone, survey))),
    }
}

/// Returns whether the list of one leader has the other at its number.
fn knows(report: &Report, other: &Report) -> bool {
    let find = |list: &List, id| list.servers.get(&id).cloned();
    let (Some(mine), Some(theirs)) = (&report.conf.list, &other.conf.list) else { return true };
    let Some(id) = other.conf.id else { return true };
    match (find(mine, id), find(theirs, id)) {
        (Some(one), Some(two)) => one.is_at(&two),
        _ => false,
    }
}

/// Says what to do with servers that run on their own, so that nobody loses data.
fn standalone(alone: &[(&Node, &Report)], survey: &Survey) -> String {
    let names = |nodes: &[&(&Node, &Report)]| {
        let names: Vec<String> = nodes.iter().map(|(node, _)| node.address.to_string()).collect();
        names.join(" and ")
    };
    let all: Vec<_> = alone.iter().collect();
    let text = format!(
        "{} run{} alone (standalone), not in an ensemble: `zoo.cfg` there has no `server.N` lines of all servers",
        names(&all),
        if alone.len() == 1 { "s" } else { "" }
    );
    let full: Vec<_> = alone.iter().filter(|(_, report)| report.has_data()).collect();
    match (full.as_slice(), survey.leader()) {
        ([], _) => format!("{text}. Write them, and its number into `myid`, and restart it"),
        ([(node, report), ..], Some((leader, _))) => format!(
            "{text}. {} holds {} nodes of its own: restarted with these lines it would take the data of the ensemble of {} and lose them. Copy what is needed first, then empty its `dataDir` (all but `myid`)",
            node.address, report.nodes, leader.address
        ),
        ([(node, report)], None) => format!(
            "{text}. {} holds {} nodes, which have to win: stop the other servers, empty their `dataDir` (all but `myid`), write the lines everywhere, start {0} and one other, and then the rest",
            node.address, report.nodes
        ),
        (several, None) => format!(
            "{text}. {} hold data of their own, and an ensemble has those of one: empty the `dataDir` of the others first (all but `myid`)",
            names(several)
        ),
    }
}

/// Returns what is not well, and may become well.
pub(super) fn trouble(wish: &Wish, survey: &Survey) -> Option<String> {
    let alone = survey.with(Mode::Standalone).next().is_some();
    let Some((leader, report)) = survey.speaker() else {
        return if alone { None } else { Some(leaderless(survey)) };
    };
    if let Some((other, _)) = survey.with(Mode::Leader).nth(1) {
        return Some(format!("{} and {} both say that they lead", leader.address, other.address));
    }
    for node in survey.nodes.iter().take(wish.servers.len()) {
        match &node.state {
            State::Waiting => {
                return Some(format!(
                    "{} answers, and does not serve: is the number in its `myid` its own, has its `zoo.cfg` a line for each server, itself included, and do the others reach its ports for data and elections?",
                    node.address
                ));
            }
            State::Serving(report) if is_behind(report, survey.floor) => {
                return Some(format!(
                    "{} is behind the leader: it has come to {:#x}, of {:#x}",
                    node.address, report.zxid, survey.floor
                ));
            }
            State::Serving(_) | State::Down(_) => {}
        }
    }
    let votes = |report: &Report| {
        let list = survey.list()?;
        Some(list.voters().any(|server| Some(server.id) == report.conf.id))
    };
    let followers =
        survey.with(Mode::Follower).filter(|(_, report)| votes(report) != Some(false)).count();
    match report.synced {
        Some(synced) if synced < followers => {
            Some(format!("{} has {synced} of {followers} followers in step", leader.address))
        }
        _ => None,
    }
}

/// Returns whether a server misses changes. One that has none of the last election yet says nothing of it.
fn is_behind(report: &Report, floor: u64) -> bool {
    report.mode != Mode::Leader && report.zxid < floor
}

/// Says why nobody leads.
fn leaderless(survey: &Survey) -> String {
    let list = survey.serving().find_map(|(_, report)| report.conf.list.as_ref());
    let count = list.map_or(survey.nodes.len(), |list| list.voters().count());
    let states = survey.nodes.iter().map(|node| match &node.state {
        State::Down(reason) => format!("{} does not answer ({reason})", node.address),
        State::Waiting => format!("{} answers, and has no ensemble to serve with", node.address),
        State::Serving(_) => format!("{} serves", node.address),
    });
    let states: Vec<String> = states.collect();
    format!(
        "no server leads: {}. More than half of {count} have to be up, with the same `server.N` lines in `zoo.cfg`, and reach each other's ports for data and elections",
        states.join(", ")
    )
}

/// Returns what is to be said of servers, though the ensemble does its work.
pub(super) fn remarks(survey: &Survey) -> Vec<String> {
    let mut warnings = Vec::new();
    if let (None, Some((node, _))) = (survey.leader(), survey.speaker()) {
        warnings.push(format!(
            "{} follows a leader that is not named: name all servers, to have them all looked at",
            node.address
        ));
    }
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut silent: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (node, report) in survey.serving() {
        versions.entry(&report.version).or_default().push(node.address.to_string());
        for word in &report.forbidden {
            silent.entry(word).or_default().push(node.address.to_string());
        }
    }
    if versions.len() > 1 {
        let each =
            versions.iter().map(|(version, nodes)| format!("{version} on {}", nodes.join(", ")));
        let each: Vec<String> = each.collect();
        warnings.push(format!("the servers have different versions: {}", each.join("; ")));
    }
    for (word, nodes) in silent {
        let what = if word == "conf" {
            "their lists of servers cannot be compared"
        } else {
            "whether all followers are in step is only seen from outside"
        };
        warnings.push(format!(
            "{} may not say `{word}`, so {what}: write `4lw.commands.whitelist=srvr,mntr,conf,ruok` into `zoo.cfg`",
            nodes.join(", ")
        ));
    }
    warnings
}

/// How the list of a server differs from the leader's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Difference {
    /// A server has another address, which may lead to the same place.
    Addresses(String),
    /// Other servers are on it, or other ones vote.
    Servers(String),
}

/// Returns how the list of a server differs from the leader's, if it does.
pub(super) fn difference(leader: &List, other: &List) -> Option<Difference> {
    let lacks = |one: &List, two: &List| {
        one.servers.values().find(|server| !two.servers.contains_key(&server.id)).cloned()
    };
    if let Some(server) = lacks(leader, other) {
        return Some(Difference::Servers(format!("lacks {server}")));
    }
    if let Some(server) = lacks(other, leader) {
        return Some(Difference::Servers(format!("has {server}")));
    }
    let pairs = || {
        other.servers.values().filter_map(|server| Some((leader.servers.get(&server.id)?, server)))
    };
    let text = |(_, server): (&Server, &Server)| format!("has {server}");
    let role = pairs().find(|(one, two)| one.role != two.role).map(text);
    let place = pairs().find(|(one, two)| !one.is_at(two)).map(text);
    role.map(Difference::Servers).or(place.map(Difference::Addresses))
}
