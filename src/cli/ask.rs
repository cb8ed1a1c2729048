//! Asks the person at the terminal: passwords, passphrases, prompts of plays.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::base::Secret;
use crate::connection::ssh::Passphrases;
use crate::event::{Event, Sink};

/// One question at a time: hosts connect in parallel.
static TURN: Mutex<()> = Mutex::new(());

/// Asks for a password without showing it. Without a terminal, the next line of standard input is it.
pub(super) fn password(prompt: &str) -> io::Result<Secret> {
    let _turn = TURN.lock();
    let typed = if File::open("/dev/tty").is_ok() {
        rpassword::prompt_password(prompt)?
    } else {
        line_of(&mut io::stdin().lock())?
    };
    Ok(Secret::new(typed))
}

/// Asks a question of a play; nothing when there is nobody to ask.
pub(super) fn question(prompt: &str, hidden: bool) -> Option<String> {
    if hidden {
        return password(prompt).ok().map(|secret| secret.reveal().to_owned());
    }
    let _turn = TURN.lock();
    if io::stdin().is_terminal() {
        let mut tty = File::options().write(true).open("/dev/tty").ok()?;
        tty.write_all(prompt.as_bytes()).ok()?;
        return line_of(&mut BufReader::new(File::open("/dev/tty").ok()?)).ok();
    }
    line_of(&mut io::stdin().lock()).ok()
}

fn line_of(from: &mut dyn BufRead) -> io::Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "there is no terminal to ask at"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks during a run: the report must hold still meanwhile.
#[derive(Clone)]
pub(super) struct Asker(pub(super) Arc<dyn Sink>);

impl Asker {
    /// Asks a question of a play.
    pub(super) fn question(&self, prompt: &str, hidden: bool) -> Option<String> {
        self.quietly(|| question(prompt, hidden))
    }

    fn quietly<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.0.event(&Event::Asking(true));
        let answer = ask();
        self.0.event(&Event::Asking(false));
        answer
    }
}

impl Passphrases for Asker {
    fn passphrase(&self, key: &Path) -> Option<Secret> {
        io::stdin().is_terminal().then_some(())?;
        let prompt = format!("Enter passphrase for key '{}': ", key.display());
        self.quietly(|| password(&prompt)).ok()
    }
}
