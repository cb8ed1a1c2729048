//! What steps come to, without doing them.

use super::plan::{Step, plan};
use super::read::{Agent, Health, Member, Peer};
use super::settings::defaults;
use super::survey::{Cluster, State, Survey};
use super::{Changes, Error, Wish};
use crate::clusters::Address;
use crate::clusters::pace::Next;

/// More steps than any cluster needs: a few for each of a hundred agents.
const ROUNDS: usize = 400;

/// Returns what would be done, and what the cluster would be afterwards.
pub(super) fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    let mut survey = survey.clone();
    let mut changes = Changes { before: describe(wish, &survey), ..Changes::default() };
    for _ in 0..ROUNDS {
        let plan = plan(wish, &survey)?;
        changes.warnings = plan.warnings;
        let Next::Do(step) = plan.next else { break };
        changes.steps.push(step.text(wish));
        if step == Step::Bootstrap {
            // What else is to be done can only be seen with the token.
            break;
        }
        apply(wish, &mut survey, &step);
    }
    changes.after = describe(wish, &survey);
    Ok(changes)
}

/// Returns an agent that was just started and knows nobody.
pub(super) fn fresh(wish: &Wish, at: usize) -> Agent {
    let Address { host, port } = &wish.seat(at).address;
    let name = format!("{host}:{port}");
    let server = wish.is_server(at);
    let own = Member {
        name: name.clone(),
        id: name.clone(),
        address: host.clone(),
        state: "alive",
        server,
        ..Member::default()
    };
    Agent {
        id: name.clone(),
        name: wish.seat(at).node.clone().unwrap_or(name),
        datacenter: wish.datacenter.clone().unwrap_or_default(),
        server,
        expect: wish.servers.len(),
        gossip: Some(Address { host: host.clone(), port: 8301 }),
        members: vec![own],
        ..Agent::default()
    }
}

/// Returns the agents in words.
pub(super) fn describe(wish: &Wish, survey: &Survey) -> String {
    let mut lines = Vec::new();
    let members = survey.members();
    let told = |member: &Member| match (member.server, member.voter) {
        (true, true) => "server with a vote",
        (true, false) => "server",
        (false, _) => "client",
    };
    for (seat, state) in wish.seats().zip(&survey.agents) {
        let text = match state {
            State::Down(_) => "does not answer",
            State::Locked { .. } => "does not take the token",
            State::Up(agent) => {
                let member =
                    members.iter().find(|member| member.id == agent.id && member.is_alive());
                let alone = survey.base().is_some_and(|(_, base)| base.members.len() == 1);
                member.filter(|_| !alone || survey.cluster.is_some()).map_or("alone", told)
            }
        };
        lines.push(format!("{} {text}", seat.address));
    }
    for member in &members {
        if !survey.up().any(|(_, agent)| agent.id == member.id) && member.server {
            lines.push(format!(
                "{} ({}) {}, {}",
                member.name,
                member.address,
                told(member),
                member.state
            ));
        }
    }
    if let Some(cluster) = &survey.cluster {
        lines.extend(
            wish.autopilot.iter().map(|setting| setting.found(&cluster.autopilot).to_string()),
        );
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn apply(wish: &Wish, survey: &mut Survey, step: &Step) {
    match step {
        Step::Bootstrap => {}
        Step::Configure { settings } => {
            if let Some(cluster) = &mut survey.cluster {
                for setting in settings {
                    cluster.autopilot = setting.put(&cluster.autopilot);
                }
            }
        }
        Step::DropPeer { id, .. } => {
            if let Some(cluster) = &mut survey.cluster {
                cluster.peers.retain(|peer| peer.id != *id);
            }
        }
        Step::Forget { name, .. } | Step::Leave { name, .. } => part(survey, name),
        Step::Join { at, who, .. } => join(wish, survey, *at, *who),
    }
}

fn part(survey: &mut Survey, name: &str) {
    let mut id = String::new();
    for state in &mut survey.agents {
        let State::Up(agent) = state else { continue };
        for member in agent.members.iter_mut().filter(|member| member.name == *name) {
            member.state = "left";
            id.clone_from(&member.id);
        }
    }
    let Some(cluster) = &mut survey.cluster else { return };
    let led = cluster.peers.iter().any(|peer| peer.leader && peer.id == id);
    cluster.peers.retain(|peer| peer.id != id);
    if let (true, Some(heir)) = (led, cluster.peers.first_mut()) {
        heir.leader = true;
        let address = heir.address.clone();
        for state in &mut survey.agents {
            if let State::Up(agent) = state {
                agent.leader = Some(address.clone());
            }
        }
    }
}

/// Lets two agents and all whom they know know each other; servers vote as soon as there is a leader.
fn join(wish: &Wish, survey: &mut Survey, at: usize, who: usize) {
    if let State::Locked { .. } = &survey.agents[who] {
        survey.agents[who] = State::Up(fresh(wish, who));
    }
    let mut known: Vec<Member> = Vec::new();
    for state in [&survey.agents[at], &survey.agents[who]] {
        let State::Up(agent) = state else { continue };
        for member in &agent.members {
            known.retain(|other| other.id != member.id || other.is_alive());
            if !known.iter().any(|other| other.id == member.id) {
                known.push(member.clone());
            }
        }
    }
    let mut leader = None;
    for state in &mut survey.agents {
        let State::Up(agent) = state else { continue };
        if known.iter().any(|member| member.id == agent.id) {
            agent.members.clone_from(&known);
            leader = leader.or_else(|| agent.leader.clone());
        }
    }
    elect(survey, &known, leader);
}

fn elect(survey: &mut Survey, known: &[Member], leader: Option<String>) {
    let servers: Vec<&Member> =
        known.iter().filter(|member| member.server && member.is_alive()).collect();
    let expect = survey.up().find(|(_, agent)| agent.server).map_or(0, |(_, agent)| agent.expect);
    let begins = expect > 0 && servers.len() >= expect;
    let leader = leader.or_else(|| Some(servers.first().filter(|_| begins)?.id.clone()));
    let Some(leader) = leader else { return };
    let cluster = survey
        .cluster
        .get_or_insert_with(|| Cluster { autopilot: defaults(), ..Cluster::default() });
    for server in &servers {
        if !cluster.peers.iter().any(|peer| peer.id == server.id) {
            cluster.peers.push(Peer {
                id: server.id.clone(),
                node: server.name.clone(),
                address: server.id.clone(),
                voter: true,
                leader: server.id == leader,
            });
        }
        cluster.health.retain(|health| health.id != server.id);
        cluster.health.push(Health { id: server.id.clone(), healthy: true, ..Health::default() });
    }
    let ids: Vec<String> = cluster.peers.iter().map(|peer| peer.id.clone()).collect();
    for state in &mut survey.agents {
        let State::Up(agent) = state else { continue };
        if known.iter().any(|member| member.id == agent.id) && agent.server {
            agent.leader = Some(leader.clone());
            agent.raft.clone_from(&ids);
        }
    }
}
