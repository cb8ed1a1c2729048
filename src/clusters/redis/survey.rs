//! Asks every instance who it is, what it holds, and what it knows of the others.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::node::{Peer, parse_nodes};
use super::resp::Reply;
use super::{Address, Error, Wish};
use crate::clusters::Dial;

/// How long an instance may take to start before it counts as gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(200);
/// The oldest version whose commands are known.
pub(super) const OLDEST: u32 = 5;

/// An instance as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    /// Where it listens, as it was named.
    pub address: Address,
    /// The address that other nodes reach it at; names are no good for that before version 7.
    pub ip: String,
    /// The port that other nodes talk to.
    pub bus: u16,
    /// Its name in the cluster.
    pub id: String,
    /// Its main version.
    pub version: u32,
    /// How many keys it holds.
    pub keys: u64,
    /// What it knows: itself and the others.
    pub peers: Vec<Peer>,
    /// Whether it takes the cluster for healthy.
    pub ok: bool,
    /// Whether, as a replica, it is in touch with its master.
    pub follows: bool,
    /// Whether it is not named, and so taken out.
    pub leaving: bool,
}

impl Instance {
    /// Returns what it knows of itself.
    pub fn own(&self) -> &Peer {
        self.peers
            .iter()
            .find(|peer| peer.myself)
            .expect("an instance without a line of its own is refused")
    }

    /// Returns what it knows of another node.
    pub fn peer(&self, id: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id == id && peer.is_member())
    }

    /// Returns an instance that was just started and knows nobody.
    pub fn fresh(address: &Address) -> Self {
        let id = address.to_string();
        let bus = address.port.saturating_add(10_000);
        let own = Peer {
            id: id.clone(),
            ip: address.host.clone(),
            port: address.port,
            bus,
            myself: true,
            connected: true,
            ..Peer::default()
        };
        Self {
            address: address.clone(),
            ip: address.host.clone(),
            bus,
            id,
            version: 7,
            keys: 0,
            peers: vec![own],
            ok: false,
            follows: false,
            leaving: false,
        }
    }
}

/// All instances that were talked to, connected as long as they are needed, and those that do not answer.
pub(super) struct Roll<'a> {
    wish: &'a Wish,
    dial: &'a dyn Dial,
    clients: Vec<Client<'a>>,
    absent: Vec<(Address, Error)>,
}

impl<'a> Roll<'a> {
    /// Returns the instances of a wish, none of them connected yet.
    pub(super) fn new(wish: &'a Wish, dial: &'a dyn Dial) -> Self {
        Self { wish, dial, clients: Vec::new(), absent: Vec::new() }
    }

    /// Returns the one at an address.
    pub(super) fn at(&mut self, address: &Address) -> &mut Client<'a> {
        let index = self.clients.iter().position(|client| client.address == *address);
        let index = index.unwrap_or_else(|| {
            self.clients.push(Client::new(address.clone(), self.wish.login(), self.dial));
            self.clients.len() - 1
        });
        &mut self.clients[index]
    }

    /// Returns a warning for each instance that does not answer.
    pub(super) fn warnings(&self) -> Vec<String> {
        let warning =
            |(_, error): &(Address, Error)| format!("{error}; the rest goes on without it");
        self.absent.iter().map(warning).collect()
    }

    /// Asks all instances, again and again until they have answered, have shown to be gone, or the time is over.
    pub(super) async fn survey(&mut self, end: Instant) -> Result<Vec<Instance>, Error> {
        let start = Instant::now();
        let mut instances = Vec::new();
        for address in &self.wish.nodes {
            let known = self.absent.iter().position(|(absent, _)| absent == address);
            let patience = if known.is_some() { start } else { end.min(start + PATIENCE) };
            let answer = loop {
                match instance(self.at(address)).await {
                    Err(Error::Io { .. }) if Instant::now() < patience => {}
                    Err(error @ Error::Io { .. }) => break Err(error),
                    Err(error) if error.is_passing() && Instant::now() < end => {}
                    answer => break Ok(answer?),
                }
                tokio::time::sleep(PAUSE).await;
            };
            if let Some(known) = known {
                self.absent.remove(known);
            }
            match answer {
                Ok(instance) => instances.push(instance),
                Err(error) => self.absent.push((address.clone(), error)),
            }
        }
        if instances.len() * 2 <= self.wish.nodes.len()
            && let Some((_, error)) = self.absent.first()
        {
            return Err(Error::Impossible(format!(
                "{} of {} instances answer, and a cluster needs most of them: {error}",
                instances.len(),
                self.wish.nodes.len()
            )));
        }
        self.strangers(&mut instances).await?;
        Ok(instances)
    }

    /// Asks those who are in the cluster without being named, when they are to be taken out.
    async fn strangers(&mut self, instances: &mut Vec<Instance>) -> Result<(), Error> {
        let mut strangers: Vec<Address> = Vec::new();
        for peer in instances.iter().flat_map(|instance| &instance.peers) {
            let address = Address { host: peer.ip.clone(), port: peer.port };
            let is_ours = instances.iter().any(|instance| instance.id == peer.id)
                || self.absent.iter().any(|(absent, _)| *absent == address);
            if !is_ours && !peer.failed && peer.is_member() && !strangers.contains(&address) {
                strangers.push(address);
            }
        }
        for address in strangers.iter().filter(|_| self.wish.remove_others) {
            instances.push(Instance { leaving: true, ..instance(self.at(address)).await? });
        }
        Ok(())
    }
}

/// Asks all instances. With `wait` they may still be starting; without, one that is not there counts as fresh.
pub async fn look(wish: &Wish, dial: &dyn Dial, wait: bool) -> Result<Vec<Instance>, Error> {
    let mut roll = Roll::new(wish, dial);
    if wait {
        return roll.survey(Instant::now() + wish.timeout).await;
    }
    let mut instances = Vec::new();
    for address in &wish.nodes {
        instances.push(match instance(roll.at(address)).await {
            Err(Error::Io { .. }) => Instance::fresh(address),
            result => result?,
        });
    }
    roll.strangers(&mut instances).await?;
    Ok(instances)
}

/// Asks one instance.
pub(super) async fn instance(client: &mut Client<'_>) -> Result<Instance, Error> {
    let questions = [vec!["CLUSTER", "NODES"], vec!["CLUSTER", "INFO"], vec!["INFO"]];
    let mut texts = Vec::new();
    for (reply, words) in client.ask(&questions).await?.into_iter().zip(&questions) {
        texts.push(client.expect_text(reply, words)?);
    }
    let [nodes, cluster, info] = texts.as_slice() else {
        return Err(Error::Garbled { address: client.address.clone(), command: "INFO".into() });
    };
    let peers = parse_nodes(nodes);
    let Some(own) = peers.iter().find(|peer| peer.myself).cloned() else {
        return Err(Error::Garbled {
            address: client.address.clone(),
            command: "CLUSTER NODES".into(),
        });
    };
    let version = version(info);
    if version < OLDEST {
        return Err(Error::Impossible(format!(
            "Redis at {} has version {version}; at least {OLDEST} is needed",
            client.address
        )));
    }
    let ip = reachable(client, &own.ip, "cluster-announce-ip").await?;
    Ok(Instance {
        address: client.address.clone(),
        ip,
        bus: own.bus,
        id: own.id,
        version,
        keys: keys(info),
        ok: has(cluster, "cluster_state:ok"),
        follows: has(info, "master_link_status:up"),
        leaving: false,
        peers,
    })
}

pub(super) fn has(text: &str, line: &str) -> bool {
    text.lines().any(|found| found.trim() == line)
}

/// Adds up `db0:keys=5,expires=0,avg_ttl=0`.
pub(super) fn keys(info: &str) -> u64 {
    let lines = info.lines().filter(|line| line.starts_with("db"));
    let counts = lines
        .filter_map(|line| line.split_once(":keys=")?.1.split(',').next()?.parse::<u64>().ok());
    counts.sum()
}

pub(super) fn version(server: &str) -> u32 {
    let value = server.lines().find_map(|line| line.strip_prefix("redis_version:"));
    value.and_then(|value| value.split('.').next()?.trim().parse().ok()).unwrap_or(0)
}

/// Returns the address for other nodes: as it was named, as the node announces it, or as the node saw us come.
pub(super) async fn reachable(
    client: &mut Client<'_>,
    announced: &str,
    setting: &str,
) -> Result<String, Error> {
    if client.address.host.parse::<IpAddr>().is_ok() {
        return Ok(client.address.host.clone());
    }
    if !announced.is_empty() {
        return Ok(announced.to_owned());
    }
    let reply = client.ask(&[vec!["CLIENT", "INFO"]]).await?.pop();
    let local = match &reply {
        Some(Reply::Text(text)) => local_address(&String::from_utf8_lossy(text)),
        _ => None,
    };
    local.ok_or_else(|| {
        Error::Impossible(format!(
            "the address of {} is not known to the instance itself: write an IP address instead of the name, or set `{setting}`",
            client.address
        ))
    })
}

/// Finds `laddr=10.0.0.1:7000` in `CLIENT INFO`; an address of the loopback leads the others to themselves.
fn local_address(text: &str) -> Option<String> {
    let place = text.split_whitespace().find_map(|word| word.strip_prefix("laddr="))?;
    let (ip, _) = place.rsplit_once(':')?;
    let ip: IpAddr = ip.trim_matches(['[', ']']).parse().ok()?;
    (!ip.is_loopback()).then(|| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        assert_eq!(version("# Server\r\nredis_version:7.0.15\r\n"), 7);
        assert_eq!(keys("# Keyspace\r\ndb0:keys=5,expires=0,avg_ttl=0\r\n"), 5);
        assert!(has("cluster_state:ok\r\ncluster_slots_assigned:16384\r\n", "cluster_state:ok"));
        assert_eq!(
            local_address("id=3 addr=10.0.0.2:4 laddr=10.0.0.1:7000 fd=8").as_deref(),
            Some("10.0.0.1")
        );
        assert_eq!(local_address("id=3 laddr=127.0.1.1:7000"), None);
    }
}
