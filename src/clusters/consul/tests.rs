//! Plans for made-up clusters.

use super::plan::plan;
use super::read::{Agent, Health, Member, Peer};
use super::simulate::fresh;
use super::survey::{Cluster, State, Survey};
use super::*;

fn seat(address: &str) -> Seat {
    Seat { address: address.parse().unwrap(), node: None }
}

fn wish(servers: &[&str]) -> Wish {
    Wish {
        servers: servers.iter().map(|address| seat(address)).collect(),
        clients: Vec::new(),
        datacenter: None,
        token: None,
        agent_token: None,
        acl: Acl::Configured,
        autopilot: Vec::new(),
        others: Others::Keep,
        transport: Transport::default(),
        timeout: Duration::from_secs(60),
    }
}

/// A cluster of the servers `a`, `b`, …, of which so many are named; the first one leads.
struct Made {
    wish: Wish,
    survey: Survey,
}

const HOSTS: [&str; 5] = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn formed(count: usize, named: usize) -> Made {
    let member = |at: usize| Member {
        name: NAMES[at].into(),
        id: format!("id-{}", NAMES[at]),
        address: HOSTS[at].into(),
        state: "alive",
        server: true,
        ..Member::default()
    };
    let members: Vec<Member> = (0..count).map(member).collect();
    let raft: Vec<String> = members.iter().map(|member| member.id.clone()).collect();
    let agent = |at: usize| Agent {
        name: members[at].name.clone(),
        id: members[at].id.clone(),
        datacenter: "dc1".into(),
        version: "1.8.7".into(),
        server: true,
        expect: 3,
        gossip: Some(Address { host: HOSTS[at].into(), port: 8301 }),
        leader: Some("10.0.0.1:8300".into()),
        raft: raft.clone(),
        members: members.clone(),
    };
    let peer = |at: usize| Peer {
        id: members[at].id.clone(),
        node: members[at].name.clone(),
        address: format!("{}:8300", HOSTS[at]),
        voter: true,
        leader: at == 0,
    };
    let health = |member: &Member| Health {
        id: member.id.clone(),
        name: member.name.clone(),
        serf: "alive".into(),
        contact: "1ms".into(),
        healthy: true,
    };
    let addresses: Vec<String> = HOSTS[..named].iter().map(|host| format!("{host}:8500")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let strangers = (named..count)
        .map(|at| (members[at].id.clone(), Address { host: HOSTS[at].into(), port: 8500 }));
    Made {
        wish: wish(&addresses),
        survey: Survey {
            agents: (0..named).map(|at| State::Up(agent(at))).collect(),
            cluster: Some(Cluster {
                peers: (0..count).map(peer).collect(),
                health: members.iter().map(health).collect(),
                autopilot: settings::defaults(),
            }),
            denied: None,
            strangers: strangers.collect(),
            settled: true,
        },
    }
}

impl Made {
    /// Changes one of those that are named.
    fn agent(&mut self, at: usize, change: impl Fn(&mut Agent)) {
        let State::Up(agent) = &mut self.survey.agents[at] else { panic!("it is down") };
        change(agent);
    }

    /// Changes a member in the eyes of all.
    fn member(&mut self, name: &str, change: impl Fn(&mut Member)) {
        for state in &mut self.survey.agents {
            if let State::Up(agent) = state {
                agent.members.iter_mut().filter(|member| member.name == name).for_each(&change);
            }
        }
    }

    fn down(&mut self, at: usize) {
        self.survey.agents[at] = State::Down("it is down".into());
        self.member(NAMES[at], |member| member.state = "failed");
    }

    #[track_caller]
    fn case(&self, expected: &str) {
        let text = match plan(&self.wish, &self.survey) {
            Ok(plan) => plan.told(|step| step.text(&self.wish)),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(text, expected);
    }
}

#[test]
fn forming() {
    let wish = wish(&["10.0.0.1:8500", "10.0.0.2:8500", "10.0.0.3:8500"]);
    let agents = (0..3).map(|at| State::Up(fresh(&wish, at))).collect();
    let survey = Survey { agents, ..Survey::default() };
    let mut made = Made { wish, survey };
    made.case("10.0.0.2:8500 joins 10.0.0.1:8500");
    let changes = predict(&made.wish, &made.survey).unwrap();
    assert_eq!(
        changes.steps,
        ["10.0.0.2:8500 joins 10.0.0.1:8500", "10.0.0.3:8500 joins 10.0.0.1:8500"]
    );
    assert_eq!(changes.before, "10.0.0.1:8500 alone\n10.0.0.2:8500 alone\n10.0.0.3:8500 alone\n");
    assert_eq!(
        changes.after,
        "10.0.0.1:8500 server with a vote\n10.0.0.2:8500 server with a vote\n10.0.0.3:8500 server with a vote\n"
    );
    made.survey.agents.truncate(1);
    made.wish.servers.truncate(1);
    made.case("error: the servers wait for 3 of their kind before the first election (`bootstrap_expect`); named are 1");
    made.agent(0, |agent| agent.expect = 0);
    made.case("error: no server may begin the cluster: set `bootstrap_expect: 1` in the configuration of all servers and restart them");
}

#[test]
fn not_all_are_there() {
    let mut made = formed(3, 3);
    made.case("rest");
    made.down(2);
    made.case("rest; warning: it is down; the rest goes on without it, run again when it is up");
    made.survey.cluster = None;
    made.case("wait: there is no leader: it takes 2 of 3 servers, and 10.0.0.3:8500 does not answer; warning: it is down; the rest goes on without it, run again when it is up");
    let mut made = formed(3, 3);
    made.agent(2, |agent| agent.version = "1.9.0".into());
    made.case("rest; warning: 10.0.0.1:8500 runs version 1.8.7, 10.0.0.3:8500 version 1.9.0: only for the time of an upgrade");
}

#[test]
fn health() {
    let mut made = formed(3, 3);
    made.survey.cluster.as_mut().unwrap().peers[1].voter = false;
    made.case("wait: b has no vote yet (autopilot's `server_stabilization_time`)");
    let mut made = formed(3, 3);
    made.survey.cluster.as_mut().unwrap().health[2].healthy = false;
    made.case("wait: autopilot says that c is not well: alive, last contact 1ms ago");
    let mut made = formed(3, 3);
    made.agent(1, |agent| agent.leader = Some("10.0.0.9:8300".into()));
    made.case("wait: b follows 10.0.0.9:8300, not 10.0.0.1:8300");
    let mut made = formed(3, 3);
    made.agent(1, |agent| agent.members[2].state = "failed");
    made.case(
        "wait: to b c is failed; is the gossip's port (8301, TCP and UDP) open between them?",
    );
    let mut made = formed(3, 3);
    made.member("c", |member| member.state = "left");
    made.case("10.0.0.3:8500 joins 10.0.0.1:8500");
}

#[test]
fn leaving() {
    let mut made = formed(5, 3);
    made.case("rest");
    made.wish.others = Others::Remove;
    made.case("d leaves");
    made.member("e", |member| member.state = "failed");
    made.case("forget e, which is gone");
    made.down(2);
    made.case("forget e, which is gone; warning: it is down; the rest goes on without it, run again when it is up");
    made.wish.servers[2].address.host = "third".into();
    made.case("error: d cannot leave: only 2 of the 4 voting servers left would be alive, and there would be no leader; start those that are missing first");
    // The leader is the last one to leave, and one whose API cannot be reached does not.
    let mut made = formed(5, 5);
    made.wish.others = Others::Remove;
    made.wish.servers.drain(..2);
    made.survey.agents.drain(..2);
    made.case("error: b (10.0.0.2) is to leave and alive, but its HTTP API does not answer there at the port of the others: run `consul leave` on it, then run this again");
    made.survey.strangers = vec![("id-b".into(), "10.0.0.2:8500".parse().unwrap())];
    made.case("b leaves");
    let changes = predict(&made.wish, &made.survey);
    assert!(changes.unwrap_err().to_string().starts_with("a (10.0.0.1) is to leave"));
    // Raft may know somebody whom the gossip has forgotten.
    let mut made = formed(3, 3);
    made.wish.others = Others::Remove;
    let stray = Peer { id: "x".into(), address: "10.0.0.9:8300".into(), ..Peer::default() };
    made.survey.cluster.as_mut().unwrap().peers.push(stray);
    made.case("take 10.0.0.9:8300 out of Raft");
}

#[test]
fn tokens() {
    let locked = |led| State::Locked { led, reason: "ACL not found".into() };
    let mut made = formed(3, 3);
    made.survey.agents[2] = locked(true);
    made.case("error: ACL not found");
    made.survey.settled = false;
    made.case("wait: ACL not found");
    made.member("c", |member| member.state = "left");
    made.survey.agents[2] = locked(false);
    made.case("10.0.0.3:8500 joins 10.0.0.1:8500");
    made.survey =
        Survey { agents: vec![locked(true)], denied: Some("no".into()), ..Survey::default() };
    made.survey.settled = true;
    made.case(
        "error: no; when there is no such token yet, `bootstrap_acl: true` makes the given one",
    );
    made.wish.acl = Acl::Bootstrap;
    made.case("make the first management token");
}
