//! The questions that `ipaddr` answers about one address or network.

use std::sync::LazyLock;

use num_bigint::BigInt;

use crate::base::Value;
use crate::template::Reason;
use crate::template::text::net::{Address, Network, Version, integer};

/// What is asked about.
pub(super) struct Subject {
    /// The address with its prefix.
    pub(super) network: Network,
    /// How the author wrote it.
    pub(super) shown: String,
}

type Answer = fn(&Subject) -> Result<Value, Reason>;

/// The questions by name, sorted.
static QUERIES: LazyLock<Vec<(&str, Answer)>> = LazyLock::new(|| {
    let mut queries: Vec<(&str, Answer)> = vec![
        ("", |s| Ok(if s.network.written { text(s.network) } else { text(s.network.address) })),
        ("6to4", |s| Ok(six_to_four(s))),
        ("address", |s| Ok(address(s))),
        ("address/prefix", |s| Ok(host(s).map_or(Value::Bool(false), text))),
        ("bool", |_| Ok(Value::Bool(true))),
        ("broadcast", |s| Ok(some(s.network.last(), s.network.span() > 1))),
        ("cidr", |s| Ok(text(s.network))),
        ("first_usable", |s| {
            usable(s).map(|range| range.map_or(Value::Null, |(first, _)| text(first)))
        }),
        ("host", |s| Ok(host(s).map_or(Value::Null, text))),
        ("hostmask", |s| Ok(text(s.network.hostmask()))),
        ("int", |s| Ok(number(s))),
        ("ip/prefix", |s| Ok(address_in_network(s).map_or(Value::Null, text))),
        ("ip_netmask", |s| Ok(beside(s, s.network.netmask()))),
        ("ip_wildcard", |s| Ok(beside(s, s.network.hostmask()))),
        ("ipv4", |s| Ok(as_version_4(s))),
        ("ipv6", |s| Ok(as_version_6(s))),
        ("last_usable", |s| {
            usable(s).map(|range| range.map_or(Value::Null, |(_, last)| text(last)))
        }),
        ("link-local", |s| Ok(shown(s, s.network.address.is_in(LINK_LOCAL)))),
        ("loopback", |s| Ok(shown(s, s.network.address.is_in(LOOPBACK)))),
        ("multicast", |s| Ok(shown(s, is_multicast(s.network.address)))),
        ("net", |s| Ok(some(s.network, s.network.span() > 0 && s.network.is_bare()))),
        ("netmask", |s| Ok(text(s.network.netmask()))),
        ("network", |s| Ok(text(s.network.first()))),
        ("network_netmask", |s| Ok(text(format!("{} {}", s.network.first(), s.network.netmask())))),
        ("network_wildcard", |s| {
            Ok(text(format!("{} {}", s.network.first(), s.network.hostmask())))
        }),
        ("next_usable", |s| neighbor(s, 1)),
        ("peer", peer),
        ("prefix", |s| Ok(Value::Int(s.network.prefix.into()))),
        ("previous_usable", |s| neighbor(s, -1)),
        ("private", |s| {
            Ok(shown(s, !is_global(s.network.address) && !is_multicast(s.network.address)))
        }),
        ("public", |s| {
            Ok(shown(s, is_global(s.network.address) && !is_multicast(s.network.address)))
        }),
        ("range_usable", |s| {
            usable(s).map(|range| {
                range.map_or(Value::Null, |(first, last)| text(format!("{first}-{last}")))
            })
        }),
        ("revdns", |s| Ok(text(s.network.address.reverse_name()))),
        ("size", |s| Ok(Value::integer(s.network.size()))),
        ("size_usable", |s| Ok(size_usable(s))),
        ("subnet", |s| Ok(text(s.network.subnet()))),
        ("type", |s| Ok(Value::from(if is_network(s) { "network" } else { "address" }))),
        ("unicast", |s| Ok(shown(s, !is_multicast(s.network.address)))),
        ("version", |s| Ok(Value::Int(s.network.version().number()))),
        ("wrap", |s| Ok(wrapped(s))),
    ];
    queries.sort_unstable_by_key(|(name, _)| *name);
    queries
});

/// Other names for some questions.
const ALIASES: [(&str, &str); 12] = [
    ("gateway", "address/prefix"),
    ("gw", "address/prefix"),
    ("host/prefix", "address/prefix"),
    ("hostnet", "address/prefix"),
    ("ip", "address"),
    ("lo", "loopback"),
    ("network/prefix", "subnet"),
    ("network_id", "network"),
    ("router", "address/prefix"),
    ("v4", "ipv4"),
    ("v6", "ipv6"),
    ("wildcard", "hostmask"),
];

/// Answers a question: one of those with a name, a place in the network, or a network that may hold the subject.
pub(super) fn answer(subject: &Subject, query: &str) -> Result<Value, Reason> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == query).map_or(query, |(_, name)| name);
    if let Ok(place) = QUERIES.binary_search_by_key(&name, |(known, _)| known) {
        return QUERIES[place].1(subject);
    }
    if let Ok(place) = query.parse::<i128>() {
        return Ok(nth(subject, place));
    }
    if let Some(network) = Network::parse(query) {
        return Ok(shown(subject, network.contains(&subject.network)));
    }
    let names: Vec<&str> = QUERIES.iter().map(|(known, _)| *known).collect();
    let near = crate::base::suggest::closest(query, names.iter().copied());
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(Reason::new(format!("unknown query `{query}`{hint}")))
}

const LINK_LOCAL: &[&str] = &["169.254.0.0/16", "fe80::/10"];
const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1"];
const MULTICAST: &[&str] = &["224.0.0.0/4", "ff00::/8"];

/// What is not reachable from everywhere, by the registries of special addresses.
const SPECIAL: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "::",
    "::1",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
];

/// Exceptions from those.
const GLOBAL: &[&str] = &[
    "192.0.0.9",
    "192.0.0.10",
    "2001:1::1",
    "2001:1::2",
    "2001:1::3",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];

fn is_global(address: Address) -> bool {
    address.is_in(GLOBAL) || !address.is_in(SPECIAL)
}

fn is_multicast(address: Address) -> bool {
    address.is_in(MULTICAST)
}

fn text(value: impl ToString) -> Value {
    value.to_string().into()
}

fn some(value: impl ToString, wanted: bool) -> Value {
    if wanted { text(value) } else { Value::Null }
}

fn shown(subject: &Subject, wanted: bool) -> Value {
    some(&subject.shown, wanted)
}

/// Whether the subject is a network and not a host in it.
fn is_network(subject: &Subject) -> bool {
    subject.network.span() > 0 && subject.network.is_bare()
}

/// Returns the address, unless it is a network of version 4.
fn address(subject: &Subject) -> Value {
    let network = &subject.network;
    let bare = network.version() == Version::V4 && network.span() > 1 && network.is_bare();
    some(network.address, !bare)
}

/// Returns the address with its prefix, unless it is a network with hosts.
fn host(subject: &Subject) -> Option<Network> {
    Some(subject.network).filter(|network| network.span() <= 1 || !network.is_bare())
}

/// Returns the address with its prefix, when it is a host in a network.
fn address_in_network(subject: &Subject) -> Option<Network> {
    host(subject).filter(|network| network.span() > 0)
}

fn beside(subject: &Subject, mask: Address) -> Value {
    address_in_network(subject)
        .map_or(Value::Null, |network| text(format!("{} {mask}", network.address)))
}

fn number(subject: &Subject) -> Value {
    let network = &subject.network;
    if network.written {
        text(format!("{}/{}", network.address.bits, network.prefix))
    } else {
        integer(network.address.bits)
    }
}

/// Returns the address at a place, with the prefix; a single address is itself at any place.
fn nth(subject: &Subject, place: i128) -> Value {
    let network = &subject.network;
    if network.span() == 0 {
        return if network.written { text(network) } else { text(network.address) };
    }
    match network.nth(place) {
        Some(address) => text(Network { address, ..*network }),
        None => Value::Bool(false),
    }
}

fn need_prefix(subject: &Subject) -> Result<(), Reason> {
    if subject.network.written {
        return Ok(());
    }
    Err(Reason::new(format!("Not a network address: `{}` has no prefix length", subject.shown)))
}

fn usable(subject: &Subject) -> Result<Option<(Address, Address)>, Reason> {
    need_prefix(subject)?;
    Ok(subject.network.usable())
}

/// Returns the neighbor of the address, when a host can have it.
fn neighbor(subject: &Subject, step: i128) -> Result<Value, Reason> {
    let Some((first, last)) = usable(subject)? else {
        return Ok(Value::Null);
    };
    let next = subject.network.address.plus(step);
    let next =
        next.ok_or_else(|| Reason::new(format!("there is no address beside `{}`", subject.shown)))?;
    Ok(some(next, first <= next && next <= last))
}

/// Returns the other end of a network for two.
fn peer(subject: &Subject) -> Result<Value, Reason> {
    need_prefix(subject)?;
    let network = &subject.network;
    let other = |bits: u128| Address { bits: network.address.bits ^ bits, ..network.address };
    match network.span() {
        1 => Ok(text(other(1))),
        3 if network.is_bare() => Err(Reason::new("Network address of /30 has no peer")),
        3 if network.address == network.last() => {
            Err(Reason::new("Broadcast address of /30 has no peer"))
        }
        3 => Ok(text(other(3))),
        _ => Err(Reason::new(format!("Not a point-to-point network: `{}`", subject.shown))),
    }
}

fn size_usable(subject: &Subject) -> Value {
    match subject.network.span() {
        0 => Value::Int(0),
        1 => Value::Int(2),
        _ => Value::integer(subject.network.size() - BigInt::from(2)),
    }
}

fn six_to_four(subject: &Subject) -> Value {
    let address = subject.network.address;
    match address.version {
        Version::V4 if !is_network(subject) && !is_multicast(address) => {
            let bits = address.bits as u32;
            text(format!("2002:{:04x}:{:04x}::1/48", bits >> 16, bits & 0xffff))
        }
        Version::V6 if address.is_in(&["2002::/16"]) => text(&subject.shown),
        _ => Value::Bool(false),
    }
}

/// Returns the address of version 4 that one of version 6 stands for.
fn as_version_4(subject: &Subject) -> Value {
    let network = &subject.network;
    let bits = network.address.bits;
    let prefix = network.prefix.checked_sub(96);
    let embedded = bits >> 32 == 0 || bits >> 32 == 0xffff;
    match (network.version(), prefix) {
        (Version::V4, _) => text(&subject.shown),
        (Version::V6, Some(prefix)) if embedded => {
            let address = Address { version: Version::V4, bits: bits & 0xffff_ffff };
            text(Network { address, prefix, written: true })
        }
        _ => Value::Bool(false),
    }
}

fn as_version_6(subject: &Subject) -> Value {
    let network = &subject.network;
    if network.version() == Version::V6 {
        return text(&subject.shown);
    }
    let address = Address { version: Version::V6, bits: network.address.bits | 0xffff << 32 };
    text(Network { address, prefix: network.prefix + 96, written: true })
}

fn wrapped(subject: &Subject) -> Value {
    let network = &subject.network;
    match (network.version(), network.written) {
        (Version::V4, _) => text(&subject.shown),
        (Version::V6, true) => text(format!("[{}]/{}", network.address, network.prefix)),
        (Version::V6, false) => text(format!("[{}]", network.address)),
    }
}
