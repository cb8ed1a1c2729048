//! Flags that say where vault passwords come from; `fcplay vault` has them too.

use clap::Args;

/// Where vault passwords come from.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Vault")]
pub(in crate::cli) struct Vault {
    /// A password and its id: ID@FILE, ID@prompt; may be repeated
    #[arg(long, value_name = "ID@SOURCE")]
    pub(in crate::cli) vault_id: Vec<String>,
    /// A file or script with a vault password; may be repeated
    #[arg(long, visible_alias = "vault-pass-file", value_name = "FILE")]
    pub(in crate::cli) vault_password_file: Vec<String>,
    /// Ask for the vault password
    #[arg(short = 'J', long, visible_alias = "ask-vault-password")]
    pub(in crate::cli) ask_vault_pass: bool,
}
