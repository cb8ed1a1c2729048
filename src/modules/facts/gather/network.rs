//! Interfaces, addresses and routes: from `/sys/class/net`, the kernel's list of addresses, and its route tables.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Gather;
use crate::base::{List, Map, Value};
use crate::system::Address;

/// Names for what `/sys/class/net/*/type` holds.
const TYPES: &[(&str, &str)] = &[
    ("1", "ether"),
    ("32", "infiniband"),
    ("512", "ppp"),
    ("772", "loopback"),
    ("65534", "tunnel"),
];

/// Hosts of the outside whose route tells the default interface; nothing is sent to them.
const FAR_V4: Ipv4Addr = Ipv4Addr::new(8, 8, 8, 8);
const FAR_V6: Ipv6Addr = Ipv6Addr::new(0x2404, 0x6800, 0x400a, 0x800, 0, 0, 0, 0x1012);

pub(super) fn network(gather: &mut Gather<'_>) {
    let addresses = gather.look.addresses().unwrap_or_default();
    let mut interfaces: BTreeMap<String, Map> = BTreeMap::new();
    for name in gather.list("/sys/class/net") {
        if gather.exists(format!("/sys/class/net/{name}/ifindex")) {
            let facts = interface(gather, &name);
            interfaces.insert(name, facts);
        }
    }
    addresses.iter().for_each(|address| add_address(&mut interfaces, address));
    let default_v4 = default_route(gather, FAR_V4.into(), &interfaces, &addresses);
    let default_v6 = default_route(gather, FAR_V6.into(), &interfaces, &addresses);
    gather.set("default_ipv4", default_v4);
    gather.set("default_ipv6", default_v6);
    let all = |v4: bool| {
        let shown = addresses.iter().map(|address| address.ip);
        let shown = shown.filter(move |ip| ip.is_ipv4() == v4 && !ip.is_loopback());
        Value::list(shown.map(|ip| ip.to_string().into()))
    };
    gather.set("all_ipv4_addresses", all(true));
    gather.set("all_ipv6_addresses", all(false));
    let reachable = [
        ("ipv4", reachable_v4(&gather.text("/proc/net/fib_trie").unwrap_or_default())),
        ("ipv6", reachable_v6(&gather.text("/proc/net/ipv6_route").unwrap_or_default())),
    ];
    gather.set("locally_reachable_ips", Value::map(reachable));
    gather.set("interfaces", Value::list(interfaces.keys().map(|name| plain(name).into())));
    for (name, facts) in interfaces {
        // Templates can reach `ansible_br_1`, not `ansible_br-1`.
        gather.set(&plain(&name).replace('-', "_"), facts);
    }
}

/// Returns a name without the colon of an alias.
fn plain(name: &str) -> String {
    name.replace(':', "_")
}

fn interface(gather: &Gather<'_>, name: &str) -> Map {
    let folder = format!("/sys/class/net/{name}");
    let text = |file: &str| gather.text(format!("{folder}/{file}"));
    let mut facts = Map::from_iter([("device", Value::from(name))]);
    if let Some(mac) = text("address").filter(|mac| !mac.is_empty() && mac != "00:00:00:00:00:00") {
        facts.insert("macaddress", mac.into());
    }
    if let Some(mtu) = gather.number(format!("{folder}/mtu")) {
        facts.insert("mtu", mtu.into());
    }
    if let Some(state) = text("operstate") {
        facts.insert("active", (state != "down").into());
    }
    if let Some(module) = gather.link_name(format!("{folder}/device/driver/module")) {
        facts.insert("module", module.into());
    }
    if let Some(kind) = text("type") {
        let word = TYPES.iter().find(|(number, _)| *number == kind).map_or("unknown", |row| row.1);
        facts.insert("type", word.into());
    }
    bridge(gather, &folder, &mut facts);
    bonding(gather, &folder, &mut facts);
    if let Some(device) = gather.link_name(format!("{folder}/device")) {
        facts.insert("pciid", device.into());
    }
    if let Some(speed) = gather.number(format!("{folder}/speed")) {
        facts.insert("speed", speed.into());
    }
    let flags = text("flags").unwrap_or_default();
    if let Ok(flags) = u32::from_str_radix(flags.trim_start_matches("0x"), 16) {
        facts.insert("promisc", (flags & 0x100 != 0).into());
    }
    facts
}

fn bridge(gather: &Gather<'_>, folder: &str, facts: &mut Map) {
    if !gather.exists(format!("{folder}/bridge")) {
        return;
    }
    facts.insert("type", "bridge".into());
    facts.insert("interfaces", gather.list(format!("{folder}/brif")).into());
    if let Some(id) = gather.text(format!("{folder}/bridge/bridge_id")) {
        facts.insert("id", id.into());
    }
    if let Some(state) = gather.text(format!("{folder}/bridge/stp_state")) {
        facts.insert("stp", (state == "1").into());
    }
}

fn bonding(gather: &Gather<'_>, folder: &str, facts: &mut Map) {
    let text = |file: &str| gather.text(format!("{folder}/bonding/{file}"));
    if let Some(slaves) = text("slaves") {
        facts.insert("type", "bonding".into());
        let slaves: Vec<&str> = slaves.split_whitespace().collect();
        facts.insert("slaves", slaves.into());
        for name in ["mode", "miimon", "lacp_rate"] {
            let value = text(name).unwrap_or_default();
            facts.insert(name, value.split_whitespace().next().unwrap_or_default().into());
        }
        if let Some(primary) = text("primary").filter(|primary| !primary.is_empty()) {
            facts.insert("primary", primary.into());
        }
        if let Some(all) = text("all_slaves_active") {
            facts.insert("all_slaves_active", (all == "1").into());
        }
    }
    if let Some(mac) = gather.text(format!("{folder}/bonding_slave/perm_hwaddr")) {
        facts.insert("perm_macaddress", mac.into());
    }
}

/// Adds an address to its interface; the label of an alias (`eth0:1`) is an interface of its own.
fn add_address(interfaces: &mut BTreeMap<String, Map>, address: &Address) {
    let facts = interfaces.entry(address.interface.clone()).or_default();
    match address.ip {
        IpAddr::V4(ip) => {
            let entry = Value::from(v4_facts(ip, address));
            if facts.contains_key("ipv4") {
                push(facts, "ipv4_secondaries", entry);
            } else {
                facts.insert("ipv4", entry);
            }
        }
        IpAddr::V6(ip) => {
            let entry = [
                ("address", Value::from(ip.to_string())),
                ("prefix", address.prefix.to_string().into()),
                ("scope", scope(ip).into()),
            ];
            push(facts, "ipv6", Value::map(entry));
        }
    }
}

fn push(facts: &mut Map, key: &str, entry: Value) {
    let before = facts.get(key).and_then(Value::as_list);
    let mut list = before.map_or_else(List::new, |list| (**list).clone());
    list.push(entry);
    facts.insert(key, list.into());
}

fn v4_facts(ip: Ipv4Addr, address: &Address) -> Map {
    let mask = u32::MAX.checked_shl(32 - u32::from(address.prefix)).unwrap_or(0);
    let network = Ipv4Addr::from(u32::from(ip) & mask);
    let broadcast = address.broadcast.map(|ip| ip.to_string()).unwrap_or_default();
    Map::from_iter([
        ("address", Value::from(ip.to_string())),
        ("broadcast", broadcast.into()),
        ("netmask", Ipv4Addr::from(mask).to_string().into()),
        ("network", network.to_string().into()),
        ("prefix", address.prefix.to_string().into()),
    ])
}

fn scope(ip: Ipv6Addr) -> &'static str {
    match ip.segments()[0] {
        _ if ip.is_loopback() => "host",
        first if first & 0xffc0 == 0xfe80 => "link",
        first if first & 0xffc0 == 0xfec0 => "site",
        _ => "global",
    }
}

/// Returns what is known of the interface that leads outside.
fn default_route(
    gather: &Gather<'_>,
    far: IpAddr,
    interfaces: &BTreeMap<String, Map>,
    addresses: &[Address],
) -> Map {
    let mut facts = Map::new();
    let Some(source) = gather.look.source_address(far) else { return facts };
    let Some(address) = addresses.iter().find(|address| address.ip == source) else { return facts };
    // The address of an alias belongs to the interface in front of the colon.
    let device = address.interface.split(':').next().unwrap_or_default();
    facts.insert("interface", device.into());
    facts.insert("address", source.to_string().into());
    let gateway = match far {
        IpAddr::V4(_) => gateway_v4(&gather.text("/proc/net/route").unwrap_or_default(), device),
        IpAddr::V6(_) => {
            gateway_v6(&gather.text("/proc/net/ipv6_route").unwrap_or_default(), device)
        }
    };
    if let Some(gateway) = gateway {
        facts.insert("gateway", gateway.into());
    }
    match source {
        IpAddr::V4(ip) => {
            let mut more = v4_facts(ip, address);
            more.remove("address");
            facts.extend(more);
            facts.insert("alias", address.interface.as_str().into());
        }
        IpAddr::V6(ip) => {
            facts.insert("prefix", address.prefix.to_string().into());
            facts.insert("scope", scope(ip).into());
        }
    }
    let of = interfaces.get(device);
    for key in ["macaddress", "mtu", "type"] {
        if let Some(value) = of.and_then(|facts| facts.get(key)) {
            facts.insert(key, value.clone());
        }
    }
    facts
}

/// Returns the gateway of the default route with the lowest metric through a device.
fn gateway_v4(table: &str, device: &str) -> Option<String> {
    let routes = table.lines().skip(1).filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, target, gateway, _, _, _, metric, mask, ..] = words[..] else { return None };
        let is_default = name == device && target == "00000000" && mask == "00000000";
        // The kernel writes the bytes as they lie in memory.
        let gateway = Ipv4Addr::from(u32::from_str_radix(gateway, 16).ok()?.to_ne_bytes());
        (is_default && !gateway.is_unspecified()).then_some((metric.parse::<u64>().ok()?, gateway))
    });
    routes.min_by_key(|(metric, _)| *metric).map(|(_, gateway)| gateway.to_string())
}

fn gateway_v6(table: &str, device: &str) -> Option<String> {
    let routes = table.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [target, length, _, _, gateway, metric, .., name] = words[..] else { return None };
        let is_default = name == device && length == "00" && target.bytes().all(|b| b == b'0');
        let gateway = Ipv6Addr::from(u128::from_str_radix(gateway, 16).ok()?);
        let metric = u32::from_str_radix(metric, 16).ok()?;
        (is_default && !gateway.is_unspecified()).then_some((metric, gateway))
    });
    routes.min_by_key(|(metric, _)| *metric).map(|(_, gateway)| gateway.to_string())
}

/// Returns the addresses and networks that are this host itself, out of the kernel's trie.
fn reachable_v4(trie: &str) -> Value {
    let mut found = Vec::new();
    let mut address: Option<Ipv4Addr> = None;
    for line in trie.lines() {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("|-- ") {
            address = text.parse().ok();
        } else if let (Some(ip), Some(prefix)) = (address, line.strip_suffix(" host LOCAL")) {
            let entry = (ip, prefix.trim_start_matches('/').parse().unwrap_or(32));
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
    }
    found.sort_unstable();
    Value::list(found.into_iter().map(|(ip, prefix)| match prefix {
        32 => ip.to_string().into(),
        _ => format!("{ip}/{prefix}").into(),
    }))
}

/// Returns the addresses with a local route.
fn reachable_v6(table: &str) -> Value {
    const LOCAL: u32 = 0x8000_0000;
    let mut found = Vec::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [target, length, .., flags, _] = words[..] else { continue };
        let (Ok(target), Ok(length)) =
            (u128::from_str_radix(target, 16), u8::from_str_radix(length, 16))
        else {
            continue;
        };
        let local = u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & LOCAL != 0);
        let entry = (Ipv6Addr::from(target), length);
        if local && !found.contains(&entry) {
            found.push(entry);
        }
    }
    Value::list(found.into_iter().map(|(ip, length)| match length {
        128 => ip.to_string().into(),
        _ => format!("{ip}/{length}").into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
        eth0 00000000 010200C0 0003 0 0 100 00000000 0 0 0\n\
        eth0 00000000 020200C0 0003 0 0 50 00000000 0 0 0\n\
        eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n";

    #[test]
    fn gateways() {
        assert_eq!(gateway_v4(ROUTES, "eth0").as_deref(), Some("192.0.2.2"));
        assert_eq!(gateway_v4(ROUTES, "eth1"), None);
        let zero = "0".repeat(32);
        let line = format!(
            "{zero} 00 {zero} 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003 eth0\n"
        );
        assert_eq!(gateway_v6(&line, "eth0").as_deref(), Some("fd00::1"));
    }

    #[test]
    fn local_addresses() {
        let trie = "  |-- 127.0.0.0\n    /8 host LOCAL\n  |-- 127.0.0.1\n    /32 host LOCAL\n  |-- 10.0.0.1\n    /32 host LOCAL\n  |-- 10.0.0.255\n    /32 link BROADCAST\n";
        assert_eq!(reachable_v4(trie).repr(), "['10.0.0.1', '127.0.0.0/8', '127.0.0.1']");
        let zero = "0".repeat(32);
        let line = format!(
            "fd000000000000000000000000000002 80 {zero} 00 {zero} 00000000 00000003 00000000 80200001 eth0\n"
        );
        assert_eq!(reachable_v6(&line).repr(), "['fd00::2']");
    }

    #[test]
    fn addresses_of_interfaces() {
        let address = |interface: &str, ip: &str, prefix| Address {
            interface: interface.into(),
            ip: ip.parse().unwrap(),
            prefix,
            broadcast: None,
        };
        let mut interfaces = BTreeMap::new();
        add_address(&mut interfaces, &address("eth0", "10.1.2.3", 20));
        add_address(&mut interfaces, &address("eth0", "10.9.0.1", 32));
        add_address(&mut interfaces, &address("eth0", "fe80::1", 64));
        assert_eq!(
            Value::from(interfaces["eth0"].clone()).repr(),
            "{'ipv4': {'address': '10.1.2.3', 'broadcast': '', 'netmask': '255.255.240.0', 'network': '10.1.0.0', 'prefix': '20'}, \
             'ipv4_secondaries': [{'address': '10.9.0.1', 'broadcast': '', 'netmask': '255.255.255.255', 'network': '10.9.0.1', 'prefix': '32'}], \
             'ipv6': [{'address': 'fe80::1', 'prefix': '64', 'scope': 'link'}]}"
        );
    }
}
