//! `kafka_topic`: makes topics of Kafka, and changes those that are there.
//!
//! All topics of a task are looked at and changed together, a request for each kind of change. One host is enough to
//! reach the brokers from (`run_once`), where they say that they are (`advertised.listeners`).

use std::collections::BTreeMap;
use std::time::Duration;

use super::address::{addresses, credentials};
use super::report::{Steps, changed_cluster};
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::kafka::{self, Client, Login, Mechanism, Others, Topic, Wish};
use crate::clusters::{Address, scram};
use crate::module::{
    Argument, Arguments, BadArgument, Check, Example, Kind, Return, Spec, check_names,
};
use crate::{action, arguments, choices};

choices! {
    /// Whether a topic should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

choices! {
    /// How the password is shown to the brokers.
    pub(super) enum LoginMechanism {
        Plain = "PLAIN",
        ScramSha256 = "SCRAM-SHA-256",
        ScramSha512 = "SCRAM-SHA-512",
    }
}

arguments! {
    /// A topic of several.
    pub(super) struct TopicArgs {
        /// Settings of the topic; null as a value means the brokers' own.
        config ["options"]: Option<Map>,
        /// The name of the topic.
        name: String,
        /// How many partitions it has.
        partitions: Option<u32>,
        /// How many brokers have each partition.
        replication_factor ["replica_factor"]: Option<u32>,
        /// Whether it should be there.
        state: Option<State>,
    }
}

arguments! {
    /// Arguments of `kafka_topic`.
    pub(super) struct Args {
        /// Brokers to ask first, as `host:port`; the others are found through them.
        bootstrap_servers: Vec<String>,
        /// Settings of the topics, such as `retention.ms`; null as a value means the brokers' own. Settings that are not
        /// named stay.
        config ["options"]: Option<Map>,
        /// Whether settings that are not named go back to the brokers' own.
        config_exact: bool = false,
        /// How the password is shown to the brokers.
        login_mechanism: LoginMechanism = LoginMechanism::ScramSha512,
        /// The password of the user who logs in.
        login_password: Option<Secret>,
        /// Who logs in, where the brokers ask for a login.
        login_user: Option<String>,
        /// The name of the topic, when it is one.
        name ["topic"]: Option<String>,
        /// How many partitions the topics have. More than there are makes a topic grow; fewer cannot be. A new topic gets
        /// what the brokers give when nobody says so.
        partitions: Option<u32>,
        /// How many brokers have each partition. A change moves as few replicas as possible, to the racks and brokers
        /// that have the fewest.
        replication_factor ["replica_factor"]: Option<u32>,
        /// Whether the topics should be there. With `absent` they are deleted, with all messages.
        state: State = State::Present,
        /// How many bytes a second each broker may send, and receive, for replicas that move.
        throttle: Option<u64>,
        /// How long it may take until all replicas are in step, in seconds. What moves goes on after that; the task can be
        /// repeated.
        timeout: u64 = 300,
        /// The topics, when they are several: names, or dictionaries with `name`, `partitions`, `replication_factor`,
        /// `config` and `state`. What they do not say, the task says.
        topics: Option<Vec<Item>>,
    }
}

/// An item of `topics`.
#[derive(Clone, Debug)]
pub(super) struct Item(Map);

impl Argument for Item {
    const KIND: Kind = Kind::Raw;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        let Some(map) = value.as_map() else {
            return Ok(Self([("name", value.clone())].into_iter().collect()));
        };
        check_names("kafka_topic", &TopicArgs::specs(), map)?;
        TopicArgs::parse(map)?;
        Ok(Self((**map).clone()))
    }

    fn to_value(&self) -> Value {
        self.0.clone().into()
    }
}

action! {
    /// The action.
    KafkaTopic,
    Spec {
        name: "kafka_topic",
        collection: "fcplay.clusters",
        summary: "Makes topics of Kafka, changes their partitions, replicas and settings, and deletes them.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Keep several topics.",
                task: "kafka_topic: {bootstrap_servers: ['10.0.0.1:9092', '10.0.0.2:9092'], replication_factor: 2, topics: [{name: orders, partitions: 6, config: {retention.ms: 604800000}}, {name: audit, partitions: 2, config: {cleanup.policy: [compact, delete]}}]}",
            },
            Example {
                about: "Give a topic three replicas without disturbing its users.",
                task: "kafka_topic: {bootstrap_servers: ['10.0.0.1:9092'], name: orders, replication_factor: 3, throttle: 20000000, timeout: 3600}",
            },
            Example {
                about: "Delete a topic and all its messages.",
                task: "kafka_topic: {bootstrap_servers: ['10.0.0.1:9092'], name: old, state: absent, login_user: admin, login_password: '{{ kafka_password }}'}",
            },
        ],
        returns: &[
            Return { name: "steps", about: "What was done, or would be, in order." },
            Return { name: "topics", about: "The topics by name: their `partitions`, `replication_factor` and `config`." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let seeds = seeds(&args.bootstrap_servers, "bootstrap_servers")?;
    let wish = wish(&args)?;
    let login = login(args.login_user, args.login_password, args.login_mechanism)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    let mut client = Client::new(seeds, login, &dial);
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        match kafka::look(&wish, &mut client).await {
            Ok(found) => kafka::predict(&wish, &found, &mut client).await,
            Err(error) => Err(error),
        }
    } else {
        kafka::ensure(&wish, &mut client, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    let topics = kafka::table(&wish, &found).into_iter().map(|(name, row)| {
        let (partitions, factor, config) = row;
        let config: Map =
            config.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
        let factor = factor.parse::<i64>().map_or_else(|_| Value::from(factor), Value::from);
        let fields = [
            ("partitions", i64::try_from(partitions).unwrap_or(0).into()),
            ("replication_factor", factor),
            ("config", Value::from(config)),
        ];
        (name, Value::from(fields.into_iter().collect::<Map>()))
    });
    let topics: Map = topics.collect();
    Ok(changed_cluster(cx, "Kafka topics", changes).with("topics", Value::from(topics)))
}

fn wish(args: &Args) -> Result<Wish, BadArgument> {
    let items = match (&args.name, &args.topics) {
        (Some(name), None) => vec![Item([("name", name.as_str().into())].into_iter().collect())],
        (None, Some(topics)) => topics.clone(),
        _ => return Err(BadArgument::new("one of the following is required: name, topics")),
    };
    let mut topics: Vec<Topic> = Vec::new();
    for Item(map) in items {
        let topic = topic(args, TopicArgs::parse(&map)?)?;
        if topics.iter().any(|other| other.name == topic.name) {
            return Err(BadArgument::new(format!("names {} twice", topic.name)).of("topics"));
        }
        topics.push(topic);
    }
    if args.throttle == Some(0) {
        return Err(BadArgument::new("is 0: nothing would ever move").of("throttle"));
    }
    Ok(Wish {
        topics,
        others: if args.config_exact { Others::Remove } else { Others::Keep },
        throttle: args.throttle,
        timeout: Duration::from_secs(args.timeout),
    })
}

/// Returns a topic; what it does not say, the task says.
fn topic(args: &Args, item: TopicArgs) -> Result<Topic, BadArgument> {
    let count = |count: Option<u32>, name: &str| match count {
        Some(0) => Err(BadArgument::new("is 0: at least one is needed").of(name)),
        count => Ok(count.map(|count| count as usize)),
    };
    let mut config = BTreeMap::new();
    for map in args.config.iter().chain(&item.config) {
        config.extend(map.iter().map(|(key, value)| (key.to_string(), setting(value))));
    }
    Ok(Topic {
        name: item.name,
        present: item.state.unwrap_or(args.state) == State::Present,
        partitions: count(item.partitions.or(args.partitions), "partitions")?,
        factor: count(item.replication_factor.or(args.replication_factor), "replication_factor")?,
        config,
    })
}

/// Returns a setting as Kafka writes it.
fn setting(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(truth) => Some(truth.to_string()),
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(ToString::to_string).collect();
            Some(items.join(","))
        }
        other => Some(other.to_string()),
    }
}

/// Reads the addresses that an argument lists; there has to be one.
fn seeds(texts: &[String], name: &str) -> Result<Vec<Address>, BadArgument> {
    let addresses = addresses(texts, name)?;
    if addresses.is_empty() {
        return Err(BadArgument::new("is empty").of(name));
    }
    Ok(addresses)
}

/// Returns who logs in, when somebody does.
pub(super) fn login(
    user: Option<String>,
    password: Option<Secret>,
    mechanism: LoginMechanism,
) -> Result<Option<Login>, BadArgument> {
    let mechanism = match mechanism {
        LoginMechanism::Plain => Mechanism::Plain,
        LoginMechanism::ScramSha256 => Mechanism::Scram(scram::Mechanism::Sha256),
        LoginMechanism::ScramSha512 => Mechanism::Scram(scram::Mechanism::Sha512),
    };
    let pair = credentials(user, password)?;
    Ok(pair.map(|(user, password)| Login { user, password, mechanism }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Vec<Topic>, String> {
        let value = crate::base::json::parse(json).unwrap();
        let mut map = (**value.as_map().unwrap()).clone();
        map.insert("bootstrap_servers", "a:1".into());
        let args = Args::parse(&map).map_err(|error| error.to_string())?;
        wish(&args).map(|wish| wish.topics).map_err(|error| error.to_string())
    }

    #[test]
    fn topics_take_from_the_task_what_they_do_not_say() {
        let topics = parsed(
            r#"{"partitions": 2, "config": {"a": 1, "b": true}, "topics": ["x", {"name": "y", "partitions": 3,
                "replica_factor": 2, "config": {"a": null, "c": ["d", "e"]}, "state": "absent"}]}"#,
        );
        let some = |text: &str| Some(text.to_owned());
        let config = [("a".to_owned(), some("1")), ("b".to_owned(), some("true"))];
        let x = Topic { partitions: Some(2), config: config.into(), ..Topic::named("x") };
        let config = [("a", None), ("b", some("true")), ("c", some("d,e"))];
        let y = Topic {
            name: "y".into(),
            present: false,
            partitions: Some(3),
            factor: Some(2),
            config: config.map(|(key, value)| (key.to_owned(), value)).into(),
        };
        assert_eq!(topics, Ok(vec![x, y]));
    }

    #[test]
    fn mistakes() {
        let wrong = |json: &str| parsed(json).unwrap_err();
        assert_eq!(wrong("{}"), "one of the following is required: name, topics");
        assert_eq!(wrong(r#"{"topics": ["x", "x"]}"#), "argument 'topics' names x twice");
        assert!(wrong(r#"{"topics": [{"name": "x", "partition": 1}]}"#).contains("partitions"));
        assert_eq!(
            wrong(r#"{"name": "x", "partitions": 0}"#),
            "argument 'partitions' is 0: at least one is needed"
        );
        assert_eq!(
            wrong(r#"{"name": "x", "throttle": 0}"#),
            "argument 'throttle' is 0: nothing would ever move"
        );
    }
}
