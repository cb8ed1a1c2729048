//! `redis_cluster`: forms a Redis Cluster out of running instances, and repairs one that is half formed.
//!
//! One host is enough to reach all instances from (`run_once`): the streams are opened there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error, Failed, Listener};
use crate::base::{Secret, Value};
use crate::clusters::redis::{self, Address, Observer, Wish};
use crate::module::{BadArgument, Check, Diff, Example, Failure, Outcome, Return, Spec};
use crate::protocol::Event;
use crate::{action, arguments, choices};

choices! {
    /// Whether the cluster should be there.
    pub(super) enum State { Present = "present" }
}

arguments! {
    /// Arguments of `redis_cluster`.
    pub(super) struct Args {
        /// The instances, as `host:port`; on the first hosts named are the masters, where that can be.
        nodes: Vec<String>,
        /// The password of all instances.
        password: Option<Secret>,
        /// How many replicas each master has, never on the master's own host unless there is no other.
        replicas: u32 = 1,
        /// What should be true: that the nodes are one cluster that serves all slots.
        state: State = State::Present,
        /// How long it may take until all nodes agree that the cluster is well, in seconds.
        timeout: u64 = 60,
        /// The user to log in as, with access control lists.
        username: Option<String>,
    }
}

action! {
    /// The action.
    RedisCluster,
    Spec {
        name: "redis_cluster",
        collection: "fcplay.clusters",
        summary: "Forms a Redis Cluster out of running instances, and repairs one that is half formed.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "Make six instances on three hosts a cluster of three masters with a replica each.",
            task: "redis_cluster: {nodes: ['10.0.0.1:7000', '10.0.0.1:7001', '10.0.0.2:7000', '10.0.0.2:7001', '10.0.0.3:7000', '10.0.0.3:7001'], replicas: 1, password: '{{ redis_password }}'}",
        }],
        returns: &[
            Return { name: "steps", about: "What was done, or would be, in order." },
            Return { name: "layout", about: "What each instance serves or copies now." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

/// Hands the steps on and keeps them, so that a run that fails half way says that something changed.
struct Steps {
    listener: Arc<dyn Listener>,
    heard: Mutex<Vec<String>>,
}

impl Observer for Steps {
    fn step(&self, text: &str) {
        let bytes = format!("{text}\n").into_bytes();
        self.listener.event(Event::Output { err: false, bytes });
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let State::Present = args.state;
    let wish = wish(&args)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    if cx.stage.check {
        let found = redis::look(&wish, &dial, false).await.map_err(|error| failed(&error, &[]))?;
        let prediction = redis::predict(&wish, &found).map_err(|error| failed(&error, &[]))?;
        let (before, after) = (prediction.before, prediction.after);
        return Ok(done(cx, &prediction.steps, prediction.warnings, [&before, &after]));
    }
    let observer = Steps { listener: Arc::clone(&cx.listener), heard: Mutex::default() };
    match redis::ensure(&wish, &dial, &observer).await {
        Ok(changes) => {
            let (before, after) = (changes.before, changes.after);
            Ok(done(cx, &changes.steps, changes.warnings, [&before, &after]))
        }
        Err(error) => {
            let heard = observer.heard.into_inner().unwrap_or_else(PoisonError::into_inner);
            Err(failed(&error, &heard))
        }
    }
}

fn wish(args: &Args) -> Result<Wish, BadArgument> {
    let nodes: Result<Vec<Address>, String> = args.nodes.iter().map(|node| node.parse()).collect();
    Ok(Wish {
        nodes: nodes.map_err(|error| BadArgument::new(format!("is wrong: {error}")).of("nodes"))?,
        replicas: args.replicas as usize,
        username: args.username.clone(),
        password: args.password.clone(),
        timeout: Duration::from_secs(args.timeout),
    })
}

fn done(
    cx: &Context<'_>,
    steps: &[String],
    warnings: Vec<String>,
    [before, after]: [&str; 2],
) -> Done {
    let changed = !steps.is_empty();
    let outcome =
        if changed { Outcome::done() } else { Outcome::same("the cluster is as it should be") };
    let header = || "Redis cluster".to_owned();
    let diff = Diff::Text {
        before_header: header(),
        after_header: header(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    Done {
        changed,
        outcome: outcome
            .with("steps", steps.to_vec())
            .with("layout", Value::list(after.lines().map(Value::from))),
        diffs: if changed && cx.stage.diff { vec![diff] } else { Vec::new() },
        warnings,
        ..Done::default()
    }
}

fn failed(error: &redis::Error, steps: &[String]) -> Error {
    Error::Failed(Box::new(Failed {
        failure: Failure::new(error.to_string()).with("steps", steps.to_vec()),
        changed: !steps.is_empty(),
        diffs: Vec::new(),
        warnings: Vec::new(),
        template: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Map;
    use crate::module::Arguments;

    #[test]
    fn nodes_are_checked() {
        let args = |nodes: &str| {
            let map: Map = [("nodes", Value::from(nodes))].into_iter().collect();
            Args::parse(&map).unwrap()
        };
        assert_eq!(wish(&args("a:1, b:2")).unwrap().nodes.len(), 2);
        let error = wish(&args("a:1,b")).unwrap_err();
        assert_eq!(error.to_string(), "argument 'nodes' is wrong: `b` is no `host:port`");
    }
}
