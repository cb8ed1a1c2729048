//! The flags of `fcplay inventory`, as `ansible-inventory` has them.

use std::path::PathBuf;

use clap::{ArgGroup, Parser};

use crate::cli::args;

/// Shows what inventories say: all of them, one host, or a drawing of the groups.
#[derive(Debug, Parser)]
#[command(
    name = "fcplay inventory",
    version,
    infer_long_args = true,
    max_term_width = 100,
    args_override_self = true
)]
#[command(group = ArgGroup::new("format").args(["yaml", "toml"]).multiple(true))]
pub(in crate::cli) struct Listing {
    /// The group to draw with --graph
    #[arg(value_name = "GROUP", default_value = "all", hide_default_value = true)]
    pub(super) group: String,
    /// Show all hosts and groups, as an inventory script would
    #[arg(long)]
    pub(super) list: bool,
    /// Show the variables of one host
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<String>,
    /// Draw the groups
    #[arg(long)]
    pub(super) graph: bool,
    /// Write YAML instead of JSON
    #[arg(short, long)]
    pub(super) yaml: bool,
    /// Write TOML instead of JSON
    #[arg(long)]
    pub(super) toml: bool,
    /// Show variables in the drawing
    #[arg(long)]
    pub(super) vars: bool,
    /// Show variables where they are set, not merged at each host
    #[arg(long)]
    pub(super) export: bool,
    /// Write to a file
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// The folder whose `group_vars` and `host_vars` count as those of a playbook
    #[arg(long, value_name = "FOLDER")]
    pub(super) playbook_dir: Option<PathBuf>,
    /// Variables: KEY=VALUE words, YAML or JSON text, or @FILE; may be repeated
    #[arg(short, long, value_name = "VARS", allow_hyphen_values = true)]
    pub(super) extra_vars: Vec<String>,
    /// An inventory file, folder or script, or a list of hosts with commas; may be repeated
    #[arg(short, long, visible_alias = "inventory-file", value_name = "INVENTORY")]
    pub(super) inventory: Vec<String>,
    /// Only these hosts: a pattern, or @FILE with one a line
    #[arg(short, long, value_name = "PATTERN")]
    pub(super) limit: Option<String>,
    /// Accepted for compatibility: facts are not shown
    #[arg(long)]
    flush_cache: bool,
    #[command(flatten)]
    pub(super) output_flags: args::Output,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

impl Listing {
    /// Returns the flags that choose hosts.
    pub(super) fn hosts(&self) -> args::Inventory {
        args::Inventory {
            inventory: self.inventory.clone(),
            limit: self.limit.clone(),
            ..args::Inventory::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        super::Listing::command().debug_assert();
    }
}
