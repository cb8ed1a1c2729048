//! `hostname`: the host's name, now and at the next boot.

use std::path::Path;

use crate::base::{Map, Value};
use crate::module::{Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::modules::facts;
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// How the name is set.
    pub(super) enum Use {
        Alpine = "alpine",
        Debian = "debian",
        Freebsd = "freebsd",
        Generic = "generic",
        Macos = "macos",
        Macosx = "macosx",
        Darwin = "darwin",
        Openbsd = "openbsd",
        Openrc = "openrc",
        Redhat = "redhat",
        Sles = "sles",
        Solaris = "solaris",
        Systemd = "systemd",
    }
}

arguments! {
    /// Arguments of `hostname`.
    pub(super) struct Args {
        /// The name.
        name: String,
        /// How the name is set. It is found out when not given.
        r#use: Option<Use>,
    }
}

/// The module.
pub(super) struct Hostname;

/// The longest name that Linux takes.
const LONGEST: usize = 64;

impl Module for Hostname {
    const SPEC: &'static Spec = &Spec {
        name: "hostname",
        summary: "Sets the host's name.",
        diff: true,
        examples: &[Example {
            about: "Call the host as the inventory does.",
            task: "hostname: {name: \"{{ inventory_hostname }}\"}",
        }],
        returns: &[
            Return { name: "name", about: "The name." },
            Return { name: "ansible_facts", about: "The facts that depend on it." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let name = args.name.as_str();
        if name.is_empty() || name.len() > LONGEST || name.contains(char::is_whitespace) {
            return Err(Failure::new(format!(
                "`{name}` is no name for a host: it takes 1 to {LONGEST} characters without spaces"
            )));
        }
        let look = job.look();
        let place = place(look, args.r#use)?;
        let stored = place.read(look)?;
        let current = look.host_name();
        if stored.as_deref() != Some(name) || current != name {
            let before = if current == name { stored.unwrap_or_default() } else { current };
            let diff = Diff::Text {
                before_header: "hostname".into(),
                after_header: "hostname".into(),
                before: format!("hostname = {before}\n"),
                after: format!("hostname = {name}\n"),
            };
            job.change(diff, |act| {
                for command in place.commands(name, act)? {
                    let output = act.run(&command)?;
                    if !output.success() {
                        let message =
                            format!("Command failed rc={}, {}", output.code, output.err());
                        return Err(Failure::program(message.trim(), &output));
                    }
                }
                Ok(())
            })?;
        }
        let reason = if job.has_changed() { "" } else { "the host has this name already" };
        Ok(Outcome { facts: names(look, name), message: reason.into(), ..Outcome::default() }
            .with("name", name))
    }
}

/// The facts under the new name.
fn names(look: &dyn Look, name: &str) -> Map {
    let full = facts::full_name(look, name);
    let domain = full.split_once('.').map_or("", |(_, domain)| domain).to_owned();
    let short = name.split('.').next().unwrap_or_default();
    Map::from_iter([
        ("ansible_domain", Value::from(domain)),
        ("ansible_fqdn", full.into()),
        ("ansible_hostname", short.into()),
        ("ansible_nodename", name.into()),
    ])
}

/// Where the name is kept for the next boot.
#[derive(Debug)]
enum Place {
    /// A file with nothing else.
    File(&'static str),
    /// systemd's own program keeps it.
    Systemd,
    /// A file with settings, one of which it is.
    Setting(&'static str, &'static str),
}

fn place(look: &dyn Look, wish: Option<Use>) -> Result<Place, Failure> {
    let here = |path: &str| matches!(look.stat_followed(Path::new(path)), Ok(Some(_)));
    Ok(match wish {
        Some(Use::Systemd) => Place::Systemd,
        Some(Use::Alpine | Use::Debian | Use::Generic) => Place::File("/etc/hostname"),
        Some(Use::Openrc) => Place::Setting("/etc/conf.d/hostname", "hostname"),
        Some(Use::Redhat) => Place::Setting("/etc/sysconfig/network", "HOSTNAME"),
        Some(Use::Sles) => Place::File("/etc/HOSTNAME"),
        Some(
            other @ (Use::Darwin
            | Use::Freebsd
            | Use::Macos
            | Use::Macosx
            | Use::Openbsd
            | Use::Solaris),
        ) => {
            let message =
                format!("`use: {}` is for systems that fcplay does not manage", other.word());
            return Err(Failure::new(message));
        }
        None if here("/run/systemd/system") && look.which("hostnamectl").is_some() => {
            Place::Systemd
        }
        None if here("/etc/conf.d/hostname") => Place::Setting("/etc/conf.d/hostname", "hostname"),
        None if here("/etc/HOSTNAME") && !here("/etc/hostname") => Place::File("/etc/HOSTNAME"),
        // CentOS 6 and its like have no /etc/hostname.
        None if here("/etc/sysconfig/network") && !here("/etc/hostname") => {
            Place::Setting("/etc/sysconfig/network", "HOSTNAME")
        }
        None => Place::File("/etc/hostname"),
    })
}

impl Place {
    fn read(&self, look: &dyn Look) -> Result<Option<String>, Failure> {
        let path = match self {
            Self::File(path) | Self::Setting(path, _) => path,
            Self::Systemd => "/etc/hostname",
        };
        let content = look.read(Path::new(path))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&content).into_owned();
        Ok(match self {
            Self::File(_) | Self::Systemd => {
                let mut lines = text.lines().map(str::trim);
                lines.find(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
            }
            Self::Setting(_, key) => text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                (name.trim() == *key).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
            }),
        })
    }

    /// Writes the file, and returns the programs that make the name known now.
    fn commands(&self, name: &str, act: &dyn crate::system::Act) -> Result<Vec<Command>, Failure> {
        match self {
            Self::Systemd => return Ok(vec![Command::new(["hostnamectl", "set-hostname", name])]),
            Self::File(path) => act.replace(Path::new(path), format!("{name}\n").as_bytes())?,
            Self::Setting(path, key) => {
                let content = act.read(Path::new(path))?.unwrap_or_default();
                let text = with_setting(&String::from_utf8_lossy(&content), key, name);
                act.replace(Path::new(path), text.as_bytes())?;
            }
        }
        Ok(vec![Command::new(["hostname", name])])
    }
}

/// Returns a file of settings with one of them changed or added.
fn with_setting(text: &str, key: &str, value: &str) -> String {
    let mut out = String::new();
    let mut stands = false;
    for line in text.lines() {
        let is_it = line.split_once('=').is_some_and(|(name, _)| name.trim() == key);
        if is_it && !stands {
            out += &format!("{key}=\"{value}\"\n");
            stands = true;
        } else if !is_it {
            out += &format!("{line}\n");
        }
    }
    if !stands {
        out += &format!("{key}=\"{value}\"\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        assert_eq!(with_setting("A=1\nHOSTNAME=x\n", "HOSTNAME", "y"), "A=1\nHOSTNAME=\"y\"\n");
        assert_eq!(with_setting("", "hostname", "y"), "hostname=\"y\"\n");
    }
}
