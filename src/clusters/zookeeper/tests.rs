//! Plans of ensembles that exist only here.

use std::time::Duration;

use super::list::List;
use super::plan::{Next, plan};
use super::survey::{Node, Report, State, Survey};
use super::words::{Conf, Mode};
use super::{Lists, Member, Role, Wish, predict};

fn wish(hosts: &[&str]) -> Wish {
    let member = |host: &&str| Member::at(format!("{host}:2181").parse().unwrap());
    Wish {
        servers: hosts.iter().map(member).collect(),
        login: None,
        lists: Lists::Change,
        timeout: Duration::from_secs(1),
    }
}

/// The list of servers on some hosts, numbered in their order.
fn list(hosts: &[&str], version: u64) -> List {
    let line = |(id, host): (usize, &&str)| {
        format!("server.{id}={host}:2888:3888:participant;0.0.0.0:2181")
    };
    let lines: Vec<String> = (1..).zip(hosts).map(line).collect();
    List { version, ..List::read(&lines.join("\n")).unwrap() }
}

fn server(host: &str, id: u64, mode: Mode, list: Option<&List>) -> Node {
    let conf = Conf { id: Some(id), list: list.cloned(), folder: Some("/data".into()) };
    let report = Report {
        mode,
        zxid: 0x1_0000_0007,
        nodes: 9,
        version: "3.8.4".into(),
        conf,
        forbidden: Vec::new(),
        synced: None,
    };
    node(host, State::Serving(Box::new(report)))
}

fn node(host: &str, state: State) -> Node {
    Node { address: format!("{host}:2181").parse().unwrap(), state }
}

fn down() -> State {
    State::Down("refused".into())
}

/// An ensemble of hosts that are well; the first one leads.
fn ensemble(hosts: &[&str], version: u64) -> Survey {
    let list = list(hosts, version);
    let mode = |id| if id == 1 { Mode::Leader } else { Mode::Follower };
    let nodes = (1..).zip(hosts).map(|(id, host)| server(host, id, mode(id), Some(&list)));
    Survey { nodes: nodes.collect(), floor: 0 }
}

fn report(survey: &mut Survey, at: usize) -> &mut Report {
    match &mut survey.nodes[at].state {
        State::Serving(report) => report,
        state => panic!("{state:?}"),
    }
}

/// What is done next, or said instead.
fn next(wish: &Wish, survey: &Survey) -> String {
    match plan(wish, survey) {
        Ok(plan) => match plan.next {
            Next::Do(step) => step.text(),
            Next::Rest => {
                ["rest".to_owned()].into_iter().chain(plan.warnings).collect::<Vec<_>>().join("; ")
            }
            Next::Wait(reason) => format!("wait: {reason}"),
        },
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn one_leader_and_all_in_step() {
    let three = wish(&["a", "b", "c"]);
    let well = || ensemble(&["a", "b", "c"], 1);
    assert_eq!(next(&three, &well()), "rest");
    let case = |change: fn(&mut Survey)| {
        let mut survey = well();
        change(&mut survey);
        next(&three, &survey)
    };
    assert_eq!(case(|it| it.nodes[2].state = down()), "rest; c:2181 does not answer: refused");
    assert_eq!(
        case(|it| it.floor = 0x1_0000_0008),
        "wait: b:2181 is behind the leader: it has come to 0x100000007, of 0x100000008"
    );
    assert_eq!(
        case(|it| report(it, 0).synced = Some(1)),
        "wait: a:2181 has 1 of 2 followers in step"
    );
    assert_eq!(case(|it| report(it, 0).synced = Some(2)), "rest");
    assert_eq!(
        case(|it| report(it, 1).version = "3.6.1".into()),
        "rest; the servers have different versions: 3.6.1 on b:2181; 3.8.4 on a:2181, c:2181"
    );
    let text = case(|it| it.nodes[1].state = State::Waiting);
    assert!(text.starts_with("wait: b:2181 answers, and does not serve"), "{text}");
    let text = case(|it| {
        it.nodes[0].state = down();
        it.nodes[1].state = State::Waiting;
        it.nodes[2].state = State::Waiting;
    });
    assert!(
        text.starts_with("wait: no server leads: a:2181 does not answer (refused), b:2181"),
        "{text}"
    );
    assert_eq!(
        case(|it| report(it, 1).conf.list = Some(list(&["a", "b"], 1))),
        "wait: b:2181 lacks server.3=c:2888:3888:participant;0.0.0.0:2181, unlike its leader"
    );
}

#[test]
fn who_is_who() {
    let mut three = wish(&["a", "b", "c"]);
    let mut survey = ensemble(&["a", "b", "c"], 1);
    report(&mut survey, 2).conf.id = Some(2);
    assert_eq!(
        next(&three, &survey),
        "error: b:2181 and c:2181 both are server 2: give each its own number, in /data/myid, and restart it"
    );
    survey.nodes[1].state = down();
    assert_eq!(
        next(&three, &survey),
        "error: c:2181 says that it is server 2, and the list has b:2181 at that number: correct /data/myid, and restart it"
    );
    three.servers[2].id = Some(3);
    assert_eq!(
        next(&three, &survey),
        "error: c:2181 is server 2, and should be 3: write 3 into /data/myid, and restart it"
    );
    three.servers[1].id = Some(3);
    assert_eq!(next(&three, &survey), "error: b:2181 and c:2181 both are to have the `id` 3");
}

#[test]
fn whose_data_would_be_lost() {
    let both = wish(&["a", "b"]);
    let alone = |nodes: [u64; 2]| {
        let mut survey = ensemble(&["a", "b"], 1);
        for (at, nodes) in nodes.into_iter().enumerate() {
            report(&mut survey, at).mode = Mode::Standalone;
            report(&mut survey, at).nodes = nodes;
        }
        next(&both, &survey)
    };
    let text = alone([5, 5]);
    assert!(text.starts_with("error: a:2181 and b:2181 run alone (standalone)"), "{text}");
    assert!(text.ends_with("Write them, and its number into `myid`, and restart it"), "{text}");
    let text = alone([9, 5]);
    assert!(
        text.contains("a:2181 holds 9 nodes, which have to win: stop the other servers"),
        "{text}"
    );
    assert!(alone([9, 7]).contains("a:2181 and b:2181 hold data of their own"));
    let mut mixed = ensemble(&["a", "b"], 1);
    report(&mut mixed, 1).mode = Mode::Standalone;
    let text = next(&both, &mixed);
    assert!(
        text.contains("it would take the data of the ensemble of a:2181 and lose them"),
        "{text}"
    );

    let mut two = ensemble(&["a", "x"], 1);
    two.nodes[1] = server("b", 1, Mode::Leader, Some(&list(&["b", "y"], 1)));
    let text = next(&both, &two);
    assert!(text.starts_with("error: a:2181 and b:2181 both are server 1"), "{text}");
    report(&mut two, 1).conf.id = Some(2);
    let text = next(&both, &two);
    assert!(text.starts_with("error: a:2181 and b:2181 lead two ensembles"), "{text}");

    let mut empty = ensemble(&["a", "b"], 1);
    report(&mut empty, 0).nodes = 5;
    empty.nodes[1].state = down();
    assert!(next(&both, &empty).contains("the ensemble is empty: if data from before lie there"));
}

#[test]
fn the_list_changes_one_server_at_a_time() {
    let mut four = wish(&["a", "b", "c", "d"]);
    let mut grown = ensemble(&["a", "b", "c"], 1);
    let known = grown.list().cloned().unwrap();
    grown.nodes.push(node("d", down()));
    assert_eq!(
        next(&four, &grown),
        "rest; d:2181 does not answer and is not on the list of servers yet: refused; run again when it is up"
    );
    grown.nodes[3] = server("d", 4, Mode::Follower, Some(&known));
    let added = "add server.4=d:2888:3888:participant;d:2181";
    assert_eq!(predict(&four, &grown).unwrap().steps, [added]);
    four.lists = Lists::Keep;
    assert_eq!(
        next(&four, &grown),
        format!("rest; the list of servers differs from what is wished: {added}")
    );
    // What is only in files.
    four.lists = Lists::Change;
    let mut fixed = ensemble(&["a", "b", "c"], 0);
    fixed.nodes.push(grown.nodes[3].clone());
    let text = next(&four, &fixed);
    assert!(
        text.starts_with(
            "error: `server.4=d:2888:3888:participant;d:2181` has to be in `zoo.cfg` of all"
        ),
        "{text}"
    );

    // The leader goes last, and so does what would be too much.
    let mut others = wish(&["b", "c"]);
    others.lists = Lists::Exact;
    let five = ensemble(&["b", "a", "c", "e"], 1);
    let nodes = [0, 2, 1, 3].map(|at: usize| five.nodes[at].clone());
    let mut found = Survey { nodes: nodes.into(), floor: 0 };
    report(&mut found, 0).mode = Mode::Follower;
    report(&mut found, 2).mode = Mode::Leader;
    let changes = predict(&others, &found).unwrap();
    let gone = |id: u64, host: &str| {
        format!("remove server.{id}={host}:2888:3888:participant;0.0.0.0:2181")
    };
    assert_eq!(changes.steps, [gone(4, "e"), gone(2, "a")]);
    found.nodes[1].state = down();
    assert_eq!(
        next(&others, &found),
        "error: cannot remove all that are not named: only 1 of the 2 servers that would vote then serve"
    );
    others.servers[1].address.host = "z".into();
    found.nodes[1].address.host = "z".into();
    let text = next(&others, &found);
    assert!(
        text.contains("z:2181 does not answer, and may be just that one. Give it its `id`"),
        "{text}"
    );
}

#[test]
fn roles_and_addresses_change_when_they_are_said() {
    let mut three = wish(&["a", "b", "c"]);
    let survey = ensemble(&["a", "b", "c"], 1);
    three.servers[0].role = Some(Role::Observer);
    three.servers[2].role = Some(Role::Participant);
    three.servers[1].election_port = Some(4888);
    let changes = predict(&three, &survey).unwrap();
    assert_eq!(
        changes.steps,
        [
            "change server.2=b:2888:4888:participant;0.0.0.0:2181",
            "change server.1=a:2888:3888:observer;0.0.0.0:2181"
        ]
    );
    let mut weighted = survey;
    for at in 0..3 {
        report(&mut weighted, at).conf.list.as_mut().unwrap().weighted = true;
    }
    assert!(next(&three, &weighted).contains("votes of this ensemble are weighted in groups"));
}

#[test]
fn servers_that_do_not_run_yet() {
    let mut two = wish(&["a", "b"]);
    two.servers[1].role = Some(Role::Observer);
    let survey = Survey { nodes: vec![node("a", down()), node("b", down())], floor: 0 };
    let changes = predict(&two, &survey).unwrap();
    assert_eq!(changes.steps, ["a:2181 (server 1), b:2181 (server 2, observer) form an ensemble"]);
    assert_eq!(changes.after, "server 1: a:2181, participant\nserver 2: b:2181, observer\n");
    assert_eq!(changes.warnings, [""; 0]);
}

#[test]
fn a_leader_that_nobody_named() {
    let three = wish(&["b", "c"]);
    let mut survey = ensemble(&["a", "b", "c"], 0);
    survey.nodes.remove(0);
    for at in 0..2 {
        for server in report(&mut survey, at).conf.list.as_mut().unwrap().servers.values_mut() {
            server.client = None;
        }
    }
    assert_eq!(
        next(&three, &survey),
        "rest; b:2181 follows a leader that is not named: name all servers, to have them all looked at"
    );
}
