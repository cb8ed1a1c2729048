//! YAML inventories (and JSON ones of the same shape): groups with `hosts`, `vars` and `children`.

use std::sync::Arc;

use super::{Reading, Text, constructed};
use crate::base::{Mistake, Value};
use crate::inventory::address;
use crate::yaml::{self, Node, Trust};

/// Returns whether a file without a telling name is YAML: a map, or broken in a way that only YAML can be.
pub(super) fn is_yaml(text: &Text<'_>) -> bool {
    match yaml::parse_text(text.text, text.file, Trust::Templates) {
        // One odd line of an INI file may be a map of texts; groups are maps of maps.
        Ok(document) => document.nodes.first().is_some_and(|top| {
            let is_group = |(name, node): &(Node, Node)| {
                node.is_map() || node.is_null() || name.as_str() == Some("plugin")
            };
            top.entries().iter().any(is_group)
        }),
        Err(_) => {
            let mut lines =
                text.text.lines().map(str::trim_end).filter(|line| !line.starts_with('#'));
            lines.any(|line| line == "---" || line == "all:")
        }
    }
}

pub(super) fn read(text: &Text<'_>, reading: &mut Reading<'_>) {
    let trust = if text.secret { Trust::Secrets } else { Trust::Templates };
    let document = match yaml::parse_text(text.text, text.file, trust) {
        Ok(document) => document,
        Err(mistake) => return reading.push(mistake),
    };
    reading.warnings.extend(document.warnings.iter().cloned());
    let top = match document.single() {
        Ok(None) => return,
        Ok(Some(node)) if node.is_null() => return,
        Ok(Some(node)) => node,
        Err(mistake) => return reading.push(mistake),
    };
    if !top.is_map() {
        return reading.push(
            top.mistake(format!("an inventory is a map of groups, but this is {}", top.describe()))
                .hint("start with `all:`, and `hosts:` below it"),
        );
    }
    if let Some(plugin) = top.get("plugin") {
        if !reading.may_read(&["auto", "constructed"], text) {
            return;
        }
        return constructed::read(top, plugin, reading);
    }
    if reading.may_read(&["yaml"], text) {
        groups(top, reading);
    }
}

/// Reads the groups of a map.
pub(super) fn groups(top: &Node, reading: &mut Reading<'_>) {
    for (name, node) in top.entries() {
        group(name, node, reading);
        if reading.is_over() {
            return;
        }
    }
}

/// Reads a group and returns its number.
fn group(name: &Node, node: &Node, reading: &mut Reading<'_>) -> Option<usize> {
    let Some(title) = name.as_str() else {
        reading.push(name.mistake("the name of a group must be text").hint("quote it"));
        return None;
    };
    if !node.is_map() && !node.is_null() {
        reading.push(
            node.mistake(format!(
                "the group `{title}` must be a map, but this is {}",
                node.describe()
            ))
            .hint("below a group stand `hosts:`, `vars:` and `children:`"),
        );
        return None;
    }
    let group = reading.graph.add_group(title);
    for (key, value) in node.entries() {
        match key.as_str() {
            Some("hosts") => hosts(group, title, value, reading),
            Some("vars") => vars(group, title, value, reading),
            Some("children") => children(group, title, value, reading),
            _ => reading.warnings.push(unexpected(key, title)),
        }
        if reading.is_over() {
            break;
        }
    }
    Some(group)
}

fn unexpected(key: &Node, group: &str) -> Mistake {
    let word = key.raw().map_or("", |raw| raw);
    let mistake = key.mistake(format!("`{word}` is ignored in the group `{group}`"));
    match crate::base::suggest::closest(word, ["children", "hosts", "vars"]) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => mistake.hint("a group has `hosts:`, `vars:` and `children:`; variables belong below `vars:`, groups below `children:`"),
    }
}

/// Returns the entries of a map of names, or of one name alone (`hosts: web1`).
fn entries<'n>(
    section: &str,
    group: &str,
    node: &'n Node,
    reading: &mut Reading<'_>,
) -> Vec<(&'n Node, Option<&'n Node>)> {
    if node.is_map() {
        return node.entries().iter().map(|(key, value)| (key, Some(value))).collect();
    }
    if node.as_str().is_some() && section != "vars" {
        return vec![(node, None)];
    }
    if !node.is_null() {
        let what = format!(
            "`{section}` of the group `{group}` must be a map, but this is {}",
            node.describe()
        );
        let hint = match section {
            "vars" => "write one `name: value` a line",
            _ if node.is_list() => "write each name with a colon and without a dash: `name:`",
            _ => "write one `name:` a line",
        };
        reading.push(node.mistake(what).hint(hint));
    }
    Vec::new()
}

fn hosts(group: usize, title: &str, node: &Node, reading: &mut Reading<'_>) {
    for (key, value) in entries("hosts", title, node, reading) {
        if reading.is_over() {
            return;
        }
        let Some(pattern) = key.as_str() else {
            reading.push(key.mistake("the name of a host must be text").hint("quote it"));
            continue;
        };
        let (names, port) = match address::expand(pattern) {
            Ok(expanded) => expanded,
            Err(why) => {
                reading.push(key.mistake(why));
                continue;
            }
        };
        let value = value.filter(|value| !value.is_null());
        if let Some(value) = value.filter(|value| !value.is_map()) {
            reading.push(
                value
                    .mistake(format!(
                        "the variables of `{pattern}` must be a map, but this is {}",
                        value.describe()
                    ))
                    .hint("write one `name: value` a line below the host"),
            );
            continue;
        }
        for name in names {
            let host = reading.graph.add_host(&name, group, port);
            for (variable, value) in value.map_or(&[][..], Node::entries) {
                if let Some(name) = variable_name(variable, reading) {
                    reading.graph.set_host_var(host, &name, value.to_value(), &variable.at);
                }
            }
        }
    }
}

fn vars(group: usize, title: &str, node: &Node, reading: &mut Reading<'_>) {
    for (key, value) in entries("vars", title, node, reading) {
        let (Some(name), Some(value)) = (variable_name(key, reading), value) else { continue };
        if &*name != "ansible_group_priority" {
            reading.graph.set_group_var(group, &name, value.to_value(), &key.at);
            continue;
        }
        match value.to_value() {
            Value::Int(priority) => reading.graph.group_mut(group).priority = priority,
            _ => reading.push(value.mistake("`ansible_group_priority` must be a whole number")),
        }
    }
}

fn children(parent: usize, title: &str, node: &Node, reading: &mut Reading<'_>) {
    for (key, value) in entries("children", title, node, reading) {
        // `children: web` names a group without saying more about it.
        let child = match value {
            Some(value) => group(key, value, reading),
            None => key.as_str().map(|name| reading.graph.add_group(name)),
        };
        if let Some(child) = child
            && reading.graph.add_child(parent, child).is_none()
        {
            let name = key.as_str().unwrap_or_default();
            reading.push(key.mistake(format!("`{name}` would be below itself")));
        }
        if reading.is_over() {
            return;
        }
    }
}

fn variable_name(key: &Node, reading: &mut Reading<'_>) -> Option<Arc<str>> {
    if let (Some(_), Some(raw)) = (key.as_str(), key.raw()) {
        return Some(Arc::clone(raw));
    }
    reading.push(key.mistake("the name of a variable must be text").hint("quote it"));
    None
}
