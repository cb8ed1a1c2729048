//! Flags that choose hosts.

use clap::Args;

/// Which hosts.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Hosts")]
pub(in crate::cli) struct Inventory {
    /// An inventory file, folder or script, or a list of hosts with commas; may be repeated
    #[arg(short, long, visible_alias = "inventory-file", value_name = "INVENTORY")]
    pub(in crate::cli) inventory: Vec<String>,
    /// Only these hosts: a pattern, or @FILE with one a line
    #[arg(short, long, value_name = "PATTERN")]
    pub(in crate::cli) limit: Option<String>,
    /// Show the hosts of each play and run nothing
    #[arg(long)]
    pub(in crate::cli) list_hosts: bool,
    /// Forget facts that were kept of earlier runs
    #[arg(long)]
    pub(in crate::cli) flush_cache: bool,
}
