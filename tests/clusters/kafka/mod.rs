//! Kafka clusters of three real brokers on 127.0.0.2 to 127.0.0.4, each on a rack of its own, which ask for a login.

mod brokers;

use std::time::Duration;

use fcplay::base::Secret;
use fcplay::clusters::kafka::{
    Client, ClusterWish, Error, Login, Mechanism, Member, Others, Shares, Topic, Voter, Wish,
    ensure, ensure_cluster, look, predict, predict_cluster, table,
};
use fcplay::clusters::{Address, scram};

use self::brokers::{BROKER, Brokers, INSIDE, Quorum, TOPIC};
use super::{Break, Cuts, Direct, Heard, free_port};

fn topic(name: &str, partitions: usize, factor: usize, config: &[(&str, Option<&str>)]) -> Topic {
    let config = config.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)));
    Topic {
        partitions: Some(partitions),
        factor: Some(factor),
        config: config.collect(),
        ..Topic::named(name)
    }
}

fn wish(topics: &[Topic]) -> Wish {
    Wish {
        topics: topics.to_vec(),
        others: Others::Keep,
        throttle: None,
        timeout: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn topics_through_all_their_changes_while_the_messages_stay() {
    let Some(mut brokers) = Brokers::start(|| Quorum::KRaft).await else { return };
    changes(&brokers).await;
    many(&brokers).await;
    mistakes(&brokers).await;
    broken_off(&brokers).await;
    slowed_down(&brokers).await;
    whole(&brokers).await;
    emptied(&brokers).await;
    shared_out(&brokers).await;
    cut_off(&brokers).await;
    killed(&mut brokers).await;
    one_down(&mut brokers).await;
}

#[tokio::test]
async fn topics_of_brokers_with_zookeeper() {
    if std::env::var_os("FCPLAY_LONG").is_none() {
        return; // another half a minute for much the same
    }
    let quorum = || Quorum::ZooKeeper(free_port("127.0.0.1", 1));
    let Some(mut brokers) = Brokers::start(quorum).await else { return };
    changes(&brokers).await;
    broken_off(&brokers).await;
    slowed_down(&brokers).await;
    whole(&brokers).await;
    emptied(&brokers).await;
    shared_out(&brokers).await;
    cut_off(&brokers).await;
    killed(&mut brokers).await;
    one_down(&mut brokers).await;
}

/// What an operator slows down stays as it was.
async fn slowed_down(brokers: &Brokers) {
    const SENT: &str = "leader.replication.throttled.rate";
    const COPIED: &str = "follower.replication.throttled.rate";
    const MARKS: &str = "leader.replication.throttled.replicas";
    brokers.made(&wish(&[topic("s", 2, 1, &[])])).await;
    brokers.fill("s", 50, 1_000).await;
    brokers.set(BROKER, "1", SENT, Some("7000000")).await;
    brokers.set(TOPIC, "s", MARKS, Some("0:1,0:2")).await;
    let mut three = wish(&[topic("s", 2, 3, &[])]);
    three.throttle = Some(50_000_000);
    let breaking = Break::after(1);
    let mut client = brokers.client();
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&three, &mut client, &breaking) => panic!("it was not broken off: {result:?}"),
    }
    let marks = brokers.get(TOPIC, "s", MARKS).await.unwrap();
    assert!(marks.starts_with("0:1,0:2,0"), "{marks}");
    assert_eq!(brokers.get(BROKER, "1", COPIED).await.as_deref(), Some("50000001"));
    let (changes, _) = ensure(&three, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, ["moves of s are slowed down no more"]);
    assert_eq!(brokers.get(TOPIC, "s", MARKS).await.as_deref(), Some("0:1,0:2"));
    for (id, rate) in [("1", Some("7000000")), ("2", None)] {
        assert_eq!(brokers.get(BROKER, id, SENT).await.as_deref(), rate);
        assert_eq!(brokers.get(BROKER, id, COPIED).await, None);
    }
    // It is said whose rate counts.
    let mut one = wish(&[topic("s", 2, 1, &[])]);
    one.throttle = Some(50_000_000);
    ensure(&one, &mut brokers.client(), &Heard::default()).await.unwrap();
    let (changes, _) = ensure(&three, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(
        changes.warnings,
        [format!(
            "broker 1 has {SENT}=7000000, which somebody else set: it stays, and counts for moves"
        )]
    );
    brokers.set(BROKER, "1", SENT, None).await;
    let gone = Topic { present: false, ..Topic::named("s") };
    brokers.made(&wish(&[gone])).await;
}

/// Makes the cluster so, and checks that it was foretold, and that nothing is left to do.
async fn made_whole(brokers: &Brokers, wish: &ClusterWish) -> Vec<String> {
    let mut client = brokers.client();
    let foretold = predict_cluster(wish, &mut client).await.unwrap().0;
    let (changes, _) = ensure_cluster(wish, &mut client, &Heard::default()).await.unwrap();
    assert_eq!(changes, foretold);
    at_rest(brokers, wish).await;
    changes.steps
}

async fn at_rest(brokers: &Brokers, wish: &ClusterWish) {
    let mut client = brokers.client();
    let (again, _) = ensure_cluster(wish, &mut client, &Heard::default()).await.unwrap();
    assert_eq!((again.steps, again.warnings), (vec![], vec![]));
}

/// Broker 3 was emptied, as one is that was just added: it gets its share.
async fn shared_out(brokers: &Brokers) {
    brokers.made(&wish(&[topic("e", 2, 2, &[]), topic("t", 6, 2, &[])])).await;
    let digest = brokers.digest("e").await;
    let (empty, even) = (away(brokers), back(brokers));
    ensure_cluster(&empty, &mut brokers.client(), &Heard::default()).await.unwrap();
    let steps = made_whole(brokers, &even).await;
    assert!(
        steps.iter().any(|step| step.starts_with("topic t is shared out evenly: ")),
        "{steps:?}"
    );
    assert_eq!(steps.last().unwrap(), "moves of e, t are slowed down no more", "{steps:?}");
    let (changes, _) =
        ensure_cluster(&even, &mut brokers.client(), &Heard::default()).await.unwrap();
    let counts: Vec<usize> = changes
        .after
        .lines()
        .map(|line| line.rsplit(": ").next().unwrap().split(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{}", changes.after);
    assert_eq!(brokers.digest("e").await, digest);
}

fn away(brokers: &Brokers) -> ClusterWish {
    ClusterWish { emptied: [3].into(), throttle: Some(50_000_000), ..cluster(brokers) }
}

fn back(brokers: &Brokers) -> ClusterWish {
    ClusterWish { shares: Shares::Even, throttle: Some(50_000_000), ..cluster(brokers) }
}

/// Runs that are cut off at random moments.
async fn cut_off(brokers: &Brokers) {
    let config = |value| [("retention.ms", value)];
    let mut large = wish(&[topic("c", 2, 3, &config(Some("86400000")))]);
    let mut small = wish(&[topic("c", 2, 1, &config(None))]);
    for wish in [&mut large, &mut small] {
        wish.throttle = Some(1_000_000);
    }
    brokers.made(&small).await;
    brokers.fill("c", 200, 1_000).await;
    let digest = brokers.digest("c").await;
    let converges = async |wish: &Wish| {
        let (changes, _) = ensure(wish, &mut brokers.client(), &Heard::default()).await.unwrap();
        brokers.assert_made(wish, &changes.after).await;
    };
    let (mut cuts, ()) = Cuts::measured(converges(&large)).await;
    for _ in 0..Cuts::pairs() {
        cuts.cut(ensure(&small, &mut brokers.client(), &Heard::default())).await;
        converges(&small).await;
        cuts.cut(ensure(&large, &mut brokers.client(), &Heard::default())).await;
        converges(&large).await;
    }
    assert_eq!(brokers.digest("c").await, digest);
    let gone = Topic { present: false, ..Topic::named("c") };
    brokers.made(&wish(&[gone])).await;

    let digest = brokers.digest("e").await;
    let converges = async |wish: &ClusterWish| {
        let mut client = brokers.client();
        ensure_cluster(wish, &mut client, &Heard::default()).await.unwrap();
        at_rest(brokers, wish).await;
    };
    let (empty, even) = (away(brokers), back(brokers));
    let (mut cuts, ()) = Cuts::measured(converges(&empty)).await;
    for _ in 0..Cuts::pairs() {
        cuts.cut(ensure_cluster(&even, &mut brokers.client(), &Heard::default())).await;
        converges(&even).await;
        cuts.cut(ensure_cluster(&empty, &mut brokers.client(), &Heard::default())).await;
        converges(&empty).await;
    }
    assert_eq!(brokers.digest("e").await, digest);
    brokers.made(&wish(&[topic("e", 2, 3, &[]), topic("t", 6, 3, &[])])).await;
}

/// A broker that is killed while it gets a copy.
async fn killed(brokers: &mut Brokers) {
    brokers.made(&wish(&[topic("k", 2, 1, &[])])).await;
    brokers.fill("k", 200, 5_000).await;
    let digest = brokers.digest("k").await;
    let mut large = wish(&[topic("k", 2, 3, &[])]);
    large.throttle = Some(200_000);
    let breaking = Break::after(1);
    let mut client = brokers.client();
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&large, &mut client, &breaking) => panic!("it was not broken off: {result:?}"),
    }
    drop(client);
    brokers.kill(2);
    brokers.wait(&[1, 2]).await;
    let mut short = large.clone();
    short.timeout = Duration::from_secs(2);
    let text = brokers.refused(&short).await;
    let expected = "the cluster is not as wished after 2 s: k-";
    assert!(text.starts_with(expected) && text.contains(", and broker 3 is down"), "{text}");
    brokers.launch(2);
    brokers.wait(&[1, 2, 3]).await;
    let (changes, _) = ensure(&large, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps.last().unwrap(), "moves of k are slowed down no more");
    brokers.assert_made(&large, &changes.after).await;
    assert_eq!(brokers.digest("k").await, digest);
    let gone = Topic { present: false, ..Topic::named("k") };
    brokers.made(&wish(&[gone])).await;
}

async fn changes(brokers: &Brokers) {
    let made = async |topics: &[Topic]| brokers.made(&wish(topics)).await;
    assert_eq!(
        made(&[topic("t", 2, 1, &[("retention.ms", Some("86400000"))]), Topic::named("u")]).await,
        [
            "create topic t: 2 partitions, 1 replicas, retention.ms=86400000",
            "create topic u: 2 partitions, 2 replicas"
        ]
    );
    brokers.fill("t", 3000, 50).await;
    let digest = brokers.digest("t").await;
    assert_eq!(digest.0, 3000);
    assert_eq!(
        made(&[topic(
            "t",
            6,
            3,
            &[("retention.ms", None), ("cleanup.policy", Some("delete,compact"))]
        )])
        .await,
        [
            "topic t: set cleanup.policy=delete,compact, unset retention.ms",
            "topic t grows from 2 to 6 partitions",
            "topic t gets 3 replicas instead of 1: 6 partitions move"
        ]
    );
    assert_eq!(brokers.digest("t").await, digest);
    let mut exact = wish(&[topic("t", 6, 2, &[("segment.bytes", Some("1048576"))])]);
    exact.others = Others::Remove;
    assert_eq!(
        brokers.made(&exact).await,
        [
            "topic t: set segment.bytes=1048576, unset cleanup.policy",
            "topic t gets 2 replicas instead of 3: 6 partitions move"
        ]
    );
    assert_eq!(brokers.digest("t").await, digest);
    let found = look(&exact, &mut brokers.client()).await.unwrap();
    let config = [("segment.bytes".to_owned(), "1048576".to_owned())].into();
    assert_eq!(table(&exact, &found)["t"], (6, "2".to_owned(), config));
    let gone = Topic { present: false, ..Topic::named("u") };
    assert_eq!(made(&[gone]).await, ["delete topic u"]);
    // One that was made by hand is left as it is.
    brokers.create("h", 3, 2).await;
    let by_hand = topic("h", 3, 2, &[]);
    assert_eq!(made(std::slice::from_ref(&by_hand)).await, [""; 0]);
    made(&[Topic { present: false, ..by_hand }]).await;
}

async fn many(brokers: &Brokers) {
    let topics = |config: &[(&str, Option<&str>)]| -> Vec<Topic> {
        (0..200).map(|number| topic(&format!("many{number}"), 1, 1, config)).collect()
    };
    let mut client = brokers.client();
    let wish = |config| wish(&topics(config));
    let changed = async |wish: &Wish, client: &mut Client<'_>| {
        let before = client.requests();
        let (changes, _) = ensure(wish, client, &Heard::default()).await.unwrap();
        (changes.steps.len(), client.requests() - before)
    };
    let (steps, requests) = changed(&wish(&[]), &mut client).await;
    // A few requests, and as many looks as it takes until all brokers have heard of it.
    assert_eq!(steps, 200);
    assert!(requests < 100, "{requests} requests");
    let config = [("retention.ms", Some("1000000"))];
    let (steps, requests) = changed(&wish(&config), &mut client).await;
    assert_eq!(steps, 200);
    assert!(requests < 100, "{requests} requests");
    assert_eq!(changed(&wish(&config), &mut client).await, (0, 3));
    let mut gone = wish(&[]);
    gone.topics.iter_mut().for_each(|topic| topic.present = false);
    assert_eq!(changed(&gone, &mut client).await.0, 200);
}

async fn mistakes(brokers: &Brokers) {
    let fewer = brokers.refused(&wish(&[topic("t", 2, 2, &[])])).await;
    assert!(fewer.starts_with("topic t has 6 partitions, and Kafka cannot make them 2"), "{fewer}");
    // One of two is made: the task says so, and what is wrong with the other.
    let both = wish(&[topic("good", 1, 1, &[]), topic("bad", 1, 1, &[("no.such", Some("1"))])]);
    let heard = Heard::default();
    let error = ensure(&both, &mut brokers.client(), &heard).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Kafka refused `CreateTopics` for topic bad: Unknown topic config name: no.such"
    );
    assert_eq!(heard.steps(), ["create topic good: 1 partitions, 1 replicas"]);
    let mut client = brokers.client();
    let found = look(&both, &mut client).await.unwrap();
    let foretold = predict(&both, &found, &mut client).await.unwrap_err();
    assert_eq!(foretold.to_string(), error.to_string());
    let login = |login| Client::new(brokers.addresses.clone(), login, &Direct);
    let first = &brokers.addresses[0];
    let said = async |mut client: Client<'_>| client.metadata().await.unwrap_err().to_string();
    assert_eq!(
        said(login(None)).await,
        format!(
            "cannot talk to Kafka at {first}: it closed the connection; does this listener ask for a login, or for TLS?"
        )
    );
    let wrong = Login { password: Secret::new("wrong"), ..brokers.login() };
    assert_eq!(
        said(login(Some(wrong))).await,
        format!(
            "cannot log in at Kafka {first}: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512"
        )
    );
    let other = Mechanism::Scram(scram::Mechanism::Sha1);
    let other = Login { mechanism: other, ..brokers.login() };
    assert!(matches!(login(Some(other)).metadata().await, Err(Error::Login { .. })));
    for mechanism in [Mechanism::Plain, Mechanism::Scram(scram::Mechanism::Sha256)] {
        let other = Login { mechanism, ..brokers.login() };
        assert_eq!(login(Some(other)).metadata().await.unwrap().brokers.len(), 3);
    }
}

async fn broken_off(brokers: &Brokers) {
    let small = wish(&[topic("b", 2, 1, &[])]);
    let mut large = wish(&[topic("b", 3, 3, &[("retention.ms", Some("86400000"))])]);
    large.throttle = Some(500_000);
    for steps in 1..=3 {
        brokers.made(&small).await;
        brokers.fill("b", 200, 5_000).await;
        let digest = brokers.digest("b").await;
        let breaking = Break::after(steps);
        let mut client = brokers.client();
        tokio::select! {
            biased;
            () = breaking.stop.notified() => {}
            result = ensure(&large, &mut client, &breaking) => panic!("it was not broken off: {result:?}"),
        }
        let (changes, _) = ensure(&large, &mut brokers.client(), &Heard::default()).await.unwrap();
        // It ends with what slowed the move down being taken away.
        let last = changes.steps.last().unwrap();
        assert_eq!(last, "moves of b are slowed down no more", "{steps}: {:?}", changes.steps);
        assert_eq!(brokers.digest("b").await, digest);
        brokers.assert_made(&large, &changes.after).await;
        let mut gone = small.clone();
        gone.topics[0].present = false;
        brokers.made(&gone).await;
    }
}

fn cluster(brokers: &Brokers) -> ClusterWish {
    let member = |address: &Address| Member { address: address.clone(), id: None };
    ClusterWish {
        brokers: brokers.addresses.iter().map(member).collect(),
        emptied: [].into(),
        shares: Shares::Keep,
        throttle: None,
        timeout: Duration::from_secs(60),
    }
}

async fn whole(brokers: &Brokers) {
    let mut wish = cluster(brokers);
    for (id, member) in (1..).zip(&mut wish.brokers) {
        member.id = Some(id);
    }
    let mut client = brokers.client();
    let (changes, found) = ensure_cluster(&wish, &mut client, &Heard::default()).await.unwrap();
    assert_eq!((changes.steps, changes.warnings), (vec![], vec![]));
    assert_eq!(changes.before, changes.after);
    let rows = (1..)
        .zip(&brokers.addresses)
        .map(|(id, address)| (id, address.to_string(), Some(format!("rack{id}"))));
    assert_eq!(found.brokers(), rows.collect::<Vec<_>>());
    assert!((1..=3).contains(&found.controller().unwrap()));
    match brokers.quorum {
        Quorum::KRaft => {
            assert_eq!(
                (found.mode(), found.cluster()),
                (Some("kraft"), Some("ZmNwbGF5LW9ubHktdGVzdA"))
            );
            let quorum = found.quorum().unwrap();
            assert_eq!(quorum.leader, found.controller());
            let ids: Vec<i32> = quorum.voters.iter().map(|voter| voter.id).collect();
            assert_eq!(ids, [1, 2, 3]);
            let well = |voter: &Voter| voter.offset.is_some() && voter.behind.is_some();
            assert!(quorum.voters.iter().all(well), "{quorum:?}");
        }
        Quorum::ZooKeeper(_) => {
            assert_eq!((found.mode(), found.quorum()), (Some("zookeeper"), None));
        }
    }
    // The other listeners lead to the same brokers; they ask for no login.
    let mut inside = wish.clone();
    inside.brokers.iter_mut().for_each(|member| member.address.port += INSIDE);
    let seeds = inside.brokers.iter().map(|member| member.address.clone()).collect();
    let mut plain = Client::new(seeds, None, &Direct);
    let (_, found) = ensure_cluster(&inside, &mut plain, &Heard::default()).await.unwrap();
    assert_eq!(found.brokers().len(), 3);
    wish.brokers[0].id = Some(2);
    let error = ensure_cluster(&wish, &mut client, &Heard::default()).await.unwrap_err();
    let first = &brokers.addresses[0];
    assert!(error.to_string().starts_with(&format!("{first} is broker 1, and should be 2")));
}

async fn emptied(brokers: &Brokers) {
    let three = wish(&[topic("e", 2, 3, &[])]);
    let mut empty = cluster(brokers);
    empty.emptied = [3].into();
    empty.throttle = Some(50_000_000);
    brokers.made(&three).await;
    let mut client = brokers.client();
    let error = ensure_cluster(&empty, &mut client, &Heard::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "broker 3 cannot be emptied: e-0 has 3 replicas, and 2 other brokers are registered; lower its `replication_factor` first, or add a broker"
    );
    let two = wish(&[topic("e", 2, 2, &[]), topic("t", 6, 2, &[])]);
    brokers.made(&two).await;
    brokers.fill("e", 500, 1_000).await;
    let digest = brokers.digest("e").await;
    let foretold = predict_cluster(&empty, &mut client).await.unwrap().0;
    let heard = Heard::default();
    let (changes, _) = ensure_cluster(&empty, &mut client, &heard).await.unwrap();
    assert_eq!(changes.steps, heard.steps());
    assert_eq!(changes, foretold);
    let last = changes.after.lines().last().unwrap();
    assert!(last.starts_with("broker 3 ") && last.ends_with(": 0 replicas"), "{}", changes.after);
    let text = changes.steps.join("; ");
    assert!(text.contains("topic t leaves broker 3: ") && text.contains("slowed down no more"));
    assert_eq!(brokers.digest("e").await, digest);
    let mut client = brokers.client();
    let (again, _) = ensure_cluster(&empty, &mut client, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    brokers.made(&wish(&[topic("e", 2, 3, &[]), topic("t", 6, 3, &[])])).await;
}

async fn one_down(brokers: &mut Brokers) {
    let whole = wish(&[topic("t", 6, 3, &[])]);
    brokers.made(&whole).await;
    brokers.kill(2);
    brokers.wait(&[1, 2]).await;
    let (changes, _) = ensure(&whole, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    let warning = &changes.warnings[0];
    assert!(warning.starts_with("broker 3 is down, and has "), "{warning}");
    // What the others can do is done.
    let other = wish(&[topic("d", 2, 2, &[])]);
    let (changes, _) = ensure(&other, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, ["create topic d: 2 partitions, 2 replicas"]);
    let mut wish = cluster(brokers);
    wish.timeout = Duration::from_millis(500);
    let (changes, found) =
        ensure_cluster(&wish, &mut brokers.client(), &Heard::default()).await.unwrap();
    let third = &brokers.addresses[2];
    assert_eq!(
        changes.warnings[0],
        format!("{third} does not answer: Connection refused (os error 111)")
    );
    assert_eq!(found.brokers().len(), 2);
    brokers.launch(2);
    wish.timeout = Duration::from_secs(60);
    let (changes, found) =
        ensure_cluster(&wish, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!((changes.warnings, found.brokers().len()), (vec![], 3));
    let (changes, _) = ensure(&whole, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!((changes.steps, changes.warnings), (vec![], vec![]));
}
