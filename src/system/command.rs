//! Programs to run and what came of them.

use std::path::PathBuf;
use std::time::Duration;

/// A program with everything it is given. It inherits the task's environment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Command {
    /// Program and arguments; a program without a slash is searched in `PATH` and the usual system folders.
    pub argv: Vec<String>,
    /// The folder it starts in.
    pub cwd: Option<PathBuf>,
    /// Variables to set.
    pub env: Vec<(String, String)>,
    /// What it reads; nothing means an empty input.
    pub stdin: Option<Vec<u8>>,
    /// Bits that its new files do not get.
    pub umask: Option<u32>,
    /// After this time it is killed with its children.
    pub timeout: Option<Duration>,
    /// Whether it runs to its end although the task was told to end or the controller is gone: what it changes would be
    /// worse half done than unwanted.
    pub unbroken: bool,
}

impl Command {
    /// Returns a command of these words.
    pub fn new<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self { argv: argv.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, word: impl Into<String>) -> Self {
        self.argv.push(word.into());
        self
    }

    /// Lets it run to its end, whatever happens to the task.
    #[must_use]
    pub fn unbroken(mut self) -> Self {
        self.unbroken = true;
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(input.into());
        self
    }
}

/// Which stream a program wrote to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// What came of a program.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Output {
    /// The exit status; minus the signal's number when one ended it, as Python counts.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// Whether it was ended because its time was over.
    pub timed_out: bool,
}

impl Output {
    /// Returns whether it ended with status zero.
    pub fn success(&self) -> bool {
        self.code == 0
    }

    /// Returns standard output as text; bytes that are not UTF-8 are replaced.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Returns standard error as text; bytes that are not UTF-8 are replaced.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}
