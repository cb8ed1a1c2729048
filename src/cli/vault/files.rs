//! Files: encrypted, decrypted, shown, encrypted anew. They are replaced as a whole or not at all.

use std::io::{IsTerminal, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::{Convert, Encrypt, Rekey, View};
use super::keys::{Age, Keys};
use crate::base::shlex;
use crate::cli::error::{Error, chain};
use crate::cli::exit::Exit;
use crate::cli::screen;
use crate::config::{Config, settings};
use crate::vault::{self, VaultId};

/// Who may read a file that is written.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// The one who runs this.
    Owner,
    /// Those who could before.
    AsBefore,
}

/// `fcplay vault encrypt`.
pub(super) fn encrypt(flags: &Encrypt, config: &Config) -> Result<(), Error> {
    let keys = Keys::load(&flags.convert.vault, config, Age::New)?;
    let id = keys.encrypting(&flags.encryption, config)?;
    convert(&flags.convert, "Encryption successful", &|plain, _| {
        if vault::is_encrypted(plain) {
            return Err(Error::new(Exit::Error, "input is already encrypted"));
        }
        keys.encrypt(plain, &id, config).map(String::into_bytes)
    })
}

/// `fcplay vault decrypt`.
pub(super) fn decrypt(flags: &Convert, config: &Config) -> Result<(), Error> {
    let keys = Keys::load(&flags.vault, config, Age::Old)?;
    convert(flags, "Decryption successful", &|text, name| open(&keys, text, name))
}

/// `fcplay vault view`.
pub(super) fn view(flags: &View, config: &Config) -> Result<(), Error> {
    let keys = Keys::load(&flags.vault, config, Age::Old)?;
    for path in &flags.files {
        let plain = open(&keys, &read(path)?, path)?;
        page(&plain, config);
    }
    Ok(())
}

/// `fcplay vault rekey`.
pub(super) fn rekey(flags: &Rekey, config: &Config) -> Result<(), Error> {
    let old = Keys::load(&flags.vault, config, Age::Old)?;
    let home = config.environment().home();
    let id = match (&flags.new_vault_id, &flags.new_vault_password_file) {
        (Some(text), _) => VaultId::parse(text, home),
        (None, Some(path)) => VaultId::file(path, home),
        (None, None) => VaultId::ask_pass(),
    };
    // Everything is opened before anything is written: a wrong password leaves no half of the files behind.
    let mut plains = Vec::new();
    for path in &flags.files {
        plains.push(open(&old, &read(path)?, path)?);
    }
    let new = Keys::of(&[id], config, Age::New)?;
    let id = new.encrypting(&flags.encryption, config)?;
    for (path, plain) in flags.files.iter().zip(plains) {
        write(path, new.encrypt(&plain, &id, config)?.as_bytes(), Access::AsBefore)?;
    }
    screen::say("Rekey successful");
    Ok(())
}

type Change<'a> = &'a dyn Fn(&[u8], &Path) -> Result<Vec<u8>, Error>;

fn convert(flags: &Convert, done: &str, change: Change<'_>) -> Result<(), Error> {
    let standard = [PathBuf::from("-")];
    let files = if flags.files.is_empty() { &standard[..] } else { &flags.files };
    if files.len() > 1 && flags.output.is_some() {
        let what = "--output is for one file; without it each file is replaced";
        return Err(Error::new(Exit::BadOptions, what));
    }
    for path in files {
        let changed = change(&read(path)?, path)?;
        write(flags.output.as_deref().unwrap_or(path), &changed, Access::Owner)?;
    }
    tell(done);
    Ok(())
}

/// Decrypts what a file holds.
pub(super) fn open(keys: &Keys, text: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    let name = path.display();
    if !vault::is_encrypted(text) {
        return Err(Error::new(
            Exit::Error,
            format!("Input is not vault encrypted data. for {name}"),
        ));
    }
    keys.secrets.decrypt(text).map_err(|error| {
        Error::new(Exit::Error, format!("cannot decrypt `{name}`: {}", chain(&error)))
    })
}

/// Reads a file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        if std::io::stdin().is_terminal() {
            screen::say("reading from standard input; Ctrl-D ends it");
        }
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    result.map_err(|error| {
        Error::new(Exit::Error, format!("cannot read `{}`: {error}", path.display()))
    })?;
    Ok(bytes)
}

/// Writes a file as a whole; `-` is standard output.
pub(super) fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), Error> {
    if path == Path::new("-") {
        let mut out = std::io::stdout().lock();
        let _nobody_reads = out.write_all(bytes).and_then(|()| out.flush());
        return Ok(());
    }
    replace(path, bytes, access).map_err(|error| {
        Error::new(Exit::Error, format!("cannot write `{}`: {error}", path.display()))
    })
}

fn replace(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(parent.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let (Access::AsBefore, Ok(meta)) = (access, path.metadata()) {
        std::os::unix::fs::chown(file.path(), Some(meta.uid()), Some(meta.gid()))?;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(meta.mode() & 0o7777))?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// Says on a terminal that it is done.
pub(super) fn tell(done: &str) {
    if std::io::stdout().is_terminal() {
        screen::say(done);
    }
}

/// Shows a text in the pager on a terminal, and writes it anywhere else.
fn page(plain: &[u8], config: &Config) {
    let words = shlex::split(&config.get(&settings::PAGER)).unwrap_or_default();
    let [program, args @ ..] = words.as_slice() else { return screen::write(plain) };
    if !std::io::stdout().is_terminal() {
        return screen::write(plain);
    }
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped());
    if config.environment().var("LESS").is_none() {
        command.env("LESS", "FRSX");
    }
    let Ok(mut child) = command.spawn() else { return screen::write(plain) };
    if let Some(mut stdin) = child.stdin.take() {
        let _reader_may_quit = stdin.write_all(plain);
    }
    let _ended = child.wait();
}
