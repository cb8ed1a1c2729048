//! A Consul cluster of real servers on 127.0.0.2 to 127.0.0.6. Quiet where there is no `consul`.

mod servers;

use std::time::{Duration, Instant};

use fcplay::base::{Secret, json};
use fcplay::clusters::Changes;
use fcplay::clusters::consul::{
    Acl, Error, Others, Seat, Survey, Wish, ensure, look, predict, settings,
};

use self::servers::{AGENT, Servers, TOKEN, host};
use super::{Break, Chance, Deadly, Direct, Heard, cut_off};

const THREE: &[&str] = &["-server", "-bootstrap-expect=3"];
/// Votes come soon, and nobody is forgotten by itself.
const QUICK: &str = r#"{"server_stabilization_time": "100ms", "cleanup_dead_servers": false}"#;

fn quick(wish: Wish) -> Wish {
    let map = json::parse(QUICK).unwrap();
    Wish { autopilot: settings(map.as_map().unwrap()).unwrap(), ..wish }
}

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

async fn refusal(wish: &Wish) -> String {
    ensure(wish, &Direct, &Heard::default()).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_cluster_is_formed_once_and_lives_with_two_of_three() {
    let Some(mut servers) = Servers::new(3) else { return };
    let wish = quick(servers.wish(&[0, 1, 2]));
    // Nothing runs yet.
    let bare = predict(&wish, &look(&wish, &Direct).await.unwrap()).unwrap();
    let [a, b, c] = [0, 1, 2].map(|index| servers.address(index));
    assert_eq!(bare.steps[..2], [format!("{b} joins {a}"), format!("{c} joins {a}")]);
    servers.start(&[0, 1, 2], THREE).await;
    let (changes, found) = make(&wish).await;
    assert_eq!(changes.warnings, [""; 0]);
    assert_eq!(changes.steps[..2], bare.steps[..2]);
    assert_eq!(
        changes.steps[2..],
        ["autopilot gets server_stabilization_time 100ms, cleanup_dead_servers false"]
    );
    assert_eq!(changes.after.lines().next().unwrap(), format!("{a} server with a vote"));
    assert_eq!(found.members().iter().filter(|member| member.leader).count(), 1);
    servers.assert_whole(&[0, 1, 2]).await;
    let written = servers.written(0).await;

    servers.kill(2);
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    assert_eq!(
        changes.warnings,
        [format!(
            "cannot talk to Consul at {c}: cannot connect to {c}: Connection refused (os error 111); the rest goes on without it, run again when it is up"
        )]
    );
    // Two are gone: nobody leads.
    servers.kill(1);
    let hurried = Wish { timeout: Duration::from_secs(3), ..wish.clone() };
    let text = refusal(&hurried).await;
    assert!(text.starts_with("the Consul cluster is not as wished after 3 s: "), "{text}");
    assert!(
        text.contains(&format!("{b}, {c} does not answer")) || text.contains("eader"),
        "{text}"
    );
    servers.start(&[1, 2], THREE).await;
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.warnings, [""; 0]);
    servers.assert_whole(&[0, 1, 2]).await;
    servers.assert_kept(2, written).await;
}

#[tokio::test]
async fn a_cluster_made_by_hand_is_adopted_and_a_late_server_and_a_client_join() {
    let Some(mut servers) = Servers::new(4) else { return };
    let join = format!("-retry-join={}:{}", host(0), servers.ports[2]);
    let two = ["-server", "-bootstrap-expect=2", &join, "-retry-interval=1s"];
    servers.start(&[0, 1], &two).await;
    let end = Instant::now() + Duration::from_secs(20);
    while !servers.ask(1, "GET", "status/leader", "").await.contains("127.") {
        assert!(Instant::now() < end, "they do not find each other");
    }
    let wish = servers.wish(&[0, 1]);
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0], "it joined by itself");
    let written = servers.written(1).await;

    // The third one is late.
    let wish = quick(servers.wish(&[0, 1, 2]));
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.warnings.len(), 1, "{:?}", changes.warnings);
    assert_eq!(changes.steps.len(), 1, "{:?}", changes.steps);
    servers.start(&[2], &["-server", "-bootstrap-expect=2"]).await;
    servers.start(&[3], &[]).await;
    let mut wish = wish;
    wish.clients.push(Seat { address: servers.address(3), node: Some("n3".into()) });
    let (changes, _) = make(&wish).await;
    assert_eq!(changes.steps.len(), 2, "{:?}", changes.steps);
    assert!(
        changes.after.contains(&format!("{} client\n", servers.address(3))),
        "{}",
        changes.after
    );
    servers.assert_whole(&[0, 1, 2]).await;
    servers.assert_kept(2, written).await;
}

#[tokio::test]
async fn servers_are_replaced_one_at_a_time_also_the_leader() {
    let Some(mut servers) = Servers::new(5) else { return };
    servers.start(&[0, 1, 2], THREE).await;
    let (_, found) =
        ensure(&quick(servers.wish(&[0, 1, 2])), &Direct, &Heard::default()).await.unwrap();
    let written = servers.written(0).await;
    let leader = found.members().iter().position(|member| member.leader).unwrap();
    let stays = (leader + 1) % 3;
    let dead = (leader + 2) % 3;
    servers.start(&[3, 4], &["-server"]).await;
    let grown = quick(servers.wish(&[0, 1, 2, 3, 4]));
    ensure(&grown, &Direct, &Heard::default()).await.unwrap();
    servers.assert_whole(&[0, 1, 2, 3, 4]).await;
    servers.kill(dead);
    let end = Instant::now() + Duration::from_secs(20);
    while !servers.ask(stays, "GET", "agent/members", "").await.contains("\"Status\":4") {
        assert!(Instant::now() < end, "its loss is not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let rest = [stays, 3, 4];
    let wish = Wish { others: Others::Remove, ..quick(servers.wish(&rest)) };
    let kept = Wish { others: Others::Keep, ..wish.clone() };
    let (changes, _) = ensure(&kept, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    assert_eq!(
        changes.warnings,
        [format!(
            "n{dead} ({}) is gone and not named: `remove_others: true` takes it out",
            host(dead)
        )]
    );
    let (changes, _) = make(&wish).await;
    assert_eq!(
        changes.steps,
        [format!("forget n{dead}, which is gone"), format!("n{leader} leaves")]
    );
    servers.has_stopped(leader);
    servers.assert_whole(&rest).await;
    for index in rest {
        servers.assert_kept(index, written).await;
    }
}

#[tokio::test]
async fn one_dies_in_the_middle() {
    let Some(mut servers) = Servers::new(3) else { return };
    servers.start(&[0, 1, 2], THREE).await;
    let wish = Wish { timeout: Duration::from_secs(4), ..servers.wish(&[0, 1, 2]) };
    let deadly = Deadly::new(servers.children[1].take().unwrap(), "joins");
    let error = ensure(&wish, &Direct, &deadly).await.err().unwrap().to_string();
    assert_eq!(
        error,
        format!(
            "the Consul cluster is not as wished after 4 s: the first election waits for 3 servers (`bootstrap_expect`), and {} does not answer",
            servers.address(1)
        )
    );
    drop(deadly);
    servers.start(&[1], THREE).await;
    let wish = servers.wish(&[0, 1, 2]);
    ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    servers.assert_whole(&[0, 1, 2]).await;
}

#[tokio::test]
async fn access_control_lists() {
    let Some(mut servers) = Servers::new(4) else { return };
    servers.token = Some(TOKEN);
    let acl = |tokens: &str| {
        format!("acl {{ enabled = true default_policy = \"deny\" tokens {{ {tokens} }} }}")
    };
    let closed = acl(&format!("agent_master = \"{AGENT}\""));
    servers.start(&[0, 1, 2], &["-server", "-bootstrap-expect=3", "-hcl", &closed]).await;
    let wish = servers.wish(&[0, 1, 2]);
    let address = servers.address(0);
    let text = refusal(&wish).await;
    assert!(
        text.starts_with(&format!(
            "Consul at {address} refused `GET /v1/agent/self`: ACL not found; `token` has to be"
        )) && text.contains("give it as `agent_token`"),
        "{text}"
    );
    // The servers find each other by the agents' token; then nobody knows the operators' one.
    let wish = Wish { agent_token: Some(Secret::new(AGENT)), ..wish };
    let text = refusal(&wish).await;
    assert!(text.ends_with("`bootstrap_acl: true` makes the given one"), "{text}");
    let wish = Wish { acl: Acl::Bootstrap, ..wish };
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, ["make the first management token"]);
    let plain = Wish { agent_token: None, acl: Acl::Configured, ..wish.clone() };
    let (changes, found) = ensure(&plain, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    assert_eq!(found.members().len(), 3);
    servers.fill(0).await;
    let wrong = Wish { token: Some(Secret::new("3f1a5b6c-0000-4000-8000-00000000cccc")), ..wish };
    let text = refusal(&wrong).await;
    assert!(text.contains("the first management token was made before"), "{text}");
    assert!(!text.contains("cccc"), "{text}");

    // One more, which takes no token before it has joined.
    let bare = acl("");
    servers.start(&[3], &["-server", "-bootstrap-expect=3", "-hcl", &bare]).await;
    let wish = quick(servers.wish(&[0, 1, 2, 3]));
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps.len(), 2, "{:?}", changes.steps);
    servers.assert_whole(&[0, 1, 2, 3]).await;
}

#[tokio::test]
async fn what_would_lose_data_or_never_be_is_refused() {
    let Some(mut servers) = Servers::new(5) else { return };
    let [a, b] = [0, 1].map(|index| servers.address(index));
    servers.start(&[0, 1], &["-server", "-bootstrap-expect=1"]).await;
    servers.start(&[2], &["-server", "-bootstrap-expect=3", "-node=n0"]).await;
    servers.start(&[3], &["-server", "-bootstrap-expect=3", "-datacenter=far"]).await;
    servers.start(&[4], &[]).await;
    let wish = |which: &[usize]| Wish { timeout: Duration::from_secs(5), ..servers.wish(which) };
    let found = ensure(&wish(&[0]), &Direct, &Heard::default()).await.unwrap();
    assert_eq!(found.0.steps, [""; 0]);
    assert_eq!(
        refusal(&wish(&[0, 1])).await,
        format!(
            "{a} (n0) and {b} (n1) are servers of two clusters, each with data of its own, and one of them would lose it: to give up that of n1, stop it, empty its data folder, set its `bootstrap_expect` as on the others, and start it again"
        )
    );
    let text = refusal(&wish(&[0, 2])).await;
    assert!(text.contains("have the same node name, n0: Consul takes a name only once"), "{text}");
    let text = refusal(&wish(&[0, 3])).await;
    assert!(text.contains("(n3) belongs to the data center far, not to dc1"), "{text}");
    let text = refusal(&wish(&[0, 4])).await;
    assert!(text.contains("(n4) runs as a client: set `server: true`"), "{text}");
    let text = refusal(&wish(&[3])).await;
    assert!(text.contains("the servers wait for 3 of their kind"), "{text}");
}

#[tokio::test]
async fn a_run_that_is_cut_off_at_random_moments_is_taken_up() {
    let Some(mut servers) = Servers::new(5) else { return };
    let mut chance = Chance::new();
    let long = std::env::var_os("FCPLAY_LONG").is_some();
    servers.start(&[0, 1, 2], THREE).await;
    servers.start(&[3, 4], &["-server"]).await;
    let three = quick(servers.wish(&[0, 1, 2]));
    let five = quick(servers.wish(&[0, 1, 2, 3, 4]));
    let fewer = Wish { others: Others::Remove, ..three.clone() };
    let breaking = Break::after(1);
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&three, &Direct, &breaking) => panic!("it was not broken off: {:?}", result.err()),
    }
    let cut = async |wish: &Wish, chance: &mut Chance, millis: u64| {
        cut_off(chance, Duration::from_millis(millis), ensure(wish, &Direct, &Heard::default()))
            .await;
    };
    cut(&three, &mut chance, 100).await;
    cut(&three, &mut chance, 1000).await;
    ensure(&three, &Direct, &Heard::default()).await.unwrap();
    let written = servers.written(0).await;
    for _ in 0..if long { 10 } else { 1 } {
        for millis in [50, 100, 300, 1000] {
            cut(&five, &mut chance, millis).await;
        }
        ensure(&five, &Direct, &Heard::default()).await.unwrap();
        servers.assert_whole(&[0, 1, 2, 3, 4]).await;
        for millis in [50, 100, 300, 1000] {
            cut(&fewer, &mut chance, millis).await;
        }
        let end: Result<_, Error> = ensure(&fewer, &Direct, &Heard::default()).await;
        end.unwrap();
        servers.assert_whole(&[0, 1, 2]).await;
        servers.assert_kept(1, written).await;
        servers.has_stopped(3);
        servers.has_stopped(4);
        if long {
            servers.start(&[3, 4], &["-server"]).await;
        }
    }
}
