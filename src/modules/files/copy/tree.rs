//! A tree below a folder: folders, links and files, of the controller or of the host.

use std::path::{Path, PathBuf};

use super::source::{Means, Source};
use super::{Args, need_folder, one};
use crate::arguments;
use crate::base::{Mode, Value};
use crate::module::{Failure, Job, Outcome};
use crate::modules::files::attributes::{Differences, FileAttributes, Links, describe, state_of};
use crate::modules::files::edit::publish;
use crate::system::{Look, Meta};

arguments! {
    /// One entry of a tree as the controller sends it.
    pub(in crate::modules::files) struct Entry {
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

/// One entry of a tree.
struct Item {
    path: PathBuf,
    what: What,
    mode: Option<Mode>,
}

/// What an entry is.
enum What {
    Folder,
    Link(PathBuf),
    File(Source),
}

/// Puts a tree of the controller below the destination.
pub(super) fn from_controller(
    args: &Args,
    manifest: &[Entry],
    job: &mut Job<'_>,
) -> Result<Outcome, Failure> {
    let item = |entry: &Entry| {
        let what = match (entry.kind.as_str(), entry.blob, &entry.target) {
            ("directory", ..) => What::Folder,
            ("link", _, Some(target)) => What::Link(target.clone()),
            ("file", Some(blob), _) => What::File(Source::Blob(blob as usize)),
            _ => {
                let text = format!("{} is neither file, folder nor link", entry.path.display());
                return Err(Failure::new(text));
            }
        };
        Ok(Item { path: args.dest.join(&entry.path), what, mode: entry.mode.clone() })
    };
    let items = manifest.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    put(args, items, job)
}

/// Copies a folder of the host to another place on it; with a slash at its end what is in it.
pub(super) fn on_host(args: &Args, src: &Path, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let whole = !src.to_string_lossy().ends_with('/');
    let root = match src.file_name() {
        Some(name) if whole => args.dest.join(name),
        _ => args.dest.clone(),
    };
    let mut items = Vec::new();
    let preserve = args.directory_mode.is_none();
    if let Some(meta) = job.look().stat_followed(src)? {
        let mode = Some(Mode::Octal(meta.mode)).filter(|_| preserve);
        items.push(Item { path: root.clone(), what: What::Folder, mode });
    }
    walk(args, src, &root, job.look(), &mut items)?;
    let was_there = exists(&args.dest, job);
    let outcome = put(args, items, job)?;
    // Ansible tells of the folder that is copied, of the destination when only what is in it is, or when it is new.
    let root = if whole && was_there {
        root.display().to_string()
    } else {
        args.dest.display().to_string()
    };
    Ok(outcome
        .with("src", src.display().to_string())
        .with_all(describe(job.look(), Path::new(&root))?)
        .with("dest", root))
}

fn exists(path: &Path, job: &Job<'_>) -> bool {
    matches!(job.look().stat_followed(path), Ok(Some(_)))
}

/// Lists what is in a folder of the host. Modes are preserved unless the playbook names others.
fn walk(
    args: &Args,
    from: &Path,
    to: &Path,
    look: &dyn Look,
    items: &mut Vec<Item>,
) -> Result<(), Failure> {
    // A folder that is copied into itself must not grow for ever.
    if items.iter().any(|item| item.path == from) {
        return Ok(());
    }
    for name in look.list(from)? {
        let (source, path) = (from.join(&name), to.join(&name));
        let Some(here) = look.stat(&source)? else { continue };
        let target = look.stat_followed(&source)?;
        if here.is_link() && (args.local_follow != Some(true) || target.is_none()) {
            let what = What::Link(look.read_link(&source)?);
            items.push(Item { path, what, mode: None });
            continue;
        }
        let Some(meta) = target else { continue };
        let bits = Some(Mode::Octal(meta.mode));
        if meta.is_folder() {
            let mode = bits.filter(|_| args.directory_mode.is_none());
            items.push(Item { path: path.clone(), what: What::Folder, mode });
            walk(args, &source, &path, look, items)?;
        } else if meta.is_file() {
            let mode = bits.filter(|_| args.mode.is_none());
            items.push(Item { path, what: What::File(Source::File(source, meta)), mode });
        }
    }
    Ok(())
}

fn put(args: &Args, items: Vec<Item>, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let args = &with_numbers(args, job)?;
    if items.first().is_none_or(|item| item.path != args.dest) {
        need_folder(&args.dest, &args.folder_attributes(), job)?;
    }
    let mut differing = Vec::new();
    for item in items {
        let own =
            |base: FileAttributes| FileAttributes { mode: item.mode.clone().or(base.mode), ..base };
        match item.what {
            What::Folder => {
                if exists(&item.path, job) {
                    // The mode is for folders that are made.
                    args.with_mode(None).apply(job, &item.path, Links::Follow)?;
                } else {
                    need_folder(&item.path, &own(args.folder_attributes()), job)?;
                }
            }
            What::Link(target) => link(args, &item.path, &target, job)?,
            What::File(source) => {
                let attributes = own(args.attributes(source.mode())?);
                let meta = job.look().stat(&item.path)?;
                if let Some(meta) = &meta {
                    refuse_folder(&item.path, meta)?;
                    if !args.force {
                        continue;
                    }
                }
                let same = meta.filter(|meta| !meta.is_link() || args.follow);
                if source.is_in(&item.path, same.as_ref(), Means::of(job))?.is_some() {
                    attributes.apply(job, &item.path, args.links())?;
                } else {
                    differing.push((item.path, source, attributes));
                }
            }
        }
    }
    write(args, differing, job)?;
    let reason = if job.has_changed() { "" } else { "all files have this content" };
    Ok(Outcome::same(reason).with("dest", args.dest.display().to_string()))
}

/// Returns the arguments with numbers for owner and group: names are looked up once for all files.
fn with_numbers(args: &Args, job: &Job<'_>) -> Result<Args, Failure> {
    match args.with_mode(None).resolved(job.look()) {
        Ok(FileAttributes { other, .. }) => Ok(Args { other, ..args.clone() }),
        // An earlier task would have made the user.
        Err(_) if job.stage().check && !exists(&args.dest, job) => Ok(args.clone()),
        Err(failure) => Err(failure),
    }
}

fn refuse_folder(path: &Path, meta: &Meta) -> Result<(), Failure> {
    if meta.is_folder() {
        let text = format!("cannot write {}: it is a directory", path.display());
        return Err(Failure::new(text).with("dest", path.display().to_string()));
    }
    Ok(())
}

/// Asks for all contents that differ at once, writes them as they come, and gives them their names in the end.
fn write(
    args: &Args,
    differing: Vec<(PathBuf, Source, FileAttributes)>,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    let is_read = |source: &Source| !job.stage().check || one::is_shown(source, job);
    let blobs = differing.iter().filter_map(|(_, source, _)| match source {
        Source::Blob(index) if is_read(source) => Some(*index),
        Source::Blob(_) | Source::File(..) => None,
    });
    let blobs: Vec<usize> = blobs.collect();
    job.blobs().want(&blobs)?;
    let count = differing.len() as u64;
    for (number, (path, source, attributes)) in differing.iter().enumerate() {
        one::prepare(args, source, path, attributes, job)?;
        if number % 100 == 99 {
            job.progress("files", number as u64 + 1, count);
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    let files = differing.iter().map(|(path, _, attributes)| (path.as_path(), attributes));
    publish(job, files, args.links())
}

fn link(args: &Args, path: &Path, target: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    let look = job.look();
    let here = look.stat(path)?;
    if here.as_ref().is_some_and(Meta::is_link) && look.read_link(path)? == target {
        return args.with_mode(None).apply(job, path, Links::Keep).map(drop);
    }
    if let Some(meta) = &here {
        refuse_folder(path, meta)?;
        if !args.force {
            return Ok(());
        }
    }
    let mut notes = Differences::default();
    notes.note("state", here.as_ref().map_or("absent", state_of), "link");
    notes.note_after("src", Value::from(target.display().to_string()));
    job.change(notes.diff(path), |act| {
        if here.is_some() {
            act.remove(path)?;
        }
        Ok(act.make_link(target, path)?)
    })?;
    args.with_mode(None).apply(job, path, Links::Keep).map(drop)
}
