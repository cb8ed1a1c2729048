//! Reads what servers answer to words of four letters. Pure.

use super::list::List;

/// What a server does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    Follower,
    Leader,
    Observer,
    Standalone,
}

impl Mode {
    /// Returns ZooKeeper's word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Follower => "follower",
            Self::Leader => "leader",
            Self::Observer => "observer",
            Self::Standalone => "standalone",
        }
    }
}

/// The answer to `srvr`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Srvr {
    /// The server may not say it.
    Forbidden,
    /// What answers is no ZooKeeper, or speaks TLS.
    Strange,
    /// It has no ensemble to serve with.
    Waiting,
    /// It serves.
    Serving { mode: Mode, zxid: u64, nodes: u64, version: String },
}

/// Reads the answer to `srvr`.
pub(super) fn srvr(text: &str) -> Srvr {
    if is_forbidden(text) {
        return Srvr::Forbidden;
    }
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let mode = match field("Mode:") {
        Some("follower") => Mode::Follower,
        Some("leader") => Mode::Leader,
        Some("observer") => Mode::Observer,
        Some("standalone") => Mode::Standalone,
        // Cut off from the others it may still let clients read.
        Some("read-only") => return Srvr::Waiting,
        _ if text.contains("not currently serving requests") => return Srvr::Waiting,
        _ => return Srvr::Strange,
    };
    let zxid = field("Zxid: 0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let version = field("Zookeeper version:").unwrap_or_default();
    let end = version.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(version.len());
    Srvr::Serving {
        mode,
        zxid: zxid.unwrap_or(0),
        nodes: field("Node count:").and_then(|count| count.parse().ok()).unwrap_or(0),
        version: version[..end].to_owned(),
    }
}

/// Returns whether the server may not say a word.
pub(super) fn is_forbidden(text: &str) -> bool {
    text.contains("is not executed because it is not in the whitelist")
}

/// The answer to `conf`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Conf {
    /// The server's number.
    pub(super) id: Option<u64>,
    /// The servers that it knows; since 3.5.
    pub(super) list: Option<List>,
    /// Its data folder.
    pub(super) folder: Option<String>,
}

/// Reads the answer to `conf`.
pub(super) fn conf(text: &str) -> Conf {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let folder = field("dataDir=").map(|folder| folder.trim_end_matches("/version-2").to_owned());
    Conf { id: field("serverId=").and_then(|id| id.parse().ok()), list: List::read(text), folder }
}

/// Returns how many followers a leader has that are in step, from its answer to `mntr`.
pub(super) fn synced(text: &str) -> Option<usize> {
    let field = text.lines().find_map(|line| line.strip_prefix("zk_synced_followers"))?;
    // 3.4 and 3.5 count with decimals.
    field.trim().split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLLOWER: &str = "Zookeeper version: 3.8.4-9316c2a, built on 2024-02-12 22:16 UTC\n\
        Latency min/avg/max: 0/0.0/0\nReceived: 1\nZxid: 0x10000000a\nMode: follower\nNode count: 5\n";

    #[test]
    fn what_servers_say() {
        let version = "3.8.4".to_owned();
        let expected =
            Srvr::Serving { mode: Mode::Follower, zxid: 0x1_0000_000a, nodes: 5, version };
        assert_eq!(srvr(FOLLOWER), expected);
        let waiting = "This ZooKeeper instance is not currently serving requests\n";
        assert_eq!(srvr(waiting), Srvr::Waiting);
        assert_eq!(srvr(&FOLLOWER.replace("follower", "read-only")), Srvr::Waiting);
        let forbidden = "srvr is not executed because it is not in the whitelist.\n";
        assert_eq!(srvr(forbidden), Srvr::Forbidden);
        assert_eq!(srvr("HTTP/1.1 400 Bad Request"), Srvr::Strange);
        assert_eq!(srvr(""), Srvr::Strange);
    }

    #[test]
    fn configurations_and_numbers() {
        let text = "clientPort=2181\ndataDir=/data/version-2\nserverId=2\nmembership: \n\
            server.2=a:1:2:participant\nversion=0";
        let found = conf(text);
        assert_eq!((found.id, found.folder.as_deref()), (Some(2), Some("/data")));
        assert_eq!(found.list.unwrap().describe(), "server.2=a:1:2:participant\n");
        assert_eq!(synced("zk_followers\t2\nzk_synced_followers\t2.0\n"), Some(2));
        assert_eq!(synced("zk_server_state\tfollower\n"), None);
    }
}
