//! Where a command can be started: on a host, over its session, or on this machine, as a child.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use super::Unreachable;
use super::running::{Complaints, Ending, Exit, Running};
use super::ssh::{self, Keepalive, Process, Session, Terminal};
use crate::system;

/// Something that starts commands.
#[derive(Clone)]
pub(super) enum Shell {
    /// The user's login shell on a host.
    Remote(Arc<Session>),
    /// `sh` on this machine.
    Local(PathBuf),
}

impl Shell {
    /// Returns whether there is no room for one more command.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Remote(session) => session.is_full(),
            Self::Local(_) => false,
        }
    }

    /// Returns how often a silent helper is asked whether it is there.
    pub(super) fn keepalive(&self) -> Option<Keepalive> {
        match self {
            Self::Remote(session) => session.keepalive(),
            Self::Local(_) => Some(Keepalive::default()),
        }
    }

    /// Starts a command.
    pub(super) async fn exec(
        &self,
        command: &str,
        terminal: Terminal,
    ) -> Result<Running, Unreachable> {
        match self {
            Self::Remote(session) => {
                let process = session.exec(command, terminal).await;
                process.map(remote).map_err(|error| Unreachable::new(error.to_string()))
            }
            Self::Local(folder) => {
                let mut shell = Command::new("/bin/sh");
                within(&mut shell, folder).args(["-c", command]);
                match terminal {
                    Terminal::None => child(&mut shell),
                    Terminal::Raw => on_terminal(shell),
                }
            }
        }
    }
}

/// Lets a command start in a folder, where there is such a folder.
pub(super) fn within<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    if folder.is_dir() { command.current_dir(folder) } else { command }
}

fn remote(process: Process) -> Running {
    let Process { stdin, stdout, stderr, status } = process;
    let exit: Exit = Box::pin(async move {
        match status.wait().await.map_err(|error| error.to_string())? {
            ssh::Exit::Code(code) => Ok(format!("exit status {code}")),
            ssh::Exit::Signal(name) => Ok(format!("signal {name}")),
        }
    });
    let ending = Ending { complaints: Complaints::of(stderr), exit };
    Running { stdin: Box::new(stdin), stdout: Box::new(stdout), ending }
}

/// Starts a child in a process group of its own: an interrupt at the keyboard is for fcplay alone.
pub(super) fn child(command: &mut Command) -> Result<Running, Unreachable> {
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = spawned.map_err(|error| not_started(command, &error))?;
    let stdin = child.stdin.take().expect("standard input was asked for");
    let stdout = child.stdout.take().expect("standard output was asked for");
    let stderr = child.stderr.take().expect("standard error was asked for");
    let ending = Ending { complaints: Complaints::of(stderr), exit: exit(child) };
    Ok(Running { stdin: Box::new(stdin), stdout: Box::new(stdout), ending })
}

/// Starts a child on a terminal of its own: what it complains comes with what it says.
fn on_terminal(mut command: Command) -> Result<Running, Unreachable> {
    let started = system::on_terminal(command.as_std_mut()).and_then(|near| {
        // A terminal is no pipe, but it is read and written like one.
        let stdout = pipe::Receiver::from_file_unchecked(near.try_clone()?)?;
        let stdin = pipe::Sender::from_file_unchecked(near)?;
        Ok((command.spawn()?, stdin, stdout))
    });
    let (child, stdin, stdout) = started.map_err(|error| not_started(&command, &error))?;
    let ending = Ending { complaints: Complaints::of(tokio::io::empty()), exit: exit(child) };
    Ok(Running { stdin: Box::new(stdin), stdout: Box::new(stdout), ending })
}

/// Comes to how a child ended. The child ends by itself when its input does; somebody has to take its status even when
/// nobody asks.
fn exit(mut child: Child) -> Exit {
    let waiting = tokio::spawn(async move { child.wait().await });
    Box::pin(async move {
        let status = waiting.await.map_err(|error| error.to_string())?;
        status.map(words).map_err(|error| error.to_string())
    })
}

fn not_started(command: &Command, error: &std::io::Error) -> Unreachable {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    Unreachable::new(format!("cannot start `{program}`: {error}"))
}

fn words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "for an unknown reason".into(),
    }
}

/// Quotes a word for any shell, csh and fish too, provided that it has no newline, backslash or exclamation mark.
pub(super) fn quote(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}

/// Quotes words and joins them to a command.
pub(super) fn command<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        let words = ["a", "", "it's", "$x `y` \"z\"", "ä ö"];
        let command = format!("printf '[%s]' {}", command(&words));
        let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "[a][][it's][$x `y` \"z\"][ä ö]");
    }
}
