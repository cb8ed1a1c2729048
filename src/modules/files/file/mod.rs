//! `file`: makes files, folders and links what they should be: there, gone, owned, of a mode.

use std::path::{Path, PathBuf};

use super::attributes::{FileAttributes, Links, describe, state_of, states};
use crate::base::{Map, Value};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Kind, Look, Meta};
use crate::{arguments, choices};

choices! {
    /// What should be at the path.
    pub(super) enum State {
        Absent = "absent",
        Directory = "directory",
        File = "file",
        Hard = "hard",
        Link = "link",
        Touch = "touch",
    }
}

arguments! {
    /// Arguments of `file`.
    pub(super) struct Args {
        /// The path.
        path ["dest", "name"]: PathBuf,
        /// What should be there; without it, whatever is there stays what it is.
        state: Option<State>,
        /// What a link leads to.
        src: Option<PathBuf>,
        /// Whether the attributes hold for everything in a folder.
        recurse: bool = false,
        /// Whether a link is made although its target is not there, or in place of a file.
        force: bool = false,
        /// Whether a link is followed.
        follow: bool = true,
        /// The time of the last change: `preserve`, `now`, or a time in `modification_time_format`.
        modification_time: Option<String>,
        /// How `modification_time` is written.
        modification_time_format: String = TIME_FORMAT.into(),
        /// The time of the last access.
        access_time: Option<String>,
        /// How `access_time` is written.
        access_time_format: String = TIME_FORMAT.into(),
        /// The name that the action gives a file that goes into a folder.
        _original_basename: Option<String>;
        ..attributes: FileAttributes,
    }
}

/// How times are written when nothing else is said.
const TIME_FORMAT: &str = "%Y%m%d%H%M.%S";

/// The module.
pub(super) struct File;

impl Module for File {
    const SPEC: &'static Spec = &Spec {
        name: "file",
        summary: "Makes files, folders and links what they should be.",
        diff: true,
        examples: &[
            Example {
                about: "Make a folder.",
                task: "file: {path: /mnt/data/compose, state: directory, mode: '0755'}",
            },
            Example {
                about: "Make a link.",
                task: "file: {path: /etc/localtime, src: /usr/share/zoneinfo/UTC, state: link}",
            },
        ],
        returns: &[
            Return { name: "path", about: "The path, for `absent`, `directory` and `file`." },
            Return { name: "dest", about: "The path, for links and `touch`." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        let here = look.stat(&args.path)?;
        let state = args.state.unwrap_or_else(|| match &here {
            Some(meta) if meta.is_folder() => State::Directory,
            Some(meta) if meta.is_link() && !args.follow => State::Link,
            Some(_) => State::File,
            None if args.src.is_some() => State::Link,
            None if args.recurse => State::Directory,
            None => State::File,
        });
        if args.recurse && state != State::Directory {
            return Err(Failure::new("recurse option requires state to be 'directory'")
                .with("path", shown(&args.path)));
        }
        let times = Times::read(&args, state)?;
        match state {
            State::Absent => absent(&args, here.as_ref(), job)?,
            State::Directory => directory(&args, here.as_ref(), job)?,
            State::File => file(&args, here.as_ref(), job)?,
            State::Touch => touch(&args, here.as_ref(), job)?,
            State::Link => link(&args, here.as_ref(), job)?,
            State::Hard => hard(&args, here.as_ref(), job)?,
        }
        if state != State::Absent {
            times.apply(&args, job)?;
        }
        report(&args, state, job)
    }
}

fn report(args: &Args, state: State, job: &Job<'_>) -> Result<Outcome, Failure> {
    let name =
        if matches!(state, State::Link | State::Hard | State::Touch) { "dest" } else { "path" };
    let mut values = Map::from_iter([(name, Value::from(shown(&args.path)))]);
    if let (State::Link | State::Hard, Some(src)) = (state, &args.src) {
        values.insert("src", shown(src).into());
    }
    if state == State::Absent {
        values.insert("state", "absent".into());
    } else {
        values.extend(describe(job.look(), &args.path)?);
    }
    Ok(Outcome::done().with_all(values))
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn state_diff(path: &Path, before: &str, after: &str) -> crate::module::Diff {
    states(path, [("state", before.into())], [("state", after.into())])
}

fn word(here: Option<&Meta>) -> &'static str {
    here.map_or("absent", state_of)
}

fn absent(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    let Some(meta) = here else { return Ok(()) };
    let folder = meta.is_folder();
    job.change(state_diff(&args.path, state_of(meta), "absent"), |act| {
        if folder {
            act.remove_tree(&args.path)?;
        } else {
            act.remove(&args.path)?;
        }
        Ok(())
    })
    .map(drop)
}

fn directory(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    let look = job.look();
    let target = match here {
        Some(meta) if meta.is_link() && args.follow => look.stat_followed(&args.path)?,
        other => other.cloned(),
    };
    match &target {
        None => make_folders(args, job)?,
        Some(meta) if meta.is_folder() => {}
        Some(meta) => {
            let text = format!("{} already exists as a {}", shown(&args.path), state_of(meta));
            return Err(Failure::new(text).with("path", shown(&args.path)));
        }
    }
    if target.is_some() || !job.stage().check {
        args.attributes.apply(job, &args.path, Links::Follow)?;
    }
    if args.recurse {
        below(args, &args.path, job)?;
    }
    Ok(())
}

/// Makes a folder and those above it, each with the attributes.
fn make_folders(args: &Args, job: &mut Job<'_>) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let mut path = args.path.as_path();
    while job.look().stat_followed(path)?.is_none() {
        missing.push(path.to_owned());
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => path = parent,
            _ => break,
        }
    }
    let diff = state_diff(&args.path, "absent", "directory");
    let folders: Vec<PathBuf> = missing.into_iter().rev().collect();
    job.change(diff, |act| {
        for folder in &folders {
            match act.make_folder(folder) {
                Ok(()) => {}
                // Somebody else was faster.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    })?;
    if !job.stage().check {
        let (_, above) = folders.split_last().unwrap_or((&args.path, &[]));
        for folder in above {
            args.attributes.apply(job, folder, Links::Follow)?;
        }
    }
    Ok(())
}

/// Applies the attributes to everything in a folder.
fn below(args: &Args, folder: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
    // In check mode the folder may not be there yet.
    if job.look().stat_followed(folder)?.is_none() {
        return Ok(());
    }
    for name in job.look().list(folder)? {
        let path = folder.join(name);
        let Some(meta) = job.look().stat(&path)? else { continue };
        if meta.is_link() {
            args.attributes.apply(job, &path, Links::Keep)?;
            if args.follow && job.look().stat_followed(&path)?.is_some_and(|meta| !meta.is_folder())
            {
                args.attributes.apply(job, &path, Links::Follow)?;
            }
            continue;
        }
        args.attributes.apply(job, &path, Links::Keep)?;
        if meta.is_folder() {
            below(args, &path, job)?;
        }
    }
    Ok(())
}

fn file(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    let target = match here {
        Some(meta) if meta.is_link() && args.follow => job.look().stat_followed(&args.path)?,
        other => other.cloned(),
    };
    match target {
        Some(meta) if !meta.is_folder() && (!meta.is_link() || !args.follow) => {
            let links = if args.follow { Links::Follow } else { Links::Keep };
            args.attributes.apply(job, &args.path, links)
        }
        other => {
            let text = format!(
                "file ({}) is {}, cannot continue",
                shown(&args.path),
                word(other.as_ref())
            );
            Err(Failure::new(text)
                .with("path", shown(&args.path))
                .with("state", word(other.as_ref())))
        }
    }
}

fn touch(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    if here.is_none() {
        job.change(state_diff(&args.path, "absent", "touch"), |act| {
            Ok(act.replace(&args.path, b"")?)
        })?;
    }
    let links = if args.follow { Links::Follow } else { Links::Keep };
    args.attributes.apply(job, &args.path, links)
}

fn link(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    let look = job.look();
    let src = match (&args.src, here) {
        (Some(src), _) => src.clone(),
        // Only attributes of a link that is there.
        (None, Some(meta)) if meta.is_link() => look.read_link(&args.path)?,
        (None, _) => {
            let text = "src option is required for creating new symlinks";
            return Err(Failure::new(text).with("path", shown(&args.path)));
        }
    };
    let absolute = if src.is_absolute() {
        src.clone()
    } else {
        args.path.parent().unwrap_or(Path::new("/")).join(&src)
    };
    if !args.force && look.stat_followed(&absolute)?.is_none() {
        let text = format!(
            "src file does not exist, use \"force=yes\" if you really want to create the link: {}",
            shown(&absolute)
        );
        return Err(Failure::new(text).with("path", shown(&args.path)).with("src", shown(&src)));
    }
    let right = match here {
        Some(meta) if meta.is_link() => look.read_link(&args.path)? == src,
        Some(meta) => {
            replaceable(args, meta, look)?;
            false
        }
        None => false,
    };
    if !right {
        let diff = states(
            &args.path,
            [("state", word(here).into()), ("src", current_target(args, here, look)?)],
            [("state", "link".into()), ("src", shown(&src).into())],
        );
        job.change(diff, |act| {
            put_link(act, &args.path, here, |act, path| act.make_link(&src, path))
        })?;
    }
    // Owner and mode of a link are those of what it leads to, unless links are not followed.
    if args.follow && look.stat_followed(&args.path)?.is_some() {
        return args.attributes.apply(job, &args.path, Links::Follow);
    }
    args.attributes.apply(job, &args.path, Links::Keep)
}

fn current_target(args: &Args, here: Option<&Meta>, look: &dyn Look) -> Result<Value, Failure> {
    match here {
        Some(meta) if meta.is_link() => Ok(shown(&look.read_link(&args.path)?).into()),
        _ => Ok(Value::Null),
    }
}

/// Refuses to put a link in the place of something that should not go without being told so.
fn replaceable(args: &Args, meta: &Meta, look: &dyn Look) -> Result<(), Failure> {
    let refuse = |text: String| Err(Failure::new(text).with("path", shown(&args.path)));
    if meta.is_folder() {
        if !look.list(&args.path)?.is_empty() {
            return refuse(format!(
                "the directory {} is not empty, refusing to convert it",
                shown(&args.path)
            ));
        }
        if !args.force {
            return refuse(format!(
                "refusing to convert from directory to symlink for {}",
                shown(&args.path)
            ));
        }
    } else if !args.force {
        return refuse(format!(
            "refusing to convert from {} to symlink for {}",
            state_of(meta),
            shown(&args.path)
        ));
    }
    Ok(())
}

/// Makes a link beside the path and renames it over what is there.
fn put_link(
    act: &dyn crate::system::Act,
    path: &Path,
    here: Option<&Meta>,
    make: impl FnOnce(&dyn crate::system::Act, &Path) -> crate::system::Result<()>,
) -> Result<(), Failure> {
    if here.is_some_and(Meta::is_folder) {
        act.remove(path)?;
    }
    if here.is_none() {
        return Ok(make(act, path)?);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".~fcplay-link-{name}"));
    if act.stat(&beside)?.is_some() {
        act.remove(&beside)?;
    }
    make(act, &beside)?;
    Ok(act.rename(&beside, path)?)
}

fn hard(args: &Args, here: Option<&Meta>, job: &mut Job<'_>) -> Result<(), Failure> {
    let look = job.look();
    let Some(src) = &args.src else {
        if here.is_some() {
            return args.attributes.apply(job, &args.path, Links::Keep);
        }
        return Err(Failure::new("src is required for creating new hardlinks")
            .with("path", shown(&args.path)));
    };
    let Some(source) = look.stat(src)? else {
        return Err(Failure::new("src does not exist")
            .with("src", shown(src))
            .with("dest", shown(&args.path)));
    };
    let right = here.is_some_and(|meta| {
        meta.kind == Kind::File && (meta.inode, meta.device) == (source.inode, source.device)
    });
    if !right {
        if let Some(meta) = here
            && !args.force
        {
            let text = format!(
                "Cannot link, different hard link exists at destination: {}",
                state_of(meta)
            );
            return Err(Failure::new(text).with("src", shown(src)).with("dest", shown(&args.path)));
        }
        let diff = state_diff(&args.path, word(here), "hard");
        job.change(diff, |act| {
            put_link(act, &args.path, here, |act, path| act.make_hard_link(src, path))
        })?;
    }
    args.attributes.apply(job, &args.path, Links::Keep)
}

/// The times a path should have.
struct Times {
    accessed: Option<Wish>,
    modified: Option<Wish>,
}

#[derive(Clone, Copy, PartialEq)]
enum Wish {
    Now,
    At(f64),
}

impl Times {
    fn read(args: &Args, state: State) -> Result<Self, Failure> {
        let usual = if state == State::Touch { "now" } else { "preserve" };
        let read = |text: &Option<String>, format: &str| match text.as_deref().unwrap_or(usual) {
            "preserve" => Ok(None),
            "now" => Ok(Some(Wish::Now)),
            text => parse_time(text, format).map(|time| Some(Wish::At(time))).ok_or_else(|| {
                Failure::new(format!(
                    "Error while obtaining timestamp for time {text} using format {format}"
                ))
            }),
        };
        Ok(Self {
            accessed: read(&args.access_time, &args.access_time_format)?,
            modified: read(&args.modification_time, &args.modification_time_format)?,
        })
    }

    fn apply(&self, args: &Args, job: &mut Job<'_>) -> Result<(), Failure> {
        let look = job.look();
        let Some(meta) = look.stat_followed(&args.path)? else { return Ok(()) };
        let now = look.now();
        let pick = |wish: Option<Wish>, current: f64| match wish {
            None => None,
            Some(Wish::Now) => Some(now),
            Some(Wish::At(time)) => Some(time).filter(|time| (time - current).abs() > 1e-6),
        };
        let (accessed, modified) =
            (pick(self.accessed, meta.accessed), pick(self.modified, meta.modified));
        if accessed.is_none() && modified.is_none() {
            return Ok(());
        }
        let diff = states(
            &args.path,
            [("atime", meta.accessed.into()), ("mtime", meta.modified.into())],
            [
                ("atime", accessed.unwrap_or(meta.accessed).into()),
                ("mtime", modified.unwrap_or(meta.modified).into()),
            ],
        );
        job.change(diff, |act| Ok(act.set_times(&args.path, accessed, modified)?)).map(drop)
    }
}

/// Reads a time of the formats that `strptime` of Python reads for digits; taken as UTC where no zone is told.
fn parse_time(text: &str, format: &str) -> Option<f64> {
    let mut fields = [1970, 1, 1, 0, 0, 0];
    let mut rest = text;
    let mut marks = format.chars();
    while let Some(c) = marks.next() {
        if c != '%' {
            rest = rest.strip_prefix(c)?;
            continue;
        }
        let (place, width) = match marks.next()? {
            'Y' => (0, 4),
            'm' => (1, 2),
            'd' => (2, 2),
            'H' => (3, 2),
            'M' => (4, 2),
            'S' => (5, 2),
            '%' => {
                rest = rest.strip_prefix('%')?;
                continue;
            }
            _ => return None,
        };
        let digits = rest.get(..width)?;
        fields[place] = digits.parse().ok()?;
        rest = &rest[width..];
    }
    rest.is_empty().then(|| seconds_of(fields))
}

/// Returns seconds since 1970 of a date in UTC.
fn seconds_of([year, month, day, hour, minute, second]: [i64; 6]) -> f64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * m + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
        + day_of_year
        - 719_468;
    (days * 86_400 + hour * 3600 + minute * 60 + second) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(parse_time("197001010001.02", TIME_FORMAT), Some(62.0));
        assert_eq!(parse_time("2024-02-29", "%Y-%m-%d"), Some(1_709_164_800.0));
        assert_eq!(parse_time("x", TIME_FORMAT), None);
    }
}
