//! `fetch`: sends a file to the controller. Its twin there (`actions/files/fetch.rs`) keeps it.

use std::io::Read;
use std::path::PathBuf;

use crate::arguments;
use crate::module::{Check, Example, Failure, Job, Module, Outcome, Spec};
use crate::system::{self, Digest};

/// How much is read at a time, in bytes.
const CHUNK: usize = 128 * 1024;

arguments! {
    /// Arguments between the action and the module.
    pub(super) struct Args {
        /// The file.
        src: PathBuf,
        /// The digest of what the controller has.
        _sha1: Option<String>,
    }
}

/// The module.
pub(super) struct Fetch;

impl Module for Fetch {
    const SPEC: &'static Spec = &Spec {
        name: "fetch",
        summary: "Sends a file to the controller.",
        check: Check::Full,
        examples: &[Example { about: "Keep the logs.", task: "fetch: {src: /var/log/app.log}" }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let shown = args.src.to_string_lossy().into_owned();
        let missing =
            |text: &str| Failure::new(text).with("missing", true).with("file", shown.as_str());
        let unreadable = |error: system::Error| {
            let reason = match error.kind() {
                std::io::ErrorKind::PermissionDenied => format!("Permission denied: `{shown}`"),
                _ => error.to_string(),
            };
            missing(&format!("File is not readable: {reason}"))
        };
        let Some(meta) = job.look().stat_followed(&args.src).map_err(unreadable)? else {
            return Err(missing("the remote file does not exist"));
        };
        if meta.is_folder() {
            return Err(missing("remote file is a directory, fetch cannot work on directories"));
        }
        let digest = job.look().digest(&args.src, Digest::Sha1).map_err(unreadable)?;
        if args._sha1.as_deref() != Some(digest.as_str()) {
            let mut file = job.look().open(&args.src)?;
            let mut buffer = vec![0; CHUNK];
            let mut sent = 0;
            loop {
                let length = file
                    .read(&mut buffer)
                    .map_err(|error| Failure::new(format!("cannot read {shown}: {error}")))?;
                if length == 0 {
                    break;
                }
                job.watcher().send(&buffer[..length])?;
                sent += length as u64;
                if meta.size > 16 * CHUNK as u64 {
                    job.progress(&shown, sent, meta.size);
                }
            }
        }
        Ok(Outcome::done().with("checksum", digest).with("size", meta.size))
    }
}
