//! `add_host`: adds a host to the inventory for the rest of the run.

use std::sync::Arc;

use crate::actions::{Action, Context, Done, Effect, Error, Running};
use crate::base::{Map, Value};
use crate::module::{Argument, ArgumentSpec, Example, Outcome, Spec};

/// The action.
pub(in crate::actions) struct AddHost;

const SPEC: &Spec = &Spec {
    name: "add_host",
    summary: "Adds a host, with groups and variables, for the rest of the run.",
    examples: &[Example {
        about: "Add a new machine.",
        task: "add_host: {name: \"{{ address }}\", groups: new}",
    }],
    ..Spec::BASE
};

impl Action for AddHost {
    fn spec(&self) -> &'static Spec {
        SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        Vec::new()
    }

    fn takes_anything(&self) -> bool {
        true
    }

    fn once(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, args: &'a Map, _cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(async move { add(args) })
    }
}

fn add(args: &Map) -> Result<Done, Error> {
    let mut vars = args.clone();
    let mut take = |names: &[&str]| {
        let found: Vec<Value> = names.iter().filter_map(|name| vars.remove(name)).collect();
        found.into_iter().find(|value| !value.is_null())
    };
    let name = take(&["name", "hostname", "host"])
        .ok_or_else(|| Error::new("name, host or hostname needs to be provided"))?;
    let groups = take(&["groups", "groupname", "group"]);
    let groups =
        groups.map_or_else(|| Ok(Vec::new()), |value| Vec::<String>::from_value(&value))?;
    let (name, port) = split_port(&name.to_string());
    if let Some(port) = port {
        vars.insert("ansible_ssh_port", Value::Int(port.into()));
    }
    let shown = Value::map([
        ("host_name", Value::from(name.as_str())),
        ("groups", groups.clone().into()),
        ("host_vars", vars.clone().into()),
    ]);
    let effect = Effect::AddHost { name: Arc::from(name), groups, vars };
    Ok(Done::ok(Outcome::done().with("add_host", shown)).with_effect(effect))
}

/// Splits `host:port`; addresses of IPv6 have no port unless they are in brackets.
fn split_port(name: &str) -> (String, Option<u16>) {
    if let Some((address, rest)) = name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address.to_owned(), rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match name.split_once(':') {
        Some((host, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (host.to_owned(), Some(port)),
            Err(_) => (name.to_owned(), None),
        },
        _ => (name.to_owned(), None),
    }
}
