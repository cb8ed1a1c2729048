//! YAML inventories.

#[path = "inventory.rs"]
mod inventory;

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    inventory::run("hosts.yaml", data);
}
