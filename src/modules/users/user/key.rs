//! The SSH key of an account.

use std::path::{Path, PathBuf};

use crate::base::Value;
use crate::module::{Diff, Failure, Job};
use crate::system::{Act, Command, User as Account};

use super::Args;

/// Makes the key where it is missing, and returns what comes back of it.
pub(super) fn ensure(
    args: &Args,
    account: &Account,
    job: &mut Job<'_>,
) -> Result<Vec<(&'static str, Value)>, Failure> {
    let home = args.home.clone().unwrap_or_else(|| PathBuf::from(&account.home));
    let file = args.ssh_key_file.clone();
    let file = home.join(file.unwrap_or_else(|| format!(".ssh/id_{}", args.ssh_key_type).into()));
    if job.look().stat_followed(&file)?.is_none() || args.force {
        let public = public_half(&file);
        // A public half alone belongs to a key that somebody keeps elsewhere, and a link may point anywhere.
        if !args.force && job.look().stat(&public)?.is_some() {
            return Err(Failure::new(format!(
                "{} is there without its private half; with `force: true` a new key replaces it",
                public.display()
            )));
        }
        let diff = match job.stage().diff {
            true => Diff::values(
                file.to_string_lossy(),
                Value::map([("state", Value::from("absent"))]),
                Value::map([
                    ("state", Value::from("file")),
                    ("type", args.ssh_key_type.as_str().into()),
                ]),
            ),
            false => Diff::None,
        };
        job.change(diff, |act| generate(args, account, &file, act))?;
    }
    let mut values = vec![("ssh_key_file", Value::from(file.to_string_lossy().into_owned()))];
    let public = public_half(&file);
    if let Some(content) = job.look().read(&public)? {
        values.push(("ssh_public_key", String::from_utf8_lossy(&content).trim().into()));
        let words = ["ssh-keygen", "-l", "-f", &public.to_string_lossy()];
        let output = job.look().query(&Command::new(words))?;
        values.push(("ssh_fingerprint", output.out().trim().into()));
    }
    Ok(values)
}

fn public_half(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn generate(args: &Args, account: &Account, file: &Path, act: &dyn Act) -> Result<(), Failure> {
    let own = |path: &Path| act.set_owner(path, Some(account.uid), Some(account.gid), false);
    if let Some(folder) = file.parent()
        && act.stat_followed(folder)?.is_none()
    {
        act.make_folder(folder)?;
        act.set_mode(folder, 0o700)?;
        own(folder)?;
    }
    for path in [file, &public_half(file)] {
        if act.stat(path)?.is_some() {
            act.remove(path)?;
        }
    }
    let output = act.run(&command(args, file, act)?)?;
    if !output.success() {
        let message = format!("cannot make the SSH key: {}", output.err().trim());
        return Err(Failure::program(message, &output));
    }
    own(file)?;
    Ok(own(&public_half(file))?)
}

fn command(args: &Args, file: &Path, act: &dyn Act) -> Result<Command, Failure> {
    let comment = args.ssh_key_comment.replace("$HOSTNAME", &act.host_name());
    let path = file.to_string_lossy().into_owned();
    let mut command =
        Command::new(["ssh-keygen", "-q", "-t", &args.ssh_key_type, "-C", &comment, "-f", &path]);
    if let Some(bits) = args.ssh_key_bits.filter(|bits| *bits > 0) {
        command = command.arg("-b").arg(bits.to_string());
    }
    match &args.ssh_key_passphrase {
        None => Ok(command.arg("-N").arg("")),
        // Everybody on the host can read command lines: the passphrase comes from a program that only the owner can run.
        Some(passphrase) => {
            let script = act.temporary_folder()?.join("passphrase");
            act.replace(&script, b"#!/bin/sh\nprintf '%s\\n' \"$FCPLAY_PASSPHRASE\"\n")?;
            act.set_mode(&script, 0o700)?;
            Ok(command
                .env("FCPLAY_PASSPHRASE", passphrase.reveal())
                .env("SSH_ASKPASS", &script.to_string_lossy())
                .env("SSH_ASKPASS_REQUIRE", "force")
                .env("DISPLAY", ":"))
        }
    }
}
