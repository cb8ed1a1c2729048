//! What the targets of inventories share: any text gives hosts and groups, or mistakes.

use fcplay::base::SourceFile;
use fcplay::inventory::{Inventory, LoadOptions};

/// Takes one input, in the format that the name of the file says.
pub(crate) fn run(name: &str, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Inventory::of_text(&SourceFile::new(name, text), LoadOptions::default()) {
        Ok(inventory) => {
            for host in inventory.hosts() {
                let _ = inventory.group_names(&host.name);
            }
            let _ = inventory.groups_map();
        }
        Err(mistakes) => {
            for mistake in &mistakes.0 {
                assert!(!mistake.to_string().is_empty());
            }
        }
    }
}
