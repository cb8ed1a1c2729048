//! Two hundred connections at once.

use std::time::Instant;

use fcplay::connection::ssh::{Client, Secrets, Target};

use super::server::{User, say};
use super::start;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once() {
    let server = start!();
    let client = Client::new(server.machine());
    // A user with a plain shell: what is measured is the transport, not somebody's start-up files.
    let user = User::new();
    let name = user.as_ref().map_or_else(|| server.target().user, |user| Some(user.0.clone()));
    let target = Target { user: name, ..server.target() };
    let before = memory();
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (client, target) = (client.clone(), target.clone());
        tasks.spawn(async move { client.connect(&target, &Secrets::default()).await.unwrap() });
    }
    let sessions = tasks.join_all().await;
    let connected = started.elapsed();
    let after = memory();
    let mut tasks = tokio::task::JoinSet::new();
    for session in sessions {
        tasks.spawn(async move { assert_eq!(say(&session, "echo hello").await, "hello\n") });
    }
    tasks.join_all().await;
    eprintln!(
        "200 connections in {connected:?}, {} KiB each, and a command on each in {:?}",
        (after - before) / 200,
        started.elapsed() - connected
    );
}

/// Returns the memory of this process in KiB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
