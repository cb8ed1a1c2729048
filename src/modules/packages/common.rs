//! What package managers have in common: present, absent or latest over a small trait, and which manager a host has.

use std::path::Path;

use crate::base::{Value, words};
use crate::module::{Diff, Failure, Job, Outcome};
use crate::system::{Command, Look, Output};

use super::apk::Apk;
use super::pacman::Pacman;
use super::rpm::Zypper;

/// What a package manager can do.
pub(super) trait Manager {
    /// Returns the command that fetches what the repositories offer.
    fn refresh(&self) -> Command;

    /// Returns, for each name, whether it is installed; `Unknown` for what only the manager itself can resolve.
    fn presence(&self, look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure>;

    /// Returns those of the installed packages for which there is a later version.
    fn outdated(&self, look: &dyn Look, names: &[String]) -> Result<Vec<String>, Failure>;

    /// Returns the command that does something with packages.
    fn command(&self, verb: Verb, names: &[String]) -> Command;

    /// Returns whether the output of a command says that there was nothing to do.
    fn did_nothing(&self, output: &Output) -> bool;
}

/// Whether a package is installed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Presence {
    /// It is.
    There,
    /// It is not.
    Missing,
    /// A group, an address or a pattern: the manager finds out.
    Unknown,
}

/// What to do with packages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verb {
    Install,
    Remove,
    Upgrade,
}

/// What should be true of packages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    Absent,
    Latest,
    Present,
}

/// The managers that are known, by the words of Ansible's `ansible_pkg_mgr`.
const PROGRAMS: [(&str, &str); 9] = [
    ("apk", "apk"),
    ("apt", "apt-get"),
    ("dnf", "dnf-3"),
    ("dnf", "dnf"),
    ("dnf", "microdnf"),
    ("dnf5", "dnf5"),
    ("pacman", "pacman"),
    ("yum", "yum"),
    ("zypper", "zypper"),
];

/// Which managers a family of distributions uses, the preferred one first.
const FAMILIES: [(&[&str], &[&str]); 5] = [
    (&["debian", "ubuntu", "uos", "deepin"], &["apt"]),
    (
        &["fedora", "rhel", "centos", "openeuler", "kylin", "anolis", "amzn"],
        &["dnf5", "dnf", "yum"],
    ),
    (&["suse", "opensuse", "sles"], &["zypper"]),
    (&["alpine"], &["apk"]),
    (&["arch", "archlinux"], &["pacman"]),
];

/// Returns the word for the manager that a host uses, as the fact `ansible_pkg_mgr` has it.
pub(super) fn detect(look: &dyn Look) -> Result<Option<&'static str>, Failure> {
    let release = look.read(Path::new("/etc/os-release"))?.unwrap_or_default();
    let names = identity(&String::from_utf8_lossy(&release));
    let has = |word: &str| {
        PROGRAMS.iter().any(|(manager, program)| *manager == word && look.which(program).is_some())
    };
    for name in &names {
        let family = FAMILIES.iter().find(|(ids, _)| ids.contains(&name.as_str()));
        let managers = family.map_or(&[][..], |(_, managers)| managers);
        if let Some(word) = managers.iter().find(|word| has(word)) {
            return Ok(Some(word));
        }
    }
    Ok(PROGRAMS.iter().map(|(word, _)| *word).find(|word| has(word)))
}

/// Returns `ID` and the words of `ID_LIKE` of `/etc/os-release`.
fn identity(release: &str) -> Vec<String> {
    let field = |key: &str| {
        let value = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        value.unwrap_or_default().trim().trim_matches(['"', '\'']).to_lowercase()
    };
    let (id, like) = (field("ID"), field("ID_LIKE"));
    std::iter::once(id.as_str())
        .chain(like.split(' '))
        .map(str::to_owned)
        .filter(|id| !id.is_empty())
        .collect()
}

/// Returns the program of a manager that the host has.
pub(super) fn program(look: &dyn Look, word: &str) -> Option<&'static str> {
    PROGRAMS
        .iter()
        .filter(|(manager, _)| *manager == word)
        .map(|(_, program)| *program)
        .find(|program| look.which(program).is_some())
}

/// Returns the manager for a word, other than apt, which has a module of its own.
pub(super) fn manager(word: &str) -> Option<Box<dyn Manager>> {
    match word {
        "apk" => Some(Box::new(Apk)),
        "pacman" => Some(Box::new(Pacman)),
        "zypper" => Some(Box::new(Zypper)),
        _ => None,
    }
}

/// Makes sure that packages are there, are gone, or are the latest.
pub(super) fn ensure(
    manager: &dyn Manager,
    wish: Wish,
    names: &[String],
    job: &mut Job<'_>,
) -> Result<Outcome, Failure> {
    let presence = manager.presence(job.look(), names)?;
    let with = |wanted: &[Presence]| {
        let pairs = names.iter().zip(&presence).filter(|(_, found)| wanted.contains(found));
        pairs.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let steps = match wish {
        Wish::Absent => vec![(Verb::Remove, with(&[Presence::There, Presence::Unknown]))],
        Wish::Present => vec![(Verb::Install, with(&[Presence::Missing, Presence::Unknown]))],
        Wish::Latest => {
            let there = with(&[Presence::There]);
            let old =
                if there.is_empty() { there } else { manager.outdated(job.look(), &there)? };
            vec![
                (Verb::Install, with(&[Presence::Missing, Presence::Unknown])),
                (Verb::Upgrade, old),
            ]
        }
    };
    let mut ran = Vec::new();
    for (verb, names) in steps.into_iter().filter(|(_, names)| !names.is_empty()) {
        ran.extend(step(manager, verb, &names, job)?);
    }
    if !job.has_changed() {
        return Ok(Outcome::same(match wish {
            Wish::Absent => "none of the packages is installed",
            Wish::Latest => "all packages are installed in their latest version",
            Wish::Present => "all packages are installed",
        }));
    }
    let did_nothing = !ran.is_empty() && ran.iter().all(|output| manager.did_nothing(output));
    let results = ran.iter().map(|output| Value::from(output.out()));
    let outcome = Outcome { changed: did_nothing.then_some(false), ..Outcome::done() };
    Ok(outcome.with("results", Value::list(results)))
}

fn step(
    manager: &dyn Manager,
    verb: Verb,
    names: &[String],
    job: &mut Job<'_>,
) -> Result<Option<Output>, Failure> {
    let command = manager.command(verb, names).unbroken();
    let line = match verb {
        Verb::Install => format!("install {}", names.join(" ")),
        Verb::Remove => format!("remove {}", names.join(" ")),
        Verb::Upgrade => format!("upgrade {}", names.join(" ")),
    };
    let diff = if job.stage().diff { Diff::Prepared(line.clone()) } else { Diff::None };
    let watcher = job.watcher();
    let output = job.change(diff, |act| {
        Ok(act.run_watched(&command, &mut |channel, bytes| watcher.output(channel, bytes))?)
    })?;
    match output {
        Some(output) if !output.success() => {
            let last = format!("{}\n{}", output.out().trim(), output.err().trim());
            Err(Failure::program(format!("Failed to {line}: {}", last.trim()), &output))
        }
        output => Ok(output),
    }
}

/// Runs a query whose exit code tells nothing by itself.
pub(super) fn ask(look: &dyn Look, words: &[&str], names: &[String]) -> Result<Output, Failure> {
    let words = words.iter().map(|word| (*word).to_owned()).chain(names.iter().cloned());
    Ok(look.query(&Command::new(words).env("LC_ALL", "C"))?)
}

/// Returns the failure for a host whose manager is not known.
pub(super) fn unknown(word: Option<&str>) -> Failure {
    let mut known: Vec<&str> = PROGRAMS.iter().map(|(word, _)| *word).collect();
    known.dedup();
    Failure::new(match word {
        Some(word) => format!(
            "Could not find a matching action for the \"{word}\" package manager; `use` takes {}",
            words::ticked(known)
        ),
        None => format!(
            "Could not detect which package manager to use: the host has none of {}; try `use`",
            words::ticked(known)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(release: &str, expected: &[&str]) {
        assert_eq!(identity(release), expected);
    }

    #[test]
    fn distributions() {
        case("NAME=x\nID=debian\n", &["debian"]);
        case("ID=ubuntu\nID_LIKE=debian\n", &["ubuntu", "debian"]);
        case("ID=\"centos\"\nID_LIKE=\"rhel fedora\"\n", &["centos", "rhel", "fedora"]);
        case("", &[]);
    }
}
