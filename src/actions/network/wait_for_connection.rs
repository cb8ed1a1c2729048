//! `wait_for_connection`: waits until the host can be used, anew after a restart.

use std::time::{Duration, Instant};

use crate::actions::{Context, Done, Error};
use crate::connection::NoFeed;
use crate::module::{Check, Example, Outcome, Spec};
use crate::protocol::Request;
use crate::{action, arguments};

arguments! {
    /// Arguments of `wait_for_connection`.
    pub(super) struct Args {
        /// How long one try may take, in seconds.
        connect_timeout: u64 = 5,
        /// How long to wait before the first try, in seconds.
        delay: u64 = 0,
        /// How long to wait between tries, in seconds.
        sleep: u64 = 1,
        /// How long to wait in all, in seconds.
        timeout: u64 = 600,
    }
}

action! {
    /// The action.
    WaitForConnection,
    Spec {
        name: "wait_for_connection",
        summary: "Waits until the host can be used.",
        check: Check::Skip,
        examples: &[Example { about: "Wait for a host that restarts.", task: "wait_for_connection: {delay: 10, timeout: 300}" }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let started = Instant::now();
    tokio::time::sleep(Duration::from_secs(args.delay)).await;
    let mut reason;
    loop {
        let attempt =
            tokio::time::timeout(Duration::from_secs(args.connect_timeout.max(1)), attempt(cx));
        match attempt.await {
            Ok(Ok(())) => {
                let outcome = Outcome::done().with("elapsed", started.elapsed().as_secs());
                return Ok(Done::ok(outcome));
            }
            Ok(Err(error)) => reason = error,
            Err(_) => reason = format!("no answer within {} s", args.connect_timeout),
        }
        if started.elapsed() >= Duration::from_secs(args.timeout) {
            let text = format!("timed out waiting for ping module test: {reason}");
            let failure =
                crate::module::Failure::new(text).with("elapsed", started.elapsed().as_secs());
            return Err(failure.into());
        }
        tokio::time::sleep(Duration::from_secs(args.sleep.max(1))).await;
    }
}

async fn attempt(cx: &Context<'_>) -> Result<(), String> {
    let helper = cx.hands.reconnect().await.map_err(|error| error.message)?;
    let request = Request { module: "ping".into(), ..Request::default() };
    helper.run(request, std::sync::Arc::new(NoFeed)).await.map(drop).map_err(|error| error.message)
}
