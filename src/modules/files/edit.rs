//! What modules that write files share: new content with `backup` and `validate`, put in place as a whole.
//!
//! A file has its owner and mode before it has its name, and a content that breaks off or is refused by `validate` leaves
//! everything as it was.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::attributes::{FileAttributes, Links};
use crate::base::shlex;
use crate::base::time::Civil;
use crate::module::{Diff, Failure, Job, Outcome};
use crate::system::{Act, Command, Error, Finish, Look};

/// How a file is written.
pub(in crate::modules) struct Writing<'a> {
    /// The file.
    pub(in crate::modules) path: &'a Path,
    /// Whether a link at the path is followed, or replaced by the file.
    pub(in crate::modules) links: Links,
    /// Whether the old file is kept.
    pub(in crate::modules) backup: bool,
    /// The command that checks the new content; `%s` is the path of a file with it.
    pub(in crate::modules) validate: Option<&'a str>,
    /// Owner, mode and the rest.
    pub(in crate::modules) attributes: &'a FileAttributes,
}

/// When a file gets its name.
#[derive(Clone, Copy)]
enum Turn {
    /// At once.
    Alone,
    /// With all that were prepared.
    Together,
}

/// What writing did.
#[derive(Debug, Default)]
pub(in crate::modules) struct Written {
    /// The copy of the old file, when one was made.
    pub(in crate::modules) kept: Option<PathBuf>,
    /// Whether owner, mode and the like of a file that was there changed.
    attributes: bool,
}

impl Written {
    /// Returns an outcome whose `msg` tells what was done to the text, and whether attributes changed, in Ansible's words.
    pub(in crate::modules) fn outcome(&self, done: &str) -> Outcome {
        const ATTRIBUTES: &str = "ownership, perms or SE linux context changed";
        let message = match (done, self.attributes) {
            ("", true) => ATTRIBUTES.to_owned(),
            (done, true) => format!("{done} and {ATTRIBUTES}"),
            (done, false) => done.to_owned(),
        };
        let reason = if message.is_empty() { "the text is as it should be" } else { &message };
        Outcome::same(reason).with("msg", message.as_str())
    }

    /// Returns the path of the copy of the old file.
    pub(in crate::modules) fn backup(&self) -> Option<String> {
        self.kept.as_ref().map(|path| path.to_string_lossy().into_owned())
    }
}

impl Writing<'_> {
    /// Writes new text when it differs, then sees to the attributes.
    pub(in crate::modules) fn finish(
        &self,
        job: &mut Job<'_>,
        before: Option<&[u8]>,
        after: &[u8],
    ) -> Result<Written, Failure> {
        if before == Some(after) {
            let attributes = self.attributes.apply(job, self.path, self.links)?;
            return Ok(Written { kept: None, attributes });
        }
        let wanted = job.stage().diff;
        let diff = if wanted { Diff::content(self.path, before, after) } else { Diff::None };
        self.write(job, diff, || Ok(Box::new(after)))
    }

    /// Writes content that differs, with the attributes; folders above a new file are made.
    pub(in crate::modules) fn write<'c>(
        &self,
        job: &mut Job<'_>,
        diff: Diff,
        open: impl FnOnce() -> Result<Box<dyn Read + 'c>, Failure>,
    ) -> Result<Written, Failure> {
        self.write_by(job, diff, open, Turn::Alone)
    }

    /// Like [`Writing::write`] for one of many files: they get their names, and what only the file under its name can
    /// have, in [`publish`].
    pub(in crate::modules) fn prepare<'c>(
        &self,
        job: &mut Job<'_>,
        diff: Diff,
        open: impl FnOnce() -> Result<Box<dyn Read + 'c>, Failure>,
    ) -> Result<Written, Failure> {
        self.write_by(job, diff, open, Turn::Together)
    }

    fn write_by<'c>(
        &self,
        job: &mut Job<'_>,
        diff: Diff,
        open: impl FnOnce() -> Result<Box<dyn Read + 'c>, Failure>,
        turn: Turn,
    ) -> Result<Written, Failure> {
        check_validate(self.validate)?;
        let old = match self.links {
            Links::Follow => job.look().stat_followed(self.path)?,
            Links::Keep => job.look().stat(self.path)?.filter(|meta| !meta.is_link()),
        };
        let differences = match &old {
            Some(_) => self.attributes.differences(job.look(), self.path, self.links)?,
            None => Default::default(),
        };
        let kept = job.change(diff, |act| {
            let finish = self.attributes.finish(act, old.as_ref())?;
            let finish = Finish { over_link: self.links == Links::Keep, ..finish };
            let mut content = open()?;
            if let Some(command) = self.validate {
                content = Box::new(validated(act, command, &mut content)?);
            }
            if let (None, Some(folder)) = (&old, self.path.parent()) {
                make_folders(act, folder)?;
            }
            let is_there = || Ok::<_, Failure>(act.stat_followed(self.path)?.is_some());
            let kept = if self.backup && is_there()? { Some(keep(act, self.path)?) } else { None };
            match turn {
                Turn::Alone => {
                    put(act, self.path, &mut content, &finish)?;
                    self.attributes.settle(act, self.path, self.links)?;
                }
                Turn::Together => drop(act.prepare(self.path, &mut content, &finish)?),
            }
            Ok(kept)
        })?;
        if !differences.is_empty() {
            // Done with the content; told on its own.
            job.change(differences.diff(self.path), |_| Ok(()))?;
        }
        Ok(Written { kept: kept.flatten(), attributes: !differences.is_empty() })
    }
}

/// Gives all files that were prepared their names, and what else they are to have.
pub(in crate::modules) fn publish<'f>(
    job: &mut Job<'_>,
    files: impl Iterator<Item = (&'f Path, &'f FileAttributes)>,
    links: Links,
) -> Result<(), Failure> {
    job.change(Diff::None, |act| {
        act.publish().map_err(|error| refused(error, false))?;
        for (path, attributes) in files {
            attributes.settle(act, path, links)?;
        }
        Ok(())
    })
    .map(drop)
}

/// Refuses a command that does not say where the file goes.
pub(in crate::modules) fn check_validate(command: Option<&str>) -> Result<(), Failure> {
    match command.filter(|command| !command.contains("%s")) {
        Some(command) => Err(Failure::new(format!("validate must contain %s: {command}"))),
        None => Ok(()),
    }
}

/// Replaces a file, with what to do when it cannot be replaced.
pub(in crate::modules) fn put(
    act: &dyn Act,
    path: &Path,
    content: &mut dyn Read,
    finish: &Finish,
) -> Result<u64, Failure> {
    act.replace_as(path, content, finish).map_err(|error| refused(error, finish.in_place))
}

fn refused(error: Error, in_place: bool) -> Failure {
    match error.os_error() {
        // Something is mounted on the file, as on /etc/hosts in a container.
        Some(libc::EBUSY) if !in_place => Failure::new(format!(
            "{error}; it is a mount point, which can only be written in place: set unsafe_writes"
        )),
        _ => error.into(),
    }
}

/// Runs the command that checks new content, on a temporary file; returns what is in that file.
fn validated(
    act: &dyn Act,
    command: &str,
    content: &mut dyn Read,
) -> Result<Box<dyn Read + Send>, Failure> {
    let file = act.temporary_folder()?.join("content");
    act.replace_as(&file, content, &Finish { mode: Some(0o600), ..Finish::default() })?;
    let shown = file.to_string_lossy();
    let words = shlex::split(command)
        .map_err(|reason| Failure::new(format!("validate is wrong: {reason}: {command}")))?;
    let words = words.iter().map(|word| word.replace("%s", &shown).replace("%%", "%"));
    let output = act.run(&Command::new(words))?;
    if !output.success() {
        let error = output.err();
        let text = format!("failed to validate: rc:{} error:{error}", output.code);
        return Err(Failure::program(text, &output)
            .with("exit_status", output.code)
            .with("validate", command));
    }
    Ok(act.open(&file)?)
}

/// Keeps a copy of a file beside it, under a name with process and time as Ansible has it; returns its path.
pub(in crate::modules) fn keep(act: &dyn Act, path: &Path) -> Result<PathBuf, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stamp = stamp(act);
    let kept = path.with_file_name(format!("{name}.{}.{stamp}~", std::process::id()));
    let Some(meta) = act.stat_followed(path)? else { return Ok(kept) };
    let finish = Finish {
        // Only root may give files away; others keep their copy as their own.
        uid: Some(meta.uid).filter(|_| act.uid() == 0),
        gid: Some(meta.gid).filter(|_| act.uid() == 0),
        mode: Some(meta.mode),
        ..Finish::default()
    };
    act.replace_as(&kept, &mut act.open(path)?, &finish)?;
    act.set_times(&kept, Some(meta.accessed), Some(meta.modified))?;
    Ok(kept)
}

/// Returns the local time as `2026-11-21@05:09:30`.
fn stamp(look: &dyn Look) -> String {
    let now = look.now();
    let civil = Civil::new(now as i64 + look.zone(now).offset);
    format!("{}@{}", civil.date_text(), civil.time_text())
}

/// Reads a text file; nothing when it does not exist. The failure of a folder is what Ansible's editors say.
pub(in crate::modules) fn read_text(
    look: &dyn Look,
    path: &Path,
) -> Result<Option<Vec<u8>>, Failure> {
    let shown = path.display();
    match look.stat_followed(path)? {
        Some(meta) if meta.is_folder() => {
            Err(Failure::new(format!("Path {shown} is a directory !")).with("rc", 256))
        }
        Some(_) => Ok(look.read(path)?),
        None => Ok(None),
    }
}

/// Makes a folder and those above it that are missing; returns those made, the outermost first.
pub(in crate::modules) fn make_folders(
    act: &dyn Act,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let missing = missing_folders(act, folder)?;
    for folder in &missing {
        match act.make_folder(folder) {
            Ok(()) => {}
            // Somebody else was faster.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(missing)
}

/// Returns the folders that are missing for one to be there, the outermost first.
pub(in crate::modules) fn missing_folders(
    look: &dyn Look,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let mut missing = Vec::new();
    let mut path = folder;
    while !path.as_os_str().is_empty() && look.stat_followed(path)?.is_none() {
        missing.push(path.to_owned());
        match path.parent() {
            Some(parent) => path = parent,
            None => break,
        }
    }
    missing.reverse();
    Ok(missing)
}
