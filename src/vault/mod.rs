//! Ansible Vault: text and files encrypted with a password, in its envelopes 1.1 and 1.2. Controller only.
//!
//! An envelope is a header (`$ANSIBLE_VAULT;1.2;AES256;prod`) and hexadecimal lines. Several passwords may be known, each
//! under an id; the one whose id the header names is tried first, then the others in order, as Ansible does.
#![forbid(unsafe_code)]

mod cipher;
mod envelope;
mod error;
mod open;
mod secrets;
mod source;
#[cfg(test)]
mod tests;

pub use envelope::is_encrypted;
pub use error::Error;
pub use open::{Opened, open, open_as};
pub use secrets::{DEFAULT_ID, IdMatch, Secrets};
pub use source::{Ask, Source, VaultId};
