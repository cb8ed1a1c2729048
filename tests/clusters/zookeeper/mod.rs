//! Ensembles of real servers.

mod servers;

use std::time::Duration;

use fcplay::base::Secret;
use fcplay::clusters::zookeeper::{Lists, Role, Wish, ensure, look, predict, table};

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
        format!("{a} is server 1, and should be 7: write 7 into {}/myid, and restart it", folder.display())
    );
    other.servers[0].id = Some(2);
    assert_eq!(servers.refused(&other).await, format!("{a} and {b} both are to have the `id` 2"));

    // The list stands in files.
    servers.launch(3, &[0, 1, 2, 3]);
    servers.wait(3);
    let mut four = servers.wish(&[0, 1, 2, 3]);
    let text = servers.refused(&four).await;
    let line = servers.line(3);
    assert!(text.starts_with(&format!("`{line}")) && text.contains("restart the servers one after the other"), "{text}");
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
    servers.wait(3);
    let mut four = servers.wish(&[0, 1, 2, 3]);
    four.login.as_mut().unwrap().password = Secret::new("wrong");
    let text = servers.refused(&four).await;
    assert!(text.contains("this needs the super user: give `login_user`"), "{text}");
    let mut four = servers.wish(&[0, 1, 2, 3]);
    four.servers[3].election_port = Some(1);
    let text = servers.refused(&four).await;
    assert!(text.contains("nothing answers at 127.0.0.5:1, where it should listen for elections"), "{text}");

    let added = |index| format!("add {}", servers.line(index));
    let (fourth, fifth) = (added(3), added(4));
    assert_eq!(servers.made(&servers.wish(&[0, 1, 2, 3])).await, [fourth]);
    assert_eq!(servers.digest(3, "/t").await, digest);

    // A new one that is killed in the middle.
    servers.launch(4, &[0, 1, 2, 3, 4]);
    servers.wait(4);
    let mut five = servers.wish(&[0, 1, 2, 3, 4]);
    five.servers[1].role = Some(Role::Observer);
    let breaking = Break::after(1);
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&five, &Direct, &breaking) => panic!("it was not broken off: {result:?}"),
    }
    servers.kill(4);
    let mut short = five.clone();
    short.timeout = Duration::from_secs(30);
    let t = std::time::Instant::now();
    let r = ensure(&short, &Direct, &Heard::default()).await;
    eprintln!("{r:?} {:?}", t.elapsed());
    let (changes, _) = r.unwrap();
    servers.relaunch(4);
    assert_eq!(servers.made(&five).await, [""; 0]);
    let _ = fifth;

    // Back to three; the leader goes last.
    let (_, found) = ensure(&five, &Direct, &Heard::default()).await.unwrap();
    let leader = table(&found).iter().position(|row| row.mode == Some("leader")).unwrap();
    let mut left: Vec<usize> = (0..5).filter(|index| *index != leader && *index != 1).collect();
    left.truncate(3);
    let mut three = servers.wish(&left);
    three.lists = Lists::Exact;
    let steps = servers.made(&three).await;
    eprintln!("{steps:?}, leader was {}", leader + 1);
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1], format!("remove {}", servers.line(leader)));
    assert_eq!(servers.digest(left[2], "/t").await, digest);
}
