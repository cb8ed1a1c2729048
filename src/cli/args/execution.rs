//! Flags that say how tasks run.

use clap::Args;

/// How tasks run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Execution")]
pub(in crate::cli) struct Execution {
    /// Change nothing, say what would change
    #[arg(short = 'C', long)]
    pub(in crate::cli) check: bool,
    /// Show what changes inside files
    #[arg(short = 'D', long)]
    pub(in crate::cli) diff: bool,
    /// Variables: KEY=VALUE words, YAML or JSON text, or @FILE; may be repeated
    #[arg(short, long, value_name = "VARS", allow_hyphen_values = true)]
    pub(in crate::cli) extra_vars: Vec<String>,
    /// How many hosts work at the same time [default: 50]
    #[arg(short, long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) forks: Option<u32>,
    /// Run notified handlers even on hosts that failed
    #[arg(long)]
    pub(in crate::cli) force_handlers: bool,
    /// Accepted for compatibility: modules are built in
    #[arg(short = 'M', long, value_name = "PATH")]
    pub(in crate::cli) module_path: Vec<String>,
}
