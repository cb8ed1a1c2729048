//! The flags of `fcplay adhoc`, as `ansible` has them.

use std::path::PathBuf;

use clap::Parser;

use crate::cli::args::{
    Connection, Escalation, Execution, Inventory, Output, Play, Selection, Vault,
};

/// Runs one module on hosts.
#[derive(Debug, Parser)]
#[command(
    name = "fcplay adhoc",
    version,
    infer_long_args = true,
    max_term_width = 100,
    args_override_self = true
)]
pub(in crate::cli) struct AdHoc {
    /// The hosts: names, groups, patterns
    #[arg(value_name = "PATTERN")]
    pub(super) pattern: String,
    /// The module to run [default: command]
    #[arg(short, long, value_name = "MODULE")]
    pub(super) module_name: Option<String>,
    /// Its arguments: KEY=VALUE words, free text, or a dictionary as JSON
    #[arg(short, long, value_name = "ARGUMENTS", allow_hyphen_values = true)]
    pub(super) args: Option<String>,
    /// Run in the background, for at most so many seconds
    #[arg(
        short = 'B',
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(super) background: u64,
    /// How many seconds lie between looks at a job in the background; 0 leaves it alone [default: 15]
    #[arg(short = 'P', long = "poll", value_name = "SECONDS")]
    pub(super) poll_interval: Option<u64>,
    /// Show each result on one line
    #[arg(short, long)]
    pub(super) one_line: bool,
    /// Write each host's result into a file of this folder
    #[arg(short, long, value_name = "FOLDER")]
    pub(super) tree: Option<PathBuf>,
    /// How many seconds the module may take
    #[arg(long, value_name = "SECONDS")]
    pub(super) task_timeout: Option<u64>,
    /// The folder whose `group_vars` and `host_vars` count as those of a playbook
    #[arg(long, value_name = "FOLDER")]
    pub(super) playbook_dir: Option<PathBuf>,
    #[command(flatten)]
    inventory: Inventory,
    #[command(flatten)]
    execution: Execution,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    escalation: Escalation,
    #[command(flatten)]
    vault: Vault,
    #[command(flatten)]
    output: Output,
}

impl AdHoc {
    /// Returns the flags that a run of playbooks has as well.
    pub(super) fn as_play(&self) -> Play {
        Play {
            playbooks: Vec::new(),
            inventory: self.inventory.clone(),
            selection: Selection::default(),
            execution: self.execution.clone(),
            connection: self.connection.clone(),
            escalation: self.escalation.clone(),
            vault: self.vault.clone(),
            output: self.output.clone(),
            version: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        super::AdHoc::command().debug_assert();
    }
}
