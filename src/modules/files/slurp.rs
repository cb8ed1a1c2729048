//! `slurp`: returns the content of a file, in base64.

use std::path::PathBuf;

use base64::Engine;

use crate::arguments;
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};

arguments! {
    /// Arguments of `slurp`.
    pub(super) struct Args {
        /// The file.
        src ["path"]: PathBuf,
    }
}

/// The module.
pub(super) struct Slurp;

impl Module for Slurp {
    const SPEC: &'static Spec = &Spec {
        name: "slurp",
        summary: "Returns the content of a file, in base64.",
        examples: &[Example { about: "Read a key.", task: "slurp: {src: /etc/ssl/site.pem}" }],
        returns: &[
            Return { name: "content", about: "The content in base64." },
            Return { name: "encoding", about: "Always `base64`." },
            Return { name: "source", about: "The file." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let shown = args.src.to_string_lossy().into_owned();
        let meta = job.look().stat_followed(&args.src)?;
        if meta.is_some_and(|meta| meta.is_folder()) {
            return Err(Failure::new(format!("Source is a directory and must be a file: {shown}")));
        }
        let Some(content) = job.look().read(&args.src)? else {
            return Err(Failure::new(format!("File not found: {shown}")));
        };
        let text = base64::engine::general_purpose::STANDARD.encode(content);
        Ok(Outcome::done().with("content", text).with("encoding", "base64").with("source", shown))
    }
}
