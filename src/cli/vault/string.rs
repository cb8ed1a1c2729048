//! `fcplay vault encrypt_string`: texts for use in YAML files.

use std::path::Path;

use super::args::EncryptString;
use super::files::{self, Access};
use super::keys::{Age, Keys};
use crate::cli::ask;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::config::Config;

/// Encrypts texts.
pub(super) fn encrypt(flags: &EncryptString, config: &Config) -> Result<(), Error> {
    let keys = Keys::load(&flags.vault, config, Age::New)?;
    let id = keys.encrypting(&flags.encryption, config)?;
    let mut blocks = Vec::new();
    for (name, plain) in texts(flags)? {
        blocks.push(block(name.as_deref(), &keys.encrypt(&plain, &id, config)?));
    }
    let target = flags.output.as_deref().unwrap_or(Path::new("-"));
    files::write(target, blocks.concat().as_bytes(), Access::Owner)?;
    files::tell("Encryption successful");
    Ok(())
}

/// A text and the name of its variable.
type Named = (Option<String>, Vec<u8>);

/// Returns the texts with their names: the typed one, those of the command line, standard input.
fn texts(flags: &EncryptString) -> Result<Vec<Named>, Error> {
    let mut names = flags.name.iter().cloned();
    let mut texts = Vec::new();
    if flags.prompt {
        let no_terminal = || Error::new(Exit::Error, "there is no terminal to ask for the text at");
        let name = match names.next() {
            Some(name) => name,
            None => ask::question("Name of the variable (none for the text alone): ", false)
                .ok_or_else(no_terminal)?,
        };
        let hidden = !flags.show_input;
        let prompt = if hidden { "Text to encrypt (hidden): " } else { "Text to encrypt: " };
        let text = ask::question(prompt, hidden).ok_or_else(no_terminal)?;
        let text = filled(text.into_bytes(), "The plaintext provided from the prompt was empty")?;
        texts.push((Some(name).filter(|name| !name.is_empty()), text));
    }
    let mut from_stdin = flags.texts.is_empty() && !flags.prompt || flags.stdin_name.is_some();
    for text in &flags.texts {
        if text == "-" {
            from_stdin = true;
        } else {
            let empty = "The plaintext provided from the command line args was empty";
            texts.push((names.next(), filled(text.clone().into_bytes(), empty)?));
        }
    }
    if from_stdin {
        let name = flags.stdin_name.clone().or_else(|| names.next());
        texts.push((name, filled(files::read(Path::new("-"))?, "stdin was empty")?));
    }
    Ok(texts)
}

/// Returns a text that is not empty, or says which one was.
fn filled(text: Vec<u8>, empty: &str) -> Result<Vec<u8>, Error> {
    if text.is_empty() {
        return Err(Error::new(Exit::BadOptions, format!("{empty}, not encrypting")));
    }
    Ok(text)
}

fn block(name: Option<&str>, envelope: &str) -> String {
    let head = name.map(|name| format!("{name}: ")).unwrap_or_default();
    let lines: Vec<String> = envelope.lines().map(|line| format!("          {line}\n")).collect();
    format!("{head}!vault |\n{}", lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_yaml() {
        assert_eq!(block(Some("n"), "A\nB\n"), "n: !vault |\n          A\n          B\n");
        assert_eq!(block(None, "A\n"), "!vault |\n          A\n");
    }
}
