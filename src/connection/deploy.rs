//! Puts the helper on a host and starts it: one command, and the program only when it is missing.
//!
//! The command is a script (`deploy.sh`) that finds the program by its hash in a folder that only its user can write to.
//! It answers in lines that start with a mark of this start: `run` and the program follows; `send` and we send it;
//! anything else is why it cannot be. Becoming another user puts the script behind `sudo` or `su`, so that every user
//! has a program of their own, copied from another user's where it can be read and has the right hash.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::dialogue::{Dialogue, Heard};
use super::escalate::{self, Ladder, Prompt, Stage};
use super::programs::{Program, Programs};
use super::running::Input;
use super::shell::{self, Shell};
use super::ssh::Terminal;
use super::{Escalation, Helper, Unreachable};

/// The script, to be folded into one line.
const SCRIPT: &str = include_str!("deploy.sh");

/// Says when the program that changes the user starts: what was written before is the login shell's. Messages are in
/// English, for us to understand them.
const ANNOUNCE: &str = r#"echo "$1 become"; shift; LANGUAGE=C; export LANGUAGE; exec "$@""#;

/// How long a started helper may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a host may take to take the next piece of the program.
const STALLED: Duration = Duration::from_secs(60);

/// Longer than any transfer.
const ENDLESS: Duration = Duration::from_secs(86_400);

/// The program is sent in pieces of this size, in bytes.
const PIECE: usize = 64 << 10;

/// What it takes to start a helper.
#[derive(Clone, Copy)]
pub(super) struct Deploy<'a> {
    pub(super) programs: &'a Programs,
    pub(super) escalation: Option<&'a Escalation>,
    /// The folder to try first.
    pub(super) folder: Option<&'a str>,
    /// Where another user of the host has the program.
    pub(super) known: Option<&'a str>,
    /// How long the script and a prompt may take to speak.
    pub(super) patience: Duration,
}

/// A helper that was started.
pub(super) struct Deployed {
    pub(super) helper: Helper,
    /// Where the program is.
    pub(super) path: String,
}

/// Why a start did not succeed.
enum Trouble {
    /// For good.
    Final(Unreachable),
    /// It wants a terminal.
    WantsTerminal(Unreachable),
}

impl From<Unreachable> for Trouble {
    fn from(error: Unreachable) -> Self {
        Self::Final(error)
    }
}

impl Deploy<'_> {
    /// Starts a helper.
    pub(super) async fn start(self, shell: &Shell) -> Result<Deployed, Unreachable> {
        let mark = format!("fcplay-{:016x}", rand::random::<u64>());
        let script = self.script(&mark);
        let Some(escalation) = self.escalation else {
            let command = exec(&script);
            return self.attempt(shell, &mark, &command, None).await.map_err(Trouble::into_reason);
        };
        let ladder = Ladder::plan(escalation, &format!("{mark}-password:"), &script)?;
        let mut words = ["/bin/sh", "-c", ANNOUNCE, "fcplay", &mark].map(String::from).to_vec();
        words.extend_from_slice(&ladder.words);
        let command = exec(&words);
        let climb = |terminal| Climb { escalation, prompt: &ladder.prompt, terminal };
        match self.attempt(shell, &mark, &command, Some(climb(ladder.terminal))).await {
            Err(Trouble::WantsTerminal(_)) if ladder.terminal == Terminal::None => {
                let again = self.attempt(shell, &mark, &command, Some(climb(Terminal::Raw)));
                again.await.map_err(Trouble::into_reason)
            }
            other => other.map_err(Trouble::into_reason),
        }
    }

    /// Returns the words that run the script.
    fn script(&self, mark: &str) -> Vec<String> {
        let order = if self.escalation.is_some() { "shared" } else { "home" };
        let list = self.programs.list();
        let script = one_line(SCRIPT);
        let words = ["/bin/sh", "-c", &script, "fcplay", mark, &list, order];
        let more = [self.folder.unwrap_or_default(), self.known.unwrap_or_default()];
        words.into_iter().chain(more).map(String::from).collect()
    }

    async fn attempt(
        &self,
        shell: &Shell,
        mark: &str,
        command: &str,
        climb: Option<Climb<'_>>,
    ) -> Result<Deployed, Trouble> {
        let terminal = climb.as_ref().map_or(Terminal::None, |climb| climb.terminal);
        let running = shell.exec(command, terminal).await?;
        let mut dialogue = Dialogue::new(running, mark, self.patience);
        let mut heard = match &climb {
            None => dialogue.line().await?,
            Some(climb) => climb.up(&mut dialogue).await?,
        };
        if let Heard::Line { verb, rest } = &heard
            && verb == "send"
        {
            let (packing, machine) = rest.split_once(' ').unwrap_or((rest, ""));
            let program = self.programs.get(machine);
            let program =
                program.ok_or_else(|| Unreachable::new(self.programs.missing(machine)))?;
            heard = send(&mut dialogue, program, packing == "gzip").await?;
        }
        match heard {
            Heard::Line { verb, rest } if verb == "run" => {
                let running = dialogue.into_running();
                let helper = Helper::attach(running, PATIENCE, shell.keepalive()).await?;
                Ok(Deployed { helper, path: rest })
            }
            Heard::Line { verb, rest } => Err(self.failure(&verb, &rest).into()),
            Heard::Prompt | Heard::End => Err(dialogue.not_started().await.into()),
        }
    }

    /// Says in words what the script reports.
    fn failure(&self, verb: &str, rest: &str) -> Unreachable {
        Unreachable::new(match verb {
            "arch" => self.programs.missing(rest),
            "place" => format!(
                "there is no folder on the host where fcplay's helper can be kept and run ({rest})\nhint: name one with \
                 `ansible_remote_tmp`, writable for the user and not mounted noexec"
            ),
            "start" => {
                let (machine, said) = rest.split_once(' ').unwrap_or((rest, "it said nothing"));
                format!(
                    "fcplay's helper does not run on the host, a machine of type `{machine}`: {said}"
                )
            }
            "write" => {
                let (folder, said) = rest.split_once(' ').unwrap_or((rest, "it was cut short"));
                format!(
                    "fcplay's helper cannot be written to {folder} on the host: {said}\nhint: is the disk full?"
                )
            }
            other => format!("the start of the helper failed: {other} {rest}"),
        })
    }
}

impl Trouble {
    fn into_reason(self) -> Unreachable {
        match self {
            Self::Final(reason) | Self::WantsTerminal(reason) => reason,
        }
    }
}

/// One try to become another user.
struct Climb<'a> {
    escalation: &'a Escalation,
    prompt: &'a Prompt,
    terminal: Terminal,
}

impl Climb<'_> {
    /// Answers the question for a password and waits for the script's first word.
    async fn up(&self, dialogue: &mut Dialogue) -> Result<Heard, Trouble> {
        match dialogue.line().await? {
            Heard::Line { verb, .. } if verb == "become" => dialogue.watch(self.prompt.clone()),
            _ => return Err(dialogue.not_started().await.into()),
        }
        let mut stage = Stage::Unasked;
        loop {
            match dialogue.hear().await? {
                Heard::Line { verb, rest } => return Ok(Heard::Line { verb, rest }),
                Heard::Prompt if stage == Stage::Answered => {
                    return Err(escalate::incorrect(self.escalation).into());
                }
                Heard::Prompt => {
                    let Some(password) = &self.escalation.password else {
                        return Err(escalate::missing(self.escalation).into());
                    };
                    dialogue.answer(password).await?;
                    stage = Stage::Answered;
                }
                Heard::End => {
                    let complaint = dialogue.complaint().await;
                    let reason = escalate::refused(self.escalation, stage, &complaint);
                    return Err(match escalate::wants_terminal(&complaint) {
                        true => Trouble::WantsTerminal(reason),
                        false => Trouble::Final(reason),
                    });
                }
            }
        }
    }
}

/// Returns a command for the login shell, which makes way for it: every shell knows `exec`.
fn exec(words: &[String]) -> String {
    format!("exec {}", shell::command(words))
}

/// Sends the program and returns what the script says then, which may be before all is sent.
async fn send(
    dialogue: &mut Dialogue,
    program: &Arc<Program>,
    packed: bool,
) -> Result<Heard, Unreachable> {
    let program = Arc::clone(program);
    let packing = tokio::task::spawn_blocking(move || {
        if packed {
            program.packed();
        }
        program
    });
    let program = packing.await.expect("packing does not panic");
    let bytes = if packed { program.packed() } else { program.bytes() };
    let mut stdin = std::mem::replace(&mut dialogue.running().stdin, Box::new(tokio::io::sink()));
    // While it is sent, only standing still counts.
    dialogue.wait_longer(ENDLESS);
    let early = tokio::select! {
        heard = dialogue.line() => Some(heard?),
        // When the script stops early, it says why, or its end does.
        _ = pour(&mut stdin, bytes) => None,
    };
    let heard = match early {
        Some(heard) => heard,
        None => {
            dialogue.wait_longer(STALLED);
            dialogue.line().await?
        }
    };
    dialogue.running().stdin = stdin;
    Ok(heard)
}

/// Sends the size and the bytes; a host may be slow, but not stand still.
async fn pour(stdin: &mut Input, bytes: &[u8]) -> std::io::Result<()> {
    stdin.write_all(format!("{}\n", bytes.len()).as_bytes()).await?;
    for piece in bytes.chunks(PIECE) {
        tokio::time::timeout(STALLED, stdin.write_all(piece)).await??;
    }
    tokio::time::timeout(STALLED, stdin.flush()).await?
}

/// Folds the script into one line that every login shell passes on as it is.
fn one_line(script: &str) -> String {
    let lines =
        script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_passes_through_every_login_shell() {
        let line = one_line(SCRIPT);
        assert!(!line.contains(['\'', '\\', '!', '\n']), "{line}");
        let checked = std::process::Command::new("sh").args(["-n", "-c", &line]).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        assert!(line.len() < 6000, "{}", line.len());
    }
}
