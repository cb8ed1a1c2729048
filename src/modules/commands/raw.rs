//! `raw`: runs a line as a login would, with nothing around it.

use crate::arguments;
use crate::module::{Check, Example, Failure, FreeForm, Job, Module, Outcome, Return, Spec};
use crate::system::Command;

arguments! {
    /// Arguments of `raw`.
    pub(super) struct Args {
        /// The shell, as a path. It is `/bin/sh` when not given.
        executable: Option<String>,
        /// The line.
        free_form: String,
    }
}

/// The module.
pub(super) struct Raw;

impl Module for Raw {
    const SPEC: &'static Spec = &Spec {
        name: "raw",
        summary: "Runs a line on the host as it is.",
        check: Check::Skip,
        free_form: FreeForm::Argument("free_form"),
        examples: &[Example {
            about: "Install something where nothing is yet.",
            task: "raw: apt-get install -y python3",
        }],
        returns: &[
            Return { name: "rc", about: "The exit status." },
            Return { name: "stderr", about: "What the line wrote to standard error." },
            Return { name: "stderr_lines", about: "The same as a list of lines." },
            Return { name: "stdout", about: "What the line wrote to standard output." },
            Return { name: "stdout_lines", about: "The same as a list of lines." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let shell = args.executable.as_deref().unwrap_or("/bin/sh");
        if job.stage().check {
            return Ok(Outcome::skipped("Command would have run if not in check mode"));
        }
        match job.run(&Command::new([shell, "-c", &args.free_form]))? {
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
