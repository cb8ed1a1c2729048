//! Executable inventories: `script --list` prints JSON, `script --host NAME` the variables of one host.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::Reading;
use crate::base::{Lazy, Mistake, Position, SourceFile, Value};
use crate::yaml::{self, Node, Trust};

/// Returns whether a file is to be run: executable, and a program by its first bytes. An inventory that merely has the
/// execute permission, as on file systems without permissions, is read.
pub(super) fn is_script(path: &Path) -> bool {
    let executable =
        path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    let mut start = [0; 4];
    executable
        && std::fs::File::open(path).is_ok_and(|mut file| file.read(&mut start).is_ok())
        && (start.starts_with(b"#!") || &start == b"\x7fELF")
}

pub(super) fn read(path: &Path, reading: &mut Reading<'_>) {
    let Some(top) = run(path, &["--list"], reading) else { return };
    let mut hosts: Vec<usize> = Vec::new();
    let mut variables = None;
    for (key, node) in top.entries() {
        match key.as_str() {
            Some("_meta") => variables = node.get("hostvars"),
            Some(name) => group(name, node, &mut hosts, reading),
            None => reading.push(key.mistake("the name of a group must be text")),
        }
    }
    if let Some(node) = variables.filter(|node| !node.is_map()) {
        let what = format!("`_meta.hostvars` must be a map, but this is {}", node.describe());
        return reading.push(node.mistake(what));
    }
    let mut seen = std::collections::HashSet::new();
    for host in hosts.into_iter().filter(|host| seen.insert(*host)) {
        let name = Arc::clone(&reading.graph.hosts[host].name);
        let own = match variables {
            Some(variables) => variables.get(&name).cloned(),
            None => run(path, &["--host", &name], reading),
        };
        for (key, value) in own.as_ref().map_or(&[][..], Node::entries) {
            set(key, value, reading, |reading, name, value| {
                reading.graph.set_host_var(host, name, value, &key.at);
            });
        }
    }
}

fn group(name: &str, node: &Node, hosts: &mut Vec<usize>, reading: &mut Reading<'_>) {
    let group = reading.graph.add_group(name);
    let known = ["hosts", "vars", "children"];
    // The oldest scripts give a list of hosts, or the variables of one host of that name.
    let list = if node.is_map() { node.get("hosts") } else { Some(node) };
    let vars = if !node.is_map() || known.iter().any(|key| node.get(key).is_some()) {
        node.get("vars")
    } else {
        hosts.push(reading.graph.add_host(name, group, None));
        Some(node)
    };
    if let Some(list) = list.filter(|list| !list.is_null()) {
        if !list.is_list() {
            let what =
                format!("the hosts of `{name}` must be a list, but this is {}", list.describe());
            reading.push(list.mistake(what));
        }
        for item in list.items() {
            match item.as_str() {
                Some(host) => hosts.push(reading.graph.add_host(host, group, None)),
                None => reading.push(item.mistake("the name of a host must be text")),
            }
        }
    }
    for (key, value) in vars.map_or(&[][..], Node::entries) {
        set(key, value, reading, |reading, name, value| match (&**name, &value) {
            ("ansible_group_priority", Value::Int(priority)) => {
                reading.graph.group_mut(group).priority = *priority;
            }
            _ => reading.graph.set_group_var(group, name, value, &key.at),
        });
    }
    for item in node.get("children").map_or(&[][..], Node::items) {
        let Some(child) = item.as_str() else { continue };
        let number = reading.graph.add_group(child);
        if reading.graph.add_child(group, number).is_none() {
            reading.push(item.mistake(format!("`{child}` would be below itself")));
        }
    }
}

fn set(
    key: &Node,
    value: &Node,
    reading: &mut Reading<'_>,
    store: impl FnOnce(&mut Reading<'_>, &Arc<str>, Value),
) {
    match (key.as_str(), key.raw()) {
        (Some(_), Some(name)) => store(reading, name, decode(value)),
        _ => reading.push(key.mistake("the name of a variable must be text")),
    }
}

/// Returns a value with Ansible's JSON marks resolved: `{"__ansible_vault": …}` and `{"__ansible_unsafe": …}`.
fn decode(node: &Node) -> Value {
    let marked = |key: &str| Some(node.get(key)?.raw()?.clone());
    if let [_] = node.entries() {
        if let Some(text) = marked("__ansible_vault") {
            return Value::Lazy(Arc::new(Lazy::vault(text, node.at.clone())));
        }
        if let Some(text) = marked("__ansible_unsafe") {
            return Value::text(text);
        }
    }
    if node.is_map() {
        return Value::map(
            node.entries().iter().map(|(key, value)| (key.to_value(), decode(value))),
        );
    }
    if node.is_list() {
        return Value::list(node.items().iter().map(decode));
    }
    node.to_value()
}

/// Runs the script and parses what it prints; nothing when that failed, which is noted, or when it printed nothing.
fn run(path: &Path, arguments: &[&str], reading: &mut Reading<'_>) -> Option<Node> {
    let at = Reading::whole(path);
    let command = format!("{} {}", path.display(), arguments.join(" "));
    let program = reading.options.folder.join(path);
    let output = Command::new(program)
        .args(arguments)
        .current_dir(&reading.options.folder)
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => {
            reading.push(Mistake::new(format!("cannot run `{command}`: {error}"), &at));
            return None;
        }
    };
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        let status = match output.status.code() {
            Some(code) => format!("ended with status {code}"),
            None => "was killed by a signal".to_owned(),
        };
        let last = stderr.lines().last().unwrap_or("it wrote nothing to standard error").to_owned();
        reading.push(Mistake::new(format!("`{command}` {status}"), &at).hint(last));
        return None;
    }
    if !stderr.is_empty() && reading.options.script_stderr {
        reading
            .warnings
            .push(Mistake::new(format!("`{command}` says: {stderr}"), &Position::default()));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.trim().is_empty() && arguments.len() > 1 {
        return None;
    }
    let file = SourceFile::new(format!("<output of {command}>"), text);
    let node =
        yaml::parse(&file, Trust::Templates).and_then(|document| Ok(document.single()?.cloned()));
    match node {
        Ok(Some(node)) if node.is_map() && file.text.trim_start().starts_with('{') => Some(node),
        Ok(_) => {
            reading.push(Mistake::new(format!("`{command}` did not print a JSON object"), &at));
            None
        }
        Err(mistake) => {
            reading.push(mistake);
            None
        }
    }
}
