//! What one instance knows of the cluster: `CLUSTER NODES`.

use super::Slots;

/// A node as another one (or itself) sees it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Peer {
    /// Its name in the cluster: 40 hexadecimal digits.
    pub id: String,
    /// Its address; empty when it does not know its own yet.
    pub ip: String,
    /// Its port for clients.
    pub port: u16,
    /// Its port for the other nodes.
    pub bus: u16,
    /// Whether this is the one who was asked.
    pub myself: bool,
    /// Whether it is given up by the cluster, or its address is not known any more.
    pub failed: bool,
    /// Whether it is only just being met.
    pub handshake: bool,
    /// Whether the address is not known any more.
    pub no_address: bool,
    /// The node it copies; nothing for a master.
    pub master: Option<String>,
    /// Whether it is a replica.
    pub replica: bool,
    /// The version of its claim to slots.
    pub epoch: u64,
    /// Whether the one who was asked has a connection to it.
    pub connected: bool,
    /// Its slots.
    pub slots: Slots,
    /// Slots on their way; only the one who was asked says so of itself.
    pub open: Vec<Open>,
}

/// A slot on its way from one node to another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Open {
    /// The slot.
    pub slot: u16,
    /// Whether it comes or goes.
    pub comes: bool,
    /// The other node.
    pub other: String,
}

/// `[93-<-id]` comes, `[93->-id]` goes.
fn parse_open(word: &str) -> Option<Open> {
    let word = word.strip_prefix('[')?.strip_suffix(']')?;
    let (slot, rest) = word.split_once('-')?;
    let (comes, other) = match rest.strip_prefix("<-") {
        Some(other) => (true, other),
        None => (false, rest.strip_prefix(">-")?),
    };
    Some(Open { slot: slot.parse().ok()?, comes, other: other.to_owned() })
}

impl Peer {
    /// Returns whether it belongs to the cluster for good.
    pub fn is_member(&self) -> bool {
        !self.handshake
    }
}

/// Reads `CLUSTER NODES`; lines that are none are left out.
pub fn parse_nodes(text: &str) -> Vec<Peer> {
    text.lines().filter_map(parse_node).collect()
}

/// `<id> <ip:port@bus[,name]> <flags> <master> <ping> <pong> <epoch> <link> <slot> …`
fn parse_node(line: &str) -> Option<Peer> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, place, flags, master, _, _, epoch, link, ranges @ ..] = words.as_slice() else {
        return None;
    };
    let place = place.split(',').next()?;
    let (place, bus) = place.split_once('@').unwrap_or((place, ""));
    let (ip, port) = place.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    let flags: Vec<&str> = flags.split(',').collect();
    let has = |flag: &str| flags.contains(&flag);
    let mut slots = Slots::default();
    // A slot on its way stands in brackets, and without them as long as it is here.
    for range in ranges.iter().filter(|range| !range.starts_with('[')) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        slots.insert(first.parse().ok()?, last.parse().ok()?);
    }
    Some(Peer {
        id: (*id).to_owned(),
        ip: ip.trim_matches(['[', ']']).to_owned(),
        port,
        bus: bus.parse().unwrap_or_else(|_| port.saturating_add(10_000)),
        myself: has("myself"),
        failed: has("fail") || has("noaddr"),
        handshake: has("handshake"),
        no_address: has("noaddr"),
        master: Some((*master).to_owned()).filter(|master| master != "-"),
        replica: has("slave") || has("replica"),
        epoch: epoch.parse().unwrap_or(0),
        connected: *link == "connected",
        slots,
        open: ranges.iter().filter_map(|word| parse_open(word)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "07c37df 127.0.0.1:30004@31004,host4 slave e7d1eec 0 1426238317239 4 connected\n\
            67ed2db 127.0.0.1:30002@31002,host2,shard-id=69bc master - 0 1426238316232 2 connected 5461-10922 [93-<-e7d1eec]\n\
            e7d1eec :30001@31001 myself,master - 0 0 1 connected 0-5460 16000\n\
            dead001 127.0.0.1:30009@31009 master,fail,noaddr - 0 0 1 disconnected\n\
            beef 10.0.0.9:7000 handshake - 0 0 0 disconnected\n\
            fd00::1:7000\n";
        let peers = parse_nodes(text);
        assert_eq!(peers.len(), 5);
        assert_eq!(peers[0].master.as_deref(), Some("e7d1eec"));
        assert!(peers[0].replica && peers[0].connected);
        assert_eq!((peers[1].bus, peers[1].slots.to_string()), (31002, "5461-10922".into()));
        assert!(peers[2].myself && peers[2].ip.is_empty());
        assert_eq!(peers[2].slots.to_string(), "0-5460,16000");
        assert!(peers[3].failed && peers[3].no_address && !peers[3].connected);
        assert!(peers[4].handshake && peers[4].bus == 17000);
        assert_eq!(peers[1].open, [Open { slot: 93, comes: true, other: "e7d1eec".into() }]);
        assert_eq!(parse_open("[7->-a]"), Some(Open { slot: 7, comes: false, other: "a".into() }));
        let six = parse_nodes("a fd00::1:7000@17000 master - 0 0 0 connected");
        assert_eq!(six[0].ip, "fd00::1");
    }
}
