//! One content into one file.

use std::cell::RefCell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::source::{Means, Source, Summed};
use super::{Args, need_folder};
use crate::base::{Map, Mode, Value};
use crate::module::{Diff, Failure, Job, Outcome};
use crate::modules::files::attributes::{FileAttributes, describe};
use crate::modules::files::edit::{Writing, Written};
use crate::system::{Digest, Digester, Look, Meta};

/// Texts up to this size are shown as a difference, in bytes.
const SHOWN: u64 = 104_448;

/// Contents up to this size are read again to tell their MD5, in bytes.
const DIGESTED: u64 = 64 * 1024 * 1024;

/// Puts a content where `dest` says.
pub(super) fn copy(
    args: &Args,
    source: &Source,
    name: &str,
    job: &mut Job<'_>,
) -> Result<Outcome, Failure> {
    let means = Means::of(job);
    check_digest(args, source, means)?;
    let dest = destination(args, name, job)?;
    let before = job.look().stat(&dest)?;
    if before.is_some() && !args.force {
        return Ok(Outcome::same("file already exists")
            .with_all(base_values(args, &dest))
            .with_all(describe(job.look(), &dest)?));
    }
    if before.as_ref().is_some_and(Meta::is_folder) {
        let text = format!("cannot write {}: it is a directory", dest.display());
        return Err(Failure::new(text).with("dest", dest.display().to_string()));
    }
    let mut attributes = args.attributes(source.mode())?;
    let meta = before.as_ref().filter(|meta| !meta.is_link());
    match source.is_in(&dest, meta, means)? {
        Some(digest) => {
            attributes.apply(job, &dest, args.links())?;
            report(args, &dest, Some(digest), &Written::default(), job)
        }
        None => {
            // A file of the host brings its mode along when it replaces another.
            if let (Source::File(_, from), None, Some(_)) = (source, &attributes.mode, &before) {
                attributes.mode = Some(Mode::Octal(from.mode));
            }
            let sum = Rc::new(RefCell::new(Digester::new(Digest::Sha1)));
            let written = put(args, source, &dest, &attributes, &sum, job)?;
            let digest = match job.stage().check {
                true => source.sha1(means).ok(),
                false => Some(sum.borrow_mut().finish()),
            };
            report(args, &dest, digest, &written, job)
        }
    }
}

/// Writes a content that differs.
fn put(
    args: &Args,
    source: &Source,
    dest: &Path,
    attributes: &FileAttributes,
    sum: &Rc<RefCell<Digester>>,
    job: &mut Job<'_>,
) -> Result<Written, Failure> {
    let means = Means::of(job);
    let (diff, content) = difference(source, dest, job)?;
    writing(args, dest, attributes)
        .write(job, diff, || Ok(Box::new(Summed::new(opened(content, source, dest, means)?, sum))))
        .map_err(terse)
}

/// Ansible's `copy` says less of a refused file than the editors do; what the program wrote is registered beside it.
fn terse(mut failure: Failure) -> Failure {
    if failure.message.starts_with("failed to validate") {
        failure.message = "failed to validate".into();
    }
    failure
}

/// Writes a content that differs and waits for its name until all are published.
pub(super) fn prepare(
    args: &Args,
    source: &Source,
    dest: &Path,
    attributes: &FileAttributes,
    job: &mut Job<'_>,
) -> Result<(), Failure> {
    let means = Means::of(job);
    let (diff, content) = difference(source, dest, job)?;
    let writing = writing(args, dest, attributes);
    let prepared = writing.prepare(job, diff, || opened(content, source, dest, means));
    prepared.map(drop).map_err(terse)
}

fn writing<'a>(args: &'a Args, dest: &'a Path, attributes: &'a FileAttributes) -> Writing<'a> {
    Writing {
        path: dest,
        links: args.links(),
        backup: args.backup,
        validate: args.validate.as_deref(),
        attributes,
    }
}

/// Returns a reader of a content, which was read already when its difference is shown.
fn opened<'a>(
    content: Option<Vec<u8>>,
    source: &Source,
    dest: &Path,
    means: Means<'a>,
) -> Result<Box<dyn Read + 'a>, Failure> {
    match content {
        Some(content) => Ok(Box::new(std::io::Cursor::new(content))),
        None => source.open(dest, means),
    }
}

/// Returns whether the difference of a content will be shown, which needs the content in check mode too.
pub(super) fn is_shown(source: &Source, job: &Job<'_>) -> bool {
    job.stage().diff && source.size(Means::of(job)) <= SHOWN
}

fn difference(
    source: &Source,
    dest: &Path,
    job: &Job<'_>,
) -> Result<(Diff, Option<Vec<u8>>), Failure> {
    if !job.stage().diff {
        return Ok((Diff::None, None));
    }
    let means = Means::of(job);
    let large = || b"(the file is too large to show)\n".to_vec();
    let old = match job.look().stat_followed(dest)? {
        Some(meta) if meta.size <= SHOWN && meta.is_file() => job.look().read(dest)?,
        Some(_) => Some(large()),
        None => None,
    };
    let content = if is_shown(source, job) { Some(source.read(dest, means)?) } else { None };
    let new = content.clone().unwrap_or_else(large);
    Ok((Diff::content(dest, old.as_deref(), &new), content))
}

fn check_digest(args: &Args, source: &Source, means: Means<'_>) -> Result<(), Failure> {
    let Some(wanted) = &args.checksum else { return Ok(()) };
    let got = source.sha1(means)?;
    if got.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let text = "Copied file does not match the expected checksum. Transfer failed.";
    Err(Failure::new(text).with("checksum", got).with("expected_checksum", wanted.as_str()))
}

/// Returns the file that `dest` means; the folder it goes into is made when `dest` names one.
fn destination(args: &Args, name: &str, job: &mut Job<'_>) -> Result<PathBuf, Failure> {
    let look = job.look();
    let text = args.dest.to_string_lossy();
    let is_folder = look.stat_followed(&args.dest)?.is_some_and(|meta| meta.is_folder());
    let mut dest = args.dest.clone();
    if is_folder || text.ends_with('/') {
        if name.is_empty() {
            return Err(Failure::new("can not use content with a dir as dest").with("dest", &*text));
        }
        need_folder(&args.dest, &args.folder_attributes(), job)?;
        dest.push(name);
    } else {
        check_parent(&dest, job)?;
    }
    if args.follow && look.stat(&dest)?.is_some_and(|meta| meta.is_link()) {
        dest = look.real_path(&dest)?;
    }
    Ok(dest)
}

fn check_parent(dest: &Path, job: &Job<'_>) -> Result<(), Failure> {
    let Some(parent) = dest.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    let refuse = |what: &str| {
        let text = format!("Destination directory {} {what}", parent.display());
        Err(Failure::new(text).with("dest", dest.display().to_string()))
    };
    match job.look().stat_followed(parent)? {
        Some(meta) if meta.is_folder() => Ok(()),
        Some(_) => refuse("is not a directory"),
        // An earlier task would have made it.
        None if job.stage().check => Ok(()),
        None => refuse("does not exist"),
    }
}

fn base_values(args: &Args, dest: &Path) -> Map {
    let mut values = Map::from_iter([("dest", Value::from(dest.display().to_string()))]);
    if let (Some(src), true) = (&args.src, args.remote_src) {
        values.insert("src", src.display().to_string().into());
    }
    values
}

fn report(
    args: &Args,
    dest: &Path,
    digest: Option<String>,
    written: &Written,
    job: &Job<'_>,
) -> Result<Outcome, Failure> {
    let look: &dyn Look = job.look();
    let mut values = base_values(args, dest);
    values.insert("checksum", digest.into());
    let meta = look.stat(dest)?;
    if meta.is_some() {
        values.extend(describe(look, dest)?);
    }
    let copied = job.has_changed() && !job.stage().check;
    // In check mode the new content is only where it comes from.
    let (digested, meta) = match &args.src {
        Some(src) if args.remote_src && job.stage().check => {
            (src.as_path(), look.stat_followed(src)?)
        }
        _ => (dest, meta),
    };
    if (args.remote_src || copied) && meta.is_some_and(|meta| meta.size <= DIGESTED) {
        // Not readable by its new owner's rules, or forbidden by the kernel's: then there is none.
        values.insert("md5sum", look.digest(digested, Digest::Md5).ok().into());
    }
    if let Some(kept) = written.backup() {
        values.insert("backup_file", kept.into());
    }
    let reason = if job.has_changed() { "" } else { "the file has this content" };
    Ok(Outcome::same(reason).with_all(values))
}
