//! `kafka_cluster`: waits until the brokers of Kafka are one healthy cluster, and empties those that are to leave it.
//!
//! One host is enough to reach the brokers from (`run_once`). Each is asked where it listens, and again where it sends its
//! clients (`advertised.listeners`): that both lead to the same broker is half of what goes wrong with Kafka.

use std::collections::BTreeSet;
use std::time::Duration;

use super::address::address;
use super::kafka_topic::{LoginMechanism, login};
use super::report::{Steps, changed_cluster};
use super::seat::{Entry, Seat, members};
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::Address;
use crate::clusters::kafka::{self, Client, ClusterWish, Condition, Member, Quorum, Shares, Voter};
use crate::module::{BadArgument, Check, Example, Return, Spec};
use crate::{action, arguments};

arguments! {
    /// A broker of which more than the address is said.
    pub(super) struct BrokerArgs {
        /// Where it listens, as `host:port`.
        host: String,
        /// Its number (`broker.id`, `node.id`), when it has to be a certain one.
        id: Option<i32>,
    }
}

arguments! {
    /// Arguments of `kafka_cluster`.
    pub(super) struct Args {
        /// The brokers: `host:port`, or a dictionary with `host` and `id`. All of them are waited for.
        brokers: Vec<Seat<Member>>,
        /// How the password is shown to the brokers.
        login_mechanism: LoginMechanism = LoginMechanism::ScramSha512,
        /// The password of the user who logs in.
        login_password: Option<Secret>,
        /// Who logs in, where the brokers ask for a login.
        login_user: Option<String>,
        /// Whether all brokers get an even share of the replicas, so that one that was added gets its part: as many as
        /// that takes move, never two of a partition to one rack that were on two. Counts, not sizes, are evened out.
        rebalance: bool = false,
        /// The numbers of brokers that are to leave: their partitions move to the others, and it is checked that none is
        /// left. Stop them after that.
        remove_brokers: Vec<i32> = Vec::new(),
        /// How many bytes a second each broker may send, and receive, for replicas that move.
        throttle: Option<u64>,
        /// How long it may take, in seconds. A broker that is still missing then is a warning, when the others serve all
        /// partitions, and a failure when they do not.
        timeout: u64 = 120,
    }
}

impl Entry for Member {
    const MODULE: &'static str = "kafka_cluster";
    type Args = BrokerArgs;

    fn at(text: &str) -> Result<Self, BadArgument> {
        Ok(Self { address: address(text)?, id: None })
    }

    fn of(args: BrokerArgs) -> Result<Self, BadArgument> {
        Ok(Self { address: address(&args.host)?, id: args.id })
    }

    fn address(&self) -> &Address {
        &self.address
    }
}

action! {
    /// The action.
    KafkaCluster,
    Spec {
        name: "kafka_cluster",
        collection: "fcplay.clusters",
        summary: "Waits until the brokers of Kafka are one healthy cluster, and moves all partitions away from those that are to leave it.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Wait until three brokers have found each other and all partitions are in step.",
                task: "kafka_cluster: {brokers: ['10.0.0.1:9092', '10.0.0.2:9092', {host: '10.0.0.3:9092', id: 3}]}",
            },
            Example {
                about: "Give a broker that was added its share, at 20 MB a second.",
                task: "kafka_cluster: {brokers: ['10.0.0.1:9092', '10.0.0.2:9092', '10.0.0.3:9092', '10.0.0.4:9092'], rebalance: true, throttle: 20000000, timeout: 7200}",
            },
            Example {
                about: "Empty broker 3, so that it can be stopped for good.",
                task: "kafka_cluster: {brokers: ['10.0.0.1:9092', '10.0.0.2:9092', '10.0.0.4:9092'], remove_brokers: [3], throttle: 20000000, timeout: 7200}",
            },
        ],
        returns: &[
            Return { name: "brokers", about: "The brokers that are registered: their `id`, `host`, where they send their clients, and `rack`." },
            Return { name: "cluster_id", about: "The cluster's number." },
            Return { name: "controller", about: "The number of the broker, or of KRaft's node, that decides." },
            Return { name: "mode", about: "`kraft`, or `zookeeper`." },
            Return { name: "quorum", about: "With KRaft: the `leader` of the quorum, its `voters` with their `id`, `offset`, and how many seconds they are `behind`, and the numbers of its `observers`." },
            Return { name: "steps", about: "What was done, or would be, in order." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let login = login(args.login_user.clone(), args.login_password.clone(), args.login_mechanism)?;
    let wish = wish(args)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    let seeds = wish.brokers.iter().map(|broker| broker.address.clone()).collect();
    let mut client = Client::new(seeds, login, &dial);
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        kafka::predict_cluster(&wish, &mut client).await
    } else {
        kafka::ensure_cluster(&wish, &mut client, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    Ok(told(changed_cluster(cx, "Kafka cluster", changes), &found))
}

fn wish(args: Args) -> Result<ClusterWish, BadArgument> {
    let brokers = members(args.brokers, "brokers")?;
    if args.throttle == Some(0) {
        return Err(BadArgument::new("is 0: nothing would ever move").of("throttle"));
    }
    Ok(ClusterWish {
        brokers,
        emptied: args.remove_brokers.into_iter().collect::<BTreeSet<i32>>(),
        shares: if args.rebalance { Shares::Even } else { Shares::Keep },
        throttle: args.throttle,
        timeout: Duration::from_secs(args.timeout),
    })
}

/// Adds what is known of the cluster to a result.
fn told(done: Done, found: &Condition) -> Done {
    let brokers = found.brokers().into_iter().map(|(id, host, rack)| {
        let rack = rack.map_or(Value::Null, Value::from);
        let fields = [("id", id.into()), ("host", Value::from(host)), ("rack", rack)];
        Value::from(fields.into_iter().collect::<Map>())
    });
    let brokers = Value::list(brokers);
    done.with("brokers", brokers)
        .with("cluster_id", found.cluster().map_or(Value::Null, Value::from))
        .with("controller", found.controller().map_or(Value::Null, Value::from))
        .with("mode", found.mode().map_or(Value::Null, Value::from))
        .with("quorum", found.quorum().map_or(Value::Null, quorum))
}

/// Returns KRaft's quorum as results have it.
fn quorum(found: &Quorum) -> Value {
    let voter = |voter: &Voter| {
        let behind = voter.behind.map(|behind| behind.as_secs());
        let fields = [
            ("id", Value::from(voter.id)),
            ("offset", voter.offset.map_or(Value::Null, Value::from)),
            ("behind", behind.map_or(Value::Null, Value::from)),
        ];
        Value::from(fields.into_iter().collect::<Map>())
    };
    let fields = [
        ("leader", found.leader.map_or(Value::Null, Value::from)),
        ("voters", Value::list(found.voters.iter().map(voter))),
        ("observers", Value::list(found.observers.iter().map(|id| Value::from(*id)))),
    ];
    Value::from(fields.into_iter().collect::<Map>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Arguments;

    fn parsed(json: &str) -> Result<ClusterWish, String> {
        let value = crate::base::json::parse(json).unwrap();
        let args = Args::parse(value.as_map().unwrap()).map_err(|error| error.to_string())?;
        wish(args).map_err(|error| error.to_string())
    }

    #[test]
    fn brokers() {
        let wish =
            parsed(r#"{"brokers": ["a:1", {"host": "b:2", "id": 7}], "remove_brokers": "3,4"}"#);
        let wish = wish.unwrap();
        let told = |broker: &Member| (broker.address.to_string(), broker.id);
        let brokers: Vec<_> = wish.brokers.iter().map(told).collect();
        assert_eq!(brokers, [("a:1".to_owned(), None), ("b:2".to_owned(), Some(7))]);
        assert_eq!(wish.emptied, BTreeSet::from([3, 4]));
        let wrong = |json: &str| parsed(json).unwrap_err();
        assert_eq!(wrong(r#"{"brokers": ["a:1", "a:1"]}"#), "argument 'brokers' names a:1 twice");
        assert!(wrong(r#"{"brokers": [{"host": "b:2", "ids": 7}]}"#).contains("id"));
    }
}
