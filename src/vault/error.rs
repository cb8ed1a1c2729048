//! What can go wrong with vaults and their passwords.

use std::io;

/// An error of a vault or of a source of passwords.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no password at all.
    #[error(
        "this is encrypted, and no vault password was given; give one with `--vault-password-file`, `--vault-id` or `-J`"
    )]
    NoPassword,
    /// No password fits.
    #[error("no vault password fits; tried {tried}{}", wanted(id))]
    WrongPassword {
        /// The ids that were tried, in words.
        tried: String,
        /// The id that the envelope names.
        id: Option<String>,
    },
    /// The text is no envelope.
    #[error("this is no vault text: it must start with `$ANSIBLE_VAULT;1.1;AES256`")]
    NoEnvelope,
    /// The envelope is of a kind that nobody writes any more.
    #[error("vault format `{0}` is not supported, only AES256 of version 1.1 and 1.2")]
    Unsupported(String),
    /// The hexadecimal text is cut or changed.
    #[error("the vault text is damaged: {0}")]
    Damaged(&'static str),
    /// A file of a password cannot be read.
    #[error("cannot read the vault password file `{path}`")]
    File {
        /// The file.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A source gave no password.
    #[error("the vault password from {0} is empty")]
    Empty(String),
    /// A script that should print a password did not.
    #[error("the vault password script `{path}` {what}")]
    Script {
        /// The script.
        path: String,
        /// What it did.
        what: String,
    },
    /// Nobody could be asked.
    #[error("cannot ask for the vault password of `{id}`")]
    Prompt {
        /// The id.
        id: String,
        /// Why not.
        source: io::Error,
    },
    /// There is no password under the id that is to encrypt.
    #[error("there is no vault password for the id `{0}`")]
    UnknownId(String),
}

fn wanted(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!("; the text asks for the id `{id}`")).unwrap_or_default()
}
