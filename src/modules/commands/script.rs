//! `script`: runs a script of the controller. The action of the same name finds the script and hands its content over.

use std::path::{Path, PathBuf};

use super::common::Guards;
use crate::arguments;
use crate::base::shlex;
use crate::module::{Check, Diff, Example, Failure, FreeForm, Job, Module, Outcome, Return, Spec};
use crate::system::Command;

arguments! {
    /// Arguments of `script`.
    pub(super) struct Args {
        /// The words after the script's name, as they are written.
        _arguments: String = String::new(),
        /// The script's file name.
        _name: String = "script".into(),
        /// The folder on the host to run it in.
        chdir: Option<String>,
        /// The script on the controller, and its arguments.
        cmd: Option<String>,
        /// A path or pattern on the host: when something is there, the script does not run.
        creates: Option<String>,
        /// Whether a vaulted script is decrypted first.
        decrypt: bool = true,
        /// The program that reads the script, with its options; the script's first line decides when not given.
        executable: Option<String>,
        /// A path or pattern on the host: when nothing is there, the script does not run.
        removes: Option<String>,
    }
}

/// The module.
pub(super) struct Script;

impl Module for Script {
    const SPEC: &'static Spec = &Spec {
        name: "script",
        summary: "Runs a script of the controller on the host.",
        check: Check::Partial,
        free_form: FreeForm::Argument("cmd"),
        examples: &[
            Example {
                about: "Run a script with arguments.",
                task: "script: files/setup.sh --quiet \"two words\"",
            },
            Example {
                about: "Run it once.",
                task: "script: {cmd: files/setup.sh, creates: /etc/setup.done, executable: /bin/bash}",
            },
        ],
        returns: &[
            Return { name: "rc", about: "The exit status." },
            Return { name: "stderr", about: "What the script wrote to standard error." },
            Return { name: "stderr_lines", about: "The same as a list of lines." },
            Return { name: "stdout", about: "What the script wrote to standard output." },
            Return { name: "stdout_lines", about: "The same as a list of lines." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let folder = args.chdir.as_deref().map(Path::new);
        let guards = Guards {
            creates: args.creates.as_deref(),
            removes: args.removes.as_deref(),
            folder,
            literal: true,
        };
        if let Some(reason) = guards.reason(job.look())? {
            return Ok(Outcome::skipped(reason.matching()));
        }
        if job.stage().check && !guards.any() {
            return Ok(Outcome::skipped("Command would have run if not in check mode"));
        }
        if let Some(folder) = folder
            && !job.look().stat_followed(folder)?.is_some_and(|meta| meta.is_folder())
        {
            return Err(Failure::new(format!(
                "Unable to change directory before execution: `{}` is no folder",
                folder.display()
            )));
        }
        let (blobs, watcher) = (job.blobs(), job.watcher());
        let output = job.change(Diff::None, |act| {
            let path = act.temporary_folder()?.join(file_name(&args));
            act.replace_from(&path, &mut *blobs.open(0)?)?;
            act.set_mode(&path, 0o700)?;
            let mut command = Command::new(["/bin/sh", "-c", &line(&args, &path)]);
            command.cwd = folder.map(PathBuf::from);
            let mut watch = |channel, bytes: &[u8]| watcher.output(channel, bytes);
            Ok(act.run_watched(&command, &mut watch)?)
        })?;
        match output {
            Some(output) if !output.success() => {
                Err(Failure::program("non-zero return code", &output))
            }
            Some(output) => Ok(Outcome::done()
                .with("rc", output.code)
                .with("stdout", output.out())
                .with("stderr", output.err())),
            None => Ok(Outcome::done()),
        }
    }
}

fn file_name(args: &Args) -> &str {
    Path::new(&args._name).file_name().and_then(|name| name.to_str()).unwrap_or("script")
}

/// Returns the line for the shell, which runs a script without a first line `#!` by itself.
fn line(args: &Args, path: &Path) -> String {
    let script = shlex::quote(&path.to_string_lossy());
    let words = [args.executable.as_deref().unwrap_or_default(), &script, &args._arguments];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
