//! `command`: runs a program, without a shell between.

use std::path::PathBuf;

use super::common::{self, Guards, Task};
use crate::arguments;
use crate::base::{Value, shlex};
use crate::module::{Check, Example, Failure, FreeForm, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{self, Command};

arguments! {
    /// Arguments of `command`.
    pub(super) struct Args {
        /// The program and its arguments, as a list.
        argv: Option<Vec<String>>,
        /// The folder to run it in.
        chdir: Option<PathBuf>,
        /// The program and its arguments, as a line; quotes and backslashes work as in a shell.
        cmd: Option<String>,
        /// A path or pattern: when something is there, the program does not run.
        creates: Option<PathBuf>,
        /// Accepted for playbooks that set it, with a warning: no shell is between. It belongs to `shell`.
        executable: Option<PathBuf>,
        /// Whether variables (`$HOME`) and `~` in the arguments are replaced.
        expand_argument_vars: bool = true,
        /// A path or pattern: when nothing is there, the program does not run.
        removes: Option<PathBuf>,
        /// What the program reads.
        stdin: Option<String>,
        /// Whether a line end is added to `stdin`.
        stdin_add_newline: bool = true,
        /// Whether line ends at the end of the output are taken off.
        strip_empty_ends: bool = true,
    }
}

/// The values that `command` and `shell` give back.
pub(super) const RETURNS: &[Return] = &[
    Return { name: "cmd", about: "The command that ran." },
    Return { name: "delta", about: "How long it took, as `0:00:01.250000`." },
    Return { name: "end", about: "When it ended, in the host's local time." },
    Return { name: "rc", about: "Its exit status; minus the signal's number when one ended it." },
    Return { name: "start", about: "When it started, in the host's local time." },
    Return { name: "stderr", about: "What it wrote to standard error." },
    Return { name: "stderr_lines", about: "The same as a list of lines." },
    Return { name: "stdout", about: "What it wrote to standard output." },
    Return { name: "stdout_lines", about: "The same as a list of lines." },
];

/// The module.
pub(super) struct Run;

impl Module for Run {
    const SPEC: &'static Spec = &Spec {
        name: "command",
        summary: "Runs a program on the host.",
        check: Check::Partial,
        free_form: FreeForm::Argument("cmd"),
        rules: &[Rule::OneOf(&["cmd", "argv"]), Rule::Exclusive(&["cmd", "argv"])],
        examples: &[
            Example { about: "Ask for the kernel's version.", task: "command: uname -r" },
            Example {
                about: "Initialize a database unless that has been done.",
                task: "command: {argv: [/opt/db/bin/init, --data, /var/lib/db], creates: /var/lib/db/VERSION}",
            },
        ],
        returns: RETURNS,
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let words = match (&args.argv, &args.cmd) {
            (Some(words), _) => words.clone(),
            (None, line) => {
                let line = line.as_deref().unwrap_or_default();
                shlex::split(line).map_err(|why| {
                    Failure::new(format!("{why}: {line}")).with("cmd", line).with("rc", 2)
                })?
            }
        };
        if words.first().is_none_or(String::is_empty) {
            return Err(Failure::new("no command given").with("rc", 256));
        }
        if let Some(shell) = &args.executable {
            job.warn(format!(
                "The parameter 'executable' is no longer supported with the 'command' module: '{}' is not used.",
                shell.display()
            ));
        }
        let look = job.look();
        let argv = words.iter().map(|word| match args.expand_argument_vars {
            true => system::expand(word, look),
            false => word.clone(),
        });
        let mut command = Command::new(argv);
        command.cwd.clone_from(&args.chdir);
        command.stdin = common::input(args.stdin.as_deref(), args.stdin_add_newline);
        let (creates, removes) = (text(args.creates.as_ref()), text(args.removes.as_ref()));
        let guards = Guards {
            creates: creates.as_deref(),
            removes: removes.as_deref(),
            folder: args.chdir.as_deref(),
            literal: false,
        };
        let shown = Value::from(words);
        common::run(&Task { shown, command, guards, strip: args.strip_empty_ends }, job)
    }
}

/// Returns a path as text.
pub(super) fn text(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.to_string_lossy().into_owned())
}
