//! Becoming other users, with and without passwords and terminals.

use std::fs;

use fcplay::connection::{Escalation, Target, Way};

use super::world::{World, files, ping, refusal};
use crate::ssh::server::{User, run_program};

const PASSWORD: &str = "correct horse";

#[track_caller]
fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

#[tokio::test]
async fn sudo_without_a_password() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let pool = world.pool();
    let plain = pool.helper(&world.target()).await.unwrap();
    let root = pool.helper(&world.root("sudo", None)).await.unwrap();
    assert_eq!(
        (plain.hello().user.as_str(), root.hello().user.as_str()),
        (world.user.0.as_str(), "root")
    );
    ping(&root).await;
    pool.close().await;
}

#[tokio::test]
async fn sudo_with_a_password() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) ALL") else { return };
    let pool = world.pool();
    let root = pool.helper(&world.root("sudo", Some(PASSWORD))).await.unwrap();
    assert_eq!(root.hello().uid, 0);
    ping(&root).await;
    let wrong = refusal(pool.helper(&world.root("sudo", Some("wrong horse"))).await);
    assert_eq!(
        first_line(&wrong.message),
        "Incorrect sudo password: `sudo` did not take it to become `root`"
    );
    assert!(wrong.denied && wrong.message.contains("-K") && !wrong.message.contains("horse"));
    let missing = refusal(pool.helper(&world.root("sudo", None)).await);
    assert_eq!(
        first_line(&missing.message),
        "Missing sudo password: `sudo` asks for one to become `root`"
    );
    pool.close().await;
}

#[tokio::test]
async fn sudo_that_is_not_allowed() {
    let Some(world) = World::with_sudo("Defaults:$USER !lecture") else { return };
    let refused = refusal(world.pool().helper(&world.root("sudo", Some(PASSWORD))).await);
    assert_eq!(
        first_line(&refused.message).replace(&world.user.0, "me"),
        "`sudo` did not let us become `root`: me is not in the sudoers file."
    );
    assert!(refused.denied);
}

#[tokio::test]
async fn sudo_that_wants_a_terminal() {
    let Some(world) = World::with_sudo("Defaults:$USER requiretty\n$USER ALL=(ALL) NOPASSWD: ALL")
    else {
        return;
    };
    let pool = world.pool();
    let root = pool.helper(&world.root("sudo", None)).await.unwrap();
    assert_eq!(root.hello().uid, 0);
    ping(&root).await;
    pool.close().await;
}

#[tokio::test]
async fn sudo_that_wants_a_terminal_and_a_password() {
    let Some(world) = World::with_sudo("Defaults:$USER requiretty\n$USER ALL=(ALL) ALL") else {
        return;
    };
    let pool = world.pool();
    ping(&pool.helper(&world.root("sudo", Some(PASSWORD))).await.unwrap()).await;
    let wrong = refusal(pool.helper(&world.root("sudo", Some("wrong"))).await);
    assert_eq!(
        first_line(&wrong.message),
        "Incorrect sudo password: `sudo` did not take it to become `root`"
    );
    pool.close().await;
}

#[tokio::test]
async fn su_with_a_password() {
    let (Some(world), Some(other)) = (World::start(), User::new()) else {
        return;
    };
    let become_other = |password| {
        let root = world.root("su", password);
        let escalation = root.escalation.map(|one| Escalation { user: other.0.clone(), ..one });
        Target { escalation, ..world.target() }
    };
    let pool = world.pool();
    let helper = pool.helper(&become_other(Some(PASSWORD))).await.unwrap();
    assert_eq!(helper.hello().user, other.0);
    ping(&helper).await;
    let uid = helper.hello().uid;
    let wrong = refusal(pool.helper(&become_other(Some("wrong"))).await);
    assert_eq!(
        wrong.message.replace(&other.0, "other"),
        "Incorrect su password: `su` did not take it to become `other`\nhint: `su` wants the password of other; give it \
         with -K (--ask-become-pass) or as `ansible_become_password`"
    );
    let missing = refusal(pool.helper(&become_other(None)).await);
    assert_eq!(
        first_line(&missing.message).replace(&other.0, "other"),
        "Missing su password: `su` asks for one to become `other`"
    );
    pool.close().await;
    fs::remove_dir_all(format!("/var/tmp/fcplay-{uid}")).unwrap();
}

#[tokio::test]
async fn another_user_copies_the_program_where_it_can_read_it() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let pool = world.new_to_all_caches();
    pool.helper(&world.target()).await.unwrap();
    let (name, _) = world.cached().remove(0);
    // A program that was tampered with is not copied.
    let path = world.home().join(".cache/fcplay").join(&name);
    let good = fs::read(&path).unwrap();
    let root = world.root("sudo", None);
    ping(&pool.helper(&root).await.unwrap()).await;
    let copy = world.server.path("fcplay-0").join(&name);
    assert!(fs::read(&copy).unwrap() == good);
    pool.close().await;

    fs::remove_file(&copy).unwrap();
    let pool = world.new_to_all_caches();
    pool.helper(&world.target()).await.unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "#!/bin/sh\ntouch /tampered\n").unwrap();
    ping(&pool.helper(&root).await.unwrap()).await;
    assert!(fs::read(&copy).unwrap() == good);
    pool.close().await;
}

#[tokio::test]
async fn another_user_on_this_machine() {
    let Some(world) = World::with_sudo("") else { return };
    let pool = world.pool();
    let local =
        Target { host: "localhost".into(), way: Way::Local(Default::default()), escalation: None };
    let root = pool.helper(&local).await.unwrap();
    assert_eq!(root.hello().uid, 0);
    for method in ["sudo", "su"] {
        let escalation = Escalation {
            user: world.user.0.clone(),
            ..world.root(method, None).escalation.unwrap()
        };
        let other = pool.helper(&Target { escalation: Some(escalation), ..local.clone() }).await;
        let other = other.unwrap();
        assert_eq!(other.hello().user, world.user.0);
        ping(&other).await;
    }
    pool.close().await;
    fs::remove_dir_all(format!("/var/tmp/fcplay-{}", world.uid())).unwrap();
}

#[tokio::test]
async fn sudo_that_hands_the_command_to_a_shell() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let pool = world.pool();
    for flags in ["-i", "-n --shell", "-H -S -n -s"] {
        let mut target = world.root("sudo", None);
        target.escalation.as_mut().unwrap().flags = Some(flags.into());
        let root = pool.helper(&target).await.unwrap_or_else(|error| panic!("{flags}: {error}"));
        assert_eq!(root.hello().uid, 0);
        ping(&root).await;
    }
    pool.close().await;
}

#[tokio::test]
async fn sudo_that_preaches_before_it_asks() {
    let rules = "Defaults:$USER lecture=always, use_pty\n$USER ALL=(ALL) ALL";
    let Some(world) = World::with_sudo(rules) else { return };
    let pool = world.pool();
    ping(&pool.helper(&world.root("sudo", Some(PASSWORD))).await.unwrap()).await;
    pool.close().await;
}

#[tokio::test]
async fn login_shells_of_every_kind() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) ALL") else { return };
    for shell in ["/usr/bin/fish", "/bin/tcsh", "/bin/dash", "/bin/bash"] {
        if !std::path::Path::new(shell).exists() {
            eprintln!("skipped: there is no {shell}");
            continue;
        }
        run_program("usermod", &["-s", shell, &world.user.0]);
        let pool = world.pool();
        let plain = pool.helper(&world.target()).await;
        ping(&plain.unwrap_or_else(|error| panic!("{shell}: {error}"))).await;
        let root = pool.helper(&world.root("sudo", Some(PASSWORD))).await;
        ping(&root.unwrap_or_else(|error| panic!("{shell}: {error}"))).await;
        pool.close().await;
    }
}

#[tokio::test]
async fn more_users_than_one_connection_takes() {
    let settings = ["MaxSessions 2"];
    let Some(world) = World::with(&settings, "$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let others: Vec<User> = (0..4).filter_map(|_| User::new()).collect();
    let pool = std::sync::Arc::new(world.pool());
    let plain = Target { escalation: None, ..world.root("sudo", None) };
    ping(&pool.helper(&plain).await.unwrap()).await;
    let mut starting = tokio::task::JoinSet::new();
    for user in std::iter::once("root").chain(others.iter().map(|user| user.0.as_str())) {
        let (pool, mut target) = (std::sync::Arc::clone(&pool), world.root("sudo", None));
        target.escalation.as_mut().unwrap().user = user.to_owned();
        starting.spawn(async move { (pool.helper(&target).await, target) });
    }
    for (helper, target) in starting.join_all().await {
        let helper = helper.unwrap();
        assert_eq!(helper.hello().user, target.escalation.unwrap().user);
        ping(&helper).await;
    }
    let log = fs::read_to_string(world.server.path("log")).unwrap();
    assert_eq!(log.matches("Accepted publickey").count(), 3, "{log}");
    pool.close().await;
    others.iter().for_each(User::forget);
}

#[tokio::test]
async fn a_host_that_takes_no_program_at_all() {
    let Some(world) = World::with(&["MaxSessions 0"], "") else { return };
    let message = refusal(world.pool().helper(&world.target()).await).message;
    assert!(
        message.contains("refused a channel\nhint: sshd there forbids it (MaxSessions)"),
        "{message}"
    );
}

#[tokio::test]
async fn nobody_becomes_who_they_are() {
    let Some(world) = World::start() else { return };
    let me = Escalation {
        method: "sudo".into(),
        user: world.user.0.clone(),
        password: None,
        exe: Some("/does/not/exist".into()),
        flags: None,
        chdir: None,
    };
    let pool = world.pool();
    let helper = pool.helper(&Target { escalation: Some(me), ..world.target() }).await.unwrap();
    assert_eq!(helper.hello().user, world.user.0);
    pool.close().await;
}

#[tokio::test]
async fn a_program_that_is_not_there() {
    let Some(world) = World::start() else { return };
    let mut target = world.root("sudo", None);
    target.escalation.as_mut().unwrap().exe = Some("/opt/nosudo".into());
    let message = refusal(world.pool().helper(&target).await).message;
    assert!(message.contains("/opt/nosudo: not found"), "{message}");
    assert!(message.contains("hint: install it there"), "{message}");
    assert_eq!(files(&world.server.path("fcplay-0")), []);
}
