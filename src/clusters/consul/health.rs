//! Whether a cluster is well: pure.

use super::read::Agent;
use super::survey::{Cluster, State, Survey};
use super::{Error, Wish};

/// Returns why there is no leader yet; an error when there never will be one.
pub(super) fn leaderless(wish: &Wish, survey: &Survey) -> Result<String, Error> {
    let servers: Vec<&Agent> =
        survey.up().map(|(_, agent)| agent).filter(|agent| agent.server).collect();
    let missing = missing(wish, survey);
    if let Some(largest) = servers.iter().map(|agent| agent.raft.len()).max().filter(|n| *n > 0) {
        return Ok(format!(
            "there is no leader: it takes {} of {largest} servers{}",
            largest / 2 + 1,
            missing.map(|list| format!(", and {list} does not answer")).unwrap_or_default()
        ));
    }
    let Some(first) = servers.first() else { return Ok("there is no leader".into()) };
    if let Some(other) = servers.iter().find(|agent| agent.expect != first.expect) {
        return Err(Error::Impossible(format!(
            "{} waits for {} servers before the first election, {} for {}: `bootstrap_expect` has to be the same on all",
            first.name, first.expect, other.name, other.expect
        )));
    }
    if first.expect == 0 {
        return Err(Error::Impossible(format!(
            "no server may begin the cluster: set `bootstrap_expect: {}` in the configuration of all servers and restart them",
            wish.servers.len()
        )));
    }
    let known = first.members.iter().filter(|member| member.server).count();
    if first.expect > wish.servers.len().max(known) {
        return Err(Error::Impossible(format!(
            "the servers wait for {} of their kind before the first election (`bootstrap_expect`); named are {}",
            first.expect,
            wish.servers.len()
        )));
    }
    Ok(match missing {
        Some(list) if servers.len() < first.expect => format!(
            "the first election waits for {} servers (`bootstrap_expect`), and {list} does not answer",
            first.expect
        ),
        _ => "no leader is elected yet; are the ports for servers (8300) and gossip (8301, TCP and UDP) open between the hosts?".into(),
    })
}

/// Returns the servers that do not answer.
fn missing(wish: &Wish, survey: &Survey) -> Option<String> {
    let down = wish.servers.iter().zip(&survey.agents);
    let down: Vec<String> = down
        .filter(|(_, state)| matches!(state, State::Down(_)))
        .map(|(seat, _)| seat.address.to_string())
        .collect();
    (!down.is_empty()).then(|| down.join(", "))
}

/// Returns what is not well yet among those that are named and answer, or nothing.
pub(super) fn complaint(survey: &Survey, cluster: &Cluster) -> Option<String> {
    let servers = || survey.up().filter(|(_, agent)| agent.server);
    for (_, agent) in servers() {
        let leader = cluster.peers.iter().find(|peer| peer.leader);
        if let (Some(leader), Some(followed)) = (leader, &agent.leader)
            && leader.address != *followed
        {
            return Some(format!("{} follows {followed}, not {}", agent.name, leader.address));
        }
        if agent.leader.is_none() {
            return Some(format!("{} knows no leader yet", agent.name));
        }
    }
    for (_, agent) in survey.up() {
        for (_, other) in survey.up() {
            let seen = agent.members.iter().find(|member| member.id == other.id);
            let state = seen.map_or("unknown", |member| member.state);
            if state != "alive" {
                return Some(format!(
                    "to {} {} is {state}; is the gossip's port (8301, TCP and UDP) open between them?",
                    agent.name, other.name
                ));
            }
        }
    }
    for (_, agent) in servers() {
        match cluster.peers.iter().find(|peer| peer.id == agent.id) {
            None => return Some(format!("{} is not among the servers of Raft yet", agent.name)),
            Some(peer) if !peer.voter => {
                return Some(format!(
                    "{} has no vote yet (autopilot's `server_stabilization_time`)",
                    agent.name
                ));
            }
            Some(_) => {}
        }
        match cluster.health.iter().find(|health| health.id == agent.id) {
            Some(health) if health.healthy => {}
            Some(health) => {
                return Some(format!(
                    "autopilot says that {} is not well: {}, last contact {} ago",
                    health.name, health.serf, health.contact
                ));
            }
            None => return Some(format!("autopilot does not know {} yet", agent.name)),
        }
    }
    None
}
