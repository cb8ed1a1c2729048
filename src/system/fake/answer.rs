//! What programs answer on a fake machine, and what they do there.

use std::path::{Path, PathBuf};

use super::{Body, Fake};
use crate::system::{Command, Error, Output, Result};

/// The answer of a program.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Program and arguments; `*` in a word stands for anything. A last word `...` stands for any further words.
    pub words: Vec<String>,
    /// What it answers.
    pub output: Output,
    /// What it answers on the second run, and already on the first one once `after_command` has run.
    pub after: Option<Output>,
    /// The program that brings the second answer about.
    pub after_command: Option<Vec<String>>,
    /// What it does to the machine.
    pub effects: Vec<Effect>,
}

/// What a program does to the machine.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It gives the host a name.
    Name(String),
    /// It writes a file.
    Write(PathBuf, String),
    /// It removes a file or a folder with everything below.
    Remove(PathBuf),
}

impl Answer {
    /// Returns an answer with status zero.
    pub fn new<S: Into<String>>(words: impl IntoIterator<Item = S>, stdout: &str) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            output: Output { stdout: stdout.into(), ..Output::default() },
            ..Self::default()
        }
    }

    fn fits(&self, argv: &[String]) -> bool {
        fits(&self.words, argv)
    }
}

/// Returns whether words of a case stand for these; a program is known by its name wherever it is.
fn fits(words: &[String], argv: &[String]) -> bool {
    let (words, exact) = match words.split_last() {
        Some((last, rest)) if last == "..." => (rest, false),
        Some(_) | None => (words, true),
    };
    let long_enough = if exact { words.len() == argv.len() } else { words.len() <= argv.len() };
    long_enough
        && words.iter().zip(argv).enumerate().all(|(place, (word, given))| {
            let by_name = place == 0 && !word.contains('/');
            let given = if by_name { base_name(given) } else { given };
            glob(word, given)
        })
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns whether a word with `*` fits a text.
fn glob(word: &str, text: &str) -> bool {
    let Some((first, rest)) = word.split_once('*') else { return word == text };
    let Some(text) = text.strip_prefix(first) else { return false };
    rest.is_empty()
        || (0..=text.len()).any(|at| text.is_char_boundary(at) && glob(rest, &text[at..]))
}

impl Fake {
    /// Returns what the program answers now.
    pub(super) fn reply(&self, command: &Command) -> Result<(Output, Vec<Effect>)> {
        let found = self.inspect(|state| {
            let answer = state.answers.iter().find(|answer| answer.fits(&command.argv))?;
            let happened = |words: &Vec<String>| {
                state.commands.iter().any(|command| fits(words, &command.argv))
            };
            let after = state.after || answer.after_command.as_ref().is_some_and(happened);
            let output = answer.after.as_ref().filter(|_| after).unwrap_or(&answer.output);
            Some((output.clone(), answer.effects.clone()))
        });
        found.ok_or_else(|| Error::Program {
            program: command.argv.join(" "),
            source: std::io::Error::new(std::io::ErrorKind::NotFound, "no such file or directory"),
        })
    }

    pub(super) fn apply(&self, effects: &[Effect]) {
        self.edit(|state| {
            let now = state.now;
            for effect in effects {
                match effect {
                    Effect::Name(name) => state.host_name.clone_from(name),
                    Effect::Write(path, content) => {
                        state.tree.make(path, Body::File(content.as_bytes().into()), now);
                    }
                    Effect::Remove(path) => remove(&mut state.tree, path),
                }
            }
        });
    }
}

/// Removes a name and everything below.
pub(super) fn remove(tree: &mut super::Tree, path: &Path) {
    let names: Vec<PathBuf> = tree
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.starts_with(path))
        .collect();
    for name in names {
        tree.unlink(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(words: &str, argv: &str, expected: bool) {
        let split = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        assert_eq!(fits(&split(words), &split(argv)), expected, "{words} for {argv}");
    }

    #[test]
    fn words_stand_for_commands() {
        case("systemctl start x", "/usr/bin/systemctl start x", true);
        case("/bin/systemctl start x", "/usr/bin/systemctl start x", false);
        case("systemctl start", "systemctl start x", false);
        case("systemctl start ...", "systemctl start x y", true);
        case("visudo -cf /tmp/*/x", "visudo -cf /tmp/fake/1/x", true);
        case("visudo -cf /tmp/*/y", "visudo -cf /tmp/fake/1/x", false);
    }
}
