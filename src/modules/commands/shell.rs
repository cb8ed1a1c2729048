//! `shell`: runs a line through a shell.

use std::path::PathBuf;

use super::command::{RETURNS, text};
use super::common::{self, Guards, Task};
use crate::arguments;
use crate::base::Value;
use crate::module::{Check, Example, Failure, FreeForm, Job, Module, Outcome, Spec};
use crate::system::Command;

arguments! {
    /// Arguments of `shell`.
    pub(super) struct Args {
        /// Refused as Ansible refuses it: the shell itself replaces variables.
        _expand ["expand_argument_vars"]: Option<Value>,
        /// The folder to run it in.
        chdir: Option<PathBuf>,
        /// The line or script.
        cmd: Option<String>,
        /// A path or pattern: when something is there, the line does not run.
        creates: Option<PathBuf>,
        /// The shell, as a path. It is `/bin/sh` when not given.
        executable: Option<PathBuf>,
        /// A path or pattern: when nothing is there, the line does not run.
        removes: Option<PathBuf>,
        /// What the line reads.
        stdin: Option<String>,
        /// Whether a line end is added to `stdin`.
        stdin_add_newline: bool = true,
    }
}

/// The module.
pub(super) struct Shell;

impl Module for Shell {
    const SPEC: &'static Spec = &Spec {
        name: "shell",
        summary: "Runs a line through a shell on the host.",
        check: Check::Partial,
        free_form: FreeForm::Argument("cmd"),
        examples: &[
            Example {
                about: "Count the established connections.",
                task: "shell: ss -Htn state established | wc -l",
            },
            Example {
                about: "Use what only bash has.",
                task: "shell: {cmd: set -o pipefail && ls /srv | sort, executable: /bin/bash, chdir: /srv}",
            },
        ],
        returns: RETURNS,
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if args._expand.is_some() {
            let text = "Unsupported parameters for (shell) module: expand_argument_vars";
            return Err(Failure::new(text));
        }
        let Some(line) = args.cmd.as_deref().filter(|line| !line.is_empty()) else {
            return Err(Failure::new("no command given").with("rc", 256));
        };
        let shell = text(args.executable.as_ref()).unwrap_or_else(|| "/bin/sh".into());
        let mut command = Command::new([shell.as_str(), "-c", line]);
        command.cwd.clone_from(&args.chdir);
        command.stdin = common::input(args.stdin.as_deref(), args.stdin_add_newline);
        let (creates, removes) = (text(args.creates.as_ref()), text(args.removes.as_ref()));
        let guards = Guards {
            creates: creates.as_deref(),
            removes: removes.as_deref(),
            folder: args.chdir.as_deref(),
            literal: false,
        };
        common::run(&Task { shown: line.into(), command, guards, strip: true }, job)
    }
}
