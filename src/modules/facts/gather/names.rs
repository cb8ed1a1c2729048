//! Names: the host's full name, the resolver's settings; the small file formats that several facts have.

use super::Gather;
use crate::base::{Map, Value};

/// Returns the host's full name: the first with a dot that its address has, as `gethostbyaddr` finds it.
pub(super) fn full_name(gather: &Gather<'_>, node: &str) -> String {
    let hosts = gather.text("/etc/hosts").unwrap_or_default();
    if let Some(names) = names_of(&hosts, node) {
        return best(&names, node);
    }
    let answer = gather.output(&["getent", "ahosts", node]).unwrap_or_default();
    let name = answer.lines().find_map(|line| line.split_whitespace().nth(2));
    name.map_or_else(|| node.to_owned(), str::to_owned)
}

/// Returns the names that the address of a host has in a hosts file.
fn names_of(hosts: &str, node: &str) -> Option<Vec<String>> {
    let lines = || {
        hosts.lines().filter_map(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            Some((words.next()?, words.collect::<Vec<_>>()))
        })
    };
    let known = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(node));
    let address =
        |v4: bool| lines().find(|(address, names)| address.contains('.') == v4 && known(names));
    let (address, _) = address(true).or_else(|| address(false))?;
    let (_, names) = lines().find(|(other, _)| *other == address)?;
    Some(names.into_iter().map(str::to_owned).collect())
}

fn best(names: &[String], node: &str) -> String {
    let dotted = names.iter().find(|name| name.contains('.'));
    dotted.or(names.first()).map_or_else(|| node.to_owned(), Clone::clone)
}

pub(super) fn dns(gather: &mut Gather<'_>) {
    let text = gather.text("/etc/resolv.conf").unwrap_or_default();
    gather.set("dns", dns_of(&text));
}

fn dns_of(text: &str) -> Map {
    let mut dns = Map::new();
    let mut servers = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
        let mut words = line.split_whitespace();
        let Some(key) = words.next() else { continue };
        let values = words.map(Value::from);
        match key {
            "nameserver" => servers.extend(values),
            "domain" => {
                values.take(1).for_each(|domain| drop(dns.insert("domain", domain)));
            }
            "search" | "sortlist" => drop(dns.insert(key, Value::list(values))),
            "options" => {
                let options =
                    line.split_whitespace().skip(1).map(|word| match word.split_once(':') {
                        Some((name, value)) => (name, Value::from(value)),
                        None => (word, Value::Bool(true)),
                    });
                dns.insert("options", Value::map(options));
            }
            _ => {}
        }
    }
    if !servers.is_empty() {
        dns.insert("nameservers", Value::list(servers));
    }
    dns
}

/// Returns the pairs of a file like `/etc/os-release`: quotes taken off.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines
        .filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            let words = crate::base::shlex::split(value.trim()).ok()?;
            Some((key.trim().to_owned(), words.join(" ")))
        })
        .collect()
}

/// Returns the sections of an INI text as Python's `configparser` reads it: keys in lower case, `%%` for `%`.
pub(crate) fn parse_ini(text: &str) -> Option<Map> {
    let mut sections: Vec<(String, Map)> = Vec::new();
    let mut key: Option<String> = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name.to_owned(), Map::new()));
            key = None;
            continue;
        }
        let (_, section) = sections.last_mut()?;
        if let Some(key) = key.as_deref().filter(|_| indented) {
            let before = section.get(key).map(ToString::to_string).unwrap_or_default();
            section.insert(key, format!("{before}\n{bare}").trim().into());
            continue;
        }
        let (name, value) = bare.split_once(['=', ':'])?;
        let name = name.trim().to_lowercase();
        section.insert(name.as_str(), value.trim().replace("%%", "%").into());
        key = Some(name);
    }
    Some(sections.into_iter().map(|(name, map)| (name, map.into())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names() {
        let case = |hosts: &str, expected: Option<&str>| {
            let names = names_of(hosts, "vm").map(|names| best(&names, "vm"));
            assert_eq!(names.as_deref(), expected);
        };
        case("127.0.0.1 localhost\n127.0.1.1 vm.example.com vm\n", Some("vm.example.com"));
        case("127.0.0.1 localhost\n127.0.0.1 vm\n", Some("localhost"));
        case("::1 vm.six vm\n10.0.0.1 vm # vm.no\n", Some("vm"));
        case("127.0.0.1 localhost\n", None);
    }

    #[test]
    fn resolver() {
        let text = "# x\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a.b c.d\noptions ndots:2 rotate\n";
        assert_eq!(
            Value::from(dns_of(text)).repr(),
            "{'search': ['a.b', 'c.d'], 'options': {'ndots': '2', 'rotate': True}, 'nameservers': ['10.0.0.1', '10.0.0.2']}"
        );
    }

    #[test]
    fn ini() {
        let map = parse_ini("[a]\nKey = 1\nb: x%%\n  more\n[c]\nd =\n").unwrap();
        assert_eq!(
            Value::from(map).repr(),
            "{'a': {'key': '1', 'b': 'x%\\nmore'}, 'c': {'d': ''}}"
        );
        assert!(parse_ini("x = 1").is_none());
        assert!(parse_ini("[a]\nwords").is_none());
        assert_eq!(parse_ini(""), Some(Map::new()));
    }
}
