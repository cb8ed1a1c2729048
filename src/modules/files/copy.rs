//! `copy`: puts contents into files. Its twin on the controller (`actions/files/copy.rs`) holds the contents ready.
//!
//! With `remote_src` source and destination are both here. A tree comes as a manifest (`_manifest`): sizes are compared
//! first, digests of equal sizes next, and only what differs is asked for.

use std::path::{Path, PathBuf};

use super::attributes::{FileAttributes, Links, describe, states};
use super::edit::{backup, put, validate};
use crate::arguments;
use crate::base::{Map, Mode, Value};
use crate::module::{Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Digest, Meta};

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
        /// Whether links in a tree on the controller are followed.
        local_follow: Option<bool>,
        /// The SHA-1 that the content has to have.
        checksum: Option<String>,
        /// Whether a vault on the controller is decrypted.
        decrypt: bool = true,
        /// The mode, which may be `preserve`.
        mode: Option<Value>,
        /// The name of the content, for a `dest` that is a folder.
        _name: Option<String>,
        /// What a tree consists of.
        _manifest: Option<Vec<Entry>>;
        ..shared: SharedAttributes,
    }
}

arguments! {
    /// What all modules for files take, but for the mode, which is `preserve` at times.
    pub(super) struct SharedAttributes {
        /// The owner: a name or a number.
        owner: Option<String>,
        /// The group: a name or a number.
        group: Option<String>,
        /// Attributes as `chattr` takes them.
        attributes ["attr"]: Option<String>,
        /// The level of the SELinux context.
        selevel: Option<String>,
        /// The role of the SELinux context.
        serole: Option<String>,
        /// The type of the SELinux context.
        setype: Option<String>,
        /// The user of the SELinux context.
        seuser: Option<String>,
        /// Whether a file that cannot be replaced may be written in place, which is not atomic.
        unsafe_writes: bool = false,
    }
}

arguments! {
    /// One entry of a tree.
    pub(super) struct Entry {
        /// Its path below the destination.
        path: PathBuf,
        /// `directory`, `file` or `link`.
        kind: String,
        /// The number of its content.
        blob: Option<u32>,
        /// What a link leads to.
        target: Option<PathBuf>,
        /// Its mode.
        mode: Option<Mode>,
    }
}

/// The module.
pub(super) struct Copy;

impl Module for Copy {
    const SPEC: &'static Spec = &Spec {
        name: "copy",
        summary: "Puts a file or a tree on to the host.",
        diff: true,
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
            Return { name: "dest", about: "The file." },
            Return { name: "checksum", about: "The SHA-1 of its content." },
            Return { name: "backup_file", about: "The file that was kept." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if let Some(manifest) = &args._manifest {
            return tree(&args, manifest, job);
        }
        if !args.remote_src {
            let source = Source::Blob(0);
            return one(&args, &source, args._name.as_deref().unwrap_or_default(), job);
        }
        let Some(src) = args.src.clone() else {
            return Err(Failure::new("src (or content) is required"));
        };
        let Some(meta) = job.look().stat_followed(&src)? else {
            return Err(Failure::new(format!("Source {} not found", src.display())));
        };
        if meta.is_folder() {
            return remote_tree(&args, &src, job);
        }
        let name = src.file_name().unwrap_or_default().to_string_lossy().into_owned();
        one(&args, &Source::File(src, meta), &name, job)
    }
}

/// Where a content is.
enum Source {
    /// The controller holds it.
    Blob(usize),
    /// It is a file of the host.
    File(PathBuf, Meta),
}

impl Source {
    fn size(&self, job: &Job<'_>) -> u64 {
        match self {
            Self::Blob(index) => job.blobs().size(*index),
            Self::File(_, meta) => meta.size,
        }
    }

    fn sha1(&self, job: &Job<'_>) -> Result<String, Failure> {
        match self {
            Self::Blob(index) => job.blobs().sha1(*index),
            Self::File(path, _) => Ok(job.look().digest(path, Digest::Sha1)?),
        }
    }

    fn open<'a>(&self, job: &Job<'a>) -> Result<Box<dyn std::io::Read + 'a>, Failure> {
        match self {
            Self::Blob(index) => job.blobs().open(*index),
            Self::File(path, _) => Ok(job.look().open(path)?),
        }
    }

    fn read(&self, job: &Job<'_>) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = self.open(job)?.read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(format!("the content broke off: {error}")))?;
        Ok(bytes)
    }
}

/// Texts up to this size are compared and shown as a whole, in bytes.
const SHOWN: u64 = 512 * 1024;

/// Puts one content into one file.
fn one(args: &Args, source: &Source, name: &str, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let look = job.look();
    let text = args.dest.to_string_lossy().into_owned();
    let is_folder = look.stat_followed(&args.dest)?.is_some_and(|meta| meta.is_folder());
    let dest = if is_folder || text.ends_with('/') {
        if !is_folder {
            make_folders(args, &args.dest, job)?;
        }
        if name.is_empty() {
            return Err(Failure::new("can not use content with a dir as dest").with("dest", text));
        }
        args.dest.join(name)
    } else {
        args.dest.clone()
    };
    let dest = if args.follow { look.real_path(&dest)? } else { dest };
    if let Some(wanted) = &args.checksum {
        let got = source.sha1(job)?;
        if got != *wanted {
            let text = "Copied file does not match the expected checksum. Transfer failed.";
            return Err(Failure::new(text)
                .with("checksum", got)
                .with("expected_checksum", wanted.as_str()));
        }
    }
    check_parent(&dest, job)?;
    let before = look.stat(&dest)?;
    let mut kept = None;
    let mut digest = None;
    let differs = match &before {
        Some(_) if !args.force => false,
        Some(meta) if meta.is_link() && !args.follow => {
            look.stat_followed(&dest)?.is_none_or(|meta| meta.is_file()) && {
                !same(&dest, look.stat_followed(&dest)?.as_ref(), source, job, &mut digest)?
            }
        }
        Some(meta) if meta.is_folder() => {
            return Err(Failure::new(format!(
                "cannot write {}: it is a directory",
                dest.display()
            )));
        }
        Some(meta) => !same(&dest, Some(meta), source, job, &mut digest)?,
        None => true,
    };
    if differs {
        kept = write(args, &dest, before.as_ref(), source, job)?;
    }
    attributes(args, source, &dest, job)?;
    report(args, &dest, kept, digest, source, job)
}

/// Returns whether a file has this content already: by size, then by digest.
fn same(
    path: &Path,
    meta: Option<&Meta>,
    source: &Source,
    job: &Job<'_>,
    digest: &mut Option<String>,
) -> Result<bool, Failure> {
    if !meta.is_some_and(|meta| meta.is_file() && meta.size == source.size(job)) {
        return Ok(false);
    }
    let here = job.look().digest(path, Digest::Sha1)?;
    let same = here == source.sha1(job)?;
    *digest = same.then_some(here);
    Ok(same)
}

fn write(
    args: &Args,
    dest: &Path,
    before: Option<&Meta>,
    source: &Source,
    job: &mut Job<'_>,
) -> Result<Option<PathBuf>, Failure> {
    let small = source.size(job) <= SHOWN;
    let content = if small && (job.stage().diff || args.validate.is_some()) {
        Some(source.read(job)?)
    } else {
        None
    };
    if let (Some(command), Some(content)) = (&args.validate, &content) {
        validate(job, command, content)?;
    }
    let kept =
        if args.backup && before.is_some_and(Meta::is_file) { backup(job, dest)? } else { None };
    let diff = difference(dest, before, content.as_deref(), job)?;
    let in_place = args.shared.unsafe_writes;
    let opened =
        if content.is_none() && !job.stage().check { Some(source.open(job)?) } else { None };
    job.change(diff, |act| match (content, opened) {
        (Some(content), _) => put(act, dest, &content, in_place),
        (None, Some(mut stream)) => Ok(act.replace_from(dest, &mut stream).map(drop)?),
        (None, None) => Ok(()),
    })?;
    Ok(kept)
}

fn difference(
    dest: &Path,
    before: Option<&Meta>,
    content: Option<&[u8]>,
    job: &Job<'_>,
) -> Result<Diff, Failure> {
    if !job.stage().diff {
        return Ok(Diff::None);
    }
    let old = match before {
        Some(meta) if meta.size <= SHOWN => job.look().read(dest)?,
        Some(_) => Some(b"(the file is too large to show)\n".to_vec()),
        None => None,
    };
    let new = content.unwrap_or(b"(the file is too large to show)\n");
    Ok(Diff::content(dest, old.as_deref(), new))
}

fn attributes(args: &Args, source: &Source, dest: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    let wanted = file_attributes(args, mode_of(args, source)?);
    let links = if args.follow { Links::Follow } else { Links::Keep };
    wanted.apply(job, dest, links)
}

fn file_attributes(args: &Args, mode: Option<Mode>) -> FileAttributes {
    let shared = &args.shared;
    FileAttributes {
        owner: shared.owner.clone(),
        group: shared.group.clone(),
        mode,
        attributes: shared.attributes.clone(),
        selevel: shared.selevel.clone(),
        serole: shared.serole.clone(),
        setype: shared.setype.clone(),
        seuser: shared.seuser.clone(),
        unsafe_writes: shared.unsafe_writes,
    }
}

/// Returns the mode; `preserve` is that of the source, which is here only with `remote_src`.
fn mode_of(args: &Args, source: &Source) -> Result<Option<Mode>, Failure> {
    use crate::module::Argument;
    match (&args.mode, source) {
        (None, _) => Ok(None),
        (Some(mode), Source::File(_, meta)) if mode.as_str() == Some("preserve") => {
            Ok(Some(Mode::Octal(meta.mode)))
        }
        (Some(mode), Source::Blob(_)) if mode.as_str() == Some("preserve") => Ok(None),
        (Some(mode), _) => Ok(Some(Mode::from_value(mode).map_err(|error| error.of("mode"))?)),
    }
}

fn check_parent(dest: &Path, job: &Job<'_>) -> Result<(), Failure> {
    let Some(parent) = dest.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    match job.look().stat_followed(parent)? {
        Some(meta) if meta.is_folder() => Ok(()),
        // In check mode an earlier task would have made it.
        _ if job.stage().check => Ok(()),
        _ => {
            Err(Failure::new(format!("Destination directory {} does not exist", parent.display()))
                .with("dest", dest.display().to_string()))
        }
    }
}

fn make_folders(args: &Args, folder: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let mut path = folder;
    while job.look().stat_followed(path)?.is_none() {
        missing.push(path.to_owned());
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => path = parent,
            _ => break,
        }
    }
    for folder in missing.iter().rev() {
        let diff = states(folder, [("state", "absent".into())], [("state", "directory".into())]);
        job.change(diff, |act| Ok(act.make_folder(folder)?))?;
        if !job.stage().check {
            let mode = args.directory_mode.clone();
            file_attributes(args, mode).apply(job, folder, Links::Follow)?;
        }
    }
    Ok(())
}

fn report(
    args: &Args,
    dest: &Path,
    kept: Option<PathBuf>,
    digest: Option<String>,
    source: &Source,
    job: &Job<'_>,
) -> Result<Outcome, Failure> {
    let mut values = Map::from_iter([("dest", Value::from(dest.display().to_string()))]);
    if let (Some(src), true) = (&args.src, args.remote_src) {
        values.insert("src", src.display().to_string().into());
    }
    if !job.stage().check || job.look().stat(dest)?.is_some() {
        values.extend(describe(job.look(), dest)?);
    }
    let digest = match digest {
        Some(digest) => Some(digest),
        // A large content is not read once more only to tell its digest.
        None if source.size(job) <= SHOWN => source.sha1(job).ok(),
        None => None,
    };
    if let Some(digest) = digest {
        values.insert("checksum", digest.into());
    }
    if let Some(kept) = kept {
        values.insert("backup_file", kept.display().to_string().into());
    }
    Ok(Outcome::done().with_all(values))
}

/// Puts a tree below the destination.
fn tree(args: &Args, manifest: &[Entry], job: &mut Job<'_>) -> Result<Outcome, Failure> {
    if job.look().stat_followed(&args.dest)?.is_none() {
        make_folders(args, &args.dest, job)?;
    }
    let mut wanted = Vec::new();
    for entry in manifest {
        let path = args.dest.join(&entry.path);
        match (entry.kind.as_str(), entry.blob) {
            ("directory", _) => {
                make_folders(args, &path, job)?;
                let mode = entry.mode.clone().or_else(|| args.directory_mode.clone());
                file_attributes(args, mode).apply(job, &path, Links::Follow)?;
            }
            ("link", _) => link(&path, entry.target.as_deref().unwrap_or(Path::new("")), job)?,
            (_, Some(blob)) => {
                let source = Source::Blob(blob as usize);
                let meta = job.look().stat_followed(&path)?;
                let skip = meta.is_some() && !args.force;
                if !skip && !same(&path, meta.as_ref(), &source, job, &mut None)? {
                    wanted.push((path.clone(), blob as usize, meta));
                } else {
                    tree_attributes(args, entry, &path, job)?;
                }
            }
            _ => {
                return Err(Failure::new(format!(
                    "{} is neither file, folder nor link",
                    entry.path.display()
                )));
            }
        }
    }
    send(args, manifest, wanted, job)?;
    let mut values = Map::from_iter([("dest", Value::from(args.dest.display().to_string()))]);
    values.extend(describe(job.look(), &args.dest)?);
    Ok(Outcome::done().with_all(values))
}

/// Asks for all contents that differ at once, and writes them as they come.
fn send(
    args: &Args,
    manifest: &[Entry],
    wanted: Vec<(PathBuf, usize, Option<Meta>)>,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    if !job.stage().check && !job.stage().diff {
        let indexes: Vec<usize> = wanted.iter().map(|(_, blob, _)| *blob).collect();
        job.blobs().want(&indexes)?;
    }
    let count = wanted.len() as u64;
    for (number, (path, blob, before)) in wanted.into_iter().enumerate() {
        write(args, &path, before.as_ref(), &Source::Blob(blob), job)?;
        let entry = manifest.iter().find(|entry| entry.blob == u32::try_from(blob).ok());
        if let Some(entry) = entry {
            tree_attributes(args, entry, &path, job)?;
        }
        if number % 100 == 99 {
            job.progress("files", number as u64 + 1, count);
        }
    }
    Ok(())
}

fn tree_attributes(
    args: &Args,
    entry: &Entry,
    path: &Path,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    let mode = match &entry.mode {
        Some(mode) => Some(mode.clone()),
        None => mode_of(args, &Source::Blob(0))?,
    };
    file_attributes(args, mode).apply(job, path, Links::Follow)
}

fn link(path: &Path, target: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    let here = job.look().stat(path)?;
    if here.as_ref().is_some_and(Meta::is_link) && job.look().read_link(path)? == target {
        return Ok(());
    }
    let diff = states(path, [("state", "absent".into())], [("state", "link".into())]);
    let exists = here.is_some();
    job.change(diff, |act| {
        if exists {
            act.remove(path)?;
        }
        Ok(act.make_link(target, path)?)
    })
    .map(drop)
}

/// Copies a folder of the host to another place on it.
fn remote_tree(args: &Args, src: &Path, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let whole = !src.to_string_lossy().ends_with('/');
    let exists = job.look().stat_followed(&args.dest)?.is_some();
    let root = match src.file_name() {
        Some(name) if whole && exists => args.dest.join(name),
        _ => args.dest.clone(),
    };
    copy_folder(args, src, &root, job)?;
    let mut values = Map::from_iter([
        ("dest", Value::from(args.dest.display().to_string())),
        ("src", src.display().to_string().into()),
    ]);
    if job.look().stat(&args.dest)?.is_some() {
        values.extend(describe(job.look(), &args.dest)?);
    }
    Ok(Outcome::done().with_all(values))
}

fn copy_folder(args: &Args, src: &Path, dest: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    make_folders(args, dest, job)?;
    for name in job.look().list(src)? {
        let (from, to) = (src.join(&name), dest.join(&name));
        let meta = if args.local_follow == Some(false) {
            job.look().stat(&from)?
        } else {
            job.look().stat_followed(&from)?
        };
        let Some(meta) = meta else { continue };
        if meta.is_folder() {
            copy_folder(args, &from, &to, job)?;
        } else if meta.is_link() {
            let target = job.look().read_link(&from)?;
            link(&to, &target, job)?;
        } else if meta.is_file() {
            let source = Source::File(from, meta);
            let before = job.look().stat_followed(&to)?;
            let skip = before.is_some() && !args.force;
            if !skip && !same(&to, before.as_ref(), &source, job, &mut None)? {
                write(args, &to, before.as_ref(), &source, job)?;
            }
            attributes(args, &source, &to, job)?;
        }
    }
    Ok(())
}
