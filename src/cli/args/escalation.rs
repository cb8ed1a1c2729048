//! Flags that say which user tasks run as.

use std::path::PathBuf;

use clap::Args;

/// Which user tasks run as.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Privileges")]
pub(in crate::cli) struct Escalation {
    /// Run tasks as another user, root unless told otherwise
    #[arg(short = 'b', long = "become")]
    pub(in crate::cli) r#become: bool,
    /// The user to become
    #[arg(long, value_name = "USER")]
    pub(in crate::cli) become_user: Option<String>,
    /// How to become that user: sudo, su or doas
    #[arg(long, value_name = "METHOD")]
    pub(in crate::cli) become_method: Option<String>,
    /// Ask for the password to become that user
    #[arg(short = 'K', long, conflicts_with = "become_password_file")]
    pub(in crate::cli) ask_become_pass: bool,
    /// A file or script with the password to become that user
    #[arg(long, visible_alias = "become-pass-file", value_name = "FILE")]
    pub(in crate::cli) become_password_file: Option<PathBuf>,
}
