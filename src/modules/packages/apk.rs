//! `apk`, Alpine's package manager.

use crate::module::Failure;
use crate::system::{Command, Look, Output};

use super::common::{Manager, Presence, Verb, ask};

/// `apk`.
pub(super) struct Apk;

impl Manager for Apk {
    fn refresh(&self) -> Command {
        Command::new(["apk", "update"])
    }

    fn presence(&self, look: &dyn Look, names: &[String]) -> Result<Vec<Presence>, Failure> {
        // Prints the names of those that are installed; a version (`nginx=1.2`) is asked for as it stands.
        let output = ask(look, &["apk", "info", "--installed"], names)?;
        let text = output.out();
        let found = |name: &String| text.lines().any(|line| line.trim() == plain(name));
        Ok(names
            .iter()
            .map(|name| if found(name) { Presence::There } else { Presence::Missing })
            .collect())
    }

    fn outdated(&self, look: &dyn Look, names: &[String]) -> Result<Vec<String>, Failure> {
        let output = ask(look, &["apk", "version", "--limit", "<"], names)?;
        let text = output.out();
        Ok(names.iter().filter(|name| is_listed(&text, plain(name))).cloned().collect())
    }

    fn command(&self, verb: Verb, names: &[String]) -> Command {
        let words: &[&str] = match verb {
            Verb::Install => &["apk", "add"],
            Verb::Remove => &["apk", "del"],
            Verb::Upgrade => &["apk", "add", "--upgrade"],
        };
        Command::new(words.iter().map(|word| (*word).to_owned()).chain(names.iter().cloned()))
    }

    fn did_nothing(&self, _output: &Output) -> bool {
        false
    }
}

fn plain(name: &str) -> &str {
    name.split(['=', '<', '>', '~', '@']).next().unwrap_or(name)
}

/// Returns whether a line like `nginx-1.24.0-r6   < 1.24.0-r7` is about a package.
fn is_listed(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let version = line.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('<')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed() {
        let text = "Installed:                                Available:\nnginx-1.24.0-r6                         < 1.24.0-r7 \nnginx-mod-x-1 < 2\n";
        assert!(is_listed(text, "nginx"));
        assert!(is_listed(text, "nginx-mod-x"));
        assert!(!is_listed(text, "nginx-mod"));
        assert_eq!(plain("nginx>=1.2"), "nginx");
    }
}
