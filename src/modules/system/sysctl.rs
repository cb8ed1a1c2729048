//! `sysctl`: settings of the kernel, in a file and now.

use std::path::{Path, PathBuf};

use crate::base::fold;
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// Whether the setting is in the file.
    pub(super) enum State { Present = "present", Absent = "absent" }
}

arguments! {
    /// Arguments of `sysctl`.
    pub(super) struct Args {
        /// Whether a setting that the kernel does not know is no failure.
        ignoreerrors: bool = false,
        /// The setting, such as `vm.swappiness`.
        name ["key"]: String,
        /// Whether the kernel reads the file when it has changed.
        reload: bool = true,
        /// Whether the setting is in the file.
        state: State = State::Present,
        /// The file.
        sysctl_file: PathBuf = "/etc/sysctl.conf".into(),
        /// Whether the kernel's value is compared and set as well.
        sysctl_set: bool = false,
        /// The value.
        value ["val"]: Option<String>,
    }
}

/// The module.
pub(super) struct Sysctl;

impl Module for Sysctl {
    const SPEC: &'static Spec = &Spec {
        name: "sysctl",
        collection: "ansible.posix",
        also: &["ansible.builtin.sysctl"],
        summary: "Sets parameters of the kernel.",
        diff: true,
        rules: &[Rule::If("state", "present", &["value"])],
        examples: &[
            Example {
                about: "Set a parameter now and for every boot.",
                task: "ansible.posix.sysctl: {name: vm.overcommit_memory, value: 1, sysctl_set: true}",
            },
            Example {
                about: "Take a parameter out of a file of its own.",
                task: "ansible.posix.sysctl: {name: vm.swappiness, state: absent, sysctl_file: /etc/sysctl.d/60-app.conf}",
            },
        ],
        returns: &[Return { name: "changed", about: "Whether file or kernel had to change." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let name = args.name.trim();
        if name.is_empty() {
            return Err(Failure::new("name cannot be blank"));
        }
        let value = args.value.as_deref().map(plain);
        if args.state == State::Present && value.as_deref() == Some("") {
            return Err(Failure::new(format!("the value of {name} cannot be blank")));
        }
        if let (true, State::Present, Some(value)) = (args.sysctl_set, args.state, &value) {
            set_now(&args, name, value, job)?;
        }
        let before = job.look().read(&args.sysctl_file)?;
        let text = before.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let wanted = value.as_deref().filter(|_| args.state == State::Present);
        let after = edit(&text, name, wanted);
        if let Some(after) = after {
            job.replace(&args.sysctl_file, before.as_deref(), after.as_bytes())?;
            if args.reload {
                reload(&args, job)?;
            }
        }
        if job.has_changed() {
            return Ok(Outcome::done());
        }
        Ok(Outcome::same(match args.state {
            State::Present => format!("{name} has this value already"),
            State::Absent => format!("{name} is not in the file"),
        }))
    }
}

/// Returns a value as the kernel writes it: words for truth as numbers, one space between words.
fn plain(value: &str) -> String {
    let value = value.trim();
    match fold::truth(value) {
        Some(truth) if value.parse::<f64>().is_err() => u8::from(truth).to_string(),
        Some(_) | None => value.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Returns where a setting is; with slashes, dots belong to names (`net/ipv4/conf/eth0.1/…`).
fn kernel_file(name: &str) -> PathBuf {
    let path = match (name.find('/'), name.find('.')) {
        (Some(slash), dot) if dot.is_none_or(|dot| slash < dot) => name.to_owned(),
        _ => name
            .chars()
            .map(|c| match c {
                '.' => '/',
                '/' => '.',
                c => c,
            })
            .collect(),
    };
    Path::new("/proc/sys").join(path)
}

fn now(look: &dyn Look, name: &str) -> Result<Option<String>, Failure> {
    let content = look.read(&kernel_file(name))?;
    Ok(content.map(|content| plain(&String::from_utf8_lossy(&content))))
}

fn set_now(args: &Args, name: &str, value: &str, job: &mut Job<'_>) -> Result<(), Failure> {
    let current = now(job.look(), name)?;
    if current.as_deref() == Some(value) {
        return Ok(());
    }
    if current.is_none() && !args.ignoreerrors {
        return Err(Failure::new(format!(
            "the kernel has no setting {name} (`{}` does not exist); is a module missing? `ignoreerrors: true` goes on",
            kernel_file(name).display()
        )));
    }
    let ignore = args.ignoreerrors.then_some("-e");
    let setting = format!("{name}={value}");
    let words = ["sysctl"].into_iter().chain(ignore).chain(["-w", &setting]);
    if let Some(output) = job.run(&Command::new(words).env("LC_ALL", "C"))?
        && (!output.success() || refused(&output.err()))
        && !args.ignoreerrors
    {
        let message = format!("setting {name} failed: {}{}", output.out(), output.err());
        return Err(Failure::program(message.trim(), &output));
    }
    Ok(())
}

/// Returns whether `sysctl` ended well and refused all the same, as old ones do.
fn refused(err: &str) -> bool {
    err.contains("Invalid argument") || err.contains("Read-only file system")
}

fn reload(args: &Args, job: &mut Job<'_>) -> Result<(), Failure> {
    let ignore = args.ignoreerrors.then_some("-e");
    let file = args.sysctl_file.to_string_lossy();
    let words = ["sysctl"].into_iter().chain(ignore).chain(["-p", &file]);
    if let Some(output) = job.run(&Command::new(words).env("LC_ALL", "C"))?
        && (!output.success() || refused(&output.err()))
        && !args.ignoreerrors
    {
        let message = format!("Failed to reload sysctl: {}{}", output.out(), output.err());
        return Err(Failure::program(message.trim(), &output));
    }
    Ok(())
}

/// Returns the file with the setting once and with this value, or without it; nothing when it is so already.
fn edit(text: &str, name: &str, value: Option<&str>) -> Option<String> {
    let mut out = String::new();
    let mut stands = false;
    let mut changed = false;
    for line in text.lines() {
        let setting = setting(line).filter(|(key, _)| kernel_file(key) == kernel_file(name));
        match (setting, value) {
            (None, _) => out += line,
            (Some((_, found)), Some(value)) if !stands && plain(found) == value => {
                stands = true;
                out += line;
            }
            (Some(_), Some(value)) if !stands => {
                (stands, changed) = (true, true);
                out += &format!("{name}={value}");
            }
            (Some(_), _) => {
                changed = true;
                continue;
            }
        }
        out.push('\n');
    }
    if let Some(value) = value.filter(|_| !stands) {
        changed = true;
        out += &format!("{name}={value}\n");
    }
    changed.then_some(out)
}

/// Returns name and value of a line; a dash in front means that errors do not matter.
fn setting(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with(['#', ';']) {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    Some((name.strip_prefix('-').unwrap_or(name), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, value: Option<&str>, expected: Option<&str>) {
        assert_eq!(edit(text, "vm.swappiness", value).as_deref(), expected);
    }

    #[test]
    fn files() {
        case("", Some("1"), Some("vm.swappiness=1\n"));
        case("# a\nvm.swappiness = 1\n", Some("1"), None);
        case("vm.swappiness = 1\nx=2", Some("3"), Some("vm.swappiness=3\nx=2\n"));
        case("vm.swappiness=1\nvm/swappiness=2\n", Some("1"), Some("vm.swappiness=1\n"));
        case("#vm.swappiness=1\n", None, None);
        case("-vm.swappiness=1\nx=1\n", None, Some("x=1\n"));
    }

    #[test]
    fn values_and_names() {
        assert_eq!(plain(" yes "), "1");
        assert_eq!(plain("4096\t87380  16777216"), "4096 87380 16777216");
        assert_eq!(plain("1"), "1");
        assert_eq!(kernel_file("vm.swappiness"), Path::new("/proc/sys/vm/swappiness"));
        assert_eq!(
            kernel_file("net/ipv4/conf/eth0.1/forwarding"),
            Path::new("/proc/sys/net/ipv4/conf/eth0.1/forwarding")
        );
        assert_eq!(
            kernel_file("net.ipv4.conf.eth0/1.forwarding"),
            Path::new("/proc/sys/net/ipv4/conf/eth0.1/forwarding")
        );
    }
}
