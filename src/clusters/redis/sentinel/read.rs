//! What nodes and sentinels say, read from their answers.

use super::super::resp::Reply;
use super::super::survey::{has, keys, version};
use crate::clusters::Address;

/// A node with data as it says it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Node {
    /// Where the others and the sentinels find it.
    pub(super) seen: Option<Address>,
    /// Its main version.
    pub(super) version: u32,
    /// Whom it copies; nothing for a master.
    pub(super) master: Option<Address>,
    /// Whether it is in touch with its master and has all its data.
    pub(super) follows: bool,
    /// How many replicas copy it.
    pub(super) replicas: usize,
    /// How far its data are.
    pub(super) offset: u64,
    /// The names of the histories that its data are part of.
    pub(super) histories: Vec<String>,
    /// How many keys it holds.
    pub(super) keys: u64,
    /// Whether it still reads its data.
    pub(super) loading: bool,
    /// Whether it logs in at its master with the password that was given; nothing when it does not say.
    pub(super) logs_in: Option<bool>,
    /// `standalone`, `sentinel` or `cluster`.
    pub(super) mode: String,
}

/// What a sentinel knows of a master.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Watched {
    /// Where it is.
    pub(super) master: Option<Address>,
    /// Whether the sentinel is in touch with it.
    pub(super) well: bool,
    /// Whether another node is just becoming master.
    pub(super) failing_over: bool,
    /// All that it says of the master, by name.
    pub(super) fields: Vec<(String, String)>,
    /// The replicas that it knows, and whether each is well.
    pub(super) replicas: Vec<(Address, bool)>,
    /// The other sentinels that it knows, and whether each is well.
    pub(super) sentinels: Vec<(Address, bool)>,
    /// What keeps it from failing over, in its words.
    pub(super) doubt: Option<String>,
}

impl Watched {
    /// Returns what it says of the master under a name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Returns a line of `INFO`.
pub(super) fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))
}

fn place(host: Option<&str>, port: Option<&str>) -> Option<Address> {
    let host = host.filter(|host| !host.is_empty())?;
    Some(Address { host: host.to_owned(), port: port?.parse().ok()? })
}

/// Reads `INFO` of a node.
pub(super) fn node(info: &str) -> Node {
    let number = |name: &str| line(info, name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let is_replica = line(info, "role") == Some("slave");
    let master = place(line(info, "master_host"), line(info, "master_port"));
    let offset = if is_replica { "slave_repl_offset" } else { "master_repl_offset" };
    let histories = ["master_replid", "master_replid2"].into_iter();
    let histories =
        histories.filter_map(|name| line(info, name)).filter(|id| id.contains(|c| c != '0'));
    Node {
        seen: None,
        version: version(info),
        master: master.filter(|_| is_replica),
        follows: has(info, "master_link_status:up") && !has(info, "master_sync_in_progress:1"),
        replicas: usize::try_from(number("connected_slaves")).unwrap_or(0),
        offset: number(offset),
        histories: histories.map(str::to_owned).collect(),
        keys: keys(info),
        loading: has(info, "loading:1"),
        logs_in: None,
        mode: line(info, "redis_mode").unwrap_or_default().to_owned(),
    }
}

/// Reads the names and values that `CONFIG GET` and `SENTINEL MASTER` answer with.
pub(super) fn fields(reply: &Reply) -> Vec<(String, String)> {
    let Reply::Many(items) = reply else { return Vec::new() };
    let text = |reply: &Reply| match reply {
        Reply::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Reply::Number(number) => number.to_string(),
        _ => String::new(),
    };
    items.chunks_exact(2).map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// Reads `SENTINEL MASTER`, `SENTINEL REPLICAS`, `SENTINEL SENTINELS` and `SENTINEL CKQUORUM`.
pub(super) fn watched(
    master: &Reply,
    replicas: &Reply,
    sentinels: &Reply,
    quorum: &Reply,
) -> Watched {
    let mut watched = Watched { fields: fields(master), ..Watched::default() };
    let flags = watched.field("flags").unwrap_or_default().to_owned();
    watched.master = place(watched.field("ip"), watched.field("port"));
    watched.failing_over = flags.contains("failover_in_progress");
    // Before it has heard of the master for the first time it does not know its name.
    let known = watched.field("runid").is_some_and(|id| !id.is_empty());
    watched.well = is_well(&flags) && known;
    watched.replicas = others(replicas);
    watched.sentinels = others(sentinels);
    watched.doubt = match quorum {
        Reply::Failure(reason) => Some(reason.clone()),
        _ => None,
    };
    watched
}

fn is_well(flags: &str) -> bool {
    !flags.split(',').any(|flag| matches!(flag, "s_down" | "o_down" | "disconnected"))
}

fn others(reply: &Reply) -> Vec<(Address, bool)> {
    let Reply::Many(items) = reply else { return Vec::new() };
    let other = |reply: &Reply| {
        let fields = fields(reply);
        let field = |name: &str| {
            fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let address = place(field("ip"), field("port"))?;
        // Of a sentinel it knows nothing of this.
        let linked = field("master-link-status").is_none_or(|status| status == "ok");
        Some((address, is_well(field("flags").unwrap_or_default()) && linked))
    };
    items.iter().filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes() {
        let info = "redis_version:6.0.16\r\nredis_mode:standalone\r\nloading:0\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nmaster_sync_in_progress:0\r\nslave_repl_offset:14\r\nconnected_slaves:0\r\nmaster_replid:ab\r\nmaster_replid2:0000\r\nmaster_repl_offset:14\r\ndb0:keys=3,expires=0,avg_ttl=0\r\n";
        let node = node(info);
        assert_eq!(node.master.unwrap().to_string(), "10.0.0.1:6379");
        assert!(node.follows && !node.loading);
        assert_eq!((node.version, node.offset, node.keys), (6, 14, 3));
        assert_eq!(node.histories, ["ab"]);
        assert_eq!(
            super::node("role:master\r\nmaster_replid:a\r\nmaster_replid2:b\r\n").histories.len(),
            2
        );
    }

    #[test]
    fn masters() {
        let many = |words: &[&str]| {
            Reply::Many(words.iter().map(|word| Reply::Text((*word).into())).collect())
        };
        let master = many(&[
            "ip", "10.0.0.1", "port", "6379", "runid", "ab", "flags", "master", "quorum", "2",
        ]);
        let replica = many(&[
            "ip",
            "10.0.0.2",
            "port",
            "6379",
            "flags",
            "slave",
            "master-link-status",
            "err",
        ]);
        let sentinel = many(&["ip", "10.0.0.2", "port", "26379", "flags", "sentinel"]);
        let no = Reply::Failure("NOQUORUM".into());
        let found =
            watched(&master, &Reply::Many(vec![replica]), &Reply::Many(vec![sentinel]), &no);
        assert_eq!(found.master.as_ref().unwrap().to_string(), "10.0.0.1:6379");
        assert!(found.well && !found.failing_over);
        assert_eq!(found.field("quorum"), Some("2"));
        assert!(!found.replicas[0].1 && found.sentinels[0].1);
        assert_eq!(found.doubt.as_deref(), Some("NOQUORUM"));
        let master =
            many(&["ip", "a", "port", "1", "runid", "", "flags", "master,failover_in_progress"]);
        let found = watched(&master, &Reply::Nothing, &Reply::Nothing, &Reply::Nothing);
        assert!(!found.well && found.failing_over);
    }
}
