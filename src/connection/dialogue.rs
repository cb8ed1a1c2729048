//! Talking to the script that starts a helper: lines that begin with a mark, and questions for a password.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::Unreachable;
use super::escalate::Prompt;
use super::running::Running;
use crate::base::Secret;

/// How much is read at most before the script speaks, in bytes: login shells print banners.
const NOISE: usize = 64 << 10;

/// So long nothing more comes after a question.
const SILENCE: Duration = Duration::from_millis(250);

/// What was heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Heard {
    /// A line of the script, without its mark.
    Line {
        /// The first word.
        verb: String,
        /// All others.
        rest: String,
    },
    /// A question for a password.
    Prompt,
    /// The end.
    End,
}

/// A conversation with a script.
pub(super) struct Dialogue {
    running: Running,
    mark: String,
    patience: Duration,
    deadline: Instant,
    prompt: Option<Prompt>,
    /// What was written to standard output since the last line of the script.
    written: Vec<u8>,
    /// What was complained since then, as far as it is looked at.
    complained: Vec<u8>,
}

impl Dialogue {
    /// Starts a conversation; `patience` is how long the other side may be silent.
    pub(super) fn new(running: Running, mark: &str, patience: Duration) -> Self {
        Self {
            running,
            mark: format!("{mark} "),
            patience,
            deadline: Instant::now() + patience,
            prompt: None,
            written: Vec::new(),
            complained: Vec::new(),
        }
    }

    /// Looks out for questions from now on.
    pub(super) fn watch(&mut self, prompt: Prompt) {
        self.prompt = Some(prompt);
        self.deadline = Instant::now() + self.patience;
    }

    /// Gives the other side another while.
    pub(super) fn wait_longer(&mut self, patience: Duration) {
        self.patience = patience;
        self.deadline = Instant::now() + patience;
    }

    /// Returns the program.
    pub(super) fn running(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Returns the program: what it says from now on is for somebody else.
    pub(super) fn into_running(self) -> Running {
        self.running
    }

    /// Answers a question.
    pub(super) async fn answer(&mut self, password: &Secret) -> Result<(), Unreachable> {
        let line = format!("{}\n", password.reveal());
        self.written.clear();
        self.complained.clear();
        self.deadline = Instant::now() + self.patience;
        let stdin = &mut self.running.stdin;
        // A program that has ended in between says why in another place.
        if stdin.write_all(line.as_bytes()).await.is_ok() {
            let _gone = stdin.flush().await;
        }
        Ok(())
    }

    /// Waits for a line of the script; questions are not looked at.
    pub(super) async fn line(&mut self) -> Result<Heard, Unreachable> {
        self.prompt = None;
        self.hear().await
    }

    /// Waits for a line of the script, a question, or the end.
    pub(super) async fn hear(&mut self) -> Result<Heard, Unreachable> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(line);
            }
            let asked = self.is_asked();
            if asked && matches!(self.prompt, Some(Prompt::Words(_))) {
                return Ok(Heard::Prompt);
            }
            let mut byte = [0; 1];
            tokio::select! {
                read = self.running.stdout.read(&mut byte) => match read {
                    Ok(1..) => self.written.push(byte[0]),
                    Ok(0) | Err(_) => return Ok(Heard::End),
                },
                () = self.running.ending.complaints.changed() => {
                    self.complained.extend(self.running.ending.complaints.take());
                }
                // `su: ` may be the start of a message as well as a question: only a question is followed by silence.
                () = tokio::time::sleep(SILENCE), if asked => return Ok(Heard::Prompt),
                () = tokio::time::sleep_until(self.deadline) => return Err(self.late()),
            }
            if self.written.len() > NOISE {
                return Err(Unreachable::new(
                    "the login shell prints without end; nothing of it comes from fcplay's script",
                ));
            }
        }
    }

    /// Takes a line of the script that is complete.
    fn take_line(&mut self) -> Option<Heard> {
        let text = self.written.strip_suffix(b"\n")?;
        let mark = self.mark.as_bytes();
        let start = text.windows(mark.len()).position(|window| window == mark)?;
        let line = String::from_utf8_lossy(&text[start + mark.len()..]).trim().to_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let heard = Heard::Line { verb: verb.to_owned(), rest: rest.to_owned() };
        self.written.clear();
        Some(heard)
    }

    fn is_asked(&self) -> bool {
        // A line of the script may hold a colon too.
        let mark = self.mark.as_bytes();
        let ours = self.written.windows(mark.len()).any(|window| window == mark);
        let asks = |prompt: &Prompt| prompt.is_in(&self.written) || prompt.is_in(&self.complained);
        !ours && self.prompt.as_ref().is_some_and(asks)
    }

    /// Returns what was said until the end.
    pub(super) async fn complaint(&mut self) -> String {
        let complaints = self.running.ending.complaints.clone();
        let _late = tokio::time::timeout(Duration::from_secs(1), complaints.ended()).await;
        self.said()
    }

    /// Returns what was said so far, on both streams.
    fn said(&mut self) -> String {
        self.complained.extend(self.running.ending.complaints.take());
        let both = [&self.complained, &self.written]
            .map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
        both.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Says why nothing was started.
    pub(super) async fn not_started(&mut self) -> Unreachable {
        let said = self.complaint().await;
        let said =
            if said.is_empty() { "the login shell ended without a word".to_owned() } else { said };
        Unreachable::new(format!(
            "the helper was not started: {said}\nhint: the user needs a login shell that runs commands (not nologin, no \
             forced command)"
        ))
    }

    fn late(&mut self) -> Unreachable {
        let seconds = self.patience.as_secs();
        let said = match self.said() {
            said if said.is_empty() => "it said nothing".to_owned(),
            said => format!("it said: {said}"),
        };
        match self.prompt {
            Some(_) => Unreachable::denied(format!(
                "becoming another user took longer than {seconds} s: {said}\nhint: does it ask for something else than a \
                 password? a longer `timeout` gives it more time"
            )),
            None => Unreachable::new(format!(
                "the host did not start the helper within {seconds} s: {said}\nhint: do the login shell's files \
                 (.bashrc, .profile) wait for something?"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::running::{Complaints, Ending};

    /// Plays what a program writes on both streams, and returns what is heard of it.
    #[track_caller]
    fn case(written: &[u8], complained: &'static [u8], prompt: Option<Prompt>) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut program, stdout) = tokio::io::duplex(1000);
            program.write_all(written).await.unwrap();
            let ending = Ending {
                complaints: Complaints::of(complained),
                exit: Box::pin(std::future::pending()),
            };
            let stdin = Box::new(tokio::io::sink());
            let running = Running { stdin, stdout: Box::new(stdout), ending };
            let mut dialogue = Dialogue::new(running, "MARK", Duration::from_millis(600));
            dialogue.prompt = prompt;
            match dialogue.hear().await {
                Ok(heard) => format!("{heard:?}"),
                Err(error) => error.message,
            }
        })
    }

    #[test]
    fn lines_among_noise() {
        let heard = r#"Line { verb: "send", rest: "gzip x86_64" }"#;
        assert_eq!(case(b"hello\nMARK send gzip x86_64\r\n", b"", None), heard);
        assert_eq!(case(b"Last login: \x1b[0mMARK send gzip x86_64\n", b"oops", None), heard);
    }

    #[test]
    fn questions_end_in_silence() {
        assert_eq!(case(b"Password: ", b"", Some(Prompt::Colon)), "Prompt");
        assert_eq!(case(b"", b"Password: ", Some(Prompt::Colon)), "Prompt");
        assert_eq!(
            case(b"su: no\nMARK run /a:\n", b"", Some(Prompt::Colon)),
            r#"Line { verb: "run", rest: "/a:" }"#
        );
        assert_eq!(case(b"lecture\nASK", b"", Some(Prompt::Words("ASK".into()))), "Prompt");
    }

    #[test]
    fn nobody_waits_for_ever() {
        assert_eq!(
            case(b"Verification code", b"", Some(Prompt::Colon)),
            "becoming another user took longer than 0 s: it said: Verification code\nhint: does it ask for something else \
             than a password? a longer `timeout` gives it more time"
        );
        assert!(case(b"", b"", None).starts_with("the host did not start the helper within 0 s"));
    }
}
