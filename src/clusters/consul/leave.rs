//! Who leaves a cluster, and in which order: pure.
//!
//! Those that are gone first, then those that live, the leader last, one at a time; never so many that the servers that
//! are left have no majority.

use super::plan::Step;
use super::read::{Agent, Member, Peer};
use super::survey::{Cluster, State, Survey};
use super::{Error, Others, Wish};
use crate::clusters::pace::Next;

/// Returns the step that takes out a member that is not named.
pub(super) fn leave(
    wish: &Wish,
    survey: &Survey,
    (base, cluster): (&Agent, &Cluster),
    warnings: &mut Vec<String>,
) -> Result<Option<Next<Step>>, Error> {
    let there = base.members.iter().filter(|member| !member.has_left());
    let counts = |member: &&Member| {
        let stale = !wish.clients.is_empty() && !member.is_alive();
        (member.server || stale)
            && !is_named(wish, survey, &member.id, &member.name, &member.address)
    };
    let strangers: Vec<&Member> = there.filter(counts).collect();
    let stray = stray(wish, survey, base, cluster);
    let gone: Vec<&Member> =
        strangers.iter().copied().filter(|member| !member.is_alive()).collect();
    if wish.others == Others::Keep {
        let names = gone.iter().map(|member| (&member.name, &member.address));
        let names = names.chain(stray.iter().map(|peer| (&peer.node, &peer.address)));
        warnings.extend(names.map(|(name, address)| {
            format!("{name} ({address}) is gone and not named: `remove_others: true` takes it out")
        }));
        return Ok(None);
    }
    if let Some(leaving) = strangers.iter().find(|member| member.state == "leaving") {
        return Ok(Some(Next::Wait(format!("{} is leaving", leaving.name))));
    }
    match nameless(wish, survey, base) {
        Some(absent) if !gone.is_empty() || !stray.is_empty() => warnings.push(format!(
            "{absent} does not answer and may be one of those that are gone; they stay until it is known which: give it as `{{host: '{absent}', node: NAME}}`"
        )),
        _ => {
            if let Some(member) = gone.first() {
                return Ok(Some(Next::Do(Step::Forget { name: member.name.clone(), id: member.id.clone() })));
            }
            if let Some(peer) = stray.first() {
                return Ok(Some(Next::Do(Step::DropPeer { id: peer.id.clone(), name: told(peer) })));
            }
        }
    }
    let leads = |id: &str| cluster.peers.iter().any(|peer| peer.leader && peer.id == id);
    let alive = strangers.into_iter().filter(|member| member.is_alive());
    let Some(member) = alive.min_by_key(|member| leads(&member.id)) else { return Ok(None) };
    farewell(survey, base, cluster, member).map(|step| Some(Next::Do(step)))
}

fn told(peer: &Peer) -> String {
    match peer.node.as_str() {
        "" | "(unknown)" => peer.address.clone(),
        name => format!("{name} ({})", peer.address),
    }
}

/// Returns whether a member is one that is named; one that does not answer is known by its name or address.
fn is_named(wish: &Wish, survey: &Survey, id: &str, name: &str, address: &str) -> bool {
    wish.seats().zip(&survey.agents).any(|(seat, state)| match state {
        State::Up(agent) => agent.id == id,
        _ => match &seat.node {
            Some(node) => node == name,
            None => seat.address.host == address,
        },
    })
}

/// Returns the servers of Raft that the gossip does not know.
fn stray<'a>(wish: &Wish, survey: &Survey, base: &Agent, cluster: &'a Cluster) -> Vec<&'a Peer> {
    let known =
        |peer: &&Peer| base.members.iter().any(|member| !member.has_left() && member.id == peer.id);
    let host = |peer: &Peer| {
        let host = peer.address.rsplit_once(':').map_or("", |(host, _)| host);
        host.trim_matches(['[', ']']).to_owned()
    };
    let peers = cluster.peers.iter().filter(|peer| !known(peer));
    peers.filter(|peer| !is_named(wish, survey, &peer.id, &peer.node, &host(peer))).collect()
}

/// Returns an agent that is named, does not answer, and cannot be found among the members.
fn nameless(wish: &Wish, survey: &Survey, base: &Agent) -> Option<String> {
    let absent =
        wish.seats().zip(&survey.agents).filter(|(_, state)| !matches!(state, State::Up(_)));
    let mut unknown = absent.filter(|(seat, _)| {
        !base.members.iter().any(|member| match &seat.node {
            Some(node) => *node == member.name,
            None => seat.address.host == member.address,
        })
    });
    // An address that nobody has is that of none of them, where agents use the same one for HTTP and for gossip.
    let differs = |(at, agent): (usize, &Agent)| {
        agent.gossip.as_ref().is_some_and(|gossip| gossip.host != wish.seat(at).address.host)
    };
    let apart = survey.up().any(differs);
    let is_name = |host: &str| host.parse::<std::net::IpAddr>().is_err();
    unknown
        .find(|(seat, _)| seat.node.is_none() && (apart || is_name(&seat.address.host)))
        .map(|(seat, _)| seat.address.to_string())
}

/// Returns the step by which a server that lives leaves, unless those that are left would have no majority.
fn farewell(
    survey: &Survey,
    base: &Agent,
    cluster: &Cluster,
    member: &Member,
) -> Result<Step, Error> {
    let alive =
        |peer: &&Peer| base.members.iter().any(|other| other.id == peer.id && other.is_alive());
    let rest = cluster.peers.iter().filter(|peer| peer.voter && peer.id != member.id);
    let (voters, living) = (rest.clone().count(), rest.filter(alive).count());
    if living * 2 <= voters {
        return Err(Error::Impossible(format!(
            "{} cannot leave: only {living} of the {voters} voting servers left would be alive, and there would be no leader; start those that are missing first",
            member.name
        )));
    }
    let Some((_, at)) = survey.strangers.iter().find(|(id, _)| *id == member.id) else {
        return Err(Error::Impossible(format!(
            "{} ({}) is to leave and alive, but its HTTP API does not answer there at the port of the others: run `consul leave` on it, then run this again",
            member.name, member.address
        )));
    };
    Ok(Step::Leave { name: member.name.clone(), id: member.id.clone(), at: at.clone() })
}
