//! Asks every agent who it is and whom it knows, and the leader how the servers are.

use super::client::Client;
use super::read::{self, Agent, Health, Member, Peer};
use super::{Error, Others, Wish};
use crate::base::Value;
use crate::clusters::pace::Trouble;
use crate::clusters::{Address, Dial};

/// A cluster as it is.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// What the named agents are, the servers first.
    pub(super) agents: Vec<State>,
    /// What the leader says, when there is one that lets itself be asked.
    pub(super) cluster: Option<Cluster>,
    /// Why it does not let itself be asked.
    pub(super) denied: Option<String>,
    /// Where the HTTP API of members is that are not named: their numbers and addresses.
    pub(super) strangers: Vec<(String, Address)>,
    /// Whether what passes by itself has had its time.
    pub(super) settled: bool,
}

/// What an agent is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// It does not answer.
    Down(String),
    /// It does not take the token: perhaps because it has not heard of any yet.
    Locked {
        /// Whether it knows a leader.
        led: bool,
        /// Its words.
        reason: String,
    },
    /// It answers.
    Up(Agent),
}

/// What the leader says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cluster {
    /// Raft's configuration.
    pub(super) peers: Vec<Peer>,
    /// How the servers are.
    pub(super) health: Vec<Health>,
    /// The configuration of autopilot.
    pub(super) autopilot: Value,
}

impl Survey {
    /// Returns the agents that answer, with their places.
    pub(super) fn up(&self) -> impl Iterator<Item = (usize, &Agent)> {
        self.agents.iter().enumerate().filter_map(|(at, state)| match state {
            State::Up(agent) => Some((at, agent)),
            _ => None,
        })
    }

    /// Returns the one whom the others join, and who knows most: in a cluster, if there is one.
    pub(super) fn base(&self) -> Option<(usize, &Agent)> {
        let servers = || self.up().filter(|(_, agent)| agent.server);
        let led = servers().find(|(_, agent)| agent.leader.is_some());
        led.or_else(|| servers().find(|(_, agent)| !agent.raft.is_empty()))
            .or_else(|| servers().next())
    }

    /// Returns the members that have not left, with what the leader says of them.
    pub fn members(&self) -> Vec<Member> {
        let Some((_, base)) = self.base() else { return Vec::new() };
        let peers = self.cluster.as_ref().map_or(&[][..], |cluster| &cluster.peers);
        let there = base.members.iter().filter(|member| !member.has_left());
        let mut members: Vec<Member> = there
            .map(|member| {
                let peer = peers.iter().find(|peer| peer.id == member.id);
                Member {
                    voter: peer.is_some_and(|peer| peer.voter),
                    leader: peer.is_some_and(|peer| peer.leader),
                    ..member.clone()
                }
            })
            .collect();
        members.sort_by(|a, b| (!a.server, &a.name).cmp(&(!b.server, &b.name)));
        members
    }

    /// Returns the data center.
    pub fn datacenter(&self) -> Option<&str> {
        self.base().map(|(_, agent)| agent.datacenter.as_str()).filter(|name| !name.is_empty())
    }
}

/// Asks all agents once.
pub(super) async fn survey(wish: &Wish, dial: &dyn Dial) -> Result<Survey, Error> {
    let mut survey = Survey::default();
    for seat in wish.seats() {
        survey.agents.push(state(&Client::new(seat.address.clone(), wish, dial)).await?);
    }
    let locked = |state: &State| matches!(state, State::Locked { led: true, .. });
    let led = survey.base().filter(|(_, agent)| agent.leader.is_some()).map(|(at, _)| at);
    let Some(teller) = led.or_else(|| survey.agents.iter().position(locked)) else {
        return Ok(survey);
    };
    let client = Client::new(wish.seat(teller).address.clone(), wish, dial);
    match cluster(&client).await {
        Ok(cluster) => survey.cluster = Some(cluster),
        Err(error) if error.is_denial() => survey.denied = Some(error.to_string()),
        Err(error) => return Err(error),
    }
    if wish.others == Others::Remove {
        survey.strangers = strangers(wish, &survey, dial).await;
    }
    Ok(survey)
}

async fn state(client: &Client<'_>) -> Result<State, Error> {
    let own = match client.agent("GET", "agent/self").await {
        Err(error) if error.is_denial() => {
            let leader = client.get("status/leader").await?;
            let led = leader.as_str().is_some_and(|leader| !leader.is_empty());
            return Ok(State::Locked { led, reason: error.to_string() });
        }
        Err(error @ (Error::Http { .. } | Error::Refused { .. })) if error.may_pass() => {
            return Ok(State::Down(error.to_string()));
        }
        answer => answer?,
    };
    let members = client.agent("GET", "agent/members").await?;
    let agent = read::agent(&own, &members).ok_or_else(|| Error::Garbled {
        address: client.address.clone(),
        request: "GET /v1/agent/self".into(),
        secure: true,
    })?;
    Ok(State::Up(agent))
}

async fn cluster(client: &Client<'_>) -> Result<Cluster, Error> {
    let peers = client.get("operator/raft/configuration").await?;
    let health = client.get("operator/autopilot/health").await?;
    let autopilot = client.get("operator/autopilot/configuration").await?;
    Ok(Cluster { peers: read::peers(&peers), health: read::health(&health), autopilot })
}

/// Finds the HTTP API of those who are not named, at the ports of those who are.
async fn strangers(wish: &Wish, survey: &Survey, dial: &dyn Dial) -> Vec<(String, Address)> {
    let mut ports: Vec<u16> = wish.servers.iter().map(|seat| seat.address.port).collect();
    ports.sort_unstable();
    ports.dedup();
    let mut found = Vec::new();
    for member in survey.members() {
        let is_named = survey.up().any(|(_, agent)| agent.id == member.id);
        if is_named || !member.server || !member.is_alive() {
            continue;
        }
        for port in &ports {
            let address = Address { host: member.address.clone(), port: *port };
            let client = Client::new(address.clone(), wish, dial);
            if let Ok(State::Up(agent)) = state(&client).await
                && agent.id == member.id
            {
                found.push((agent.id, address));
                break;
            }
        }
    }
    found
}
