//! Where passwords come from: a file, a script that prints it, somebody who types it.

use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{DEFAULT_ID, Error, IdMatch, Secrets, is_encrypted};
use crate::base::Secret;

/// Asks somebody for a password with a prompt.
pub type Ask<'a> = &'a mut dyn FnMut(&str) -> io::Result<Secret>;

/// What a client script ends with when it knows no password for the id.
const UNKNOWN_ID: i32 = 2;

/// Where one password comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// A file, or a script when it is executable.
    Path(PathBuf),
    /// Somebody at the terminal, who is told the id.
    Prompt,
    /// Somebody at the terminal, asked in the words of `--ask-vault-pass`.
    AskPass,
}

/// A password to come: `--vault-id prod@~/.vault-prod`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VaultId {
    /// The id.
    pub id: String,
    /// Where its password comes from.
    pub source: Source,
}

impl VaultId {
    /// Parses `id@source` or `source`, a source being `prompt` or a path; `~` stands for `home`.
    pub fn parse(text: &str, home: Option<&Path>) -> Self {
        let (id, source) = match text.split_once('@') {
            Some((id, source)) if !id.is_empty() => (id, source),
            Some((_, source)) => (DEFAULT_ID, source),
            None => (DEFAULT_ID, text),
        };
        let source = match source {
            "prompt" => Source::Prompt,
            "prompt_ask_vault_pass" => Source::AskPass,
            path => Source::Path(expand(path, home)),
        };
        Self { id: id.to_owned(), source }
    }

    /// Returns the id `default` with a file or script.
    pub fn file(path: &str, home: Option<&Path>) -> Self {
        Self { id: DEFAULT_ID.to_owned(), source: Source::Path(expand(path, home)) }
    }

    /// Returns the id `default` with a prompt, as `--ask-vault-pass` wants it.
    pub fn ask_pass() -> Self {
        Self { id: DEFAULT_ID.to_owned(), source: Source::AskPass }
    }

    fn password(&self, known: &Secrets, ask: Ask<'_>) -> Result<Secret, Error> {
        match &self.source {
            Source::AskPass => self.ask("Vault password: ", ask),
            Source::Prompt => self.ask(&format!("Vault password ({}): ", self.id), ask),
            Source::Path(path) => self.read(path, known),
        }
    }

    fn ask(&self, prompt: &str, ask: Ask<'_>) -> Result<Secret, Error> {
        let secret = ask(prompt).map_err(|source| Error::Prompt { id: self.id.clone(), source })?;
        not_empty(secret.reveal().trim(), "the prompt")
    }

    fn read(&self, path: &Path, known: &Secrets) -> Result<Secret, Error> {
        let name = path.display().to_string();
        let failed = |source| Error::File { path: name.clone(), source };
        let meta = path.metadata().map_err(failed)?;
        if meta.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let is_script = meta.permissions().mode() & 0o111 != 0;
        let content =
            if is_script { self.run(path, &name)? } else { std::fs::read(path).map_err(failed)? };
        // A file of passwords may itself be encrypted with a password given before it.
        let content = if is_encrypted(&content) { known.decrypt(&content)? } else { content };
        let text = String::from_utf8(content)
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        // Blanks at the ends of what a script prints belong to the password, as with Ansible.
        let password = if is_script { text.trim_matches(['\r', '\n']) } else { text.trim() };
        not_empty(password, &format!("`{name}`"))
    }

    /// Runs a script; one whose name ends with `-client` is told the id.
    fn run(&self, path: &Path, name: &str) -> Result<Vec<u8>, Error> {
        let failed = |what: String| Error::Script { path: name.to_owned(), what };
        let program = if path.components().count() == 1 {
            Path::new(".").join(path)
        } else {
            path.to_owned()
        };
        let mut command = Command::new(program);
        let is_client =
            path.file_stem().and_then(OsStr::to_str).is_some_and(|stem| stem.ends_with("-client"));
        if is_client {
            command.args(["--vault-id", &self.id]);
        }
        let output =
            command.stdin(Stdio::inherit()).stderr(Stdio::inherit()).output().map_err(|error| {
                failed(format!(
                    "cannot be run: {error}; if it is no script, take its execute permission away"
                ))
            })?;
        match output.status.code() {
            Some(0) => Ok(output.stdout),
            Some(UNKNOWN_ID) if is_client => {
                Err(failed(format!("knows no password for the id `{}`", self.id)))
            }
            Some(code) => Err(failed(format!("ended with status {code}"))),
            None => Err(failed("was killed by a signal".to_owned())),
        }
    }
}

impl Secrets {
    /// Reads all passwords in order. Files and scripts that give none are returned beside them, to warn of; when no
    /// source gives a password, the last such error is the result.
    pub fn load(
        ids: &[VaultId],
        id_match: IdMatch,
        ask: Ask<'_>,
    ) -> Result<(Self, Vec<Error>), Error> {
        let mut list: Vec<(String, Secret)> = Vec::with_capacity(ids.len());
        let mut failures = Vec::new();
        for id in ids {
            let known = Self::new(list.clone(), id_match);
            match (id.password(&known, ask), &id.source) {
                (Ok(secret), _) => list.push((id.id.clone(), secret)),
                (Err(error), Source::Path(_)) => failures.push(error),
                (Err(error), Source::Prompt | Source::AskPass) => return Err(error),
            }
        }
        match failures.pop() {
            Some(error) if list.is_empty() => Err(error),
            last => {
                failures.extend(last);
                Ok((Self::new(list, id_match), failures))
            }
        }
    }
}

fn not_empty(text: &str, from: &str) -> Result<Secret, Error> {
    if text.is_empty() { Err(Error::Empty(from.to_owned())) } else { Ok(Secret::new(text)) }
}

fn expand(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_) | None, _) => PathBuf::from(path),
    }
}
