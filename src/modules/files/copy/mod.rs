//! `copy`: puts contents into files. Its twin on the controller (`actions/files/copy.rs`) holds the contents ready.
//!
//! A single content is the first blob of the request, named by `_name`. A tree comes as a list of entries (`_manifest`):
//! sizes are compared first, digests of equal sizes next, and only what differs is asked for, all at once. With
//! `remote_src` source and destination are both on the host.

mod one;
mod source;
mod tree;

use std::path::{Path, PathBuf};

use super::attributes::{Differences, FileAttributes, Links, OtherAttributes};
use super::edit::{make_folders, missing_folders};
use crate::arguments;
use crate::base::{Mode, Value};
use crate::module::{Argument, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};

use source::Source;

arguments! {
    /// Arguments of `copy`.
    pub(super) struct Args {
        /// The file or folder to copy: on the controller, or on the host with `remote_src`.
        src: Option<PathBuf>,
        /// What to put into the file, instead of `src`.
        content: Option<String>,
        /// The file or folder to copy to; with a slash at its end it is a folder.
        dest: PathBuf,
        /// Whether the file that is replaced is kept.
        backup: bool = false,
        /// Whether a file that is there is replaced.
        force: bool = true,
        /// The command that checks the new file; `%s` is its path.
        validate: Option<String>,
        /// The mode of folders that are made.
        directory_mode: Option<Mode>,
        /// Whether `src` is on the host.
        remote_src: bool = false,
        /// Whether a link at `dest` is followed.
        follow: bool = false,
        /// Whether links in a tree that is copied are followed.
        local_follow: Option<bool>,
        /// The SHA-1 that the content has to have.
        checksum: Option<String>,
        /// Whether a vault on the controller is decrypted.
        decrypt: bool = true,
        /// The mode of files: octal, symbolic, or `preserve` for that of the source.
        mode: Option<Value>,
        /// The name of the content, for a `dest` that is a folder.
        _name: Option<String>,
        /// What a tree consists of.
        _manifest: Option<Vec<tree::Entry>>;
        ..other: OtherAttributes,
    }
}

/// The module.
pub(super) struct Copy;

impl Module for Copy {
    const SPEC: &'static Spec = &Spec {
        name: "copy",
        summary: "Puts a file or a tree on to the host.",
        diff: true,
        rules: &[Rule::Exclusive(&["src", "content"])],
        examples: &[
            Example {
                about: "Copy a file.",
                task: "copy: {src: redis.conf, dest: /etc/redis.conf, mode: '0640'}",
            },
            Example {
                about: "Write a text.",
                task: "copy: {content: \"hello\\n\", dest: /etc/motd}",
            },
        ],
        returns: &[
            Return { name: "backup_file", about: "The file that was kept." },
            Return { name: "checksum", about: "The SHA-1 of the content." },
            Return { name: "dest", about: "The file." },
            Return { name: "md5sum", about: "The MD5 of the content, when it was copied." },
            Return { name: "src", about: "The source, with `remote_src` and for trees." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if let Some(manifest) = &args._manifest {
            return tree::from_controller(&args, manifest, job);
        }
        if !args.remote_src {
            let name = args._name.as_deref().unwrap_or_default();
            return one::copy(&args, &Source::Blob(0), name, job);
        }
        let Some(src) = &args.src else {
            return Err(Failure::new("src (or content) is required"));
        };
        let Some(meta) = job.look().stat_followed(src)? else {
            return Err(Failure::new(format!("Source {} not found", src.display())));
        };
        if !job.look().access(src, 4) {
            return Err(Failure::new(format!("Source {} not readable", src.display())));
        }
        if meta.is_folder() {
            return tree::on_host(&args, src, job);
        }
        let name = src.file_name().unwrap_or_default().to_string_lossy().into_owned();
        one::copy(&args, &Source::File(src.clone(), meta), &name, job)
    }
}

impl Args {
    /// Returns the attributes of files; `preserved` is the mode of the source.
    fn attributes(&self, preserved: Option<u32>) -> Result<FileAttributes, Failure> {
        let mode = match &self.mode {
            Some(mode) if mode.as_str() == Some("preserve") => preserved.map(Mode::Octal),
            Some(mode) => Some(Mode::from_value(mode).map_err(|error| error.of("mode"))?),
            None => None,
        };
        Ok(self.with_mode(mode))
    }

    /// Returns the attributes of folders.
    fn folder_attributes(&self) -> FileAttributes {
        self.with_mode(self.directory_mode.clone())
    }

    fn with_mode(&self, mode: Option<Mode>) -> FileAttributes {
        FileAttributes { mode, other: self.other.clone() }
    }

    fn links(&self) -> Links {
        if self.follow { Links::Follow } else { Links::Keep }
    }
}

/// Makes a folder and those above it, when it is missing, each with the attributes.
fn need_folder(
    folder: &Path,
    attributes: &FileAttributes,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    if missing_folders(job.look(), folder)?.is_empty() {
        return Ok(());
    }
    let mut notes = Differences::default();
    notes.note("state", "absent", "directory");
    notes.wish(attributes);
    job.change(notes.diff(folder), |act| {
        for made in make_folders(act, folder)? {
            attributes.settle(act, &made, Links::Follow)?;
        }
        Ok(())
    })
    .map(drop)
}
