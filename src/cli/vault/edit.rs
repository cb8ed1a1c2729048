//! The editor: the plain text is in a file that only its owner can read, and that is gone afterwards.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use super::args::{Create, Edit};
use super::files::{self, Access};
use super::keys::{Age, Keys};
use crate::base::shlex;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::config::{Config, settings};

/// `fcplay vault create`.
pub(super) fn create(flags: &Create, config: &Config) -> Result<(), Error> {
    let name = flags.file.display();
    if flags.file.exists() {
        let what = format!("{name} exists\nhint: `fcplay vault edit {name}` changes it");
        return Err(Error::new(Exit::Error, what));
    }
    if !flags.skip_tty_check && !std::io::stdout().is_terminal() {
        let what =
            "not a tty, editor cannot be opened\nhint: --skip-tty-check starts it all the same";
        return Err(Error::new(Exit::BadOptions, what));
    }
    let keys = Keys::load(&flags.vault, config, Age::New)?;
    let id = keys.encrypting(&flags.encryption, config)?;
    if let Some(parent) = flags.file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|error| {
            Error::new(Exit::Error, format!("cannot create `{}`: {error}", parent.display()))
        })?;
    }
    let plain = edited(b"", &flags.file, config)?;
    files::write(&flags.file, keys.encrypt(&plain, &id, config)?.as_bytes(), Access::Owner)
}

/// `fcplay vault edit`.
pub(super) fn edit(flags: &Edit, config: &Config) -> Result<(), Error> {
    let keys = Keys::load(&flags.vault, config, Age::Old)?;
    for path in &flags.files {
        let envelope = files::read(path)?;
        let plain = files::open(&keys, &envelope, path)?;
        let id = keys.keeping(&String::from_utf8_lossy(&envelope), &flags.encryption, config)?;
        let changed = edited(&plain, path, config)?;
        if changed != plain || flags.encryption.encrypt_vault_id.is_some() {
            let envelope = keys.encrypt(&changed, &id, config)?;
            files::write(path, envelope.as_bytes(), Access::AsBefore)?;
        }
    }
    Ok(())
}

/// Returns what the user made of a text. Its file has the ending of the real one, so that editors know the language.
fn edited(plain: &[u8], path: &Path, config: &Config) -> Result<Vec<u8>, Error> {
    let failed = |what: String| Error::new(Exit::Error, what);
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
    let mut builder = tempfile::Builder::new();
    builder.prefix("vault-").suffix(ending.as_deref().unwrap_or(""));
    let mut file = builder
        .tempfile()
        .map_err(|error| failed(format!("cannot write a temporary file: {error}")))?;
    file.write_all(plain)
        .map_err(|error| failed(format!("cannot write a temporary file: {error}")))?;
    let line = config.get(&settings::EDITOR);
    let words = shlex::split(&line).unwrap_or_default();
    let [program, args @ ..] = words.as_slice() else {
        return Err(failed(format!("the editor is `{line}`, which is no command")));
    };
    let status = Command::new(program).args(args).arg(file.path()).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            return Err(failed(format!(
                "the editor `{line}` ended with {status}; nothing was written"
            )));
        }
        Err(error) => {
            let what = format!(
                "cannot start the editor `{line}`: {error}\nhint: name another one in EDITOR"
            );
            return Err(failed(what));
        }
    }
    // Editors may replace the file: its path counts, not the handle.
    std::fs::read(file.path())
        .map_err(|error| failed(format!("cannot read what was written: {error}")))
}
