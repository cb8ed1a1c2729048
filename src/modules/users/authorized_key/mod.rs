//! `authorized_key`: adds and removes SSH keys that may log in as a user.

mod line;

use std::path::{Path, PathBuf};

use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, Look, User as Account};
use crate::{arguments, choices};

use line::{Key, Line};

choices! {
    /// Whether the key should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `authorized_key`.
    pub(super) struct Args {
        /// What to write behind the keys instead of their own comments.
        comment: Option<String>,
        /// Whether to remove all other keys from the file.
        exclusive: bool = false,
        /// Whether to write where the file links to instead of replacing the link.
        follow: bool = false,
        /// The public keys, one a line; or an address to fetch them from.
        key: String,
        /// Options in front of the keys (`no-pty,from="10.0.0.0/8"`).
        key_options: Option<String>,
        /// Whether to make the folder of the file and see to its owner and mode.
        manage_dir: bool = true,
        /// The file, when it is not `~/.ssh/authorized_keys` of the user.
        path: Option<PathBuf>,
        /// Whether the key should be there.
        state: State = State::Present,
        /// The user.
        user: String,
        /// Whether to check the certificate of the address.
        validate_certs: bool = true,
    }
}

/// The module.
pub(super) struct AuthorizedKey;

impl Module for AuthorizedKey {
    const SPEC: &'static Spec = &Spec {
        name: "authorized_key",
        collection: "ansible.posix",
        also: &["ansible.builtin.authorized_key"],
        summary: "Adds and removes SSH keys that may log in as a user.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "Let one key in and no other.",
            task: "authorized_key: {user: ada, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfzNVkRcAEHoUmsvQZG+N0XXh1oHqVbXrTWVXpCJ3l ada, exclusive: true}",
        }],
        returns: &[
            Return { name: "keyfile", about: "The file." },
            Return { name: "key", about: "The keys." },
            Return { name: "user", about: "The user." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let Some(account) = job.look().user(&args.user)? else {
            if !job.stage().check {
                return Err(Failure::new(format!(
                    "Failed to lookup user {}: there is no such account",
                    args.user
                )));
            }
            // An earlier task would have made it.
            job.change(Diff::None, |_| Ok(()))?;
            return Ok(outcome(&args, args.path.as_deref()));
        };
        let keys = wanted(&args, job.look())?;
        let file = file(&args, &account, job.look())?;
        let before = job.look().read(&file)?;
        let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
        let after = match args.state {
            State::Present => line::add(&text, &keys, args.exclusive),
            State::Absent => line::remove(&text, &keys),
        };
        prepare(&args, &account, &file, after.is_some(), job)?;
        match after {
            Some(after) => write(&account, &file, before.as_deref(), &after, job)?,
            None if !job.has_changed() => {
                let message = match args.state {
                    State::Present => "the keys are there",
                    State::Absent => "the keys are not there",
                };
                return Ok(Outcome { message: message.into(), ..outcome(&args, Some(&file)) });
            }
            None => {}
        }
        Ok(outcome(&args, Some(&file)))
    }
}

fn outcome(args: &Args, file: Option<&Path>) -> Outcome {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Outcome::done()
        .with("comment", args.comment.clone())
        .with("exclusive", args.exclusive)
        .with("follow", args.follow)
        .with("key", args.key.as_str())
        .with("key_options", args.key_options.clone())
        .with("keyfile", file.map(text))
        .with("manage_dir", args.manage_dir)
        .with("path", args.path.as_deref().map(text))
        .with("state", args.state.word())
        .with("user", args.user.as_str())
        .with("validate_certs", args.validate_certs)
}

/// Returns the keys that the task is about.
fn wanted(args: &Args, look: &dyn Look) -> Result<Vec<Key>, Failure> {
    let text = match args.key.split_once("://") {
        Some(("http" | "https" | "ftp", _)) => fetch(args, look)?,
        Some(("file", path)) => {
            let content = look.read(Path::new(path))?;
            let content = content.ok_or_else(|| {
                Failure::new(format!("cannot read `{path}` on the host: there is no such file"))
            })?;
            String::from_utf8_lossy(&content).into_owned()
        }
        _ => args.key.clone(),
    };
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut key = match Line::parse(line) {
                Line::Key(key) => key,
                Line::Other(_) => {
                    return Err(Failure::new(format!("invalid key specified: {line}")));
                }
            };
            if let Some(options) = &args.key_options {
                key.options = Some(options.clone());
            }
            if let Some(comment) = &args.comment {
                key.comment.clone_from(comment);
            }
            Ok(key)
        })
        .collect()
}

fn fetch(args: &Args, look: &dyn Look) -> Result<String, Failure> {
    let command = if look.which("curl").is_some() {
        let words = ["curl", "--fail", "--silent", "--show-error", "--location"];
        let insecure = (!args.validate_certs).then_some("--insecure");
        Command::new(words.into_iter().chain(insecure).chain([args.key.as_str()]))
    } else if look.which("wget").is_some() {
        let insecure = (!args.validate_certs).then_some("--no-check-certificate");
        let words = ["wget", "--quiet", "--output-document=-"];
        Command::new(words.into_iter().chain(insecure).chain([args.key.as_str()]))
    } else {
        return Err(Failure::new(format!(
            "Error getting key from: {}: the host has neither `curl` nor `wget`; fetch it on the controller with lookup('url', …)",
            args.key
        )));
    };
    let output = look.query(&command)?;
    if output.success() {
        return Ok(output.out());
    }
    let message = format!("Error getting key from: {}: {}", args.key, output.err().trim());
    Err(Failure::program(message, &output))
}

fn file(args: &Args, account: &Account, look: &dyn Look) -> Result<PathBuf, Failure> {
    let file = match &args.path {
        Some(path) => path.clone(),
        None => Path::new(&account.home).join(".ssh/authorized_keys"),
    };
    Ok(if args.follow { look.real_path(&file)? } else { file })
}

/// Makes the folder, and sees to owner and mode of folder and file: sshd refuses keys that others could write.
fn prepare(
    args: &Args,
    account: &Account,
    file: &Path,
    writes: bool,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    let Some(folder) = file.parent().filter(|_| args.manage_dir) else { return Ok(()) };
    let own = (account.uid, account.gid);
    match job.look().stat_followed(folder)? {
        None if writes => {
            let diff = diff(job, folder, "state", "absent", "directory");
            job.change(diff, |act| {
                for missing in missing(act, folder)? {
                    act.make_folder(&missing)?;
                    act.set_mode(&missing, 0o700)?;
                    act.set_owner(&missing, Some(own.0), Some(own.1), true)?;
                }
                Ok(())
            })?;
        }
        None => {}
        Some(meta) => restrict(folder, (meta.mode, meta.uid, meta.gid), 0o700, own, job)?,
    }
    match job.look().stat_followed(file)? {
        Some(meta) => restrict(file, (meta.mode, meta.uid, meta.gid), 0o600, own, job),
        None => Ok(()),
    }
}

/// Returns the folders that are missing on the way, the topmost first.
fn missing(look: &dyn Look, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in folder.ancestors() {
        if path.as_os_str().is_empty() || look.stat_followed(path)?.is_some() {
            break;
        }
        found.insert(0, path.to_owned());
    }
    Ok(found)
}

fn restrict(
    path: &Path,
    (mode, uid, gid): (u32, u32, u32),
    wanted: u32,
    own: (u32, u32),
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    if mode != wanted {
        let diff = diff(job, path, "mode", &format!("{mode:04o}"), &format!("{wanted:04o}"));
        job.change(diff, |act| Ok(act.set_mode(path, wanted)?))?;
    }
    if (uid, gid) != own {
        let diff =
            diff(job, path, "owner", &format!("{uid}:{gid}"), &format!("{}:{}", own.0, own.1));
        job.change(diff, |act| Ok(act.set_owner(path, Some(own.0), Some(own.1), true)?))?;
    }
    Ok(())
}

fn diff(job: &Job<'_>, path: &Path, key: &str, before: &str, after: &str) -> Diff {
    if !job.stage().diff {
        return Diff::None;
    }
    let value = |word: &str| Value::map([(key, Value::from(word))]);
    Diff::values(path.to_string_lossy(), value(before), value(after))
}

fn write(
    account: &Account,
    file: &Path,
    before: Option<&[u8]>,
    after: &str,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    let is_new = before.is_none();
    let diff = match job.stage().diff {
        true => Diff::content(file, before, after.as_bytes()),
        false => Diff::None,
    };
    job.change(diff, |act| {
        act.replace(file, after.as_bytes())?;
        if is_new {
            act.set_mode(file, 0o600)?;
            act.set_owner(file, Some(account.uid), Some(account.gid), true)?;
        }
        Ok(())
    })?;
    Ok(())
}
