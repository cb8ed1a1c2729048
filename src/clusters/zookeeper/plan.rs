//! From what is there to what is wished: the next change of the list of servers. Pure.
//!
//! What keeps an ensemble safe is in the order: a server is added when it follows the leader already and has all data, one
//! at a time; the leader is changed and taken away last; and what would leave too few voting servers is refused. Where
//! the list only stands in files, it is said what to write into them.

use super::health::{Difference, difference, identities, remarks, together, trouble};
use super::list::{List, Server, is_any};
use super::survey::{Node, State, Survey};
use super::words::Mode;
use super::{Error, Lists, Member, Role, Wish};
use crate::clusters::Address;

/// The usual ports between servers: of the data, and of elections.
pub(super) const PORTS: (u16, u16) = (2888, 3888);

/// Something to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A server comes on to the list.
    Add(Server),
    /// A server of the list gets other addresses or another role.
    Change(Server),
    /// A server goes from the list.
    Remove(Server),
}

impl Step {
    /// Does it to a list.
    pub(super) fn apply(&self, list: &mut List) {
        match self {
            Self::Add(server) | Self::Change(server) => {
                list.servers.insert(server.id, server.clone());
            }
            Self::Remove(server) => {
                list.servers.remove(&server.id);
            }
        }
    }

    /// Returns it in words.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Add(server) => format!("add {server}"),
            Self::Change(server) => format!("change {server}"),
            Self::Remove(server) => format!("remove {server}"),
        }
    }
}

/// What comes next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// A step.
    Do(Step),
    /// Nothing: it is as wished.
    Rest,
    /// The ensemble has to get somewhere by itself.
    Wait(String),
}

/// What comes next, and what cannot be as it should.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Plan {
    /// What comes next.
    pub(super) next: Next,
    /// What cannot be as it should, and what to do about it.
    pub(super) warnings: Vec<String>,
}

/// Returns what comes next.
pub(super) fn plan(wish: &Wish, survey: &Survey) -> Result<Plan, Error> {
    identities(wish, survey)?;
    together(wish, survey)?;
    let mut warnings = remarks(survey);
    if let Some(trouble) = trouble(wish, survey) {
        return Ok(Plan { next: Next::Wait(trouble), warnings });
    }
    let Some(list) = survey.list() else {
        warnings.extend(absences(wish, survey, &List::default()));
        return Ok(Plan { next: Next::Rest, warnings });
    };
    warnings.extend(absences(wish, survey, list));
    let next = match lists(survey, list, wish, &mut warnings)? {
        Some(next) => next,
        None => change(wish, survey, list, &mut warnings)?.map_or(Next::Rest, Next::Do),
    };
    Ok(Plan { next, warnings })
}

/// Returns the number of a wished server, as far as it is known.
fn place(member: &Member, node: &Node, list: &List) -> Option<u64> {
    if let Some(id) = node.id().or(member.id) {
        return Some(id);
    }
    let by = |test: &dyn Fn(&Server) -> bool| {
        let mut found = list.servers.values().filter(|server| test(server));
        found.next().filter(|_| found.next().is_none()).map(|server| server.id)
    };
    by(&|server| server.reachable().as_ref() == Some(&member.address))
        .or_else(|| by(&|server| server.host() == member.host()))
}

/// Returns the wished servers with what answers there.
fn seats<'a>(wish: &'a Wish, survey: &'a Survey) -> impl Iterator<Item = (&'a Member, &'a Node)> {
    wish.servers.iter().zip(&survey.nodes)
}

/// Returns a warning for each server that does not answer.
fn absences(wish: &Wish, survey: &Survey, list: &List) -> Vec<String> {
    let is_new = survey.leader().is_some_and(|(_, report)| !report.has_data());
    let mut warnings = Vec::new();
    for (member, node) in seats(wish, survey) {
        let State::Down(reason) = &node.state else { continue };
        let address = &member.address;
        let is_on = place(member, node, list).is_some_and(|id| list.servers.contains_key(&id));
        let mut text = match is_on || list.servers.is_empty() {
            true => format!("{address} does not answer: {reason}"),
            false => format!(
                "{address} does not answer and is not on the list of servers yet: {reason}; run again when it is up"
            ),
        };
        if is_new {
            text.push_str("; the ensemble is empty: if data from before lie there, keep it from starting, since it would take over the empty ones");
        }
        warnings.push(text);
    }
    for node in survey.nodes.iter().skip(wish.servers.len()) {
        if let State::Down(reason) = &node.state
            && wish.lists != Lists::Exact
        {
            warnings.push(format!(
                "{} is on the list of servers, does not answer ({reason}), and is not named: `remove_others: true` takes it away",
                node.address
            ));
        }
    }
    warnings
}

/// Compares the lists that servers have with the leader's.
fn lists(
    survey: &Survey,
    list: &List,
    wish: &Wish,
    warnings: &mut Vec<String>,
) -> Result<Option<Next>, Error> {
    for (node, report) in survey.serving() {
        let (Some(other), Some(id)) = (&report.conf.list, report.conf.id) else { continue };
        if !list.servers.contains_key(&id) {
            continue;
        }
        let (text, hard) = match difference(list, other) {
            None => continue,
            Some(Difference::Addresses(text)) => (text, false),
            Some(Difference::Servers(text)) => (text, true),
        };
        let text = format!("{} {text}, unlike its leader", node.address);
        if list.is_dynamic() {
            return Ok(Some(Next::Wait(text)));
        }
        let text = format!(
            "{text}: make the `server.N` lines the same in `zoo.cfg` of all servers, and restart one after the other"
        );
        if hard && wish.lists != Lists::Keep {
            return Err(Error::Impossible(text));
        }
        warnings.push(text);
    }
    Ok(None)
}

/// Returns the next change of the list.
fn change(
    wish: &Wish,
    survey: &Survey,
    list: &List,
    warnings: &mut Vec<String>,
) -> Result<Option<Step>, Error> {
    let step = match missing(wish, survey, list) {
        Some(step) => Some(step),
        None => match other(wish, survey, list) {
            Some(step) => Some(step),
            None => superfluous(wish, survey, list)?,
        },
    };
    let Some(step) = step else { return Ok(None) };
    if wish.lists == Lists::Keep {
        warnings.push(format!("the list of servers differs from what is wished: {}", step.text()));
        return Ok(None);
    }
    if !list.is_dynamic() {
        return Err(Error::Impossible(fixed(&step)));
    }
    if list.weighted {
        return Err(Error::Impossible(format!(
            "to {}: votes of this ensemble are weighted in groups, which only its files can tell",
            step.text()
        )));
    }
    let mut after = list.clone();
    step.apply(&mut after);
    if let Some(reason) = outvoted(&after, survey) {
        return Err(Error::Impossible(format!("cannot {}: {reason}", step.text())));
    }
    Ok(Some(step))
}

/// Says how to change a list that only stands in files.
pub(super) fn fixed(step: &Step) -> String {
    let what = match step {
        Step::Add(server) | Step::Change(server) => {
            format!("`{server}` has to be in `zoo.cfg` of all servers")
        }
        Step::Remove(server) => format!("`{server}` has to go from `zoo.cfg` of all servers"),
    };
    format!(
        "{what}: the list of servers only stands in files here. Change them and restart the servers one after the other, the leader last; or let the list be changed while they run (`reconfigEnabled=true`)"
    )
}

/// Returns a wished server that is not on the list, and is ready to be.
fn missing(wish: &Wish, survey: &Survey, list: &List) -> Option<Step> {
    let ports = list.ports().unwrap_or(PORTS);
    for (member, node) in seats(wish, survey) {
        let Some(report) = node.report() else { continue };
        let Some(id) = report.conf.id.filter(|id| !list.servers.contains_key(id)) else { continue };
        let own = report.conf.list.as_ref().and_then(|list| list.servers.get(&id));
        let mut server = own.cloned().unwrap_or_else(|| Server {
            id,
            peers: vec![(Address { host: member.host().to_owned(), port: ports.0 }, ports.1)],
            role: if report.mode == Mode::Observer { Role::Observer } else { Role::Participant },
            client: None,
        });
        if is_any(server.host())
            && let Some((peer, _)) = server.peers.first_mut()
        {
            peer.host = member.host().to_owned();
        }
        server.client.get_or_insert_with(|| member.address.clone());
        return Some(Step::Add(said(member, server)));
    }
    None
}

/// Returns a server of the list that should be something else; the leader last.
fn other(wish: &Wish, survey: &Survey, list: &List) -> Option<Step> {
    let leader = survey.leader().and_then(|(node, _)| node.id());
    let changes = seats(wish, survey).filter_map(|(member, node)| {
        let server = list.servers.get(&place(member, node, list)?)?;
        // What moves has to be there.
        node.report()?;
        let wished = said(member, server.clone());
        (wished != *server).then_some(wished)
    });
    changes.min_by_key(|server| Some(server.id) == leader).map(Step::Change)
}

/// Returns a server with what is said of it.
fn said(member: &Member, mut server: Server) -> Server {
    if let Some((peer, election)) = server.peers.first_mut() {
        if let Some(host) = &member.peer {
            peer.host.clone_from(host);
        }
        peer.port = member.peer_port.unwrap_or(peer.port);
        *election = member.election_port.unwrap_or(*election);
    }
    server.role = member.role.unwrap_or(server.role);
    server.client = member.client.clone().or(server.client);
    server
}

/// Returns a server of the list that is not named and has to go; the leader last.
fn superfluous(wish: &Wish, survey: &Survey, list: &List) -> Result<Option<Step>, Error> {
    if wish.lists != Lists::Exact {
        return Ok(None);
    }
    let named: Vec<Option<u64>> =
        seats(wish, survey).map(|(member, node)| place(member, node, list)).collect();
    let leader = survey.leader().and_then(|(node, _)| node.id());
    let is_named = |server: &&Server| named.contains(&Some(server.id));
    let others = list.servers.values().filter(|server| !is_named(server));
    let Some(server) = others.min_by_key(|server| Some(server.id) == leader) else {
        return Ok(None);
    };
    let unknown = seats(wish, survey).zip(&named).find(|(_, id)| id.is_none());
    if let Some(((member, _), _)) = unknown {
        return Err(Error::Impossible(format!(
            "cannot remove {server}: {} does not answer, and may be just that one. Give it its `id`",
            member.address
        )));
    }
    // Nothing is begun that could not be ended.
    let mut rest = list.clone();
    rest.servers.retain(|_, server| is_named(&&*server));
    if let Some(reason) = outvoted(&rest, survey) {
        return Err(Error::Impossible(format!("cannot remove all that are not named: {reason}")));
    }
    Ok(Some(Step::Remove(server.clone())))
}

/// Returns why a list would leave too few servers that vote.
fn outvoted(list: &List, survey: &Survey) -> Option<String> {
    let serves = |server: &&Server| survey.serving().any(|(node, _)| node.id() == Some(server.id));
    let (all, up) = (list.voters().count(), list.voters().filter(serves).count());
    if all == 0 {
        return Some("no server would vote any more".into());
    }
    (up * 2 <= all).then(|| format!("only {up} of the {all} servers that would vote then serve"))
}
