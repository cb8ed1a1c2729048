//! Plans of replica sets that exist only here.

use std::time::Duration;

use bson::doc;

use super::config::Config;
use super::plan::plan;
use super::survey::{Health, Set, State, Survey};
use super::{Lost, Member, Others, Wish, predict};
use crate::clusters::pace::Next;

fn wish(hosts: &[&str]) -> Wish {
    Wish {
        name: "rs0".into(),
        members: hosts.iter().map(|host| Member::at(host.parse().unwrap())).collect(),
        login: None,
        others: Others::Keep,
        lost: Lost::Wait,
        timeout: Duration::from_secs(1),
    }
}

/// A set of members with votes; the first one is the primary, the others follow it.
fn set(hosts: &[&str]) -> Set {
    let seats = hosts.iter().enumerate().map(|(id, host)| {
        let id = i32::try_from(id).unwrap();
        bson::Bson::from(doc! {"_id": id, "host": *host, "votes": 1, "priority": 1.0})
    });
    let seats: Vec<bson::Bson> = seats.collect();
    let state = |id: usize| if id == 0 { "PRIMARY" } else { "SECONDARY" };
    Set {
        config: Config::read(&doc! {"_id": "rs0", "version": 3, "term": 2, "members": seats}),
        health: (0..hosts.len())
            .map(|id| Health {
                id: i32::try_from(id).unwrap(),
                state: state(id).into(),
                up: true,
                behind: Duration::ZERO,
            })
            .collect(),
        primary: Some(hosts[0].to_owned()),
        told_by: hosts[0].parse().unwrap(),
    }
}

fn survey(nodes: Vec<State>, set: Option<Set>) -> Survey {
    Survey { nodes, set, denied: None }
}

const BARE: State = State::Bare { data: false };

/// What is done next, or said instead.
fn next(wish: &Wish, survey: &Survey) -> String {
    match plan(wish, survey) {
        Ok(plan) => match plan.next {
            Next::Do(step) => step.text(wish),
            Next::Rest => format!("rest {:?}", plan.warnings),
            Next::Wait(reason) => format!("wait: {reason}"),
        },
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn a_set_begins_with_the_member_that_holds_data() {
    let wish = wish(&["a:1", "b:1", "c:1"]);
    let begin = |nodes: [State; 3]| next(&wish, &survey(nodes.into(), None));
    let down = || State::Down("refused".into());
    let full = || State::Bare { data: true };
    assert_eq!(begin([BARE, BARE, BARE]), "initiate rs0 with a:1");
    assert_eq!(begin([down(), BARE, BARE]), "initiate rs0 with b:1");
    assert_eq!(begin([BARE, full(), BARE]), "initiate rs0 with b:1");
    assert_eq!(
        begin([full(), BARE, full()]),
        "error: a:1 and c:1 both hold data, and a set begins with that of one: empty the data folder of the other one first"
    );
    assert!(begin([BARE, down(), down()]).starts_with("error: 1 of 3 members answer"));
}

#[test]
fn one_vote_at_a_time() {
    let wish = wish(&["a:1", "b:1", "c:1"]);
    let bare = survey(vec![State::Member, BARE, BARE], Some(set(&["a:1"])));
    assert_eq!(
        predict(&wish, &bare).unwrap().steps,
        [
            "add b:1: _id 1, no vote, priority 0",
            "add c:1: _id 2, no vote, priority 0",
            "change b:1: _id 1, votes, priority 1",
            "change c:1: _id 2, votes, priority 1",
        ]
    );
    // No vote before it has caught up.
    let mut slow = set(&["a:1", "b:1"]);
    slow.config.seats[1].votes = false;
    slow.config.seats[1].priority = 0.0;
    slow.health[1].state = "STARTUP2".into();
    let nodes = vec![State::Member, State::Member, State::Down("gone".into())];
    let told = next(&wish, &survey(nodes.clone(), Some(slow.clone())));
    assert_eq!(told, "wait: b:1 still copies the data (STARTUP2)");
    slow.health[1].state = "SECONDARY".into();
    slow.health[1].behind = Duration::from_secs(11);
    let told = next(&wish, &survey(nodes, Some(slow)));
    assert_eq!(told, "wait: b:1 is 11 s behind the primary");
}

#[test]
fn more_than_seven_members() {
    let hosts: Vec<String> = (0..9).map(|number| format!("h{number}:1")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let wish = wish(&hosts);
    let changes = predict(&wish, &survey(vec![BARE; 9], None)).unwrap();
    assert_eq!(changes.after.matches(", votes,").count(), 7);
    assert_eq!(changes.after.matches(", no vote,").count(), 2);
}

#[test]
fn taking_out() {
    let mut wish = wish(&["b:1", "c:1"]);
    wish.others = Others::Remove;
    let member = || vec![State::Member, State::Member];
    let steps = predict(&wish, &survey(member(), Some(set(&["a:1", "b:1", "c:1"])))).unwrap().steps;
    assert_eq!(steps, ["a:1 steps down as primary", "remove a:1: _id 0, votes, priority 1"]);
    // The last one that is well stays.
    let mut lame = set(&["b:1", "a:1", "c:1"]);
    lame.health[2].up = false;
    let told = next(&wish, &survey(member(), Some(lame.clone())));
    assert!(told.starts_with("wait: a:1 cannot be taken out: only 1 of the 2"), "{told}");
    let gone = vec![State::Member, State::Down("refused".into())];
    assert_eq!(
        next(&wish, &survey(gone, Some(lame))),
        "error: a:1 cannot be taken out: only 1 of the 2 voting members left are well, and the set would have no primary"
    );
    // Nobody is taken out without being told to.
    wish.others = Others::Keep;
    let mut gone = set(&["b:1", "c:1", "a:1"]);
    gone.health[2].up = false;
    assert_eq!(
        next(&wish, &survey(member(), Some(gone))),
        r#"rest ["a:1 is in the set, does not answer, and is not named: `remove_others: true` takes it out"]"#
    );
}

#[test]
fn new_addresses() {
    // By number.
    let mut wish = wish(&["a:1", "x:1"]);
    wish.members[1].id = Some(1);
    let two = || Some(set(&["a:1", "b:1"]));
    let told = next(&wish, &survey(vec![State::Member, BARE], two()));
    assert_eq!(told, "member 1 moves from b:1 to x:1");
    wish.members[1].id = Some(0);
    let told = next(&wish, &survey(vec![State::Member, BARE], two()));
    assert_eq!(told, "member 0 moves from a:1 to x:1");
    // By its data, when only one can be meant.
    wish.members[1].id = None;
    let mut three = set(&["a:1", "b:1", "c:1"]);
    three.health[1].up = false;
    let lost = || vec![State::Member, State::Lost];
    let told = next(&wish, &survey(lost(), Some(three.clone())));
    assert_eq!(told, "member 1 moves from b:1 to x:1");
    three.health[2].up = false;
    let told = next(&wish, &survey(lost(), Some(three)));
    assert_eq!(
        told,
        "error: x:1 holds the data of rs0 under a new address, but which member was it? Give it the `id` of one of: b:1: _id 1, votes, priority 1; c:1: _id 2, votes, priority 1"
    );
}

#[test]
fn without_a_primary() {
    let mut wish = wish(&["x:1", "y:1"]);
    let mut set = set(&["a:1", "b:1", "c:1"]);
    set.primary = None;
    set.health.clear();
    let lost = survey(vec![State::Lost, State::Lost], Some(set));
    let told = next(&wish, &lost);
    assert!(told.starts_with("wait: there is no primary (a:1 is gone, b:1 is gone"), "{told}");
    wish.lost = Lost::Force;
    assert_eq!(next(&wish, &lost), "force rs0 to be x:1, y:1");
}

#[test]
fn wishes_that_cannot_be() {
    let none = || survey(vec![BARE, BARE], None);
    let say = |change: fn(&mut Wish)| {
        let mut wish = wish(&["a:1", "b:1"]);
        change(&mut wish);
        next(&wish, &none())
    };
    assert_eq!(say(|wish| wish.members[1] = wish.members[0].clone()), "error: a:1 is named twice");
    assert_eq!(
        say(|wish| wish.members.iter_mut().for_each(|member| member.priority = Some(0.0))),
        "error: no member could become primary"
    );
    assert_eq!(
        say(|wish| {
            wish.members[0].hidden = Some(true);
            wish.members[0].priority = Some(1.0);
        }),
        "error: a:1 cannot become primary when it is hidden or has no vote: give it `priority: 0`"
    );
}
