//! `dnf`, `yum` and `zypper`: packages in the database of rpm.

use std::collections::HashSet;

use crate::module::Failure;
use crate::system::{Command, Look, Output};

use super::common::{Manager, Presence, Verb, ask};

/// `dnf` and what is called so: `dnf5`, `microdnf`, `yum`.
pub(super) struct Dnf {
    /// The program.
    pub(super) program: &'static str,
    /// Options for everything it does.
    pub(super) options: Vec<String>,
}

impl Dnf {
    /// Returns the start of a command.
    pub(super) fn start(&self, words: &[&str]) -> Vec<String> {
        let words = words.iter().map(|word| (*word).to_owned());
        std::iter::once(self.program.to_owned())
            .chain(self.options.iter().cloned())
            .chain(words)
            .collect()
    }
}

/// `zypper`.
pub(super) struct Zypper;

impl Manager for Dnf {
    fn refresh(&self) -> Command {
        Command::new(self.start(&["-y", "makecache"])).env("LC_ALL", "C")
    }

    fn presence(&self, look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure> {
        presence(look, names)
    }

    fn outdated(&self, look: &dyn Look, names: &[String]) -> Result<Vec<String>, Failure> {
        let mut words = self.start(&["-q", "check-update"]);
        words.extend(names.iter().cloned());
        let output = look.query(&Command::new(words).env("LC_ALL", "C"))?;
        // 100 says that there are updates.
        match output.code {
            0 => Ok(Vec::new()),
            100 => Ok(matching(names, &check_update(&output.out()))),
            _ => Err(Failure::program(
                format!("`{} check-update` failed: {}", self.program, output.err().trim()),
                &output,
            )),
        }
    }

    fn command(&self, verb: Verb, names: &[String]) -> Command {
        let verb = match verb {
            Verb::Install => "install",
            Verb::Remove => "remove",
            Verb::Upgrade => "upgrade",
        };
        let words = self.start(&["-y", verb]).into_iter().chain(names.iter().cloned());
        Command::new(words).env("LC_ALL", "C.UTF-8")
    }

    fn did_nothing(&self, output: &Output) -> bool {
        ["Nothing to do", "No Packages marked for removal", "No packages marked for removal"]
            .iter()
            .any(|words| output.out().contains(words))
    }
}

impl Manager for Zypper {
    fn refresh(&self) -> Command {
        Command::new(["zypper", "--non-interactive", "refresh"]).env("LC_ALL", "C")
    }

    fn presence(&self, look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure> {
        presence(look, names)
    }

    fn outdated(&self, look: &dyn Look, names: &[String]) -> Result<Vec<String>, Failure> {
        let output = ask(look, &["zypper", "--non-interactive", "--quiet", "list-updates"], &[])?;
        Ok(matching(names, &list_updates(&output.out())))
    }

    fn command(&self, verb: Verb, names: &[String]) -> Command {
        let verb: &[&str] = match verb {
            Verb::Install => &["install", "--auto-agree-with-licenses"],
            Verb::Remove => &["remove"],
            Verb::Upgrade => &["update", "--auto-agree-with-licenses"],
        };
        line(&[&["zypper", "--non-interactive"], verb].concat(), names)
    }

    fn did_nothing(&self, output: &Output) -> bool {
        output.out().contains("Nothing to do.")
    }
}

fn line(words: &[&str], names: &[String]) -> Command {
    let words = words.iter().map(|word| (*word).to_owned()).chain(names.iter().cloned());
    Command::new(words).env("LC_ALL", "C.UTF-8")
}

/// Asks rpm: by name first, then for what is only provided (`/usr/bin/vi`, `mail-server`).
fn presence(look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure> {
    let open = |name: &str| {
        name.starts_with('@')
            || name.contains("://")
            || name.ends_with(".rpm")
            || crate::base::glob::is_pattern(name)
    };
    let plain: Vec<String> = names.iter().filter(|name| !open(name)).cloned().collect();
    let mut missing = HashSet::new();
    if !plain.is_empty() {
        let output = ask(look, &["rpm", "-q"], &plain)?;
        missing = unanswered(&output.out(), "package ", " is not installed");
    }
    if !missing.is_empty() {
        let mut names: Vec<String> = missing.into_iter().collect();
        names.sort_unstable();
        let output = ask(look, &["rpm", "-q", "--whatprovides"], &names)?;
        let text = format!("{}{}", output.out(), output.err());
        missing = unanswered(&text, "no package provides ", "");
        // A path that is not there is an error of its own: `error: file /usr/bin/x: No such file or directory`.
        missing.extend(unanswered(&text, "error: file ", ": No such file or directory"));
    }
    Ok(names
        .iter()
        .map(|name| match () {
            () if open(name) => Presence::Unknown,
            () if missing.contains(name) => Presence::Missing,
            () => Presence::There,
        })
        .collect())
}

/// Returns the names in the lines with these words around them.
fn unanswered(text: &str, before: &str, after: &str) -> HashSet<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(before)?.strip_suffix(after))
        .map(str::to_owned)
        .collect()
}

/// Returns the names in `nginx.x86_64   1:1.20.1-10.el9   appstream`.
fn check_update(text: &str) -> HashSet<String> {
    text.lines()
        .take_while(|line| !line.starts_with("Obsoleting"))
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (name, _) = words.first()?.rsplit_once('.')?;
            (words.len() == 3).then(|| name.to_owned())
        })
        .collect()
}

/// Returns the names in `v | repo | nginx | 1.19 | 1.20 | x86_64`.
fn list_updates(text: &str) -> HashSet<String> {
    let columns = text.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    columns
        .filter(|columns| columns.first() == Some(&"v"))
        .filter_map(|columns| columns.get(2).map(|name| (*name).to_owned()))
        .collect()
}

fn matching(names: &[String], updates: &HashSet<String>) -> Vec<String> {
    let plain = |name: &str| name.rsplit_once('.').map_or(name, |(name, _)| name).to_owned();
    names
        .iter()
        .filter(|name| updates.contains(*name) || updates.contains(&plain(name)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> HashSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_rpm_does_not_know() {
        let text = "bash-5.1.8-6.el9.x86_64\npackage nginx is not installed\n";
        assert_eq!(unanswered(text, "package ", " is not installed"), set(&["nginx"]));
        assert_eq!(
            unanswered("no package provides /x\n", "no package provides ", ""),
            set(&["/x"])
        );
    }

    #[test]
    fn updates() {
        let text = "\nnginx.x86_64      1:1.20.1-14.el9     appstream\nObsoleting Packages\nold.noarch 1 repo\n";
        assert_eq!(check_update(text), set(&["nginx"]));
        let text = "S | Repository | Name | Current | Available | Arch\n--+---\nv | main | nginx | 1.19 | 1.20 | x86_64\n";
        assert_eq!(list_updates(text), set(&["nginx"]));
        let names = ["nginx".to_owned(), "bash".to_owned(), "nginx.x86_64".to_owned()];
        assert_eq!(matching(&names, &set(&["nginx"])), ["nginx", "nginx.x86_64"]);
    }
}
