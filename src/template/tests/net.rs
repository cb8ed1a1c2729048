//! What an address is (ansible.utils): `ip`, `ipv4`, `in_network`, `private`, `mac` and the like.

use std::net::ToSocketAddrs;

use crate::base::Value;
use crate::template::table::from_collection;
use crate::template::text::mac;
use crate::template::text::net::{Address, Network, Version};
use crate::template::{Call, Entry, Reason, call};

const UTILS: &str = "ansible.utils";

pub(super) const ENTRIES: &[Entry] = &[
    from_collection(UTILS, &["in_any_network"], |call| in_some(call, |count| count > 0)),
    from_collection(UTILS, &["in_network", "subnet_of"], in_network),
    from_collection(UTILS, &["in_one_network"], |call| in_some(call, |count| count == 1)),
    from_collection(UTILS, &["ip"], |call| network(call, |_| true)),
    from_collection(UTILS, &["ip_address"], |call| address(call, |_| true)),
    from_collection(UTILS, &["ipv4"], |call| {
        network(call, |network| network.version() == Version::V4)
    }),
    from_collection(UTILS, &["ipv4_address"], |call| {
        address(call, |address| address.version == Version::V4)
    }),
    from_collection(UTILS, &["ipv4_hostmask"], |call| {
        address(call, |address| is_mask(address, false))
    }),
    from_collection(UTILS, &["ipv4_netmask"], |call| {
        address(call, |address| is_mask(address, true))
    }),
    from_collection(UTILS, &["ipv6"], |call| {
        network(call, |network| network.version() == Version::V6)
    }),
    from_collection(UTILS, &["ipv6_address"], |call| {
        address(call, |address| address.version == Version::V6)
    }),
    from_collection(UTILS, &["ipv6_ipv4_mapped"], |call| {
        address(call, |address| address.is_in(&["::ffff:0:0/96"]))
    }),
    from_collection(UTILS, &["ipv6_sixtofour"], |call| {
        address(call, |address| address.is_in(&["2002::/16"]))
    }),
    from_collection(UTILS, &["ipv6_teredo"], |call| {
        address(call, |address| address.is_in(&["2001::/32"]))
    }),
    from_collection(UTILS, &["loopback"], |call| {
        address(call, |address| address.is_in(&["127.0.0.0/8", "::1"]))
    }),
    from_collection(UTILS, &["mac"], is_mac),
    from_collection(UTILS, &["multicast"], |call| {
        address(call, |address| address.is_in(&["224.0.0.0/4", "ff00::/8"]))
    }),
    from_collection(UTILS, &["private"], |call| {
        address(call, |address| address.is_in(PRIVATE) && !address.is_in(OPEN))
    }),
    from_collection(UTILS, &["public"], |call| address(call, is_public)),
    from_collection(UTILS, &["reserved"], |call| address(call, |address| address.is_in(RESERVED))),
    from_collection(UTILS, &["resolvable"], resolvable),
    from_collection(UTILS, &["supernet_of"], supernet_of),
    from_collection(UTILS, &["unspecified"], |call| address(call, |address| address.bits == 0)),
];

/// What Python's `ipaddress` calls private.
const PRIVATE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
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
    "::1",
    "::",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
];

/// Exceptions from those.
const OPEN: &[&str] = &[
    "192.0.0.9",
    "192.0.0.10",
    "2001:1::1",
    "2001:1::2",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];

const RESERVED: &[&str] = &[
    "240.0.0.0/4",
    "::/8",
    "100::/8",
    "200::/7",
    "400::/6",
    "800::/5",
    "1000::/4",
    "4000::/3",
    "6000::/3",
    "8000::/3",
    "a000::/3",
    "c000::/3",
    "e000::/4",
    "f000::/5",
    "f800::/6",
    "fe00::/9",
];

fn is_public(address: Address) -> bool {
    !address.is_in(&["100.64.0.0/10"]) && (!address.is_in(PRIVATE) || address.is_in(OPEN))
}

fn network(call: &mut Call<'_>, holds: impl Fn(Network) -> bool) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(read(&call.input).is_some_and(holds).into())
}

/// Reads a network whose host bits are not set, or an address.
fn read(value: &Value) -> Option<Network> {
    plain(value).filter(|network| !network.written || network.is_bare())
}

fn address(call: &mut Call<'_>, holds: impl Fn(Address) -> bool) -> Result<Value, Reason> {
    call.accept_none()?;
    let found = plain(&call.input).filter(|network| !network.written);
    Ok(found.is_some_and(|network| holds(network.address)).into())
}

/// Reads an address or network; a number counts only when it is none in text.
fn plain(value: &Value) -> Option<Network> {
    let text = value.to_string();
    let number =
        text.split('/').next().is_some_and(|address| address.bytes().all(|b| b.is_ascii_digit()));
    if number && matches!(value, Value::Text(_)) { None } else { Network::parse(&text) }
}

fn is_mask(address: Address, net: bool) -> bool {
    let bits = if net { !(address.bits as u32) } else { address.bits as u32 };
    address.version == Version::V4 && address.bits != 0 && bits & bits.wrapping_add(1) == 0
}

fn both(call: &Call<'_>) -> Result<Option<(Network, Network)>, Reason> {
    Ok(read(&call.input).zip(read(call.need(0, "b")?)))
}

fn in_network(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["b"])?;
    Ok(both(call)?.is_some_and(|(a, b)| b.contains(&a)).into())
}

fn supernet_of(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["b"])?;
    Ok(both(call)?.is_some_and(|(a, b)| a.contains(&b)).into())
}

fn in_some(call: &mut Call<'_>, holds: impl Fn(usize) -> bool) -> Result<Value, Reason> {
    call.accept(&["networks"])?;
    let Some(own) = read(&call.input) else {
        return Ok(false.into());
    };
    let networks = call::items_of(call.need(0, "networks")?)?;
    let count = networks.iter().filter_map(read).filter(|network| network.contains(&own)).count();
    Ok(holds(count).into())
}

fn is_mac(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let text = call.input_text();
    let whole = text.bytes().filter(u8::is_ascii_hexdigit).count() == 12;
    Ok((whole && mac::parse(&text).is_some()).into())
}

/// Whether the name server of the control machine knows a name or an address.
fn resolvable(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let found = (call.input_text().as_str(), 0).to_socket_addrs();
    Ok(found.is_ok_and(|mut addresses| addresses.next().is_some()).into())
}
