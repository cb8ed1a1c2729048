//! Passwords of a run: for vaults, for logging in, for becoming another user.

use std::path::Path;

use super::args::{Connection, Escalation, Vault};
use super::ask;
use super::error::{Error, chain};
use super::exit::Exit;
use crate::base::Secret;
use crate::config::{Config, settings};
use crate::vault::{DEFAULT_ID, IdMatch, Secrets, Source, VaultId};

/// Reads the vault passwords that configuration and flags name.
pub(super) fn vault(flags: &Vault, config: &Config, warn: &dyn Fn(&str)) -> Result<Secrets, Error> {
    let id_match =
        if config.get(&settings::VAULT_ID_MATCH) { IdMatch::Require } else { IdMatch::Prefer };
    let ids = vault_ids(flags, config);
    let (secrets, failures) = Secrets::load(&ids, id_match, &mut |prompt| ask::password(prompt))?;
    for failure in failures {
        warn(&format!("Error getting vault password file: {}", chain(&failure)));
    }
    Ok(secrets)
}

/// Returns where vault passwords come from, in Ansible's order: configured ids, `--vault-id`, files, the prompt.
pub(super) fn vault_ids(flags: &Vault, config: &Config) -> Vec<VaultId> {
    let environment = config.environment();
    let home = environment.home();
    let default = config.get(&settings::VAULT_IDENTITY);
    let named = |mut id: VaultId| {
        if id.id == DEFAULT_ID {
            id.id.clone_from(&default);
        }
        id
    };
    let mut ids: Vec<VaultId> = config
        .get(&settings::VAULT_IDENTITY_LIST)
        .iter()
        .chain(&flags.vault_id)
        .map(|text| named(VaultId::parse(text, home)))
        .collect();
    let configured =
        config.get(&settings::VAULT_PASSWORD_FILE).filter(|_| flags.vault_password_file.is_empty());
    ids.extend(flags.vault_password_file.iter().map(|path| named(VaultId::file(path, home))));
    ids.extend(configured.map(|path| named(VaultId::file(&path.display().to_string(), home))));
    let asked = ids.iter().any(|id| id.source == Source::AskPass);
    if !asked && (flags.ask_vault_pass || (ids.is_empty() && config.get(&settings::ASK_VAULT_PASS)))
    {
        ids.push(named(VaultId::ask_pass()));
    }
    ids
}

/// Returns the password for logging in, asked for or read.
pub(super) fn login(flags: &Connection, config: &Config) -> Result<Option<Secret>, Error> {
    let file = flags.connection_password_file.clone();
    if flags.ask_pass || (file.is_none() && config.get(&settings::ASK_PASS)) {
        return typed("SSH password: ").map(Some);
    }
    let file = file.or_else(|| config.get(&settings::CONNECTION_PASSWORD_FILE));
    file.map(|path| read(&path, config)).transpose()
}

/// Returns the password for becoming another user; an empty answer means the one for logging in.
pub(super) fn escalation(
    flags: &Escalation,
    config: &Config,
    login: Option<&Secret>,
) -> Result<Option<Secret>, Error> {
    let file = flags.become_password_file.clone();
    if flags.ask_become_pass || (file.is_none() && config.get(&settings::BECOME_ASK_PASS)) {
        let prompt = match login {
            Some(_) => "BECOME password[defaults to SSH password]: ",
            None => "BECOME password: ",
        };
        let secret = typed(prompt)?;
        let empty = secret.reveal().is_empty();
        return Ok(if empty { login.cloned().or(Some(secret)) } else { Some(secret) });
    }
    let file = file.or_else(|| config.get(&settings::BECOME_PASSWORD_FILE));
    file.map(|path| read(&path, config)).transpose()
}

fn typed(prompt: &str) -> Result<Secret, Error> {
    let failed = |error| Error::new(Exit::Error, format!("cannot ask for a password: {error}"));
    ask::password(prompt).map_err(failed)
}

/// Reads a password from a file, or from what it prints when it is a script; `-` is standard input.
fn read(path: &Path, config: &Config) -> Result<Secret, Error> {
    use std::os::unix::fs::PermissionsExt;
    let environment = config.environment();
    let failed = |why: String| {
        Error::new(
            Exit::Error,
            format!("cannot read the password file `{}`: {why}", path.display()),
        )
    };
    let absolute = environment.path(&path.display().to_string(), environment.folder());
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).map_err(|error| failed(error.to_string()))?
    } else {
        let meta = absolute.metadata().map_err(|error| failed(error.to_string()))?;
        if meta.is_file() && meta.permissions().mode() & 0o111 != 0 {
            let output = std::process::Command::new(&absolute)
                .stderr(std::process::Stdio::inherit())
                .output()
                .map_err(|error| failed(error.to_string()))?;
            if !output.status.success() {
                return Err(failed(format!("it is a script and ended with {}", output.status)));
            }
            String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))?
        } else {
            std::fs::read_to_string(&absolute).map_err(|error| failed(error.to_string()))?
        }
    };
    let text = text.trim_matches(['\r', '\n']);
    if text.is_empty() { Err(failed("it is empty".into())) } else { Ok(Secret::new(text)) }
}
