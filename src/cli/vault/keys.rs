//! The passwords of a vault command: old ones are asked for once, new ones twice.

use std::io;

use super::args::Encryption;
use crate::base::{Secret, words};
use crate::cli::error::{Error, chain};
use crate::cli::exit::Exit;
use crate::cli::{args, ask, passwords, screen};
use crate::config::{Config, settings};
use crate::vault::{IdMatch, Secrets, VaultId};

/// Whether a password that is asked for is a new one.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Age {
    /// It opens what is there.
    Old,
    /// It is typed twice.
    New,
}

/// The passwords of a command and their ids.
pub(super) struct Keys {
    /// The passwords.
    pub(super) secrets: Secrets,
    ids: Vec<String>,
}

impl Keys {
    /// Reads the passwords that configuration and flags name, or asks for one.
    pub(super) fn load(flags: &args::Vault, config: &Config, age: Age) -> Result<Self, Error> {
        let mut ids = passwords::vault_ids(flags, config);
        if ids.is_empty() {
            ids.push(VaultId::ask_pass());
        }
        Self::of(&ids, config, age)
    }

    /// Reads passwords.
    pub(super) fn of(ids: &[VaultId], config: &Config, age: Age) -> Result<Self, Error> {
        let id_match =
            if config.get(&settings::VAULT_ID_MATCH) { IdMatch::Require } else { IdMatch::Prefer };
        let mut typed =
            |prompt: &str| if age == Age::New { twice(prompt) } else { ask::password(prompt) };
        let (secrets, failures) = Secrets::load(ids, id_match, &mut typed)?;
        for failure in failures {
            screen::say(&format!("warning: {}", chain(&failure)));
        }
        let mut names: Vec<String> = Vec::new();
        for id in ids {
            if !names.contains(&id.id) {
                names.push(id.id.clone());
            }
        }
        Ok(Self { secrets, ids: names })
    }

    /// Returns the id to encrypt with.
    pub(super) fn encrypting(&self, flags: &Encryption, config: &Config) -> Result<String, Error> {
        let named = flags.encrypt_vault_id.clone();
        if let Some(id) = named.or_else(|| config.get(&settings::VAULT_ENCRYPT_IDENTITY)) {
            return Ok(id);
        }
        match self.ids.as_slice() {
            [only] => Ok(only.clone()),
            several => {
                let several = words::ticked(several);
                let what = format!(
                    "there are vault passwords for {several}; say which one encrypts: --encrypt-vault-id ID"
                );
                Err(Error::new(Exit::BadOptions, what))
            }
        }
    }

    /// Returns the id to encrypt a changed text with: its own when there is a password for it.
    pub(super) fn keeping(
        &self,
        envelope: &str,
        flags: &Encryption,
        config: &Config,
    ) -> Result<String, Error> {
        let own = envelope.lines().next().and_then(|line| line.split(';').nth(3)).map(str::trim);
        match own
            .filter(|own| flags.encrypt_vault_id.is_none() && self.ids.iter().any(|id| id == own))
        {
            Some(own) => Ok(own.to_owned()),
            None => self.encrypting(flags, config),
        }
    }

    /// Encrypts with the password of an id.
    pub(super) fn encrypt(&self, plain: &[u8], id: &str, config: &Config) -> Result<String, Error> {
        Ok(match config.get(&settings::VAULT_ENCRYPT_SALT) {
            Some(salt) => self.secrets.encrypt_with(plain, Some(id), salt.as_bytes())?,
            None => self.secrets.encrypt(plain, Some(id))?,
        })
    }
}

fn twice(prompt: &str) -> io::Result<Secret> {
    let first = ask::password(&format!("New {prompt}"))?;
    let second = ask::password(&format!("Confirm New {prompt}"))?;
    if first == second { Ok(first) } else { Err(io::Error::other("the two passwords differ")) }
}
