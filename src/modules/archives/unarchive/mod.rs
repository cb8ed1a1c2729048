//! `unarchive`: unpacks an archive into a folder. Its twin on the controller (`actions/files/unarchive.rs`) holds the
//! archive ready, or fetches it when it is on a web server.
//!
//! The host's own tools unpack: GNU tar for tar files under any compression, `unzip` for zip files. What is there
//! already is found out by comparing it with the archive first, so a second run unpacks nothing.

mod kind;
mod tar;
mod zip;

use std::path::{Path, PathBuf};

use crate::arguments;
use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::modules::files::attributes::{FileAttributes, Links, describe};

use kind::Kind;

arguments! {
    /// Arguments of `unarchive`.
    pub(super) struct Args {
        /// Whether the archive comes from the controller; `remote_src` says the same the other way round.
        copy: bool = true,
        /// A file whose presence means that nothing has to be done.
        creates: Option<PathBuf>,
        /// Whether a vault on the controller is decrypted.
        decrypt: bool = true,
        /// The folder to unpack into; it has to be there.
        dest: PathBuf,
        /// Members to leave out, as patterns.
        exclude: Vec<String> = Vec::new(),
        /// More options for the program that unpacks.
        extra_opts: Vec<String> = Vec::new(),
        /// Members to unpack; all when empty.
        include: Vec<String> = Vec::new(),
        /// Accepted for playbooks that set it; contents travel in pieces of a fixed size.
        io_buffer_size: i64 = 65536,
        /// Whether files that are newer than those of the archive stay.
        keep_newer: bool = false,
        /// Whether to return the names of the members.
        list_files: bool = false,
        /// Whether `src` is on the host.
        remote_src: bool = false,
        /// The archive.
        src: PathBuf,
        /// Whether certificates are checked when the archive is fetched.
        validate_certs: bool = true,
        /// The name of the archive on the controller.
        _name: Option<String>;
        ..attributes: FileAttributes,
    }
}

/// The module.
pub(super) struct Unarchive;

impl Module for Unarchive {
    const SPEC: &'static Spec = &Spec {
        name: "unarchive",
        summary: "Unpacks an archive into a folder.",
        check: Check::Partial,
        diff: true,
        rules: &[Rule::Exclusive(&["include", "exclude"])],
        examples: &[
            Example {
                about: "Bring an archive and unpack it.",
                task: "unarchive: {src: tool.tar.gz, dest: /opt/tool, owner: root, group: root}",
            },
            Example {
                about: "Unpack an archive that is on the host, without its top folder.",
                task: "unarchive: {src: /tmp/tool.tar.xz, dest: /opt/tool, remote_src: true, extra_opts: [--strip-components=1]}",
            },
        ],
        returns: &[
            Return { name: "dest", about: "The folder." },
            Return { name: "src", about: "The archive." },
            Return {
                name: "handler",
                about: "What unpacked it, in Ansible's words (`TgzArchive`).",
            },
            Return { name: "files", about: "The members, with `list_files`." },
            Return { name: "extract_results", about: "What the program that unpacks said." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(mut args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if args.dest.is_relative() {
            let full = job.look().real_path(Path::new("."))?.join(&args.dest);
            job.warn(format!(
                "Relative destination path '{}' was resolved to absolute path '{}'.",
                args.dest.display(),
                full.display()
            ));
            args.dest = full;
        }
        if let Some(creates) = &args.creates
            && job.look().stat_followed(creates)?.is_some()
        {
            return Ok(Outcome::skipped(format!("skipped, since {} exists", creates.display())));
        }
        let remote = args.remote_src || !args.copy;
        if let Some(outcome) = not_yet(&args, remote, job)? {
            return Ok(outcome);
        }
        let src = if remote { args.src.clone() } else { bring(job)? };
        let shown = match (&args._name, remote) {
            (Some(name), false) => name.clone(),
            _ => args.src.to_string_lossy().into_owned(),
        };
        let kind = Kind::of(job.look(), &src, &shown)?;
        let members = kind.members(&args, &src, job.look())?;
        let differences = kind.differences(&args, &src, &members, job.look())?;
        let mut outcome = Outcome::done();
        if differences.is_empty() {
            outcome.message = "all that is in the archive is in the folder".into();
        } else {
            let results = unpack(kind, &args, &src, &shown, &differences, job)?;
            outcome = outcome.with("extract_results", results);
        }
        own(&args, &members, job)?;
        let outcome = outcome
            .with("dest", args.dest.to_string_lossy().into_owned())
            .with("src", shown)
            .with("handler", kind.handler())
            .with_all(describe(job.look(), &args.dest)?);
        Ok(if args.list_files { outcome.with("files", members) } else { outcome })
    }
}

/// Predicts for what an earlier task would have made; refuses what is missing otherwise.
fn not_yet(args: &Args, remote: bool, job: &mut Job<'_>) -> Result<Option<Outcome>, Failure> {
    let dest = job.look().stat_followed(&args.dest)?;
    let mut missing = None;
    if !dest.is_some_and(|meta| meta.is_folder()) {
        missing = Some(format!("dest '{}' must be an existing dir", args.dest.display()));
    } else if remote && job.look().stat_followed(&args.src)?.is_none() {
        missing = Some(format!("Source '{}' does not exist", args.src.display()));
    }
    match missing {
        None => Ok(None),
        Some(message) if !job.stage().check => Err(Failure::new(message)),
        Some(message) => {
            job.change(Diff::None, |_| Ok(()))?;
            Ok(Some(Outcome { message, ..Outcome::done() }))
        }
    }
}

/// Puts the archive of the controller into a temporary file.
fn bring(job: &Job<'_>) -> Result<PathBuf, Failure> {
    let blobs = job.blobs();
    blobs.want(&[0])?;
    job.aside(|act| {
        let path = act.temporary_folder()?.join("archive");
        act.replace_from(&path, &mut blobs.open(0)?)?;
        Ok(path)
    })
}

fn unpack(
    kind: Kind,
    args: &Args,
    src: &Path,
    shown: &str,
    differences: &[String],
    job: &mut Job<'_>,
) -> Result<Value, Failure> {
    let diff = match job.stage().diff {
        true => Diff::Prepared(differences.join("\n")),
        false => Diff::None,
    };
    let command = kind.extraction(args, src);
    let output = job.change(diff, |act| Ok(act.run(&command)?))?;
    let Some(output) = output else { return Ok(Value::Null) };
    if !kind.is_success(&output) {
        let message =
            format!("failed to unpack {shown} to {}: {}", args.dest.display(), output.err().trim());
        return Err(Failure::program(message, &output));
    }
    Ok(Value::map([
        ("cmd", Value::from(command.argv)),
        ("rc", output.code.into()),
        ("out", output.out().into()),
        ("err", output.err().into()),
    ]))
}

/// Sees to owner, group and mode of all that came out of the archive, and of the folders above within `dest`.
fn own(args: &Args, members: &[String], job: &mut Job<'_>) -> Result<(), Failure> {
    let attributes = &args.attributes;
    if attributes.is_empty() {
        return Ok(());
    }
    let mut paths = std::collections::BTreeSet::new();
    for member in members {
        let inside = Path::new(member).components();
        let mut path = args.dest.clone();
        for part in inside.filter(|part| matches!(part, std::path::Component::Normal(_))) {
            path.push(part);
            paths.insert(path.clone());
        }
    }
    for path in paths {
        attributes.apply(job, &path, Links::Keep)?;
    }
    Ok(())
}
