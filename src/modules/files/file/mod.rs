//! `file`: makes files, folders and links what they should be: there, gone, owned, of a mode.

mod link;
mod times;

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::attributes::{Differences, FileAttributes, Links, describe, state_of};
use super::edit::{make_folders, missing_folders};
use crate::base::{Map, Value};
use crate::module::{Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Act, Finish, Look, Meta};
use crate::{arguments, choices};

use times::Times;

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
        /// Asks for nothing but whether the file looks binary.
        _diff_peek: Option<String>,
        /// The name that the file has on the controller.
        _original_basename: Option<String>,
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
        /// How `modification_time` is written, as Python's `strptime` takes it.
        modification_time_format: String = TIME_FORMAT.into(),
        /// The time of the last access: `preserve`, `now`, or a time in `access_time_format`.
        access_time: Option<String>,
        /// How `access_time` is written.
        access_time_format: String = TIME_FORMAT.into();
        ..attributes: FileAttributes,
    }
}

/// How times are written when nothing else is said.
const TIME_FORMAT: &str = "%Y%m%d%H%M.%S";

/// How many names of a folder that goes are shown.
const SHOWN: usize = 1000;

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
            Return { name: "state", about: "What is there afterwards." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(mut args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        if args._diff_peek.is_some() {
            return peek(&args.path, look);
        }
        let into_folder = !matches!(args.state, Some(State::Link | State::Absent));
        if let Some(name) = args.src.as_ref().and_then(|src| src.file_name())
            && into_folder
            && look.stat_followed(&args.path)?.is_some_and(|meta| meta.is_folder())
        {
            args.path = args.path.join(name);
        }
        let here = look.stat(&args.path)?;
        let state = args.state.unwrap_or_else(|| current_state(&args, here.as_ref()));
        check(&args, state)?;
        if job.stage().check && state != State::Absent {
            warn_of_unknown(&args.attributes, job)?;
        }
        let task = Task { times: Times::read(&args, state, look)?, args: &args, here };
        let outcome = match state {
            State::Absent => task.absent(job),
            State::Directory => task.directory(job),
            State::File => task.file(job),
            State::Hard => task.hard(job),
            State::Link => task.link(job),
            State::Touch => task.touch(job),
        }?;
        if job.has_changed() {
            return Ok(outcome);
        }
        // A difference that says nothing but the path is there all the same, as in Ansible.
        let path = || Value::map([("path", Value::from(shown(&args.path)))]);
        Ok(outcome.with("diff", Value::map([("before", path()), ("after", path())])))
    }
}

/// In check mode an owner that is not there may come from a task before.
fn warn_of_unknown(attributes: &FileAttributes, job: &mut Job<'_>) -> Result<(), Failure> {
    let look = job.look();
    let number = |text: &str| text.parse::<u32>().ok();
    let mut unknown = Vec::new();
    if let Some(owner) = &attributes.other.owner {
        let (by, user) = match number(owner) {
            Some(uid) => ("user with uid", look.user_by_id(uid)?),
            None => ("user", look.user(owner)?),
        };
        unknown.extend(user.is_none().then_some((by, "user", owner)));
    }
    if let Some(group) = &attributes.other.group {
        let (by, found) = match number(group) {
            Some(gid) => ("group with gid", look.group_by_id(gid)?),
            None => ("group", look.group(group)?),
        };
        unknown.extend(found.is_none().then_some((by, "group", group)));
    }
    for (by, what, name) in unknown {
        job.warn(format!(
            "failed to look up {by} {name}. Create the {what} before this task in a real run"
        ));
    }
    Ok(())
}

/// Tells whether a file looks binary, and changes nothing.
fn peek(path: &Path, look: &dyn Look) -> Result<Outcome, Failure> {
    const HEAD: u64 = 8192;
    let mut head = Vec::new();
    if look.stat_followed(path)?.is_some_and(|meta| meta.is_file()) {
        let read = look.open(path)?.take(HEAD).read_to_end(&mut head);
        read.map_err(|error| Failure::new(format!("cannot read `{}`: {error}", shown(path))))?;
    }
    Ok(Outcome::same("it was only looked at")
        .with("path", shown(path))
        .with("appears_binary", head.contains(&0)))
}

/// Returns what is there, which is what should be there when the playbook does not say.
fn current_state(args: &Args, here: Option<&Meta>) -> State {
    match here.map(state_of) {
        Some("directory") => State::Directory,
        Some("hard") => State::Hard,
        Some("link") => State::Link,
        None if args.recurse => State::Directory,
        Some(_) | None => State::File,
    }
}

fn check(args: &Args, state: State) -> Result<(), Failure> {
    let refuse = |text: &str| Err(Failure::new(text).with("path", shown(&args.path)));
    if args.recurse && state != State::Directory {
        return refuse("recurse option requires state to be 'directory'");
    }
    if args.src.is_some() && !matches!(state, State::Hard | State::Link) {
        return refuse("src option requires state to be 'link' or 'hard'");
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn word(here: Option<&Meta>) -> &'static str {
    here.map_or("absent", state_of)
}

/// What is asked, and what is there.
struct Task<'a> {
    args: &'a Args,
    times: Times,
    here: Option<Meta>,
}

impl Task<'_> {
    /// Makes attributes and times of a path what they should be, in one change together with what `make` does.
    fn settle(
        &self,
        job: &mut Job<'_>,
        path: &Path,
        links: Links,
        mut notes: Differences,
        make: impl FnOnce(&dyn Act) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let is_new = !notes.is_empty();
        if is_new {
            notes.wish(&self.args.attributes);
        }
        let found = self.args.attributes.differences(job.look(), path, links)?;
        let times = self.times.differences(job.look(), path)?;
        let mut notes = if is_new { notes } else { found };
        times.note(&mut notes);
        if notes.is_empty() {
            return Ok(());
        }
        job.change(notes.diff(path), |act| {
            make(act)?;
            self.args.attributes.settle(act, path, links)?;
            // What was just made has its time from that, unless the playbook names one.
            let times = if is_new { self.times.given(path, act)? } else { times };
            times.act(act, path)
        })
        .map(drop)
    }

    fn report(&self, name: &str, path: &Path, job: &Job<'_>) -> Result<Outcome, Failure> {
        let mut values = Map::from_iter([(name, Value::from(shown(path)))]);
        values.extend(describe(job.look(), path)?);
        let reason = if job.has_changed() { "" } else { "it is as it should be" };
        Ok(Outcome::same(reason).with_all(values))
    }

    fn absent(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let path = &self.args.path;
        if let Some(meta) = &self.here {
            let mut notes = Differences::default();
            notes.note("state", state_of(meta), "absent");
            if meta.is_folder() && job.stage().diff {
                notes.note_before("path_content", content(job.look(), path)?);
            }
            job.change(notes.diff(path), |act| {
                let removed =
                    if meta.is_folder() { act.remove_tree(path) } else { act.remove(path) };
                Ok(removed?)
            })?;
        }
        let reason = if self.here.is_none() { "it is not there" } else { "" };
        Ok(Outcome::same(reason).with("path", shown(path)).with("state", "absent"))
    }

    /// Returns the path and what is there, behind a link when links are followed.
    fn target(&self, look: &dyn Look) -> Result<(PathBuf, Option<Meta>), Failure> {
        match &self.here {
            Some(meta) if meta.is_link() && self.args.follow => {
                Ok((look.real_path(&self.args.path)?, look.stat_followed(&self.args.path)?))
            }
            here => Ok((self.args.path.clone(), here.clone())),
        }
    }

    fn directory(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let (path, here) = self.target(job.look())?;
        let mut notes = Differences::default();
        match &here {
            None => notes.note("state", "absent", "directory"),
            Some(meta) if meta.is_folder() => {}
            Some(meta) => {
                let text = format!("{} already exists as a {}", shown(&path), state_of(meta));
                return Err(Failure::new(text).with("path", shown(&path)));
            }
        }
        self.settle(job, &path, Links::Follow, notes, |act| {
            if here.is_some() {
                return Ok(());
            }
            for folder in make_folders(act, &path)? {
                self.args.attributes.settle(act, &folder, Links::Follow)?;
            }
            Ok(())
        })?;
        if self.args.recurse && here.is_some() {
            let attributes = self.args.attributes.resolved(job.look())?;
            let mut below = Below { task: self, attributes, seen: HashSet::new() };
            below.folder(&path, job)?;
        }
        self.report("path", &path, job)
    }

    fn file(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let (path, here) = self.target(job.look())?;
        if !matches!(word(here.as_ref()), "file" | "hard") {
            let state = word(here.as_ref());
            let text = format!("file ({}) is {state}, cannot continue", shown(&path));
            return Err(Failure::new(text).with("path", shown(&path)).with("state", state));
        }
        self.settle(job, &path, Links::Follow, Differences::default(), |_| Ok(()))?;
        self.report("path", &path, job)
    }

    fn touch(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let (path, here) = self.target(job.look())?;
        let mut notes = Differences::default();
        if here.is_none() && self.here.is_some() {
            return self.touch_nothing(job);
        }
        if here.is_none() {
            notes.note("state", "absent", "touch");
        }
        self.settle(job, &path, Links::Follow, notes, |act| {
            if here.is_some() {
                return Ok(());
            }
            let finish: Finish = self.args.attributes.finish(act, None)?;
            act.replace_as(&path, &mut std::io::empty(), &finish).map(drop).map_err(|error| {
                Failure::new(format!("Error, could not touch target: {error}"))
                    .with("path", shown(&path))
            })
        })?;
        self.report("dest", &self.args.path, job)
    }
}

impl Task<'_> {
    /// A link to nothing is there: as in Ansible, that is enough, but it has no attributes.
    fn touch_nothing(&self, job: &Job<'_>) -> Result<Outcome, Failure> {
        let path = &self.args.path;
        if !self.args.attributes.is_empty() {
            let text = format!(
                "{} is a link to nothing, which has no owner and mode; set follow to false or make its target",
                shown(path)
            );
            return Err(Failure::new(text).with("path", shown(path)));
        }
        self.report("dest", path, job)
    }
}

/// Returns the names of everything in a folder that goes.
fn content(look: &dyn Look, folder: &Path) -> Result<Value, Failure> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for name in look.list(&folder)? {
            let path = folder.join(name);
            let text = Value::from(shown(&path));
            if look.stat(&path)?.is_some_and(|meta| meta.is_folder()) {
                folders.push(text);
                waiting.push(path);
            } else {
                files.push(text);
            }
            if folders.len() + files.len() >= SHOWN {
                waiting.clear();
                break;
            }
        }
    }
    Ok(Value::map([("directories", Value::list(folders)), ("files", Value::list(files))]))
}

/// Applies the attributes to everything in a folder.
struct Below<'a> {
    task: &'a Task<'a>,
    attributes: FileAttributes,
    /// Folders that were seen: links may lead in circles.
    seen: HashSet<(u64, u64)>,
}

impl Below<'_> {
    fn folder(&mut self, folder: &Path, job: &mut Job<'_>) -> Result<(), Failure> {
        let look = job.look();
        let Some(meta) = look.stat_followed(folder)? else { return Ok(()) };
        if !self.seen.insert((meta.device, meta.inode)) {
            return Ok(());
        }
        for name in look.list(folder)? {
            let path = folder.join(name);
            let Some(meta) = look.stat(&path)? else { continue };
            self.one(&path, Links::Keep, job)?;
            if meta.is_folder() {
                self.folder(&path, job)?;
            } else if meta.is_link() && self.task.args.follow {
                let target = look.stat_followed(&path)?;
                if target.as_ref().is_some_and(Meta::is_folder) {
                    self.folder(&path, job)?;
                }
                if target.is_some() {
                    self.one(&path, Links::Follow, job)?;
                }
            }
        }
        Ok(())
    }

    fn one(&self, path: &Path, links: Links, job: &mut Job<'_>) -> Result<(), Failure> {
        let mut found = self.attributes.differences(job.look(), path, links)?;
        let times = self.task.times.differences(job.look(), path)?;
        times.note(&mut found);
        if found.is_empty() {
            return Ok(());
        }
        // A large tree has more differences than anybody reads.
        let diff = if job.stage().diff { found.diff(path) } else { Diff::None };
        job.change(diff, |act| {
            found.act(act, path, links)?;
            times.act(act, path)
        })
        .map(drop)
    }
}

/// Returns the folders that a new path lacks above it.
fn parent_is_missing(look: &dyn Look, path: &Path) -> Result<bool, Failure> {
    path.parent().map_or(Ok(false), |parent| Ok(!missing_folders(look, parent)?.is_empty()))
}
