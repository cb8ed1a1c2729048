//! `password`: a random password, kept in a file so that the next run finds it again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rand::Rng;

use crate::base::{Map, Value};
use crate::template::table::builtin;
use crate::template::text::crypt::{self, ALGORITHMS, Algorithm, Recipe};
use crate::template::text::path;
use crate::template::text::twister::Twister;
use crate::template::{Call, Context, Entry, Reason, call};

use super::kept;
use super::options::term_options;

pub(super) const ENTRIES: &[Entry] = &[builtin(&["password"], password)];

const NAMES: [&str; 5] = ["chars", "encrypt", "ident", "length", "seed"];

/// One password is made at a time: hosts that run side by side must find the same one.
static MAKING: Mutex<()> = Mutex::new(());

fn password(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&NAMES)?;
    let mut out = Vec::new();
    for term in call.terms() {
        let (name, mut options) = term_options(&term, &NAMES)?;
        for name in NAMES {
            if let Some(value) = call.option_value(name).filter(|_| !options.contains_key(name)) {
                options.insert(name, value.clone());
            }
        }
        let wanted = Wanted::read(&options)?;
        let kept = (name != "/dev/null").then(|| place(call.cx, &name)).transpose()?;
        let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        out.push(Value::secret(wanted.password(kept.as_deref())?));
    }
    Ok(Value::list(out))
}

fn place(cx: &dyn Context, name: &str) -> Result<PathBuf, Reason> {
    let name = path::expand_user(name);
    let folder =
        cx.variable("playbook_dir")?.map_or_else(|| ".".to_owned(), |folder| folder.to_string());
    Ok(Path::new(&folder).join(name))
}

struct Wanted {
    length: usize,
    chars: Vec<char>,
    encrypt: Option<Algorithm>,
    ident: Option<String>,
    seed: Option<Value>,
}

impl Wanted {
    fn read(options: &Map) -> Result<Self, Reason> {
        let text = |name: &str| {
            options.get(name).filter(|value| !value.is_null()).map(ToString::to_string)
        };
        let length = match text("length") {
            None => 20,
            Some(digits) => digits.parse().map_err(|_| {
                Reason::new(format!("`length` must be a positive integer, not `{digits}`"))
            })?,
        };
        let encrypt = match text("encrypt").filter(|name| !name.is_empty()) {
            None => None,
            Some(name) => {
                let known = ALGORITHMS.iter().find(|(known, _)| *known == name);
                let names = || crate::base::words::ticked(ALGORITHMS.iter().map(|(name, _)| name));
                Some(
                    known
                        .ok_or_else(|| {
                            Reason::new(format!(
                                "`encrypt` must be one of {}, not `{name}`",
                                names()
                            ))
                        })?
                        .1,
                )
            }
        };
        let chars = match options.get("chars") {
            None => {
                alphabet(&["ascii_letters".to_owned(), "digits".to_owned(), ".,:-_".to_owned()])
            }
            Some(Value::Text(text)) => alphabet(&char_sets(text.as_str())),
            Some(list) => {
                alphabet(&call::items_of(list)?.iter().map(ToString::to_string).collect::<Vec<_>>())
            }
        };
        if chars.is_empty() {
            return Err(Reason::new("`chars` names no character"));
        }
        let seed = options.get("seed").filter(|seed| !seed.is_null()).cloned();
        Ok(Self { length, chars, encrypt, ident: text("ident"), seed })
    }

    fn random(&self) -> Result<String, Reason> {
        let mut seeded = self.seed.as_ref().map(Twister::seeded).transpose()?;
        let mut one = || match &mut seeded {
            Some(twister) => twister.below(self.chars.len() as u64) as usize,
            None => rand::rng().random_range(0..self.chars.len()),
        };
        Ok((0..self.length).map(|_| self.chars[one()]).collect())
    }

    /// Returns the password of a file, or a new one that is written there.
    fn password(&self, kept: Option<&Path>) -> Result<String, Reason> {
        let before = kept.map(Kept::read).transpose()?.flatten();
        let mut now = match before.clone() {
            Some(kept) => kept,
            None => Kept { password: self.random()?, salt: None, ident: None },
        };
        if let Some(algorithm) = self.encrypt {
            now.salt.get_or_insert_with(|| crypt::random_salt(algorithm.salt_length()));
            if now.ident.is_none() {
                now.ident.clone_from(&self.ident);
            }
        }
        if let Some(path) = kept.filter(|_| before.as_ref() != Some(&now)) {
            now.write(path)?;
        }
        match self.encrypt {
            None => Ok(now.password),
            Some(algorithm) => {
                let recipe = Recipe { salt: now.salt, ident: now.ident, ..Recipe::default() };
                crypt::hash(algorithm, &now.password, &recipe)
            }
        }
    }
}

/// Splits `digits,abc,,` at its commas; two of them are a comma.
fn char_sets(text: &str) -> Vec<String> {
    let comma = text.contains(",,").then(|| ",".to_owned());
    let plain = text.replace(",,", ",");
    let sets = plain.split(',').filter(|set| !set.is_empty()).map(str::to_owned);
    comma.into_iter().chain(sets).collect()
}

/// Returns the characters of sets that have Python's names, or stand for themselves.
fn alphabet(sets: &[String]) -> Vec<char> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    let mut out = String::new();
    for set in sets {
        match set.as_str() {
            "ascii_letters" => out.extend([LOWER, UPPER]),
            "ascii_lowercase" => out.push_str(LOWER),
            "ascii_uppercase" => out.push_str(UPPER),
            "digits" => out.push_str("0123456789"),
            "hexdigits" => out.push_str("0123456789abcdefABCDEF"),
            "octdigits" => out.push_str("01234567"),
            "punctuation" => out.push_str(PUNCTUATION),
            other => out.push_str(other),
        }
    }
    out.chars().filter(|c| !matches!(c, '"' | '\'')).collect()
}

/// What a file of a password holds: `password salt=… ident=…`.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Kept {
    password: String,
    salt: Option<String>,
    ident: Option<String>,
}

impl Kept {
    fn read(path: &Path) -> Result<Option<Self>, Reason> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Reason::new(format!("cannot read `{}`: {error}", path.display())));
            }
        };
        let line = text.trim_end();
        if line.is_empty() {
            return Ok(None);
        }
        let (line, ident) = match line.rsplit_once(" ident=") {
            Some((line, ident)) => (line, Some(ident.to_owned())),
            None => (line, None),
        };
        let (password, salt) = match line.rsplit_once(" salt=") {
            Some((password, salt)) => (password, Some(salt.to_owned())),
            None => (line, None),
        };
        Ok(Some(Self { password: password.to_owned(), salt, ident }))
    }

    /// Writes the file as a whole or not at all, for its owner only.
    fn write(&self, path: &Path) -> Result<(), Reason> {
        let mut line = self.password.clone();
        if let Some(salt) = &self.salt {
            line += &format!(" salt={salt}");
        }
        if let Some(ident) = &self.ident {
            line += &format!(" ident={ident}");
        }
        line.push('\n');
        let failed = |error: std::io::Error| {
            Reason::new(format!("cannot write `{}`: {error}", path.display()))
        };
        let written = kept::make_folder(path, 0o700);
        written.and_then(|()| kept::replace(path, line.as_bytes())).map_err(failed)
    }
}
