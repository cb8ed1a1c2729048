//! `consul_cluster`: joins Consul's servers until they elect a leader, and changes a cluster that is there.
//!
//! One host is enough to reach all agents from (`run_once`): the streams are opened there.

use std::time::Duration;

use super::address::address;
use super::report::{Steps, changed_cluster};
use super::seat::{Entry, Seat, distinct, members};
use crate::actions::dial::ThroughHelper;
use crate::actions::network::web;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Secret, Value};
use crate::clusters::Address;
use crate::clusters::consul::{self, Acl, Member, Others, Seat as Agent, Survey, Transport, Wish};
use crate::clusters::http::Redirects;
use crate::module::{BadArgument, Check, Example, Return, Spec};
use crate::{action, arguments, choices};

/// How long an agent may take to answer, in seconds: without a leader, some questions wait for one for seven.
const ANSWER: u64 = 10;

choices! {
    /// How the HTTP API is reached.
    pub(super) enum Scheme { Http = "http", Https = "https" }
}

arguments! {
    /// An agent of which more than the address is said.
    pub(super) struct AgentArgs {
        /// Where its HTTP API listens, as `host:port`.
        host: String,
        /// Its node name, when it has to be a certain one.
        node: Option<String>,
    }
}

arguments! {
    /// Arguments of `consul_cluster`.
    pub(super) struct Args {
        /// The token that agents take while there is no leader: `acl.tokens.agent_master` in their configuration, from
        /// Consul 1.11 on `agent_recovery`. It may be the same as `token`, and need not be given then.
        agent_token: Option<Secret>,
        /// Settings of autopilot, as configuration files name them: `cleanup_dead_servers`, `last_contact_threshold`,
        /// `max_trailing_logs`, `min_quorum`, `server_stabilization_time` and so on. What is not named stays.
        autopilot: Option<Map>,
        /// Whether `token` is made the first management token when there is none yet. Not needed where the servers'
        /// configuration has it (`acl.tokens.master`, from Consul 1.11 on `initial_management`).
        bootstrap_acl: bool = false,
        /// Certificates of authorities on the host, as PEM.
        ca_path: Option<String>,
        /// The client's certificate on the host, as PEM, where agents ask for one.
        client_cert: Option<String>,
        /// The key of the client's certificate.
        client_key: Option<String>,
        /// Agents that are no servers: they join too.
        clients: Vec<Seat<Agent>> = Vec::new(),
        /// The data center that all agents have to be in. Without it they only have to be in the same one.
        datacenter: Option<String>,
        /// Whether servers that are not named are taken out: those that are gone are forgotten, those that live leave, one
        /// at a time, which stops them. With `clients`, clients that are gone and not named are forgotten as well.
        remove_others: bool = false,
        /// How the HTTP API of the agents is reached.
        scheme: Scheme = Scheme::Http,
        /// The servers, where their HTTP API listens: `host:port`, or a dictionary with `host` and `node`.
        servers: Vec<Seat<Agent>>,
        /// How long it may take until the leader says that all servers are well, in seconds.
        timeout: u64 = 60,
        /// The token of an operator, where there are access control lists.
        token: Option<Secret>,
        /// Whether the agents' certificates are checked.
        validate_certs: bool = true,
    }
}

impl Entry for Agent {
    const MODULE: &'static str = "consul_cluster";
    type Args = AgentArgs;

    fn at(text: &str) -> Result<Self, BadArgument> {
        Ok(Self { address: address(text)?, node: None })
    }

    fn of(args: AgentArgs) -> Result<Self, BadArgument> {
        Ok(Self { address: address(&args.host)?, node: args.node })
    }

    fn address(&self) -> &Address {
        &self.address
    }
}

action! {
    /// The action.
    ConsulCluster,
    Spec {
        name: "consul_cluster",
        collection: "fcplay.clusters",
        summary: "Joins Consul's servers until they elect a leader, changes a cluster that is there, and takes members out of it, one at a time.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Make three running servers a cluster.",
                task: "consul_cluster: {servers: ['10.0.0.1:8500', '10.0.0.2:8500', '10.0.0.3:8500'], token: '{{ consul_token }}'}",
            },
            Example {
                about: "Replace a server: the new one gets its vote first, then the old one leaves.",
                task: "consul_cluster: {servers: ['10.0.0.1:8500', '10.0.0.2:8500', {host: '10.0.0.4:8500', node: 'db4'}], remove_others: true, autopilot: {cleanup_dead_servers: false}}",
            },
        ],
        returns: &[
            Return { name: "datacenter", about: "The data center." },
            Return { name: "leader", about: "The node name of the leader." },
            Return { name: "members", about: "The members: their `name`, `address` and `state` (`alive`, `failed`, `leaving`), and whether each is a `server`, a `voter`, the `leader`." },
            Return { name: "steps", about: "What was done, or would be, in order." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let transport = transport(&args, cx).await?;
    let wish = wish(args, transport)?;
    let dial = ThroughHelper(cx.hands.helper().await?);
    let steps = Steps::new(cx);
    let result = if cx.stage.check {
        let found = consul::look(&wish, &dial).await;
        found.and_then(|found| Ok((consul::predict(&wish, &found)?, found)))
    } else {
        consul::ensure(&wish, &dial, &steps).await
    };
    let (changes, found) = steps.result(result)?;
    Ok(told(changed_cluster(cx, "Consul cluster", changes), &found))
}

async fn transport(args: &Args, cx: &Context<'_>) -> Result<Transport, Error> {
    let identity = match (args.client_cert.as_deref(), args.client_key.as_deref()) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            return Err(BadArgument::new("and `client_key` belong together")
                .of("client_cert")
                .into());
        }
    };
    let secure = args.scheme == Scheme::Https;
    let wish = web::Wish {
        verify: args.validate_certs,
        authorities: args.ca_path.as_deref(),
        identity: identity.filter(|_| secure),
        use_proxy: false,
        redirects: Redirects::No,
        timeout: ANSWER,
        unix_socket: None,
        secure,
    };
    Ok(Transport { secure, options: web::options(wish, cx).await? })
}

fn wish(args: Args, transport: Transport) -> Result<Wish, BadArgument> {
    let servers = members(args.servers, "servers")?;
    let clients: Vec<Agent> = args.clients.into_iter().map(|Seat(agent)| agent).collect();
    distinct(servers.iter().chain(&clients).map(Entry::address), "clients")?;
    if args.bootstrap_acl && args.token.is_none() {
        return Err(BadArgument::new("needs the `token` that is to be made").of("bootstrap_acl"));
    }
    let autopilot = consul::settings(&args.autopilot.unwrap_or_default());
    let autopilot = autopilot.map_err(|error| BadArgument::new(error).of("autopilot"))?;
    Ok(Wish {
        servers,
        clients,
        datacenter: args.datacenter,
        token: args.token,
        agent_token: args.agent_token,
        acl: if args.bootstrap_acl { Acl::Bootstrap } else { Acl::Configured },
        autopilot,
        others: if args.remove_others { Others::Remove } else { Others::Keep },
        transport,
        timeout: Duration::from_secs(args.timeout),
    })
}

/// Adds what is known of the cluster to a result.
fn told(done: Done, found: &Survey) -> Done {
    let members = found.members();
    let leader = members.iter().find(|member| member.leader).map(|member| member.name.clone());
    let dictionary = |member: &Member| {
        Value::map([
            ("name", Value::from(member.name.as_str())),
            ("address", member.address.as_str().into()),
            ("state", member.state.into()),
            ("server", member.server.into()),
            ("voter", member.voter.into()),
            ("leader", member.leader.into()),
        ])
    };
    done.with("datacenter", found.datacenter().map_or(Value::Null, Value::from))
        .with("leader", leader.map_or(Value::Null, Value::from))
        .with("members", Value::list(members.iter().map(dictionary)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Arguments;

    #[track_caller]
    fn case(json: &str, expected: Result<&str, &str>) {
        let value = crate::base::json::parse(json).unwrap();
        let args = Args::parse(value.as_map().unwrap());
        let wish = args.and_then(|args| wish(args, Transport::default()));
        let text = wish.map(|wish| {
            let seat = |seat: &Agent| format!("{} {:?}", seat.address, seat.node);
            let seats: Vec<String> = wish.servers.iter().chain(&wish.clients).map(seat).collect();
            format!("{}; {}", seats.join(", "), wish.autopilot.len())
        });
        let text = text.map_err(|error| error.to_string());
        assert_eq!(text.as_deref().map_err(String::as_str), expected, "{json}");
    }

    #[test]
    fn agents() {
        case(
            r#"{"servers": ["a:1", {"host": "b:2", "node": "n"}], "clients": ["c:3"], "autopilot": {"min_quorum": 3}}"#,
            Ok("a:1 None, b:2 Some(\"n\"), c:3 None; 1"),
        );
        case(r#"{"servers": []}"#, Err("argument 'servers' is empty"));
        case(
            r#"{"servers": ["a:1"], "clients": ["a:1"]}"#,
            Err("argument 'clients' names a:1 twice"),
        );
        case(
            r#"{"servers": ["a:1"], "bootstrap_acl": true}"#,
            Err("argument 'bootstrap_acl' needs the `token` that is to be made"),
        );
        case(
            r#"{"servers": ["a:1"], "autopilot": {"max_trailing_logs": "many"}}"#,
            Err("argument 'autopilot' needs a whole number for `max_trailing_logs`, not `many`"),
        );
    }
}
