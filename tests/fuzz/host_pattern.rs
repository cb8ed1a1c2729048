//! Patterns of hosts: any text chooses hosts of the inventory or is refused.

use std::sync::{Arc, LazyLock};

use fcplay::base::SourceFile;
use fcplay::inventory::{Inventory, LoadOptions, split};

const HOSTS: &str = "\
lone.example.org
[web]
web[01:12].example.org
[db]
db-[a:d]
10.0.0.[1:9]
[prod:children]
web
db
[ünï]
h1
";

static INVENTORY: LazyLock<Inventory> = LazyLock::new(|| {
    let file = SourceFile::new("hosts.ini", HOSTS);
    Inventory::of_text(&file, LoadOptions::default()).expect("the inventory above is right")
});

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (pattern, limit) = text.split_once('\n').unwrap_or((text, ""));
    let parts = split(limit);
    let limit = (!parts.is_empty()).then_some(parts.as_slice());
    let selection = INVENTORY.select(&[pattern.to_owned()], limit);
    let Ok(selection) = selection else { return };
    let mut seen: Vec<&Arc<str>> = selection.hosts.iter().collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), selection.hosts.len(), "a host is chosen twice");
}
