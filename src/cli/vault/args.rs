//! The flags of `fcplay vault`, as `ansible-vault` has them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::args;

/// Encrypts, decrypts and edits secret files.
#[derive(Debug, Parser)]
#[command(name = "fcplay vault", version, infer_long_args = true, max_term_width = 100)]
pub(in crate::cli) struct Vault {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[command(rename_all = "snake_case")]
pub(super) enum Command {
    /// Write a new encrypted file in the editor
    Create(Create),
    /// Decrypt files where they are
    Decrypt(Convert),
    /// Change an encrypted file in the editor
    Edit(Edit),
    /// Encrypt files where they are
    Encrypt(Encrypt),
    /// Encrypt a text for use in a YAML file
    EncryptString(EncryptString),
    /// Encrypt files with another password
    Rekey(Rekey),
    /// Show encrypted files
    View(View),
}

/// Which password encrypts.
#[derive(Args, Debug)]
pub(super) struct Encryption {
    /// The id of the password to encrypt with, needed when there are several
    #[arg(long, value_name = "ID")]
    pub(super) encrypt_vault_id: Option<String>,
}

/// Flags of `create`.
#[derive(Args, Debug)]
pub(super) struct Create {
    /// The file to write
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Start the editor even without a terminal
    #[arg(long)]
    pub(super) skip_tty_check: bool,
    #[command(flatten)]
    pub(super) encryption: Encryption,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

/// Flags of `edit`.
#[derive(Args, Debug)]
pub(super) struct Edit {
    /// The files to change
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) encryption: Encryption,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

/// Flags of `decrypt`.
#[derive(Args, Debug)]
pub(super) struct Convert {
    /// The files; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Where the result goes; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

/// Flags of `encrypt`.
#[derive(Args, Debug)]
pub(super) struct Encrypt {
    #[command(flatten)]
    pub(super) convert: Convert,
    #[command(flatten)]
    pub(super) encryption: Encryption,
}

/// Flags of `encrypt_string`.
#[derive(Args, Debug)]
pub(super) struct EncryptString {
    /// The texts; `-`, or none, is standard input
    #[arg(value_name = "TEXT")]
    pub(super) texts: Vec<String>,
    /// The names of the variables, one a text
    #[arg(short, long, value_name = "NAME")]
    pub(super) name: Vec<String>,
    /// The name of the variable whose text is standard input
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_name: Option<String>,
    /// Ask for a text
    #[arg(short, long)]
    pub(super) prompt: bool,
    /// Show what is typed
    #[arg(long)]
    pub(super) show_input: bool,
    /// Where the result goes; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) encryption: Encryption,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

/// Flags of `rekey`.
#[derive(Args, Debug)]
pub(super) struct Rekey {
    /// The files to encrypt anew
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// A file or script with the new password
    #[arg(long, value_name = "FILE", conflicts_with = "new_vault_id")]
    pub(super) new_vault_password_file: Option<String>,
    /// The new password and its id: ID@FILE, ID@prompt
    #[arg(long, value_name = "ID@SOURCE")]
    pub(super) new_vault_id: Option<String>,
    #[command(flatten)]
    pub(super) encryption: Encryption,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

/// Flags of `view`.
#[derive(Args, Debug)]
pub(super) struct View {
    /// The files to show
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) vault: args::Vault,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        super::Vault::command().debug_assert();
    }
}
