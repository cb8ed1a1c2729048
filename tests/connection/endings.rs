//! How helpers end: told to, killed, cut off. Nothing is left on the host.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use fcplay::connection::{Target, Way};
use fcplay::protocol::{CHUNK, Reply};

use super::world::{World, busy, ping, refusal};
use crate::ssh::server::{Door, say};

/// Waits until a process is gone.
async fn gone(pid: u32) {
    let started = Instant::now();
    let state = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while !state(pid).is_empty() && !state(pid).contains(") Z ") {
        assert!(started.elapsed() < Duration::from_secs(5), "{pid} is still there");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_helper_that_is_killed_in_the_middle_of_a_request() {
    let Some(world) = World::start() else { return };
    let pool = world.pool();
    let helper = pool.helper(&world.target()).await.unwrap();
    let pid = helper.hello().pid;
    let (running, child) = busy(&world, &helper).await;
    Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.message, "the helper on the host ended unexpectedly (signal KILL)");
    Command::new("kill").arg(child.to_string()).status().unwrap();
    // The next task gets a new one over the same session.
    let next = pool.helper(&world.target()).await.unwrap();
    assert_ne!(next.hello().pid, pid);
    ping(&next).await;
    pool.close().await;
}

#[tokio::test]
async fn the_helper_and_its_children_end_with_the_pool() {
    let Some(world) = World::start() else { return };
    let pool = world.pool();
    let helper = pool.helper(&world.target()).await.unwrap();
    let pid = helper.hello().pid;
    let (running, child) = busy(&world, &helper).await;
    let started = Instant::now();
    pool.close().await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(!matches!(running.await.unwrap(), Ok(Reply::Done { .. })));
    gone(pid).await;
    gone(child).await;
}

#[track_caller]
fn through(world: &World, door: &Door, mut target: Target) -> Target {
    let known = fs::read_to_string(world.server.path("known_hosts")).unwrap();
    let more = known.replace(&world.server.port.to_string(), &door.port.to_string());
    fs::write(world.server.path("known_hosts"), known + &more).unwrap();
    if let Way::Ssh(way) = &mut target.way {
        way.port = Some(door.port);
    }
    target
}

async fn ends_with_the_line(world: &World, target: Target) {
    let door = Door::before(&world.server);
    let target = through(world, &door, target);
    let pool = world.pool();
    let helper = pool.helper(&target).await.unwrap();
    let pid = helper.hello().pid;
    let (running, child) = busy(world, &helper).await;
    door.slam();
    let error = running.await.unwrap().unwrap_err();
    assert!(
        error.message.starts_with("the connection to `") && error.message.ends_with("hung up"),
        "{error}"
    );
    gone(pid).await;
    gone(child).await;
    // A new connection is made for the next task.
    ping(&pool.helper(&target).await.unwrap()).await;
    pool.close().await;
}

#[tokio::test]
async fn a_line_that_is_cut() {
    let Some(world) = World::start() else { return };
    ends_with_the_line(&world, world.target()).await;
}

#[tokio::test]
async fn a_line_that_is_cut_under_a_terminal() {
    let Some(world) = World::with_sudo("Defaults:$USER requiretty\n$USER ALL=(ALL) NOPASSWD: ALL")
    else {
        return;
    };
    ends_with_the_line(&world, world.root("sudo", None)).await;
}

#[tokio::test]
async fn an_upload_that_is_cut_leaves_nothing() {
    let Some(world) = World::start() else { return };
    let mut ssh = world.server.target();
    ssh.user = Some(world.user.0.clone());
    let session = world.server.connect(&ssh).await.unwrap();
    // The script as the pool sends it is private; a host that loses its line in the middle is a pool that is dropped.
    let door = Door::before(&world.server);
    let target = through(&world, &door, world.target());
    let pool = world.pool();
    let starting = pool.helper(&target);
    let folder = world.home().join(".cache/fcplay");
    let watch = async {
        let half = || {
            fs::read_dir(&folder)
                .ok()?
                .flatten()
                .find(|entry| entry.metadata().is_ok_and(|data| data.len() > CHUNK as u64))
        };
        while half().is_none() {
            tokio::task::yield_now().await;
        }
        door.slam();
    };
    let (started, ()) = tokio::join!(starting, watch);
    assert!(started.is_err(), "nothing was cut");
    let started = Instant::now();
    while !world.cached().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", world.cached());
        say(&session, "true").await;
    }
    ping(&pool.helper(&target).await.unwrap()).await;
    pool.close().await;
    session.disconnect().await;
}

#[tokio::test]
async fn a_reset_ends_helper_and_session() {
    let Some(world) = World::start() else { return };
    let pool = world.pool();
    let helper = pool.helper(&world.target()).await.unwrap();
    pool.reset("here").await;
    assert!(helper.is_closed());
    gone(helper.hello().pid).await;
    ping(&pool.helper(&world.target()).await.unwrap()).await;
    pool.close().await;
}

#[tokio::test]
async fn what_is_renewed_is_left_to_those_who_use_it() {
    let Some(world) = World::start() else { return };
    let pool = world.pool();
    let old = pool.helper(&world.target()).await.unwrap();
    let number = old.hello().pid;
    pool.renew("here");
    let new = pool.helper(&world.target()).await.unwrap();
    assert_ne!(new.hello().pid, number);
    ping(&old).await;
    drop(old);
    gone(number).await;
    ping(&new).await;
    pool.close().await;
}

#[tokio::test]
async fn a_host_that_is_not_there() {
    let Some(world) = World::start() else { return };
    let mut target = world.target();
    if let Way::Ssh(way) = &mut target.way {
        way.port = Some(crate::ssh::server::free_port());
    }
    let error = refusal(world.pool().helper(&target).await);
    assert!(!error.denied && error.message.contains("refused"), "{error}");
}
