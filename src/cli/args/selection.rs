//! Flags that choose tasks.

use clap::Args;

/// Which tasks.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Tasks")]
pub(in crate::cli) struct Selection {
    /// Only tasks with one of these tags, separated by commas; may be repeated
    #[arg(short, long, value_name = "TAGS")]
    pub(in crate::cli) tags: Vec<String>,
    /// No tasks with one of these tags; may be repeated
    #[arg(long, value_name = "TAGS")]
    pub(in crate::cli) skip_tags: Vec<String>,
    /// Start at the task of this name
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) start_at_task: Option<String>,
    /// Ask before each task
    #[arg(long)]
    pub(in crate::cli) step: bool,
    /// Show the tasks and run nothing
    #[arg(long)]
    pub(in crate::cli) list_tasks: bool,
    /// Show the tags and run nothing
    #[arg(long)]
    pub(in crate::cli) list_tags: bool,
    /// Check the playbooks and run nothing
    #[arg(long)]
    pub(in crate::cli) syntax_check: bool,
}
