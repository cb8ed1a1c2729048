//! `secret`: a random password, made once and kept in a vault-encrypted file of variables beside the inventory.
//!
//! The file is one that `ansible-vault edit` opens: `group_vars/all/secrets.yml` unless `file` says otherwise, a line for
//! each name. Other lines stay as they are. In check mode nothing is written.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rand::Rng;

use super::{kept, search};
use crate::base::{Map, Value};
use crate::template::table::from_collection;
use crate::template::text::path;
use crate::template::{Call, Context, Entry, Reason};
use crate::vault::{IdMatch, Secrets, VaultId, is_encrypted};

pub(super) const ENTRIES: &[Entry] = &[from_collection("fcplay.vault", &["secret"], secret)];

const NAMES: [&str; 3] = ["file", "length", "vault_password_file"];

/// Letters of both cases and digits: nothing that a shell, a URL or a configuration file would take for something else.
const SETS: [&[u8]; 3] =
    [b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"];
const SHORTEST: usize = 16;
const LENGTH: usize = 24;

/// What files were found to hold, so that each is decrypted once in a run; and what is only wished for, in check mode.
static KNOWN: Mutex<Option<HashMap<PathBuf, Map>>> = Mutex::new(None);

fn secret(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&NAMES)?;
    let length = match call.option_value("length") {
        None => LENGTH,
        Some(value) => {
            value.to_string().parse().ok().filter(|length| *length >= SHORTEST).ok_or_else(
                || {
                    Reason::new(format!(
                        "`length` must be a number of {SHORTEST} or more, not `{value}`"
                    ))
                },
            )?
        }
    };
    let safe = Safe::of(call)?;
    // One at a time: hosts that run side by side must find the same one.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    let mut out = Vec::new();
    for name in call.terms() {
        if !is_name(&name) {
            return Err(Reason::new(format!("`{name}` cannot be the name of a variable")));
        }
        out.push(safe.secret(known, &name, length)?.into_secret());
    }
    Ok(Value::list(out))
}

fn is_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(word)
}

/// Returns the usual place of secrets, unless it would hide variables: a folder `all` counts instead of a file `all.yml`.
fn beside(inventory: &str) -> Result<String, Reason> {
    let all = format!("{inventory}/group_vars/all");
    let hidden = ["", ".yml", ".yaml", ".json"]
        .map(|extension| format!("{all}{extension}"))
        .into_iter()
        .find(|file| Path::new(file).is_file());
    match hidden.filter(|_| !Path::new(&all).is_dir()) {
        None => Ok(format!("{all}/secrets.yml")),
        Some(file) => Err(Reason::new(format!(
            "secrets are kept in `{all}/`, and with such a folder nobody would read `{file}` any more: \
             move it to `{all}/main.yml`, or say with `file` where secrets are kept"
        ))),
    }
}

/// Where secrets are kept, and who may open it.
struct Safe<'a> {
    cx: &'a dyn Context,
    file: PathBuf,
    /// Passwords of the lookup's own; those of the run when there are none.
    own: Option<Secrets>,
    is_check: bool,
}

impl<'a> Safe<'a> {
    fn of(call: &Call<'a>) -> Result<Self, Reason> {
        let file = match (call.option("file"), call.cx.variable("inventory_dir")?) {
            (Some(file), _) => path::expand_user(&file),
            (None, Some(folder)) if !folder.is_null() => beside(&folder.to_string())?,
            (None, _) => {
                return Err(Reason::new(
                    "the inventory lies in no folder: say with `file` where secrets are kept",
                ));
            }
        };
        let own = call.option("vault_password_file").map(|file| password_of(&file));
        let is_check = call.cx.variable("ansible_check_mode")?.is_some_and(|check| check.truth());
        Ok(Self { cx: call.cx, file: PathBuf::from(file), own: own.transpose()?, is_check })
    }

    fn secret(
        &self,
        known: &mut HashMap<PathBuf, Map>,
        name: &str,
        length: usize,
    ) -> Result<Value, Reason> {
        let values = match known.get_mut(&self.file) {
            Some(values) => values,
            None => {
                let values = values_of(&self.file, &self.read()?)?;
                known.entry(self.file.clone()).or_insert(values)
            }
        };
        if let Some(value) = values.get(name) {
            return Ok(value.clone());
        }
        let value = if self.is_check { random(length) } else { self.make(name, length)? };
        let value = Value::from(value);
        // One that was only made for a check is the same to the end of the run, and then forgotten.
        values.insert(name, value.clone());
        Ok(value)
    }

    /// Makes a secret and writes it, unless another run was faster.
    fn make(&self, name: &str, length: usize) -> Result<String, Reason> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let failed = |error: io::Error| self.failed("write", &error);
        if !folder.exists() {
            // A run without a password leaves no empty folder.
            self.seal("")?;
            kept::make_folder(&self.file, 0o755).map_err(failed)?;
        }
        let lock = File::open(folder).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut text = self.read()?;
        if let Some(value) = values_of(&self.file, &text)?.get(name) {
            return Ok(value.to_string());
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let value = random(length);
        text += &format!("{name}: {value}\n");
        let sealed = self.seal(&text)?;
        kept::replace(&self.file, sealed.as_bytes()).map_err(failed)?;
        Ok(value)
    }

    fn seal(&self, text: &str) -> Result<String, Reason> {
        let sealed = match &self.own {
            Some(own) => own.encrypt(text.as_bytes(), None).map_err(|error| error.to_string()),
            None => self.cx.encrypt(text),
        };
        sealed.map_err(|why| self.without_password(&why))
    }

    /// Returns the text of the file; nothing when there is none yet.
    fn read(&self) -> Result<String, Reason> {
        let content = match fs::read(&self.file) {
            Ok(content) => content,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(self.failed("read", &error)),
        };
        let name = self.file.display();
        if !is_encrypted(&content) {
            return Err(Reason::new(format!(
                "`{name}` holds secrets and is not encrypted: `fcplay vault encrypt {name}` mends that"
            )));
        }
        match &self.own {
            None => search::text(self.cx, &self.file).map(|text| text.to_string()),
            Some(own) => own
                .decrypt(&content)
                .map_err(|error| error.to_string())
                .and_then(|plain| String::from_utf8(plain).map_err(|error| error.to_string()))
                .map_err(|why| Reason::new(format!("cannot decrypt `{name}`: {why}"))),
        }
    }

    fn failed(&self, doing: &str, error: &io::Error) -> Reason {
        Reason::new(format!("cannot {doing} `{}`: {error}", self.file.display()))
    }

    fn without_password(&self, why: &str) -> Reason {
        Reason::new(format!(
            "cannot encrypt `{}`: {why}; write a password into a file (mode 0600) and name it with --vault-password-file, \
             or as `vault_password_file` in ansible.cfg, or give one with --ask-vault-pass",
            self.file.display()
        ))
    }
}

fn password_of(file: &str) -> Result<Secrets, Reason> {
    let file = path::expand_user(file);
    let no_one = &mut |_: &str| Err(io::Error::from(ErrorKind::Unsupported));
    Secrets::load(&[VaultId::file(&file, None)], IdMatch::Prefer, no_one)
        .map(|(secrets, _)| secrets)
        .map_err(|error| Reason::new(format!("no vault password from `{file}`: {error}")))
}

fn values_of(file: &Path, text: &str) -> Result<Map, Reason> {
    match crate::yaml::value_of(text) {
        Ok(Value::Map(map)) => Ok((*map).clone()),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Reason::new(format!("`{}` is not a dictionary of YAML", file.display()))),
        Err(_) => Err(Reason::new(format!("`{}` is not YAML", file.display()))),
    }
}

fn random(length: usize) -> String {
    let mut rng = rand::rng();
    let all = SETS.concat();
    loop {
        let text: Vec<u8> = (0..length).map(|_| all[rng.random_range(0..all.len())]).collect();
        // One that YAML would read as a number is none of these.
        if SETS.iter().all(|set| text.iter().any(|c| set.contains(c))) && !text[0].is_ascii_digit()
        {
            return text.into_iter().map(char::from).collect();
        }
    }
}
