//! `plugin: constructed`: variables and groups computed from the variables of the hosts of the sources before.

use std::sync::Arc;

use super::Reading;
use crate::base::{Map, Value, suggest};
use crate::inventory::graph::{ALL, safe_name};
use crate::inventory::options::Evaluate;
use crate::yaml::Node;

const NAMES: [&str; 2] = ["ansible.builtin.constructed", "constructed"];

/// The words of a constructed inventory.
const WORDS: [&str; 8] = [
    "compose",
    "groups",
    "keyed_groups",
    "leading_separator",
    "plugin",
    "strict",
    "use_extra_vars",
    "use_vars_plugins",
];

pub(super) fn read(top: &Node, plugin: &Node, reading: &mut Reading<'_>) {
    let name = plugin.as_str().unwrap_or_default();
    if !NAMES.contains(&name) {
        let mistake = plugin.mistake(format!("there is no inventory plugin `{name}`"));
        return reading.push(match suggest::closest(name, NAMES) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.hint("of plugins only `constructed` is built in; write a script that prints the inventory as JSON"),
        });
    }
    for (key, _) in top.entries() {
        let word = key.as_str().unwrap_or_default();
        if !WORDS.contains(&word) {
            let mistake = key.mistake(format!("`{word}` is no option of constructed inventories"));
            reading.push(match suggest::closest(word, WORDS) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake,
            });
        }
    }
    let Some(evaluate) = reading.options.evaluate.clone() else {
        return reading.push(plugin.mistake("constructed inventories cannot be read here"));
    };
    let keyed = top.get("keyed_groups").map_or(&[][..], Node::items);
    if let Some(both) = keyed.iter().find(|entry| excludes(entry)) {
        let what =
            "parameters are mutually exclusive for keyed groups: default_value|trailing_separator";
        return reading.push(both.mistake(what));
    }
    reading.graph.settle();
    let flag =
        |name: &str, default: bool| top.get(name).map_or(default, |node| node.to_value().truth());
    let mut constructed = Constructed {
        evaluate,
        strict: flag("strict", false),
        extra: flag("use_extra_vars", reading.options.use_extra_vars),
        leading_separator: flag("leading_separator", true),
        top,
        reading,
    };
    for host in 0..constructed.reading.graph.hosts.len() {
        constructed.compose(host);
        constructed.groups(host);
        constructed.keyed_groups(host);
        if constructed.reading.is_over() {
            return;
        }
    }
}

/// Returns whether a keyed group says two things of which only one can hold.
fn excludes(entry: &Node) -> bool {
    let is_set = |name| entry.get(name).is_some_and(|node| !node.is_null());
    is_set("default_value") && is_set("trailing_separator")
}

struct Constructed<'a, 'r> {
    evaluate: Arc<dyn Evaluate>,
    strict: bool,
    extra: bool,
    leading_separator: bool,
    top: &'a Node,
    reading: &'a mut Reading<'r>,
}

impl Constructed<'_, '_> {
    fn compose(&mut self, host: usize) {
        let vars = self.vars(host);
        for (name, source) in self.entries("compose") {
            let Some(name_text) = name.raw().cloned() else { continue };
            match self.evaluate.expression(&text(&source), &vars) {
                Ok(value) => self.reading.graph.set_host_var(host, &name_text, value, &name.at),
                Err(why) => self.failed(host, &source, &why),
            }
        }
    }

    fn groups(&mut self, host: usize) {
        let vars = self.vars(host);
        for (name, source) in self.entries("groups") {
            match self.evaluate.condition(&text(&source), &vars) {
                Ok(true) => {
                    let group =
                        self.reading.graph.add_group(&safe_name(name.as_str().unwrap_or_default()));
                    self.reading.graph.join(host, group);
                }
                Ok(false) => {}
                Err(why) => self.failed(host, &source, &why),
            }
        }
    }

    fn keyed_groups(&mut self, host: usize) {
        let keyed: Vec<Node> = self.top.get("keyed_groups").map_or(&[][..], Node::items).to_vec();
        for entry in &keyed {
            let Some(key) = entry.get("key") else {
                self.reading.push(entry.mistake("a keyed group needs a `key`"));
                continue;
            };
            if key.as_str().is_none() {
                self.failed(host, key, "the key must be an expression, which is text");
                continue;
            }
            let vars = self.vars(host);
            match self.evaluate.expression(&text(key), &vars) {
                Ok(value) => self.keyed_group(host, entry, &value, &vars),
                Err(why) => self.failed(host, key, &why),
            }
        }
    }

    fn keyed_group(&mut self, host: usize, entry: &Node, value: &Value, vars: &Arc<Map>) {
        let word = |name: &str| entry.get(name).map(text);
        let default = word("default_value");
        let separator = word("separator").unwrap_or_else(|| "_".to_owned());
        let prefix = word("prefix").unwrap_or_default();
        let trailing = entry.get("trailing_separator").is_none_or(|node| node.to_value().truth());
        let names: Vec<String> = match value {
            Value::Null => default.into_iter().collect(),
            Value::List(items) | Value::Tuple(items) => items
                .iter()
                .filter_map(|item| match (item.to_string(), &default) {
                    (name, Some(default)) if name.is_empty() => Some(default.clone()),
                    (name, _) => Some(name).filter(|name| !name.is_empty()),
                })
                .collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| match (value.to_string(), &default) {
                    (value, Some(default)) if value.is_empty() => {
                        format!("{key}{separator}{default}")
                    }
                    (value, None) if value.is_empty() && !trailing => key.to_string(),
                    (value, _) => format!("{key}{separator}{value}"),
                })
                .collect(),
            Value::Text(text) if text.as_str().is_empty() => default.into_iter().collect(),
            Value::Text(text) => vec![text.as_str().to_owned()],
            other if !other.truth() => Vec::new(),
            other => {
                let why =
                    format!("the key must be text, a list or a map, not {}", other.type_name());
                return self.wrong(host, entry, &why);
            }
        };
        let separator = if prefix.is_empty() && !self.leading_separator { "" } else { &separator };
        let parent = match word("parent_group").map(|parent| self.evaluate.text(&parent, vars)) {
            Some(Ok(parent)) if !parent.is_empty() => Some(parent),
            Some(Ok(_)) | None => None,
            Some(Err(why)) => return self.failed(host, entry, &why),
        };
        for name in names {
            let graph = &mut self.reading.graph;
            let group = graph.add_group(&safe_name(&format!("{prefix}{separator}{name}")));
            graph.join(host, group);
            if let Some(parent) = &parent {
                let parent = graph.add_group(&safe_name(parent));
                graph.add_child(parent, group);
            }
        }
    }

    /// Returns the variables of a host: of its groups by depth, its own, and its name.
    fn vars(&self, host: usize) -> Arc<Map> {
        let graph = &self.reading.graph;
        let own = &graph.hosts[host];
        let mut groups: Vec<usize> =
            graph.ancestors(own.groups.iter().copied()).into_iter().collect();
        groups.sort_by_key(|group| {
            let group = &graph.groups[*group];
            (group.depth, group.priority, Arc::clone(&group.name))
        });
        let mut vars = Map::new();
        for group in &groups {
            self.add(&mut vars, &graph.groups[*group].vars.map);
        }
        self.add(&mut vars, &own.vars.map);
        let mut names: Vec<&str> = groups
            .iter()
            .filter(|group| **group != ALL)
            .map(|group| &*graph.groups[*group].name)
            .collect();
        names.sort_unstable();
        vars.insert("group_names", names.into());
        vars.insert("inventory_hostname", Arc::clone(&own.name).into());
        let short = own.name.split('.').next().unwrap_or_default();
        vars.insert("inventory_hostname_short", short.into());
        if self.extra {
            self.add(&mut vars, &self.reading.options.extra_vars);
        }
        Arc::new(vars)
    }

    fn add(&self, vars: &mut Map, more: &Map) {
        for (name, value) in more {
            let value = match vars.get_value(name) {
                Some(old) => self.reading.options.merging.combine(old, value.clone()),
                None => value.clone(),
            };
            vars.insert(name.clone(), value);
        }
    }

    fn entries(&self, name: &str) -> Vec<(Node, Node)> {
        self.top.get(name).map_or(&[][..], Node::entries).to_vec()
    }

    /// Notes a failure when `strict` is set; otherwise the host is passed over, as Ansible does.
    fn failed(&mut self, host: usize, node: &Node, why: &str) {
        if self.strict {
            self.wrong(host, node, why);
        }
    }

    fn wrong(&mut self, host: usize, node: &Node, why: &str) {
        let name = &self.reading.graph.hosts[host].name;
        let what = format!("for the host `{name}`: {why}");
        self.reading.push(node.mistake(what));
    }
}

/// Returns the text of a scalar, which may also be written as a number or boolean.
fn text(node: &Node) -> String {
    node.raw().map(ToString::to_string).unwrap_or_default()
}
