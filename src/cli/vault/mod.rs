//! `fcplay vault`: the commands of `ansible-vault`.

mod args;
mod edit;
mod files;
mod keys;
mod string;

pub(super) use args::Vault;

use super::error::Error;
use super::exit::Exit;
use crate::config::{Config, Environment};
use args::Command;

/// Runs a command.
pub(super) fn run(vault: &Vault) -> Result<Exit, Error> {
    let config = Config::load(Environment::of_process())
        .map_err(|bad| Error::mistakes(Exit::BadOptions, &bad))?;
    match &vault.command {
        Command::Create(flags) => edit::create(flags, &config)?,
        Command::Decrypt(flags) => files::decrypt(flags, &config)?,
        Command::Edit(flags) => edit::edit(flags, &config)?,
        Command::Encrypt(flags) => files::encrypt(flags, &config)?,
        Command::EncryptString(flags) => string::encrypt(flags, &config)?,
        Command::Rekey(flags) => files::rekey(flags, &config)?,
        Command::View(flags) => files::view(flags, &config)?,
    }
    Ok(Exit::Ok)
}
