//! Three Redis nodes and three sentinels on 127.0.0.2 to 127.0.0.4. Quiet where there is no Redis; `FCPLAY_LONG` runs
//! them on Redis 6.0 too, and `FCPLAY_REDIS` names the folder of another one.

mod hosts;

use std::time::{Duration, Instant};

use fcplay::base::Secret;
use fcplay::clusters::Changes;
use fcplay::clusters::redis::sentinel::{
    Account, Others, Strife, Survey, Wish, ensure, look, predict,
};

use self::hosts::{Hosts, PASSWORD, host, programs};
use super::{Break, Chance, Deadly, Direct, Heard, cut_off};

/// Makes it so, and checks that all was predicted and nothing is left to do.
async fn make(wish: &Wish) -> (Changes, Survey) {
    let foretold = predict(wish, &look(wish, &Direct).await.unwrap()).unwrap();
    let heard = Heard::default();
    let (changes, found) = ensure(wish, &Direct, &heard).await.unwrap();
    assert_eq!(changes.steps, foretold.steps);
    assert_eq!(changes.steps, heard.steps());
    assert_eq!((&changes.before, &changes.after), (&foretold.before, &foretold.after));
    let (again, _) = ensure(wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    assert_eq!(again.before, again.after);
    (changes, found)
}

async fn steps(wish: &Wish) -> Vec<String> {
    ensure(wish, &Direct, &Heard::default()).await.unwrap().0.steps
}

async fn refusal(wish: &Wish) -> String {
    ensure(wish, &Direct, &Heard::default()).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_master_is_watched_and_stays_where_the_sentinels_put_it() {
    for program in programs() {
        let mut hosts = Hosts::new(program);
        let wish = hosts.wish(&[0, 1, 2]);
        let bare = predict(&wish, &look(&wish, &Direct).await.unwrap()).unwrap();
        hosts.start(&[0, 1, 2]);
        let (changes, _) = make(&wish).await;
        assert_eq!(changes.steps, bare.steps);
        assert_eq!(changes.warnings, [""; 0]);
        let [a, b] = [0, 1].map(|index| hosts.node(index));
        assert_eq!(changes.steps[0], format!("{b} copies {a}"));
        let sentinel = hosts.sentinel(0);
        assert_eq!(changes.steps[2], format!("the sentinel {sentinel} watches mymaster at {a}"));
        assert_eq!(changes.steps.len(), 5);
        let digest = hosts.fill(0);
        hosts.assert_whole(&[0, 1, 2], 0, &digest);

        // The master goes in the middle of things: the run waits until the sentinels have chosen another one.
        hosts.kill_node(0);
        let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
        let master = hosts.wait_for_failover(1, 0);
        assert_eq!(changes.warnings.len(), 1, "{:?}", changes.warnings);
        // The sentinels may have left it to this run to tell the last replica.
        assert!(changes.steps.iter().all(|step| step.contains(" copies ")), "{:?}", changes.steps);
        // It comes back and copies the new one, which stays.
        hosts.start_node(0, "");
        let _perhaps_by_the_sentinels = steps(&wish).await;
        hosts.assert_whole(&[0, 1, 2], master, &digest);
        assert_eq!(steps(&wish).await, [""; 0]);
    }
}

#[tokio::test]
async fn the_master_dies_in_the_middle() {
    for program in programs() {
        let mut hosts = Hosts::new(program);
        hosts.start(&[0, 1, 2]);
        let digest = hosts.fill(0);
        let wish = hosts.wish(&[0, 1, 2]);
        let hurried = Wish { timeout: Duration::from_secs(2), ..wish.clone() };
        // Before there are sentinels: it is waited for, since it may come back.
        let deadly = Deadly::new(hosts.nodes[0].take().unwrap(), "copies");
        let text = ensure(&hurried, &Direct, &deadly).await.err().unwrap().to_string();
        assert!(text.starts_with("Redis is not as wished after 2 s: "), "{text}");
        assert!(text.contains("which does not answer: start it"), "{text}");
        hosts.start_node(0, "");
        steps(&wish).await;
        hosts.assert_whole(&[0, 1, 2], 0, &digest);
        // And when the first sentinel watches it again: it takes more of them to choose another one.
        for index in 0..3 {
            hosts.ask(&hosts.sentinel(index), &["sentinel", "remove", "mymaster"]);
        }
        let deadly = Deadly::new(hosts.nodes[0].take().unwrap(), "watches");
        let text = ensure(&hurried, &Direct, &deadly).await.err().unwrap().to_string();
        let address = hosts.node(0);
        assert!(text.contains(&format!("the master {address} does not answer")), "{text}");
        hosts.start_node(0, "");
        steps(&wish).await;
        hosts.assert_whole(&[0, 1, 2], 0, &digest);
    }
}

#[tokio::test]
async fn what_was_made_by_hand_is_adopted_and_put_right() {
    for program in programs() {
        let mut hosts = Hosts::new(program);
        hosts.start(&[0, 1, 2]);
        let port = hosts.node_port.to_string();
        let digest = hosts.fill(1);
        for index in [0, 2] {
            hosts.ask(&hosts.node(index), &["replicaof", &host(1), &port]);
        }
        for index in 0..3 {
            let at = hosts.sentinel(index);
            hosts.ask(&at, &["sentinel", "monitor", "mymaster", &host(1), &port, "2"]);
            hosts.ask(&at, &["sentinel", "set", "mymaster", "auth-pass", PASSWORD]);
        }
        let mut wish = hosts.wish(&[0, 1, 2]);
        wish.settings.clear();
        let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
        assert_eq!(changes.steps, [""; 0]);
        hosts.assert_whole(&[0, 1, 2], 1, &digest);
        // One watches what is none of it, one has another quorum, one node copies nobody any more.
        let [first, second] = [0, 1].map(|index| hosts.sentinel(index));
        hosts.ask(&first, &["sentinel", "remove", "mymaster"]);
        hosts.ask(&first, &["sentinel", "monitor", "mymaster", "127.0.0.99", "1", "2"]);
        hosts.ask(&second, &["sentinel", "set", "mymaster", "quorum", "1"]);
        hosts.ask(&hosts.node(2), &["replicaof", "no", "one"]);
        let (changes, _) = make(&wish).await;
        let (a, c) = (hosts.node(1), hosts.node(2));
        assert_eq!(
            changes.steps,
            [
                format!("{c} copies {a}"),
                format!("the sentinel {first} watches mymaster at {a} instead of 127.0.0.99:1"),
                format!("the sentinel {second} gets quorum 2"),
            ]
        );
        hosts.assert_whole(&[0, 1, 2], 1, &digest);
    }
}

#[tokio::test]
async fn late_ones_join_and_those_that_are_gone_are_forgotten() {
    for program in programs() {
        let mut hosts = Hosts::new(program);
        hosts.start(&[0, 1]);
        let digest = hosts.fill(1);
        let wish = hosts.wish(&[0, 1, 2]);
        let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
        assert_eq!(changes.warnings.len(), 2, "{:?}", changes.warnings);
        assert_eq!(changes.steps.len(), 3, "{:?}", changes.steps);
        hosts.start(&[2]);
        let (changes, _) = make(&wish).await;
        assert_eq!(changes.steps.len(), 2, "{:?}", changes.steps);
        assert_eq!(changes.warnings, [""; 0]);
        hosts.assert_whole(&[0, 1, 2], 1, &digest);

        hosts.kill(2);
        hosts.start(&[3]);
        let wish = hosts.wish(&[0, 1, 3]);
        // That they are gone is noticed when they have been silent for long enough.
        let end = Instant::now() + Duration::from_secs(20);
        let flags =
            |hosts: &Hosts| hosts.ask(&hosts.sentinel(0), &["sentinel", "sentinels", "mymaster"]);
        while !flags(&hosts).contains("s_down") {
            assert!(Instant::now() < end, "{}", flags(&hosts));
        }
        let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
        assert_eq!(changes.steps.len(), 2, "{:?}", changes.steps);
        let wish = Wish { others: Others::Remove, ..wish };
        let (changes, _) = make(&wish).await;
        let sentinel = |index| hosts.sentinel(index);
        assert_eq!(
            changes.steps,
            [0, 1].map(|index| format!(
                "the sentinel {} forgets those that are gone",
                sentinel(index)
            ))
        );
        hosts.assert_whole(&[0, 1, 3], 1, &digest);
    }
}

#[tokio::test]
async fn no_data_of_its_own_is_lost() {
    for program in programs() {
        let mut hosts = Hosts::new(program);
        hosts.start(&[0, 1]);
        let digest = hosts.fill(1);
        hosts.ask(&hosts.node(0), &["set", "a", "1"]);
        let [a, b] = [0, 1].map(|index| hosts.node(index));
        let mut wish = hosts.wish(&[0, 1]);
        wish.timeout = Duration::from_secs(20);
        assert_eq!(
            refusal(&wish).await,
            format!(
                "{a} holds 1 keys and {b} others, 1000: empty the one that is to be a replica (`FLUSHALL`), or say `force: true`, by which {a} stays the master and the others lose theirs"
            )
        );
        assert_eq!(hosts.digest(1), digest);
        let wrong = Wish {
            account: Account { username: None, password: Some(Secret::new("wrong")) },
            ..wish.clone()
        };
        let text = refusal(&wrong).await;
        assert!(text.contains("refused `AUTH`: WRONGPASS"), "{text}");
        let none = Wish { sentinel_account: Account::default(), ..wish.clone() };
        let text = refusal(&none).await;
        assert!(text.contains("asks for a password: give `sentinel_password`"), "{text}");
        let swapped = Wish {
            nodes: vec![b.clone(), hosts.sentinel(0)],
            account: wish.sentinel_account.clone(),
            ..wish.clone()
        };
        let text = refusal(&swapped).await;
        assert!(text.contains("WRONGPASS") || text.contains("is a sentinel"), "{text}");
        hosts.ask(&a, &["flushall"]);
        steps(&wish).await;
        hosts.assert_whole(&[0, 1], 1, &digest);
        // A third one with data of its own does not come in, unless that is asked for.
        hosts.start(&[2]);
        hosts.ask(&hosts.node(2), &["set", "a", "1"]);
        let wish = Wish { timeout: wish.timeout, ..hosts.wish(&[0, 1, 2]) };
        let c = hosts.node(2);
        assert_eq!(
            refusal(&wish).await,
            format!(
                "{c} holds 1 keys of its own, which it would lose as a replica of {b}: empty it first (`FLUSHALL`), or say `force: true`"
            )
        );
        let forced = Wish { strife: Strife::Discard, ..wish };
        steps(&forced).await;
        hosts.assert_whole(&[0, 1, 2], 1, &digest);
    }
}

#[tokio::test]
async fn a_run_that_is_cut_off_at_random_moments_is_taken_up() {
    let mut chance = Chance::new();
    for program in programs() {
        let mut hosts = Hosts::new(program);
        hosts.start(&[0, 1, 2]);
        let digest = hosts.fill(0);
        let wish = hosts.wish(&[0, 1, 2]);
        let breaking = Break::after(3);
        tokio::select! {
            biased;
            () = breaking.stop.notified() => {}
            result = ensure(&wish, &Direct, &breaking) => panic!("it was not broken off: {:?}", result.err()),
        }
        for round in 0..10 {
            let limit = Duration::from_millis([30, 100, 300][round % 3]);
            cut_off(&mut chance, limit, ensure(&wish, &Direct, &Heard::default())).await;
            if round % 3 == 2 {
                steps(&wish).await;
                hosts.assert_whole(&[0, 1, 2], 0, &digest);
                // And from the beginning, with two of them.
                for index in [1, 2] {
                    let at = hosts.sentinel(index);
                    hosts.ask(&at, &["sentinel", "remove", "mymaster"]);
                    hosts.ask(&hosts.node(index), &["replicaof", "no", "one"]);
                }
            }
        }
        steps(&wish).await;
        hosts.assert_whole(&[0, 1, 2], 0, &digest);
    }
}
