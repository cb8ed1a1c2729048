//! `mongo_replica_set`: forms a MongoDB replica set out of running members, and changes one that is there.
//!
//! One host is enough to reach all members from (`run_once`). While the set has no users, MongoDB takes orders only from
//! its own host, so that host has to be one of the set.

use std::collections::BTreeMap;
use std::time::Duration;

use super::address::{address, credentials};
use super::report::{Steps, changed_cluster};
use super::seat::{Entry, Seat, members};
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::Address;
use crate::clusters::mongo::{self, Login, Lost, Member, Others, Wish};
use crate::module::{BadArgument, Check, Example, Return, Spec};
use crate::{action, arguments};

arguments! {
    /// A member that is more than an address.
    pub(super) struct MemberArgs {
        /// Whether it only votes and holds no data.
        arbiter: bool = false,
        /// How many seconds it stays behind.
        delay: Option<i64>,
        /// Whether clients do not see it.
        hidden: Option<bool>,
        /// Where the other members and the clients reach it, as `host:port`.
        host: String,
        /// Its number in the set. With the number a member is found that has got a new address.
        id: Option<i32>,
        /// How much it wants to be primary; 0 means never.
        priority: Option<f64>,
        /// Its tags.
        tags: Option<Map>,
        /// Whether it votes; the first seven members do when nobody says so.
        votes: Option<bool>,
    }
}

arguments! {
    /// Arguments of `mongo_replica_set`.
    pub(super) struct Args {
        /// Makes a set of the members that are left when too many are gone for a primary, and gives them the addresses
        /// that are named here: after a disaster. What only the others had is lost.
        force: bool = false,
        /// The database that knows the user who logs in.
        login_database: String = "admin".to_owned(),
        /// The password of the user who logs in.
        login_password: Option<Secret>,
        /// Who logs in. While the set has no users, this one is made, with the role `root`.
        login_user: Option<String>,
        /// The members: `host:port`, or a dictionary with `host` and what is special about the member.
        members: Vec<Seat<Member>>,
        /// The name of the set, as in `replication.replSetName`.
        name: String = "rs0".to_owned(),
        /// Whether members that are not named are taken out.
        remove_others: bool = false,
        /// How long it may take until all members are well, in seconds. New members first copy all data.
        timeout: u64 = 120,
    }
}

impl Entry for Member {
    const MODULE: &'static str = "mongo_replica_set";
    type Args = MemberArgs;

    fn at(text: &str) -> Result<Self, BadArgument> {
        address(text).map(Self::at)
    }

    fn of(args: MemberArgs) -> Result<Self, BadArgument> {
        let tags = args.tags.map(|tags| -> BTreeMap<String, String> {
            tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
        });
        Ok(Self {
            address: address(&args.host)?,
            id: args.id,
            arbiter: args.arbiter,
            delay: args.delay,
            hidden: args.hidden,
            priority: args.priority,
            tags,
            votes: args.votes,
        })
    }

    fn address(&self) -> &Address {
        &self.address
    }
}

action! {
    /// The action.
    MongoReplicaSet,
    Spec {
        name: "mongo_replica_set",
        collection: "fcplay.clusters",
        summary: "Forms a MongoDB replica set out of running members, and changes one that is there, a vote at a time.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Make three members a replica set, with a first user.",
                task: "mongo_replica_set: {name: rs0, members: ['10.0.0.1:27017', '10.0.0.2:27017', '10.0.0.3:27017'], login_user: admin, login_password: '{{ mongo_password }}'}",
            },
            Example {
                about: "Replace a member: the new one gets its vote when it has caught up, then the old one leaves.",
                task: "mongo_replica_set: {members: ['10.0.0.1:27017', '10.0.0.2:27017', '10.0.0.4:27017'], remove_others: true, login_user: admin, login_password: '{{ mongo_password }}'}",
            },
        ],
        returns: &[
            Return { name: "members", about: "The members: their `host`, `id` and `state`." },
            Return { name: "steps", about: "What was done, or would be, in order." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let dial = ThroughHelper(cx.hands.helper().await?);
    let wish = Wish {
        name: args.name,
        members: members(args.members, "members")?,
        login: login(args.login_user, args.login_password, args.login_database)?,
        others: if args.remove_others { Others::Remove } else { Others::Keep },
        lost: if args.force { Lost::Force } else { Lost::Wait },
        timeout: Duration::from_secs(args.timeout),
    };
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        let found = mongo::look(&wish, &dial).await;
        found.and_then(|found| Ok((mongo::predict(&wish, &found)?, found)))
    } else {
        mongo::ensure(&wish, &dial, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    let members = mongo::table(&found).into_iter().map(|(host, id, state)| {
        let fields = [("host", Value::from(host)), ("id", id.into()), ("state", state.into())];
        Value::from(fields.into_iter().collect::<Map>())
    });
    let members = Value::list(members);
    Ok(changed_cluster(cx, &format!("replica set {}", wish.name), changes).with("members", members))
}

/// Returns who logs in, when somebody does.
pub(super) fn login(
    user: Option<String>,
    password: Option<Secret>,
    database: String,
) -> Result<Option<Login>, BadArgument> {
    let pair = credentials(user, password)?;
    Ok(pair.map(|(user, password)| Login { user, password, database }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Argument;

    #[track_caller]
    fn case(yaml: &str) -> Result<Member, String> {
        let value = crate::base::json::parse(yaml).unwrap();
        Seat::from_value(&value).map(|Seat(member)| member).map_err(|error| error.to_string())
    }

    #[test]
    fn members() {
        let plain = Member::at("a:1".parse().unwrap());
        assert_eq!(case(r#""a:1""#), Ok(plain.clone()));
        assert_eq!(case(r#"{"host": "a:1"}"#), Ok(plain.clone()));
        assert_eq!(
            case(r#"{"host": "a:1", "id": "3", "votes": "no", "priority": 0, "tags": {"dc": 1}}"#),
            Ok(Member {
                id: Some(3),
                votes: Some(false),
                priority: Some(0.0),
                tags: Some([("dc".to_owned(), "1".to_owned())].into()),
                ..plain
            })
        );
        assert!(case(r#""a""#).unwrap_err().contains("`a` is no `host:port`"));
        assert!(case(r#"{"host": "a:1", "vote": 1}"#).unwrap_err().contains("votes"));
        assert!(case(r#"{"votes": 1}"#).unwrap_err().contains("missing required arguments: host"));
    }
}
