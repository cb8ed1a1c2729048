//! Ensembles of real servers.

mod servers;

use std::time::Duration;

use fcplay::base::Secret;
use fcplay::clusters::zookeeper::{Lists, Login, Role, Survey, Wish, ensure, look, predict, table};

use self::servers::{Servers, Setup};
use super::{Break, Cuts, Direct, Heard};

/// What is said of servers that are as they should be.
async fn warnings(wish: &Wish) -> Vec<String> {
    let (changes, _) = ensure(wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    changes.warnings
}

#[tokio::test]
async fn an_ensemble_out_of_files() {
    let Some(mut servers) = Servers::new(4, Setup::Files) else { return };
    let wish = servers.wish(&[0, 1, 2]);
    let [a, b, c, d] = [0, 1, 2, 3].map(|index: usize| servers.addresses[index].to_string());
    let foretold = predict(&wish, &look(&wish, &Direct).await.unwrap()).unwrap();
    assert_eq!(
        foretold.steps,
        [format!("{a} (server 1), {b} (server 2), {c} (server 3) form an ensemble")]
    );
    for index in 0..3 {
        servers.launch(index, &[0, 1, 2]);
    }
    let (changes, found) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!((changes.steps, changes.warnings), (vec![], vec![]));
    let lines = [0, 1, 2].map(|index| servers.line(index) + "\n").concat();
    assert_eq!((&changes.before, &changes.after), (&lines, &lines));
    let rows = table(&found);
    let modes = |mode| rows.iter().filter(|row| row.mode == Some(mode)).count();
    assert_eq!((rows.len(), modes("leader"), modes("follower")), (3, 1, 2));
    assert_eq!(rows[1].id, Some(2));

    // One is down: the others do their work, and it joins later.
    servers.fill(0, "/t", 300).await;
    let digest = servers.digest(1, "/t").await;
    servers.kill(2);
    let mut short = wish.clone();
    short.timeout = Duration::from_secs(2);
    assert_eq!(
        warnings(&short).await,
        [format!("{c} does not answer: Connection refused (os error 111)")]
    );
    servers.relaunch(2);
    assert_eq!(warnings(&wish).await, [""; 0]);
    assert_eq!(servers.digest(2, "/t").await, digest);
    assert_eq!(digest.0, 300);

    // Most are down: nothing works, and it is said why.
    servers.kill(0);
    servers.kill(2);
    let text = servers.refused(&short).await;
    assert!(
        text.starts_with(&format!("the ensemble is not as wished after 2 s: no server leads: {a} does not answer (Connection refused (os error 111)), {b} answers, and has no ensemble to serve with, {c} does not")),
        "{text}"
    );
    servers.relaunch(0);
    servers.relaunch(2);
    assert_eq!(warnings(&wish).await, [""; 0]);
    assert_eq!(servers.digest(0, "/t").await, digest);

    // Who is who.
    let mut other = wish.clone();
    other.servers[0].id = Some(7);
    let text = servers.refused(&other).await;
    let folder = servers.path(0);
    assert_eq!(
        text,
        format!(
            "{a} is server 1, and should be 7: write 7 into {}/myid, and restart it",
            folder.display()
        )
    );
    other.servers[0].id = Some(2);
    assert_eq!(servers.refused(&other).await, format!("{a} and {b} both are to have the `id` 2"));

    // The list stands in files.
    servers.launch(3, &[0, 1, 2, 3]);
    servers.serving(3).await;
    let mut four = servers.wish(&[0, 1, 2, 3]);
    let text = servers.refused(&four).await;
    let line = servers.line(3);
    assert!(
        text.starts_with(&format!("`{line}"))
            && text.contains("restart the servers one after the other"),
        "{text}"
    );
    four.lists = Lists::Keep;
    let told = warnings(&four).await;
    assert!(told[0].contains(&format!("differs from what is wished: add {line}")), "{told:?}");
    // So they are restarted one after the other.
    for index in 0..3 {
        servers.kill(index);
        servers.launch(index, &[0, 1, 2, 3]);
        ensure(&four, &Direct, &Heard::default()).await.unwrap();
    }
    four.lists = Lists::Change;
    assert_eq!(warnings(&four).await, [""; 0]);
    let mut three = servers.wish(&[0, 1, 2]);
    three.lists = Lists::Exact;
    let text = servers.refused(&three).await;
    assert!(text.starts_with(&format!("`{line}` has to go from `zoo.cfg`")), "{text}");
    assert_eq!(servers.digest(3, "/t").await, digest);

    // One that runs alone with data of its own.
    servers.kill(3);
    servers.empty(3);
    servers.launch_with(3, 4, "");
    assert_eq!(warnings(&servers.wish(&[3])).await, [""; 0]);
    servers.fill(3, "/own", 3).await;
    let text = servers.refused(&four).await;
    assert!(
        text.starts_with(&format!("{d} runs alone (standalone), not in an ensemble: `zoo.cfg` there has no `server.N` lines of all servers. {d} holds 9 nodes of its own: restarted")),
        "{text}"
    );
}

#[tokio::test]
async fn the_list_is_changed_while_the_servers_run() {
    let Some(servers) = Servers::start(3, Setup::Changeable) else { return };
    let mut servers = servers.grown(2);
    let three = servers.wish(&[0, 1, 2]);
    assert_eq!(warnings(&three).await, [""; 0]);
    servers.fill(0, "/t", 200).await;
    let digest = servers.digest(2, "/t").await;

    // Without the right to.
    servers.launch(3, &[0, 1, 2, 3]);
    servers.serving(3).await;
    let mut four = servers.wish(&[0, 1, 2, 3]);
    four.login.as_mut().unwrap().password = Secret::new("wrong");
    let text = servers.refused(&four).await;
    assert!(text.contains("this needs the super user: give `login_user`"), "{text}");
    let mut four = servers.wish(&[0, 1, 2, 3]);
    four.servers[3].election_port = Some(1);
    let text = servers.refused(&four).await;
    assert!(
        text.contains("nothing answers at 127.0.0.5:1, where it should listen for elections"),
        "{text}"
    );

    let added = format!("add {}", servers.line(3));
    assert_eq!(servers.made(&servers.wish(&[0, 1, 2, 3])).await, [added]);
    assert_eq!(servers.digest(3, "/t").await, digest);

    // A run breaks off, and a new server is killed: it is warned of, and is whole again later.
    servers.launch(4, &[0, 1, 2, 3, 4]);
    servers.serving(4).await;
    let mut five = servers.wish(&[0, 1, 2, 3, 4]);
    five.servers[1].role = Some(Role::Observer);
    let breaking = Break::after(1);
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&five, &Direct, &breaking) => panic!("it was not broken off: {result:?}"),
    }
    servers.kill(4);
    let change = format!("change {}", servers.line(1).replace("participant", "observer"));
    let heard = Heard::default();
    let (changes, _) = ensure(&five, &Direct, &heard).await.unwrap();
    assert_eq!((&changes.steps, heard.steps()), (&vec![change.clone()], vec![change]));
    let fifth = &servers.addresses[4];
    let gone = format!("{fifth} does not answer: Connection refused (os error 111)");
    assert_eq!(changes.warnings, [gone]);
    servers.relaunch(4);
    assert_eq!(warnings(&five).await, [""; 0]);

    // Too few would be left.
    let leader =
        |found: &Survey| table(found).iter().position(|row| row.mode == Some("leader")).unwrap();
    let (_, found) = ensure(&five, &Direct, &Heard::default()).await.unwrap();
    let (led, others) = (leader(&found), [0, 2, 3, 4]);
    let others: Vec<usize> = others.into_iter().filter(|index| *index != leader(&found)).collect();
    servers.kill(others[1]);
    let mut fewer = servers.wish(&[led, others[1]]);
    fewer.lists = Lists::Exact;
    fewer.timeout = Duration::from_secs(2);
    let text = servers.refused(&fewer).await;
    assert!(
        text.starts_with("cannot remove all that are not named: only 1 of the 2 servers"),
        "{text}"
    );
    servers.relaunch(others[1]);

    // Back to three, of which the leader is none: it goes last.
    let mut three = servers.wish(&others);
    three.lists = Lists::Exact;
    servers.serving(others[1]).await;
    let steps = servers.made(&three).await;
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1], format!("remove {}", servers.line(led)));
    assert_eq!(servers.digest(others[2], "/t").await, digest);
}

#[tokio::test]
async fn runs_that_are_cut_off_anywhere_are_taken_up() {
    let Some(servers) = Servers::start(3, Setup::Changeable) else { return };
    let mut servers = servers.grown(2);
    let three = Wish { lists: Lists::Exact, ..servers.wish(&[0, 1, 2]) };
    let five = servers.wish(&[0, 1, 2, 3, 4]);
    assert_eq!(warnings(&three).await, [""; 0]);
    servers.fill(0, "/t", 100).await;
    let digest = servers.digest(1, "/t").await;
    for index in [3, 4] {
        servers.launch(index, &[0, 1, 2, 3, 4]);
        servers.serving(index).await;
    }
    let (mut cuts, steps) = Cuts::measured(servers.made(&five)).await;
    assert_eq!(steps.len(), 2);
    for _ in 0..Cuts::COUNT {
        servers.converges(&three).await;
        cuts.cut(ensure(&five, &Direct, &Heard::default())).await;
        servers.converges(&five).await;
        cuts.cut(ensure(&three, &Direct, &Heard::default())).await;
    }
    assert_eq!(servers.digest(4, "/t").await, digest);
    assert_eq!(digest.0, 100);
}

#[tokio::test]
async fn servers_that_want_a_login() {
    let Some(servers) = Servers::start(3, Setup::Sasl) else { return };
    let mut servers = servers.grown(1);
    assert_eq!(warnings(&servers.wish(&[0, 1, 2])).await, [""; 0]);
    servers.fill(1, "/t", 100).await;
    servers.launch(3, &[0, 1, 2, 3]);
    servers.serving(3).await;
    let four = servers.wish(&[0, 1, 2, 3]);
    let said = async |change: fn(&mut Option<Login>)| {
        let mut wish = four.clone();
        change(&mut wish.login);
        servers.refused(&wish).await
    };
    let text = said(|login| login.as_mut().unwrap().password = Secret::new("wrong")).await;
    assert!(text.ends_with(": admin is not known, or the password is wrong"), "{text}");
    let text = said(|login| *login = None).await;
    assert!(
        text.ends_with(
            "it wants a login: give `login_user`, `login_password` and `login_mechanism: sasl`"
        ),
        "{text}"
    );
    assert_eq!(servers.made(&four).await, [format!("add {}", servers.line(3))]);
    assert_eq!(servers.digest(3, "/t").await, servers.digest(0, "/t").await);
}

#[tokio::test]
async fn two_ensembles_that_say_little_of_themselves() {
    let Some(mut servers) = Servers::new(4, Setup::Silent) else { return };
    for index in 0..4 {
        servers.launch(index, if index < 2 { &[0, 1] } else { &[2, 3] });
    }
    let [a, b, c] = [0, 1, 2].map(|index: usize| servers.addresses[index].to_string());
    let told = warnings(&servers.wish(&[0, 1])).await;
    assert!(
        told[0].starts_with(&format!("{a}, {b} may not say `conf`, so their lists")),
        "{told:?}"
    );
    assert!(told[1].contains("may not say `mntr`") && told.len() == 2, "{told:?}");
    let (_, found) = ensure(&servers.wish(&[0, 1]), &Direct, &Heard::default()).await.unwrap();
    assert_eq!(table(&found)[1].id, Some(2));
    assert_eq!(warnings(&servers.wish(&[2, 3])).await.len(), 2);
    let text = servers.refused(&servers.wish(&[0, 1, 2, 3])).await;
    assert!(text.contains(" lead two ensembles: one of them has to be given up"), "{text}");

    // Two hosts that were given the same number.
    servers.kill(2);
    servers.kill(3);
    servers.empty(2);
    let lines = [servers.line(0), servers.line(2).replace("server.3", "server.2")].join("\n");
    servers.launch_with(2, 2, &lines);
    servers.wait(2);
    let mut three = servers.wish(&[0, 1, 2]);
    three.timeout = Duration::from_secs(2);
    let text = servers.refused(&three).await;
    let expected = format!("{c} answers, and does not serve: is the number in its `myid` its own");
    assert!(text.contains(&expected), "{text}");
}
