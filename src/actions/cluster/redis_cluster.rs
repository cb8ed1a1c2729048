//! `redis_cluster`: forms a Redis Cluster out of running instances, and repairs one that is half formed.
//!
//! One host is enough to reach all instances from (`run_once`): the streams are opened there.

use std::time::Duration;

use super::address::addresses;
use super::report::{Steps, changed_cluster};
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Secret, Value};
use crate::clusters::redis::{self, Wish};
use crate::module::{BadArgument, Check, Example, Return, Spec};
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
        /// Whether nodes of the cluster that are not named are taken out: their slots move to the others, with all keys,
        /// before everybody forgets them.
        remove_others: bool = false,
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
        summary: "Forms a Redis Cluster out of running instances, repairs one that is half formed, and moves slots live when nodes come or go.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "Make six instances on three hosts a cluster of three masters with a replica each.",
            task: "redis_cluster: {nodes: ['10.0.0.1:7000', '10.0.0.1:7001', '10.0.0.2:7000', '10.0.0.2:7001', '10.0.0.3:7000', '10.0.0.3:7001'], replicas: 1, password: '{{ redis_password }}'}",
        }, Example {
            about: "Leave only these nodes in the cluster: the slots of others move to them, with all keys.",
            task: "redis_cluster: {nodes: '{{ redis_nodes }}', replicas: 1, password: '{{ redis_password }}', remove_others: true, timeout: 3600}",
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

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let State::Present = args.state;
    let wish = wish(&args)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        let found = redis::look(&wish, &dial, false).await;
        found.and_then(|found| redis::predict(&wish, &found))
    } else {
        redis::ensure(&wish, &dial, &steps).await
    };
    let changes = steps.result(result)?;
    let layout = Value::list(changes.after.lines().map(Value::from));
    Ok(changed_cluster(cx, "Redis cluster", changes).with("layout", layout))
}

fn wish(args: &Args) -> Result<Wish, BadArgument> {
    Ok(Wish {
        nodes: addresses(&args.nodes, "nodes")?,
        remove_others: args.remove_others,
        replicas: args.replicas as usize,
        username: args.username.clone(),
        password: args.password.clone(),
        timeout: Duration::from_secs(args.timeout),
    })
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
