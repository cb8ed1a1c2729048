//! `inventory_hostnames`: the hosts of a pattern.

use crate::base::{Map, Value};
use crate::inventory::{Inventory, LoadOptions, NewHost, split};
use crate::template::arguments::plain_map;
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] = &[builtin(&["inventory_hostnames"], inventory_hostnames)];

fn inventory_hostnames(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let groups =
        call.cx.variable("groups")?.and_then(|groups| plain_map(&groups)).unwrap_or_default();
    let inventory = inventory_of(&groups)?;
    let patterns: Vec<String> = call.terms().iter().flat_map(|term| split(term)).collect();
    // Parts that fit nothing choose nothing, as in Ansible.
    let selection =
        inventory.select(&patterns, None).map_err(|error| Reason::new(error.to_string()))?;
    Ok(Value::list(selection.hosts.into_iter().map(Value::from)))
}

/// Returns an inventory with the hosts of the variable `groups`.
fn inventory_of(groups: &Map) -> Result<Inventory, Reason> {
    let failed = |mistakes: crate::base::Mistakes| {
        let first = mistakes.0.first().map(|mistake| mistake.what.clone());
        Reason::new(first.unwrap_or_else(|| "the inventory cannot be read".to_owned()))
    };
    let mut inventory = Inventory::load(&[], LoadOptions::default()).map_err(failed)?;
    let mut members = Vec::new();
    for (group, hosts) in groups {
        members.push((group.to_string(), call::items_of(hosts)?));
    }
    let all = members
        .iter()
        .find(|(group, _)| group == "all")
        .map(|(_, hosts)| hosts.clone())
        .unwrap_or_default();
    for host in all {
        let own = members.iter().filter(|(group, hosts)| group != "all" && hosts.contains(&host));
        let groups = own.map(|(group, _)| group.clone()).collect();
        inventory.add_host(&NewHost { name: host.to_string(), groups, ..NewHost::default() });
    }
    Ok(inventory)
}
