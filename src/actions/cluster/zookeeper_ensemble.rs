//! `zookeeper_ensemble`: waits until servers of ZooKeeper are one healthy ensemble, and changes its list of servers.
//!
//! One host is enough to reach the servers from (`run_once`). An ensemble forms by itself, out of the files of its
//! servers; what this adds is that all of it is looked at together, and that nothing is restarted that need not be.

use std::time::Duration;

use super::address::credentials;
use super::report::{Steps, changed_cluster};
use super::seat::{Entry, Seat, members};
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::Address;
use crate::clusters::zookeeper::{self, Lists, Login, Member, Proof, Role, Row, Wish};
use crate::module::{BadArgument, Check, Example, Return, Spec};
use crate::{action, arguments, choices};

/// Where ZooKeeper listens when nobody says so.
const PORT: u16 = 2181;

choices! {
    /// What a server is in the ensemble.
    pub(super) enum ServerRole { Observer = "observer", Participant = "participant" }
}

choices! {
    /// How the password is shown to the servers.
    pub(super) enum LoginMechanism { Digest = "digest", Sasl = "sasl" }
}

arguments! {
    /// A server of which more than the address is said.
    pub(super) struct ServerArgs {
        /// What the list says for clients, as `host:port`, when it is not where the server is asked.
        client_address: Option<String>,
        /// Its port for elections; 3888, or what all servers of the list have, for a new one.
        election_port: Option<u16>,
        /// Where clients reach it: `host:port`, or only the host.
        host: String,
        /// Its number, as in `myid`; it is checked.
        id: Option<u64>,
        /// Where the other servers reach it, if that is another host.
        peer_host: Option<String>,
        /// Its port for the data; 2888, or what all servers of the list have, for a new one.
        peer_port: Option<u16>,
        /// Its port for clients, unless `host` says it; usually 2181.
        port: Option<u16>,
        /// Whether it votes; a new one is what it calls itself.
        role: Option<ServerRole>,
    }
}

arguments! {
    /// Arguments of `zookeeper_ensemble`.
    pub(super) struct Args {
        /// How the password is shown: to the scheme `digest`, as the super user has one, or by SASL's DIGEST-MD5.
        login_mechanism: LoginMechanism = LoginMechanism::Digest,
        /// The password of the user who logs in.
        login_password ["password"]: Option<Secret>,
        /// Who logs in. Only who may change `/zookeeper/config` can change the list of servers: the super user.
        login_user ["username"]: Option<String>,
        /// Whether the list of servers is changed when it differs from `servers`. If not, that is a warning.
        reconfigure: bool = true,
        /// Whether servers that are not named are taken from the list, one at a time, the leader last.
        remove_others: bool = false,
        /// The servers: `host:port`, or a dictionary with `host` and what is special about the server.
        servers: Vec<Seat<Member>>,
        /// How long it may take until all servers are well, in seconds.
        timeout: u64 = 120,
    }
}

impl Entry for Member {
    const MODULE: &'static str = "zookeeper_ensemble";
    type Args = ServerArgs;

    fn at(text: &str) -> Result<Self, BadArgument> {
        place(text, None).map(Self::at)
    }

    fn of(args: ServerArgs) -> Result<Self, BadArgument> {
        let client = args.client_address.map(|text| place(&text, None)).transpose();
        let role = |role| match role {
            ServerRole::Observer => Role::Observer,
            ServerRole::Participant => Role::Participant,
        };
        Ok(Self {
            address: place(&args.host, args.port)?,
            id: args.id,
            peer: args.peer_host,
            peer_port: args.peer_port,
            election_port: args.election_port,
            role: args.role.map(role),
            client: client?,
        })
    }

    fn address(&self) -> &Address {
        &self.address
    }
}

/// Reads `host:port`, or a host; the port may stand apart.
fn place(text: &str, port: Option<u16>) -> Result<Address, BadArgument> {
    let text = text.trim();
    let is_host = !text.contains(':') || text.ends_with(']');
    let wrong = |error| BadArgument::new(format!("is wrong: {error}"));
    match (is_host, port) {
        (true, port) => format!("{text}:{}", port.unwrap_or(PORT)).parse().map_err(wrong),
        (false, None) => text.parse().map_err(wrong),
        (false, Some(port)) => {
            Err(BadArgument::new(format!("says its port twice: `{text}` and {port}")))
        }
    }
}

action! {
    /// The action.
    ZookeeperEnsemble,
    Spec {
        name: "zookeeper_ensemble",
        collection: "fcplay.clusters",
        summary: "Waits until servers of ZooKeeper are one healthy ensemble, and changes its list of servers while it runs.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Wait until three servers have one leader, and all are in step.",
                task: "zookeeper_ensemble: {servers: ['10.0.0.1:2181', '10.0.0.2:2181', '10.0.0.3:2181']}",
            },
            Example {
                about: "Wait between restarts, while the files of the servers still differ.",
                task: "zookeeper_ensemble: {servers: '{{ zookeeper_servers }}', reconfigure: false}",
            },
            Example {
                about: "Replace a server while the ensemble runs (`reconfigEnabled=true`).",
                task: "zookeeper_ensemble: {servers: [{host: 10.0.0.1, id: 1}, {host: 10.0.0.2, id: 2}, {host: 10.0.0.4, id: 4}], remove_others: true, login_user: super, login_password: '{{ zookeeper_password }}'}",
            },
        ],
        returns: &[
            Return { name: "leader", about: "Where the leader is." },
            Return { name: "servers", about: "The servers: their `host`, `id`, `mode`, `zxid` and `version`; those that do not serve have no mode." },
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
        let found = zookeeper::look(&wish, &dial).await;
        found.and_then(|found| Ok((zookeeper::predict(&wish, &found)?, found)))
    } else {
        zookeeper::ensure(&wish, &dial, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    let rows = zookeeper::table(&found);
    let leader = rows.iter().find(|row| row.mode == Some("leader"));
    let leader = leader.map_or(Value::Null, |row| row.host.clone().into());
    let done = changed_cluster(cx, "ZooKeeper ensemble", changes);
    Ok(done.with("leader", leader).with("servers", Value::list(rows.into_iter().map(told))))
}

/// Returns a server as results have it.
fn told(row: Row) -> Value {
    let text = |text: Option<String>| text.map_or(Value::Null, Value::from);
    let fields = [
        ("host", Value::from(row.host)),
        ("id", row.id.map_or(Value::Null, Value::from)),
        ("mode", row.mode.map_or(Value::Null, Value::from)),
        ("zxid", text(row.zxid)),
        ("version", text(row.version)),
    ];
    Value::from(fields.into_iter().collect::<Map>())
}

fn wish(args: Args) -> Result<Wish, BadArgument> {
    let proof = match args.login_mechanism {
        LoginMechanism::Digest => Proof::Digest,
        LoginMechanism::Sasl => Proof::Sasl,
    };
    let pair = credentials(args.login_user, args.login_password)?;
    let login = pair.map(|(user, password)| Login { user, password, proof });
    let lists = match (args.reconfigure, args.remove_others) {
        (true, false) => Lists::Change,
        (true, true) => Lists::Exact,
        (false, false) => Lists::Keep,
        (false, true) => {
            return Err(BadArgument::new(
                "changes the list of servers: leave out `reconfigure: false`",
            )
            .of("remove_others"));
        }
    };
    let servers = members(args.servers, "servers")?;
    Ok(Wish { servers, login, lists, timeout: Duration::from_secs(args.timeout) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Arguments;

    fn parsed(json: &str) -> Result<Wish, String> {
        let value = crate::base::json::parse(json).unwrap();
        let args = Args::parse(value.as_map().unwrap()).map_err(|error| error.to_string())?;
        wish(args).map_err(|error| error.to_string())
    }

    #[test]
    fn servers() {
        let wish = parsed(
            r#"{"servers": ["a", "b:2182", {"host": "c", "port": 2183, "id": 3, "role": "observer", "peer_port": 1,
                "client_address": "d:2184"}, {"host": "[::1]"}], "remove_others": true, "username": "u", "password": "p"}"#,
        );
        let wish = wish.unwrap();
        let places: Vec<_> = wish.servers.iter().map(|server| server.address.to_string()).collect();
        assert_eq!(places, ["a:2181", "b:2182", "c:2183", "[::1]:2181"]);
        let c = &wish.servers[2];
        assert_eq!((c.id, c.role, c.peer_port), (Some(3), Some(Role::Observer), Some(1)));
        assert_eq!(c.client.as_ref().unwrap().to_string(), "d:2184");
        assert_eq!((wish.lists, wish.login.unwrap().proof), (Lists::Exact, Proof::Digest));
    }

    #[test]
    fn mistakes() {
        let wrong = |json: &str| parsed(json).unwrap_err();
        assert_eq!(wrong(r#"{"servers": []}"#), "argument 'servers' is empty");
        assert_eq!(
            wrong(r#"{"servers": ["a", "a:2181"]}"#),
            "argument 'servers' names a:2181 twice"
        );
        assert!(wrong(r#"{"servers": [{"host": "a:1", "port": 2}]}"#).contains("its port twice"));
        assert!(wrong(r#"{"servers": [{"host": "a", "roles": 2}]}"#).contains("role"));
        assert!(wrong(r#"{"servers": ["a"], "login_user": "u"}"#).contains("belong together"));
        assert!(
            wrong(r#"{"servers": ["a"], "reconfigure": false, "remove_others": true}"#)
                .contains("remove_others")
        );
    }
}
