//! The list of an ensemble's servers, as configurations have it: `server.1=host:2888:3888:participant;host:2181`.

use std::collections::BTreeMap;
use std::fmt;

use super::Role;
use crate::clusters::Address;

/// A server of the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Server {
    /// Its number.
    pub(super) id: u64,
    /// Where the other servers reach it: the port of the data, then that of elections. Since 3.6 there may be several.
    pub(super) peers: Vec<(Address, u16)>,
    /// Whether it votes.
    pub(super) role: Role,
    /// Where clients reach it, when the list tells.
    pub(super) client: Option<Address>,
}

impl Server {
    /// Returns where the other servers reach it first.
    pub(super) fn host(&self) -> &str {
        self.peers.first().map_or("", |(peer, _)| &peer.host)
    }

    /// Returns where clients reach it from elsewhere, as far as the list tells.
    pub(super) fn reachable(&self) -> Option<Address> {
        let client = self.client.clone()?;
        let host = if is_any(&client.host) { self.host().to_owned() } else { client.host };
        (!is_any(&host)).then_some(Address { host, ..client })
    }

    /// Returns what is right of `=`.
    pub(super) fn line(&self) -> String {
        let peer = |(peer, election): &(Address, u16)| format!("{peer}:{election}");
        let peers: Vec<String> = self.peers.iter().map(peer).collect();
        let client = self.client.as_ref().map(|client| format!(";{client}")).unwrap_or_default();
        format!("{}:{}{client}", peers.join("|"), self.role.name())
    }

    /// Returns whether both lead to the same place; on its own host a server may be told to listen everywhere.
    pub(super) fn is_at(&self, other: &Self) -> bool {
        let near = |one: &(Address, u16), two: &(Address, u16)| {
            let host = |peer: &(Address, u16)| is_any(&peer.0.host);
            (one.0.host == two.0.host || host(one) || host(two))
                && (one.0.port, one.1) == (two.0.port, two.1)
        };
        self.peers.len() == other.peers.len()
            && self.peers.iter().zip(&other.peers).all(|(one, two)| near(one, two))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server.{}={}", self.id, self.line())
    }
}

/// The list.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct List {
    /// The servers by their numbers.
    pub(super) servers: BTreeMap<u64, Server>,
    /// Its version: 0 where it only stands in files, and no server would change it.
    pub(super) version: u64,
    /// Whether votes are weighted, in groups.
    pub(super) weighted: bool,
}

impl List {
    /// Reads it; lines that belong to something else are passed over. Nothing when no server is on it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut list = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.trim().split_once('=')) {
            if let Some(id) = key.strip_prefix("server.").and_then(|id| id.parse().ok()) {
                list.servers.insert(id, server(id, value)?);
            } else if key == "version" {
                list.version = u64::from_str_radix(value, 16).unwrap_or(0);
            } else if key.starts_with("group.") || key.starts_with("weight.") {
                list.weighted = true;
            }
        }
        (!list.servers.is_empty()).then_some(list)
    }

    /// Returns those that vote.
    pub(super) fn voters(&self) -> impl Iterator<Item = &Server> {
        self.servers.values().filter(|server| server.role == Role::Participant)
    }

    /// Returns the ports that all servers have in common: of the data, and of elections.
    pub(super) fn ports(&self) -> Option<(u16, u16)> {
        let peers = self.servers.values().filter_map(|server| server.peers.first());
        let mut ports = peers.map(|(peer, election)| (peer.port, *election));
        let first = ports.next()?;
        ports.all(|other| other == first).then_some(first)
    }

    /// Returns whether changing it needs no restart.
    pub(super) fn is_dynamic(&self) -> bool {
        self.version > 0
    }

    /// Returns the servers in words.
    pub(super) fn describe(&self) -> String {
        self.servers.values().map(|server| format!("{server}\n")).collect()
    }
}

/// Reads what is right of `=`.
fn server(id: u64, text: &str) -> Option<Server> {
    let (peers, client) = match text.split_once(';') {
        Some((peers, client)) => (peers, Some(client.trim())),
        None => (text, None),
    };
    let client = match client {
        Some(port) if !port.contains(':') => {
            Some(Address { host: "0.0.0.0".into(), port: port.parse().ok()? })
        }
        Some(address) => Some(address.parse().ok()?),
        None => None,
    };
    let (peers, role) = match peers.trim().rsplit_once(':') {
        Some((peers, "observer")) => (peers, Role::Observer),
        Some((peers, "participant")) => (peers, Role::Participant),
        _ => (peers.trim(), Role::Participant),
    };
    let peer = |text: &str| {
        let (address, election) = text.rsplit_once(':')?;
        Some((address.parse().ok()?, election.parse().ok()?))
    };
    let peers = peers.split('|').map(peer).collect::<Option<Vec<_>>>()?;
    Some(Server { id, peers, role, client })
}

/// Returns whether it is no address in particular.
pub(super) fn is_any(host: &str) -> bool {
    ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_ages() {
        let text = "membership: \nserver.1=a:2888:3888\nserver.2=b:1:2:observer;2181\n\
            server.3=[::1]:1:2|c:3:4:participant;c:2182\nversion=100000003";
        let list = List::read(text).unwrap();
        assert_eq!(
            list.describe(),
            "server.1=a:2888:3888:participant\nserver.2=b:1:2:observer;0.0.0.0:2181\n\
             server.3=[::1]:1:2|c:3:4:participant;c:2182\n"
        );
        assert_eq!((list.version, list.is_dynamic(), list.weighted), (0x1_0000_0003, true, false));
        let reach = |id: u64| list.servers[&id].reachable().map(|address| address.to_string());
        assert_eq!(
            (reach(1), reach(2).as_deref(), reach(3).as_deref()),
            (None, Some("b:2181"), Some("c:2182"))
        );
        assert!(List::read("server.1=a:1:2\ngroup.1=1").unwrap().weighted);
        assert_eq!(List::read("clientPort=2181\nversion=0"), None);
        assert_eq!(List::read("server.1=what"), None);
    }

    #[test]
    fn on_its_own_host_a_server_listens_everywhere() {
        let at = |text: &str| server(1, text).unwrap();
        assert!(at("0.0.0.0:1:2").is_at(&at("a:1:2;2181")));
        assert!(!at("b:1:2").is_at(&at("a:1:2")));
        assert!(!at("0.0.0.0:1:3").is_at(&at("a:1:2")));
    }
}
