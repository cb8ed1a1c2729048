//! `tempfile`: makes a temporary file or folder and tells where it is.

use std::path::PathBuf;

use crate::module::{Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::Command;
use crate::{arguments, choices};

choices! {
    /// What to make.
    pub(super) enum State { File = "file", Directory = "directory" }
}

arguments! {
    /// Arguments of `tempfile`.
    pub(super) struct Args {
        /// What to make.
        state: State = State::File,
        /// The folder to make it in; that of the system when not given.
        path: Option<PathBuf>,
        /// What its name begins with.
        prefix: String = "ansible.".into(),
        /// What its name ends with.
        suffix: String = String::new(),
    }
}

/// The module.
pub(super) struct Tempfile;

impl Module for Tempfile {
    const SPEC: &'static Spec = &Spec {
        name: "tempfile",
        summary: "Makes a temporary file or folder.",
        examples: &[Example {
            about: "Make a folder to unpack in.",
            task: "tempfile: {state: directory, suffix: .build}",
        }],
        returns: &[Return { name: "path", about: "Where it is." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let folder = args.path.map_or_else(
            || job.look().env("TMPDIR").unwrap_or_else(|| "/tmp".into()),
            |path| path.to_string_lossy().into_owned(),
        );
        let template = format!("{folder}/{}XXXXXXXX{}", args.prefix, args.suffix);
        let mut words = vec!["mktemp".to_owned()];
        if args.state == State::Directory {
            words.push("-d".into());
        }
        words.push(template);
        let made = job.change(Diff::None, |act| {
            let output = act.run(&Command::new(words))?;
            if output.success() {
                Ok(output.out().trim().to_owned())
            } else {
                Err(Failure::program("cannot make it", &output))
            }
        })?;
        let Some(path) = made else { return Ok(Outcome::done()) };
        let values = super::attributes::describe(job.look(), std::path::Path::new(&path))?;
        Ok(Outcome::done().with_all(values).with("path", path))
    }
}
