//! `apt_key`: adds and removes keys that apt trusts for all repositories, with the host's `apt-key`.
//!
//! `apt-key` is gone from Debian 13 on; `deb822_repository` gives each repository a key of its own and needs none.

use std::path::PathBuf;

use super::apt::{fetch_file, noninteractive};
use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// Whether the key is there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `apt_key`.
    pub(super) struct Args {
        /// The key itself.
        data: Option<String>,
        /// A file on the host with the key.
        file: Option<PathBuf>,
        /// The key's number: 8 or 16 hexadecimal digits, or its whole fingerprint. Give it, so that nothing is fetched when the key is there.
        id: Option<String>,
        /// The file of keys to change, mostly one in `/etc/apt/trusted.gpg.d`.
        keyring: Option<PathBuf>,
        /// The server to ask for the key.
        keyserver: Option<String>,
        /// Whether the key is there.
        state: State = State::Present,
        /// The address to fetch the key from.
        url: Option<String>,
        /// Whether the certificate of the address is checked.
        validate_certs: bool = true,
    }
}

/// The module.
pub(super) struct AptKey;

impl Module for AptKey {
    const SPEC: &'static Spec = &Spec {
        name: "apt_key",
        summary: "Adds or removes a key that apt trusts for all repositories.",
        check: Check::Full,
        rules: &[Rule::Exclusive(&["data", "file", "keyserver", "url"])],
        examples: &[
            Example {
                about: "Add a key from an address, unless it is there.",
                task: "apt_key: {id: 9FED2BCBDCD29CDF762678CBAED4B06F473041FA, url: 'https://ftp-master.debian.org/keys/archive-key-6.0.asc'}",
            },
            Example {
                about: "Remove a key.",
                task: "apt_key: {id: '0x9FED2BCBDCD29CDF762678CBAED4B06F473041FA', state: absent}",
            },
        ],
        returns: &[
            Return { name: "before", about: "The numbers of the keys that were there." },
            Return { name: "after", about: "The numbers of the keys that are there." },
            Return { name: "fp", about: "The fingerprint, or what of it was given." },
            Return { name: "id", about: "The key's number as it was given." },
            Return { name: "key_id", about: "The last 16 digits of the number." },
            Return { name: "short_id", about: "The last 8 digits of the number." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        for program in ["apt-key", "gpg"] {
            if job.look().which(program).is_none() {
                return Err(Failure::new(format!(
                    "Failed to find required executable \"{program}\" in paths; Debian 13 and later have no apt-key: use `deb822_repository` with `signed_by`"
                )));
            }
        }
        let data = if args.state == State::Present { data(&args, job)? } else { None };
        let key = match (&args.id, &data) {
            (Some(id), _) => Key::parse(id)?,
            (None, Some(data)) => key_of(data, job.look())?,
            (None, None) => {
                let text = "key is required: give `id`, and for a new key one of data, file, url and keyserver";
                return Err(Failure::new(text));
            }
        };
        let before = keys(&args, job.look())?;
        let there = before.iter().any(|known| known.ends_with(&key.digits));
        if there == (args.state == State::Present) {
            let reason = if there { "the key is there" } else { "there is no such key" };
            return Ok(key.told(Outcome::same(reason), &args, &before, &before));
        }
        let command = if there {
            apt_key(&args, &["del", &key.short])
        } else {
            let server = args.keyserver.as_ref();
            match (data, server) {
                (Some(data), _) => apt_key(&args, &["add", "-"]).stdin(data),
                (None, Some(server)) => apt_key(
                    &args,
                    &["adv", "--no-tty", "--keyserver", server, "--recv", &key.digits],
                ),
                (None, None) => {
                    return Err(Failure::new(
                        "the key is not there; one of data, file, url and keyserver must tell where it is",
                    ));
                }
            }
        };
        if let Some(output) = job.change(Diff::None, |act| Ok(act.run(&command)?))?
            && !output.success()
        {
            let text = format!(
                "Error {} key: {}",
                if there { "removing" } else { "adding" },
                output.err().trim()
            );
            return Err(Failure::program(text, &output));
        }
        let after = if job.stage().check { before.clone() } else { keys(&args, job.look())? };
        let now = after.iter().any(|known| known.ends_with(&key.digits));
        if !job.stage().check && now == there {
            let text = if there {
                "apt-key did not return an error, but the key is still there"
            } else {
                "apt-key did not return an error, but failed to add the key (check that the id is correct and *not* a subkey)"
            };
            return Err(Failure::new(text).with("id", key.given.as_str()));
        }
        Ok(key.told(Outcome::done(), &args, &before, &after))
    }
}

/// The number of a key.
struct Key {
    given: String,
    /// In capitals, without `0x`.
    digits: String,
    short: String,
}

impl Key {
    fn parse(text: &str) -> Result<Self, Failure> {
        let digits: String =
            text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let digits = digits.strip_prefix("0X").unwrap_or(&digits).to_owned();
        if digits.len() < 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Failure::new(format!(
                "Invalid key_id: `{text}` is not of hexadecimal digits, 8 at least"
            ))
            .with("id", text));
        }
        let short = digits[digits.len() - 8..].to_owned();
        Ok(Self { given: text.to_owned(), digits, short })
    }

    fn told(&self, outcome: Outcome, args: &Args, before: &[String], after: &[String]) -> Outcome {
        let list = |keys: &[String]| Value::list(keys.iter().map(|key| last(key, 16).into()));
        let outcome = outcome
            .with("before", list(before))
            .with("fp", self.digits.as_str())
            .with("id", self.given.as_str())
            .with("key_id", last(&self.digits, 16))
            .with("short_id", self.short.as_str());
        if args.state == State::Present { outcome.with("after", list(after)) } else { outcome }
    }
}

fn last(text: &str, count: usize) -> &str {
    &text[text.len().saturating_sub(count)..]
}

/// Returns the key itself, where it is given or can be read; from an address only when it has to be.
fn data(args: &Args, job: &Job<'_>) -> Result<Option<Vec<u8>>, Failure> {
    if let Some(data) = &args.data {
        return Ok(Some(data.as_bytes().to_vec()));
    }
    if let Some(file) = &args.file {
        let content = job.look().read(file)?;
        return content.map(Some).ok_or_else(|| {
            Failure::new(format!(
                "Unable to open the key file `{}`: it is not there",
                file.display()
            ))
        });
    }
    let Some(url) = &args.url else { return Ok(None) };
    if let Some(id) = &args.id {
        let key = Key::parse(id)?;
        if keys(args, job.look())?.iter().any(|known| known.ends_with(&key.digits)) {
            return Ok(None);
        }
    }
    let path = fetch_file(job, url, "key")?;
    Ok(job.look().read(&path)?)
}

fn apt_key(args: &Args, words: &[&str]) -> Command {
    let mut line = vec!["apt-key".to_owned()];
    if let Some(ring) = &args.keyring {
        line.extend(["--keyring".to_owned(), ring.to_string_lossy().into_owned()]);
    }
    line.extend(words.iter().map(|word| (*word).to_owned()));
    noninteractive(line).env("APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE", "1")
}

/// Returns the fingerprints of all keys that are there.
fn keys(args: &Args, look: &dyn Look) -> Result<Vec<String>, Failure> {
    if args.keyring.as_ref().is_some_and(|ring| matches!(look.stat_followed(ring), Ok(None))) {
        return Ok(Vec::new());
    }
    let words = ["adv", "--list-public-keys", "--with-colons", "--fixed-list-mode"];
    let output = look.query(&apt_key(args, &words))?;
    if !output.success() {
        let text = format!("Unable to list public keys: {}", output.err().trim());
        return Err(Failure::program(text, &output));
    }
    Ok(fingerprints(&output.out()))
}

/// Returns the fingerprints of keys, or their numbers where gpg does not tell; those of parts of keys count too.
fn fingerprints(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            ["pub" | "sub", _, _, _, id, ..] => found.push((*id).to_owned()),
            ["fpr", _, _, _, _, _, _, _, _, whole, ..] => {
                if let Some(id) = found.pop_if(|id| whole.ends_with(id.as_str())) {
                    drop(id);
                }
                found.push((*whole).to_owned());
            }
            _ => {}
        }
    }
    found
}

/// Returns the number of a key that is given as a whole.
fn key_of(data: &[u8], look: &dyn Look) -> Result<Key, Failure> {
    let words = [
        "gpg",
        "--no-options",
        "--with-colons",
        "--import-options",
        "show-only",
        "--dry-run",
        "--import",
    ];
    let output = look.query(&Command::new(words).stdin(data))?;
    match fingerprints(&output.out()).first() {
        Some(key) => Key::parse(key),
        None => Err(Failure::program(
            "Unable to extract the key's number; is it a key of OpenPGP? `id` can name it",
            &output,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(Key::parse("0x473041fa").unwrap().digits, "473041FA");
        let key = Key::parse("9FED 2BCB DCD2 9CDF 7626 78CB AED4 B06F 4730 41FA").unwrap();
        assert_eq!((last(&key.digits, 16), key.short.as_str()), ("AED4B06F473041FA", "473041FA"));
        assert!(Key::parse("xyz").is_err());
    }

    #[test]
    fn lists() {
        let text = "tru::1\npub:-:4096:1:AED4B06F473041FA:1282940623:::-:::scSC:\nfpr:::::::::9FED2BCBDCD29CDF762678CBAED4B06F473041FA:\nuid:-::::x\nsub:-:4096:1:1111222233334444:1\n";
        assert_eq!(
            fingerprints(text),
            ["9FED2BCBDCD29CDF762678CBAED4B06F473041FA", "1111222233334444"]
        );
    }
}
