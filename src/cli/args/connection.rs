//! Flags that say how hosts are reached.

use std::path::PathBuf;

use clap::Args;

/// How hosts are reached.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub(in crate::cli) struct Connection {
    /// The user to log in as
    #[arg(short, long, visible_alias = "remote-user", value_name = "USER")]
    pub(in crate::cli) user: Option<String>,
    /// The private key to log in with
    #[arg(long, visible_alias = "key-file", value_name = "FILE")]
    pub(in crate::cli) private_key: Option<PathBuf>,
    /// Ask for the password to log in with
    #[arg(short = 'k', long, conflicts_with = "connection_password_file")]
    pub(in crate::cli) ask_pass: bool,
    /// A file or script with the password to log in with
    #[arg(long, visible_alias = "conn-pass-file", value_name = "FILE")]
    pub(in crate::cli) connection_password_file: Option<PathBuf>,
    /// How hosts are reached: ssh or local
    #[arg(short, long, value_name = "KIND")]
    pub(in crate::cli) connection: Option<String>,
    /// How many seconds connecting may take [default: 10]
    #[arg(short = 'T', long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) timeout: Option<u32>,
    /// Options of ssh, such as `-o ProxyJump=gate`
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(in crate::cli) ssh_common_args: Option<String>,
    /// More options of ssh
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(in crate::cli) ssh_extra_args: Option<String>,
    /// Accepted for compatibility: files go through the connection itself
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(in crate::cli) scp_extra_args: Option<String>,
    /// Accepted for compatibility: files go through the connection itself
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(in crate::cli) sftp_extra_args: Option<String>,
}
