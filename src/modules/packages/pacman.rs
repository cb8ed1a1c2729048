//! `pacman`, Arch's package manager.

use crate::module::Failure;
use crate::system::{Command, Look, Output};

use super::common::{Manager, Presence, Verb, ask};

/// `pacman`.
pub(super) struct Pacman;

impl Manager for Pacman {
    fn refresh(&self) -> Command {
        Command::new(["pacman", "--sync", "--refresh", "--noconfirm"])
    }

    fn presence(&self, look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure> {
        // `--deptest` knows what packages provide, too; it prints what is missing.
        let output = ask(look, &["pacman", "--deptest"], names)?;
        let text = output.out();
        let missing = |name: &String| text.lines().any(|line| line.trim() == name);
        Ok(names
            .iter()
            .map(|name| if missing(name) { Presence::Missing } else { Presence::There })
            .collect())
    }

    fn outdated(&self, look: &dyn Look, names: &[String]) -> Result<Vec<String>, Failure> {
        let output = ask(look, &["pacman", "--query", "--upgrades", "--quiet"], names)?;
        let text = output.out();
        Ok(names.iter().filter(|name| text.lines().any(|line| line == *name)).cloned().collect())
    }

    fn command(&self, verb: Verb, names: &[String]) -> Command {
        let words: &[&str] = match verb {
            Verb::Install | Verb::Upgrade => &["pacman", "--sync", "--noconfirm", "--needed"],
            Verb::Remove => &["pacman", "--remove", "--noconfirm"],
        };
        Command::new(words.iter().map(|word| (*word).to_owned()).chain(names.iter().cloned()))
    }

    fn did_nothing(&self, output: &Output) -> bool {
        output.out().contains("there is nothing to do")
    }
}
