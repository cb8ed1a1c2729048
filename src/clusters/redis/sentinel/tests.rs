//! Plans for made-up nodes and sentinels.

use super::plan::plan;
use super::read::{Node, Watched};
use super::simulate::fresh;
use super::survey::State;
use super::*;

struct Made {
    wish: Wish,
    survey: Survey,
}

fn node(at: usize) -> Address {
    Address { host: format!("10.0.0.{}", at + 1), port: 6379 }
}

fn sentinel(at: usize) -> Address {
    Address { host: format!("10.0.0.{}", at + 1), port: 26379 }
}

/// Three nodes and three sentinels that were just started.
fn bare() -> Made {
    let wish = Wish {
        name: "m".into(),
        nodes: (0..3).map(node).collect(),
        sentinels: (0..3).map(sentinel).collect(),
        quorum: 2,
        account: Account { username: None, password: Some(Secret::new("p")) },
        sentinel_account: Account::default(),
        settings: vec![("failover-timeout".into(), "6000".into())],
        others: Others::Keep,
        strife: Strife::Refuse,
        timeout: Duration::from_secs(60),
    };
    let survey = Survey {
        nodes: (0..3).map(|at| State::Up(fresh(&wish, at))).collect(),
        sentinels: (0..3).map(|_| State::Up(None)).collect(),
        told: Vec::new(),
        settled: true,
    };
    Made { wish, survey }
}

/// All as it should be; the first one is master.
fn formed() -> Made {
    let mut made = bare();
    for at in 0..3 {
        made.node(at, |found| {
            found.histories = vec!["h".into()];
            found.keys = 5;
            found.master = (at != 0).then(|| node(0));
            found.follows = at != 0;
        });
        let others = (0..3).filter(|other| *other != at);
        let field = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let fields = [("quorum", "2"), ("failover-timeout", "6000"), ("parallel-syncs", "1")];
        made.survey.sentinels[at] = State::Up(Some(Watched {
            master: Some(node(0)),
            well: true,
            fields: fields.map(field).into(),
            replicas: vec![(node(1), true), (node(2), true)],
            sentinels: others.map(|other| (sentinel(other), true)).collect(),
            ..Watched::default()
        }));
    }
    made
}

impl Made {
    fn node(&mut self, at: usize, change: impl FnOnce(&mut Node)) {
        let State::Up(node) = &mut self.survey.nodes[at] else { panic!("it is down") };
        change(node);
    }

    fn watched(&mut self, at: usize, change: impl FnOnce(&mut Watched)) {
        let State::Up(Some(watched)) = &mut self.survey.sentinels[at] else {
            panic!("it watches nothing")
        };
        change(watched);
    }

    fn down(&mut self, at: usize) {
        self.survey.nodes[at] = State::Down("it is down".into());
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
    let made = bare();
    let changes = predict(&made.wish, &made.survey).unwrap();
    assert_eq!(
        changes.steps,
        [
            "10.0.0.2:6379 copies 10.0.0.1:6379",
            "10.0.0.3:6379 copies 10.0.0.1:6379",
            "the sentinel 10.0.0.1:26379 watches m at 10.0.0.1:6379",
            "the sentinel 10.0.0.2:26379 watches m at 10.0.0.1:6379",
            "the sentinel 10.0.0.3:26379 watches m at 10.0.0.1:6379",
        ]
    );
    assert_eq!(
        changes.after,
        "10.0.0.1:6379 is a master\n\
         10.0.0.2:6379 copies 10.0.0.1:6379\n\
         10.0.0.3:6379 copies 10.0.0.1:6379\n\
         sentinel 10.0.0.1:26379 watches 10.0.0.1:6379, quorum 2, failover-timeout 6000\n\
         sentinel 10.0.0.2:26379 watches 10.0.0.1:6379, quorum 2, failover-timeout 6000\n\
         sentinel 10.0.0.3:26379 watches 10.0.0.1:6379, quorum 2, failover-timeout 6000\n"
    );
}

#[test]
fn who_is_master() {
    // Whoever holds the data.
    let mut made = bare();
    made.node(2, |node| node.keys = 1);
    made.case("10.0.0.1:6379 copies 10.0.0.3:6379");
    made.node(1, |node| node.keys = 7);
    made.case("error: 10.0.0.2:6379 holds 7 keys and 10.0.0.3:6379 others, 1: empty the one that is to be a replica (`FLUSHALL`), or say `force: true`, by which 10.0.0.2:6379 stays the master and the others lose theirs");
    made.wish.strife = Strife::Discard;
    made.case("10.0.0.1:6379 copies 10.0.0.2:6379");
    // Of those that have the same data, who has most of them, when their master is gone.
    let mut made = formed();
    made.survey.sentinels.fill(State::Up(None));
    made.down(0);
    made.node(1, |node| node.offset = 10);
    made.node(2, |node| node.offset = 20);
    for at in [1, 2] {
        made.node(at, |node| node.follows = false);
    }
    made.case("wait: 10.0.0.3:6379 copies 10.0.0.1:6379, which does not answer: start it; if it is lost for good, `force: true` goes on without it; warning: it is down; the rest goes on without it, run again when it is up");
    made.wish.strife = Strife::Discard;
    made.case("10.0.0.3:6379 becomes master; warning: it is down; the rest goes on without it, run again when it is up");
    made.survey.settled = false;
    made.case("wait: 10.0.0.3:6379 copies 10.0.0.1:6379, which does not answer; warning: it is down; the rest goes on without it, run again when it is up");
    made.down(1);
    made.case("error: 1 of 3 nodes answer: a master is chosen when most of them do, because the others may hold the data");
    // Somebody who is not named.
    let mut made = bare();
    let other = node(8);
    for at in 0..3 {
        made.node(at, |node| {
            node.master = Some(other.clone());
            node.follows = true;
        });
    }
    made.case(
        "error: 10.0.0.1:6379 copies 10.0.0.9:6379, which is not named: name it among `nodes`",
    );
}

#[test]
fn after_a_failover() {
    let mut made = formed();
    for at in 0..3 {
        made.watched(at, |watched| {
            watched.master = Some(node(1));
            watched.replicas = vec![(node(0), true), (node(2), true)];
        });
    }
    made.node(1, |node| node.master = None);
    // The old master is back, with what was not copied any more; the sentinels know it.
    made.node(0, |node| node.histories = vec!["other".into()]);
    made.case("10.0.0.1:6379 copies 10.0.0.2:6379");
    let second = node(1);
    made.node(0, |node| node.master = Some(second));
    made.case("10.0.0.3:6379 copies 10.0.0.2:6379");
    made.survey.settled = false;
    made.case("wait: 10.0.0.3:6379 has not heard yet that 10.0.0.2:6379 is the master");
    made.watched(2, |watched| watched.failing_over = true);
    made.case("wait: another node is just becoming master (failover)");
    let mut made = formed();
    made.down(0);
    made.case("wait: the master 10.0.0.1:6379 does not answer, and the sentinels have not chosen another one; warning: it is down; the rest goes on without it, run again when it is up");
    made.down(1);
    made.down(2);
    made.case(
        "error: neither the master 10.0.0.1:6379 nor any other node answers: start them first",
    );
}

#[test]
fn sentinels() {
    let mut made = formed();
    made.case("rest");
    made.watched(1, |watched| watched.master = Some(node(8)));
    made.case("the sentinel 10.0.0.2:26379 watches m at 10.0.0.1:6379 instead of 10.0.0.9:6379");
    made.watched(1, |watched| watched.master = Some(node(2)));
    made.survey.settled = false;
    made.case("wait: the sentinels do not agree on the master yet");
    made.survey.settled = true;
    made.case("the sentinel 10.0.0.2:26379 watches m at 10.0.0.1:6379 instead of 10.0.0.3:6379");
    let mut made = formed();
    made.watched(2, |watched| watched.well = false);
    made.case("the sentinel 10.0.0.3:26379 watches m at 10.0.0.1:6379 anew, with the password");
    made.survey.told.push(2);
    made.case("wait: the sentinel 10.0.0.3:26379 is not in touch with the master 10.0.0.1:6379; can it reach it, and is the password right?");
    let mut made = formed();
    made.wish.settings.push(("parallel-syncs".into(), "2".into()));
    made.wish.quorum = 3;
    made.case("the sentinel 10.0.0.1:26379 gets quorum 3, parallel-syncs 2");
    let mut made = formed();
    made.survey.sentinels[0] = State::Down("one".into());
    made.survey.sentinels[1] = State::Down("two".into());
    made.case("error: 1 of 3 sentinels answer, and nothing is changed unless most of them do: one");
    // They watch somebody who is not named.
    let mut made = bare();
    for at in 0..3 {
        let watched = Watched { master: Some(node(8)), well: true, ..Watched::default() };
        made.survey.sentinels[at] = State::Up(Some(watched));
    }
    made.case("error: the sentinel 10.0.0.1:26379 watches m at 10.0.0.9:6379, which lives and is not named: name it among `nodes`; to give it up, have it fail over to one that is named first (`SENTINEL FAILOVER m`)");
    made.watched(0, |watched| watched.master = Some("127.0.0.1:6379".parse().unwrap()));
    for at in 1..3 {
        made.survey.sentinels[at] = State::Up(None);
    }
    made.case("10.0.0.2:6379 copies 10.0.0.1:6379");
}

#[test]
fn those_that_are_not_named() {
    let mut made = formed();
    made.watched(0, |watched| watched.replicas.push((node(7), false)));
    made.watched(1, |watched| watched.sentinels.push((sentinel(7), false)));
    made.case("rest; warning: the replica 10.0.0.8:6379 is gone and not named: `remove_others: true` has the sentinels forget it; warning: the sentinel 10.0.0.8:26379 is gone and not named: `remove_others: true` has the sentinels forget it");
    made.wish.others = Others::Remove;
    made.case("the sentinel 10.0.0.1:26379 forgets those that are gone");
    made.down(2);
    made.case("rest; warning: it is down; the rest goes on without it, run again when it is up; warning: the replica 10.0.0.8:6379 is gone and not named, and is forgotten when all others are up; warning: the sentinel 10.0.0.8:26379 is gone and not named, and is forgotten when all others are up");
    let mut made = formed();
    made.wish.others = Others::Remove;
    made.watched(0, |watched| watched.replicas.push((node(7), true)));
    made.case("rest; warning: the replica 10.0.0.8:6379 is not named and lives: stop it, then run this again");
}

#[test]
fn nodes() {
    let mut made = formed();
    made.node(1, |node| node.logs_in = Some(false));
    made.case("10.0.0.2:6379 gets the password for its master");
    let mut made = formed();
    made.node(1, |node| node.follows = false);
    made.case("wait: 10.0.0.2:6379 does not have all data of the master 10.0.0.1:6379 yet; can it reach it, and are `masterauth` and `masteruser` right there?");
    // One that the sentinels do not know, with data of its own.
    let mut made = formed();
    for at in 0..3 {
        made.watched(at, |watched| watched.replicas.retain(|(place, _)| *place != node(2)));
    }
    made.case("wait: the sentinel 10.0.0.1:26379 does not know the replica 10.0.0.3:6379 yet");
    made.node(2, |node| {
        node.master = None;
        node.histories = vec!["other".into()];
    });
    made.case("error: 10.0.0.3:6379 holds 5 keys of its own, which it would lose as a replica of 10.0.0.1:6379: empty it first (`FLUSHALL`), or say `force: true`");
    made.wish.strife = Strife::Discard;
    made.case("10.0.0.3:6379 copies 10.0.0.1:6379");
}
