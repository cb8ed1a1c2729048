//! The built command in an empty folder, without the environment of whoever runs the tests.

mod ansible;
mod commands;
mod doc;
mod engine;
mod errors;
mod listings;
mod pause;
mod reports;
mod runs;
mod side_by_side;
mod vault;
mod web;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder of its own, with a home beside it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// Returns a folder with files; folders above them are made.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            bench.write(name, text);
        }
        bench
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Returns the command with a cleared environment.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fcplay"));
        command
            .args(crate::common::words(line))
            .env_clear()
            .env("HOME", self.path().join("home"))
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LANG", "C.UTF-8")
            .env("FCPLAY_HELPER", env!("CARGO_BIN_EXE_fcplay-helper"))
            .current_dir(self.path());
        command
    }

    /// Runs a line and returns what came of it: standard output, standard error, exit code.
    pub(crate) fn run(&self, line: &str) -> String {
        self.run_with(line, &[], "")
    }

    /// Runs a line with variables of the environment and text on standard input.
    pub(crate) fn run_with(&self, line: &str, vars: &[(&str, &str)], input: &str) -> String {
        let mut command = self.command(line);
        command.envs(vars.iter().copied());
        self.finish(command, input)
    }

    /// Runs a command and returns what came of it.
    pub(crate) fn finish(&self, mut command: Command, input: &str) -> String {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _may_not_read = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        if !output.stderr.is_empty() {
            text.push_str("--- stderr\n");
            text.push_str(&String::from_utf8(output.stderr).unwrap());
        }
        let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
        let real = self.path().canonicalize().unwrap();
        let text = text
            .replace(real.to_str().unwrap(), "$DIR")
            .replace(self.path().to_str().unwrap(), "$DIR");
        format!("{text}--- exit {code}\n")
    }

    /// Runs a line and compares what came of it.
    #[track_caller]
    pub(crate) fn case(&self, line: &str, expected: &str) {
        let found = self.run(line);
        assert!(found == expected, "{line}\n=== found\n{found}=== expected\n{expected}");
    }
}
