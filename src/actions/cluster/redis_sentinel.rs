//! `redis_sentinel`: makes Redis nodes one master with replicas, and has sentinels watch it.
//!
//! One host is enough to reach all nodes and sentinels from (`run_once`): the streams are opened there.

use std::time::Duration;

use super::address::addresses;
use super::report::{Steps, changed_cluster};
use super::seat::distinct;
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::Address;
use crate::clusters::redis::sentinel::{self, Account, Others, SETTINGS, Strife, Table, Wish};
use crate::module::{BadArgument, Check, Example, Return, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `redis_sentinel`.
    pub(super) struct Args {
        /// Makes one node the master although others hold data of their own, which they lose: the one that has replicas,
        /// otherwise the first one with data.
        force: bool = false,
        /// The name that the sentinels give the master.
        name: String = "mymaster".to_owned(),
        /// The nodes with the data, as `host:port`. Before sentinels watch a master it is the one that holds data, or the
        /// first one; after that it is the one that the sentinels have chosen.
        nodes: Vec<String>,
        /// The password of the nodes. Replicas and sentinels log in at the master with it.
        password: Option<Secret>,
        /// How many sentinels have to agree that the master is gone; most of them, when nobody says so.
        quorum: Option<u32>,
        /// Whether the sentinels forget replicas and other sentinels that are gone and not named.
        remove_others: bool = false,
        /// The password of the sentinels themselves, where they ask for one.
        sentinel_password: Option<Secret>,
        /// The user to log in as at the sentinels.
        sentinel_username: Option<String>,
        /// The sentinels, as `host:port`.
        sentinels: Vec<String>,
        /// Settings of the sentinels for this master: `down-after-milliseconds`, `failover-timeout`, `parallel-syncs`,
        /// `notification-script`, `client-reconfig-script`. What is not named stays.
        settings: Option<Map>,
        /// How long it may take until the sentinels say that they can fail over, in seconds.
        timeout: u64 = 120,
        /// The user to log in as at the nodes, with access control lists.
        username: Option<String>,
    }
}

action! {
    /// The action.
    RedisSentinel,
    Spec {
        name: "redis_sentinel",
        collection: "fcplay.clusters",
        summary: "Makes Redis nodes one master with replicas, has sentinels watch it, and leaves a master that they have chosen where it is.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Make three nodes a master with two replicas, watched by three sentinels.",
                task: "redis_sentinel: {nodes: ['10.0.0.1:6379', '10.0.0.2:6379', '10.0.0.3:6379'], sentinels: ['10.0.0.1:26379', '10.0.0.2:26379', '10.0.0.3:26379'], password: '{{ redis_password }}', settings: {down-after-milliseconds: 5000}}",
            },
            Example {
                about: "Have the sentinels forget a host that was taken away.",
                task: "redis_sentinel: {nodes: ['10.0.0.1:6379', '10.0.0.2:6379'], sentinels: ['10.0.0.1:26379', '10.0.0.2:26379', '10.0.0.4:26379'], password: '{{ redis_password }}', remove_others: true}",
            },
        ],
        returns: &[
            Return { name: "master", about: "The master, as `host:port`." },
            Return { name: "nodes", about: "The nodes: their `address` and `role` (`master`, `replica`, `down`)." },
            Return { name: "sentinels", about: "The sentinels: their `address` and `state`." },
            Return { name: "steps", about: "What was done, or would be, in order." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let wish = wish(args)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        let found = sentinel::look(&wish, &dial).await;
        found.and_then(|found| Ok((sentinel::predict(&wish, &found)?, found)))
    } else {
        sentinel::ensure(&wish, &dial, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    let name = format!("Redis master {}", wish.name);
    Ok(told(changed_cluster(cx, &name, changes), &found.table(&wish)))
}

fn wish(args: Args) -> Result<Wish, BadArgument> {
    let nodes = addresses(&args.nodes, "nodes")?;
    distinct(&nodes, "nodes")?;
    let sentinels = addresses(&args.sentinels, "sentinels")?;
    distinct(&sentinels, "sentinels")?;
    let most = sentinels.len() / 2 + 1;
    let quorum = args.quorum.map_or(most, |quorum| quorum as usize);
    if quorum == 0 || quorum > sentinels.len() {
        let text = format!("is {quorum}: it has to be from 1 to {}", sentinels.len());
        return Err(BadArgument::new(text).of("quorum"));
    }
    let mut settings = Vec::new();
    for (name, value) in &args.settings.unwrap_or_default() {
        let name = name.to_string().replace('_', "-");
        if !SETTINGS.contains(&name.as_str()) {
            let text = format!("knows no `{name}`; it has {}", SETTINGS.join(", "));
            return Err(BadArgument::new(text).of("settings"));
        }
        settings.push((name, value.to_string()));
    }
    Ok(Wish {
        name: args.name,
        nodes,
        sentinels,
        quorum,
        account: Account { username: args.username, password: args.password },
        sentinel_account: Account {
            username: args.sentinel_username,
            password: args.sentinel_password,
        },
        settings,
        others: if args.remove_others { Others::Remove } else { Others::Keep },
        strife: if args.force { Strife::Discard } else { Strife::Refuse },
        timeout: Duration::from_secs(args.timeout),
    })
}

/// Adds what is known of nodes and sentinels to a result.
fn told(done: Done, table: &Table) -> Done {
    let master = table.nodes.iter().find(|(_, role)| *role == "master");
    let master = master.map_or(Value::Null, |(address, _)| address.to_string().into());
    let row = |address: &Address, name: &'static str, what: &str| {
        Value::map([("address", Value::from(address.to_string())), (name, what.into())])
    };
    let nodes = table.nodes.iter().map(|(address, role)| row(address, "role", role));
    let sentinels = table.sentinels.iter().map(|(address, state)| row(address, "state", state));
    done.with("master", master)
        .with("nodes", Value::list(nodes))
        .with("sentinels", Value::list(sentinels))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Arguments;

    #[track_caller]
    fn case(json: &str, expected: Result<(usize, usize), &str>) {
        let value = crate::base::json::parse(json).unwrap();
        let found = Args::parse(value.as_map().unwrap()).and_then(wish);
        let found = found.map(|wish| (wish.quorum, wish.settings.len()));
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{json}");
    }

    #[test]
    fn arguments() {
        case(
            r#"{"nodes": ["a:1"], "sentinels": ["a:2", "b:2", "c:2"], "settings": {"down_after_milliseconds": 500}}"#,
            Ok((2, 1)),
        );
        case(
            r#"{"nodes": ["a:1"], "sentinels": ["a:2"], "quorum": 2}"#,
            Err("argument 'quorum' is 2: it has to be from 1 to 1"),
        );
        case(
            r#"{"nodes": ["a:1", "a:1"], "sentinels": ["a:2"]}"#,
            Err("argument 'nodes' names a:1 twice"),
        );
        case(
            r#"{"nodes": ["a:1"], "sentinels": ["a:2"], "settings": {"down": 1}}"#,
            Err(
                "argument 'settings' knows no `down`; it has client-reconfig-script, down-after-milliseconds, failover-timeout, notification-script, parallel-syncs",
            ),
        );
    }
}
