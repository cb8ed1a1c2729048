//! Flags that say how much is shown.

use clap::{ArgAction, Args};

/// How much is shown.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct Output {
    /// Show more; -vvv shows most
    #[arg(short, long, action = ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
}
