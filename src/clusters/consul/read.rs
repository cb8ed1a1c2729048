//! What agents and leaders say, read from their JSON.

use crate::base::Value;
use crate::clusters::Address;

/// An agent as it says it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Agent {
    /// Its node name.
    pub(super) name: String,
    /// Its number, a UUID.
    pub(super) id: String,
    /// Its data center.
    pub(super) datacenter: String,
    /// Its version.
    pub(super) version: String,
    /// Whether it is a server.
    pub(super) server: bool,
    /// How many servers it waits for before the first election; 0 when it begins none.
    pub(super) expect: usize,
    /// Where others reach it for gossip.
    pub(super) gossip: Option<Address>,
    /// The leader that it follows, as `address:port`.
    pub(super) leader: Option<String>,
    /// The numbers of the servers in its own copy of Raft's configuration; none before the first election.
    pub(super) raft: Vec<String>,
    /// Whom it knows, itself included.
    pub(super) members: Vec<Member>,
}

/// A member of the gossip.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Member {
    /// Its node name.
    pub name: String,
    /// Its number.
    pub id: String,
    /// Its address.
    pub address: String,
    /// How the others find it: `alive`, `leaving`, `left`, `failed`.
    pub state: &'static str,
    /// Whether it is a server.
    pub server: bool,
    /// Whether it votes.
    pub voter: bool,
    /// Whether it leads.
    pub leader: bool,
}

impl Member {
    /// Returns whether the others hear of it.
    pub(super) fn is_alive(&self) -> bool {
        self.state == "alive"
    }

    /// Returns whether it said good-bye.
    pub(super) fn has_left(&self) -> bool {
        self.state == "left"
    }
}

/// A server in Raft's configuration.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Peer {
    pub(super) id: String,
    pub(super) node: String,
    pub(super) address: String,
    pub(super) voter: bool,
    pub(super) leader: bool,
}

/// A server as the leader finds it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Health {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) serf: String,
    pub(super) contact: String,
    pub(super) healthy: bool,
}

fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn is(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_list).into_iter().flat_map(|list| list.iter())
}

/// Reads `/v1/agent/self` and `/v1/agent/members`; nothing when that is no agent.
pub(super) fn agent(own: &Value, members: &Value) -> Option<Agent> {
    let config = own.get("Config")?;
    let tag = |name: &str| text(own, &["Member", "Tags", name]);
    let first = if tag("bootstrap") == "1" { 1 } else { 0 };
    let leader = text(own, &["Stats", "consul", "leader_addr"]);
    let port = own.get("Member").and_then(|member| member.get("Port")).and_then(Value::as_int);
    let gossip = port
        .and_then(|port| u16::try_from(port).ok())
        .map(|port| Address { host: text(own, &["Member", "Addr"]), port });
    Some(Agent {
        name: text(config, &["NodeName"]),
        id: text(config, &["NodeID"]),
        datacenter: text(config, &["Datacenter"]),
        version: text(config, &["Version"]),
        server: is(config, "Server"),
        expect: tag("expect").parse().unwrap_or(first),
        gossip,
        leader: Some(leader).filter(|leader| !leader.is_empty()),
        raft: raft(&text(own, &["Stats", "raft", "latest_configuration"])),
        members: items(Some(members)).map(member).collect(),
    })
}

/// Reads `[{Suffrage:Voter ID:a Address:10.0.0.1:8300} …]`.
fn raft(configuration: &str) -> Vec<String> {
    let words = configuration.split([' ', '{', '}', '[', ']']);
    words.filter_map(|word| word.strip_prefix("ID:")).map(str::to_owned).collect()
}

fn member(value: &Value) -> Member {
    Member {
        name: text(value, &["Name"]),
        id: text(value, &["Tags", "id"]),
        address: text(value, &["Addr"]),
        state: match value.get("Status").and_then(Value::as_int) {
            Some(1) => "alive",
            Some(2) => "leaving",
            Some(3) => "left",
            Some(4) => "failed",
            _ => "unknown",
        },
        server: text(value, &["Tags", "role"]) == "consul",
        ..Member::default()
    }
}

/// Reads `/v1/operator/raft/configuration`.
pub(super) fn peers(value: &Value) -> Vec<Peer> {
    let peer = |value: &Value| Peer {
        id: text(value, &["ID"]),
        node: text(value, &["Node"]),
        address: text(value, &["Address"]),
        voter: is(value, "Voter"),
        leader: is(value, "Leader"),
    };
    items(value.get("Servers")).map(peer).collect()
}

/// Reads `/v1/operator/autopilot/health`.
pub(super) fn health(value: &Value) -> Vec<Health> {
    let server = |value: &Value| Health {
        id: text(value, &["ID"]),
        name: text(value, &["Name"]),
        serf: text(value, &["SerfStatus"]),
        contact: text(value, &["LastContact"]),
        healthy: is(value, "Healthy"),
    };
    items(value.get("Servers")).map(server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::json::parse;

    #[test]
    fn agents() {
        let own = parse(
            r#"{"Config": {"Datacenter": "dc1", "NodeName": "n1", "NodeID": "a", "Server": true, "Version": "1.8.7"},
                "Stats": {"consul": {"leader_addr": "10.0.0.1:8300"},
                          "raft": {"latest_configuration": "[{Suffrage:Voter ID:a Address:10.0.0.1:8300} {Suffrage:Nonvoter ID:b Address:10.0.0.2:8300}]"}},
                "Member": {"Addr": "10.0.0.1", "Port": 8301, "Tags": {"expect": "3"}}}"#,
        );
        let members = parse(
            r#"[{"Name": "n1", "Addr": "10.0.0.1", "Status": 1, "Tags": {"id": "a", "role": "consul"}},
                {"Name": "c", "Addr": "10.0.0.9", "Status": 4, "Tags": {"id": "c", "role": "node"}}]"#,
        );
        let agent = agent(&own.unwrap(), &members.unwrap()).unwrap();
        assert_eq!((agent.name.as_str(), agent.expect, agent.server), ("n1", 3, true));
        assert_eq!(agent.raft, ["a", "b"]);
        assert_eq!(agent.leader.as_deref(), Some("10.0.0.1:8300"));
        assert_eq!(agent.gossip.unwrap().to_string(), "10.0.0.1:8301");
        assert!(agent.members[0].is_alive() && agent.members[0].server);
        assert_eq!((agent.members[1].state, agent.members[1].server), ("failed", false));
    }

    #[test]
    fn what_is_no_agent() {
        assert_eq!(agent(&parse("{}").unwrap(), &Value::Null), None);
        assert_eq!(health(&parse(r#"{"Healthy": false, "Servers": null}"#).unwrap()), []);
    }
}
