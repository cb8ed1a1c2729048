//! From what is there to what is wished: the next step. Pure.

use super::health::{complaint, leaderless};
use super::leave::leave;
use super::read::Agent;
use super::survey::{State, Survey};
use super::{Acl, Error, Setting, Wish};
use crate::clusters::Address;
use crate::clusters::pace::{Next, Plan};

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Make the first management token.
    Bootstrap,
    /// Give autopilot settings.
    Configure {
        /// The settings that change.
        settings: Vec<Setting>,
    },
    /// Take a server out of Raft that the gossip does not know.
    DropPeer {
        /// Its number.
        id: String,
        /// Its name for people.
        name: String,
    },
    /// Forget a member that is gone.
    Forget {
        /// Its node name.
        name: String,
        /// Its number.
        id: String,
    },
    /// Let an agent join another one.
    Join {
        /// The place of the one that is told to.
        at: usize,
        /// The place of the one that joins.
        who: usize,
        /// Where it listens for gossip.
        gossip: Address,
    },
    /// Let a member that lives leave.
    Leave {
        /// Its node name.
        name: String,
        /// Its number.
        id: String,
        /// Where its HTTP API is.
        at: Address,
    },
}

impl Step {
    /// Returns it in words.
    pub(super) fn text(&self, wish: &Wish) -> String {
        match self {
            Self::Bootstrap => "make the first management token".into(),
            Self::Configure { settings } => {
                let words: Vec<String> = settings.iter().map(Setting::to_string).collect();
                format!("autopilot gets {}", words.join(", "))
            }
            Self::DropPeer { name, .. } => format!("take {name} out of Raft"),
            Self::Forget { name, .. } => format!("forget {name}, which is gone"),
            Self::Join { at, who, .. } => {
                format!("{} joins {}", wish.seat(*who).address, wish.seat(*at).address)
            }
            Self::Leave { name, .. } => format!("{name} leaves"),
        }
    }
}

/// Returns what comes next.
pub(super) fn plan(wish: &Wish, survey: &Survey) -> Result<Plan<Step>, Error> {
    check(wish, survey)?;
    let mut warnings = warnings(wish, survey);
    let next = next(wish, survey, &mut warnings)?;
    Ok(Plan { next, warnings })
}

fn next(wish: &Wish, survey: &Survey, warnings: &mut Vec<String>) -> Result<Next<Step>, Error> {
    if let Some(step) = join(wish, survey) {
        return Ok(Next::Do(step));
    }
    if let Some(reason) = &survey.denied {
        return denied(wish, survey, reason);
    }
    let Some((_, base)) = survey.base() else { return locked(survey) };
    let Some(cluster) = &survey.cluster else { return leaderless(wish, survey).map(Next::Wait) };
    let settings: Vec<Setting> = wish
        .autopilot
        .iter()
        .filter(|setting| !setting.is_in(&cluster.autopilot))
        .cloned()
        .collect();
    if !settings.is_empty() {
        return Ok(Next::Do(Step::Configure { settings }));
    }
    let strange = survey.agents.iter().find_map(|state| match state {
        State::Locked { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    if let Some(reason) = strange {
        return locked_out(survey, reason);
    }
    if let Some(reason) = complaint(survey, cluster) {
        return Ok(Next::Wait(reason));
    }
    Ok(leave(wish, survey, (base, cluster), warnings)?.unwrap_or(Next::Rest))
}

/// What to do when the leader does not take the token.
fn denied(wish: &Wish, survey: &Survey, reason: &str) -> Result<Next<Step>, Error> {
    match wish.acl {
        Acl::Bootstrap => Ok(Next::Do(Step::Bootstrap)),
        Acl::Configured => locked_out(
            survey,
            format!(
                "{reason}; when there is no such token yet, `bootstrap_acl: true` makes the given one"
            ),
        ),
    }
}

/// What to do when no server lets itself be asked, and none knows a leader.
fn locked(survey: &Survey) -> Result<Next<Step>, Error> {
    let reason = survey.agents.iter().find_map(|state| match state {
        State::Locked { reason, .. } => Some(reason),
        _ => None,
    });
    let Some(reason) = reason else { return Ok(Next::Wait("no server answers".into())) };
    let text = format!(
        "{reason}. There is no leader yet, and before there is one, agents take no other token than their own: set `acl.tokens.agent_master` (from Consul 1.11 on `agent_recovery`) in their configuration and give it as `agent_token`, or let the servers find each other with `retry_join`"
    );
    if survey.settled { Err(Error::Impossible(text)) } else { Ok(Next::Wait(text)) }
}

/// A token that is right may take a moment until all have heard of it.
fn locked_out(survey: &Survey, reason: String) -> Result<Next<Step>, Error> {
    if survey.settled { Err(Error::Impossible(reason)) } else { Ok(Next::Wait(reason)) }
}

fn warnings(wish: &Wish, survey: &Survey) -> Vec<String> {
    let mut warnings: Vec<String> = survey
        .agents
        .iter()
        .filter_map(|state| match state {
            State::Down(reason) => {
                Some(format!("{reason}; the rest goes on without it, run again when it is up"))
            }
            _ => None,
        })
        .collect();
    let mut versions: Vec<(&str, &Address)> =
        survey.up().map(|(at, agent)| (agent.version.as_str(), &wish.seat(at).address)).collect();
    versions.dedup_by_key(|(version, _)| *version);
    if let [first, second, ..] = versions.as_slice() {
        warnings.push(format!(
            "{} runs version {}, {} version {}: only for the time of an upgrade",
            first.1, first.0, second.1, second.0
        ));
    }
    warnings
}

/// Refuses what can never be one cluster.
fn check(wish: &Wish, survey: &Survey) -> Result<(), Error> {
    let impossible = |text: String| Err(Error::Impossible(text));
    let up: Vec<(usize, &Agent)> = survey.up().collect();
    for (place, (at, agent)) in up.iter().enumerate() {
        let address = &wish.seat(*at).address;
        if wish.is_server(*at) != agent.server {
            return impossible(match agent.server {
                true => format!(
                    "{address} ({}) is a server, not a client: name it among `servers`",
                    agent.name
                ),
                false => format!(
                    "{address} ({}) runs as a client: set `server: true` in its configuration, or name it among `clients`",
                    agent.name
                ),
            });
        }
        if let Some(node) = &wish.seat(*at).node
            && *node != agent.name
        {
            return impossible(format!("{address} is the node {}, not {node}", agent.name));
        }
        let datacenter = wish.datacenter.as_ref().unwrap_or(&up[0].1.datacenter);
        if !agent.datacenter.eq_ignore_ascii_case(datacenter) {
            return impossible(format!(
                "{address} ({}) belongs to the data center {}, not to {datacenter}: set `datacenter` in its configuration",
                agent.name, agent.datacenter
            ));
        }
        for (other_at, other) in &up[..place] {
            let twin = &wish.seat(*other_at).address;
            if other.id == agent.id && other.name == agent.name {
                return impossible(format!(
                    "{twin} and {address} are the same agent; name each one once"
                ));
            }
            if other.id == agent.id {
                return impossible(format!(
                    "{twin} and {address} have the same node id, {}: one was copied from the other; empty the data folder of one of them (its file `node-id`) and restart it",
                    agent.id
                ));
            }
            if other.name.eq_ignore_ascii_case(&agent.name) {
                return impossible(format!(
                    "{twin} and {address} have the same node name, {}: Consul takes a name only once; give the hosts names of their own, or set `node_name`",
                    agent.name
                ));
            }
        }
    }
    two_clusters(wish, &up)
}

/// Refuses servers of two clusters: each holds data, and one of them would lose its own.
fn two_clusters(wish: &Wish, up: &[(usize, &Agent)]) -> Result<(), Error> {
    let mut formed: Vec<&(usize, &Agent)> =
        up.iter().filter(|(_, agent)| !agent.raft.is_empty()).collect();
    let Some(first) = formed.first().copied() else { return Ok(()) };
    let mut known: Vec<&String> = first.1.raft.iter().collect();
    // Whoever shares a server with those that are known belongs to them.
    while let Some(place) =
        formed.iter().position(|(_, agent)| agent.raft.iter().any(|id| known.contains(&id)))
    {
        known.extend(&formed.remove(place).1.raft);
    }
    match formed.first() {
        None => Ok(()),
        Some(other) => Err(Error::Impossible(format!(
            "{} ({}) and {} ({}) are servers of two clusters, each with data of its own, and one of them would lose it: to give up that of {}, stop it, empty its data folder, set its `bootstrap_expect` as on the others, and start it again",
            wish.seat(first.0).address,
            first.1.name,
            wish.seat(other.0).address,
            other.1.name,
            other.1.name
        ))),
    }
}

/// Returns the step by which somebody joins the others.
fn join(wish: &Wish, survey: &Survey) -> Option<Step> {
    let (at, base) = survey.base()?;
    let alive = |is: &dyn Fn(&str, &str) -> bool| {
        let mut members = base.members.iter().filter(|member| member.is_alive());
        members.any(|member| is(&member.id, &member.address))
    };
    for (who, state) in survey.agents.iter().enumerate().filter(|(who, _)| *who != at) {
        let gossip = match state {
            State::Up(agent) if !alive(&|id, _| id == agent.id) => agent.gossip.clone(),
            // It cannot be asked where; most use the same port on all hosts.
            State::Locked { led: false, .. } => {
                let host = wish.seat(who).address.host.clone();
                let there = alive(&|_, address| address == host);
                base.gossip.as_ref().filter(|_| !there).map(|own| Address { host, port: own.port })
            }
            _ => None,
        };
        if let Some(gossip) = gossip {
            return Some(Step::Join { at, who, gossip });
        }
    }
    None
}
