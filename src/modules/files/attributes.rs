//! Owner, group, mode and the rest that all modules for files take.

use std::path::Path;

use crate::arguments;
use crate::base::{Map, Mode, Value};
use crate::module::{Diff, Failure, Job};
use crate::system::{Command, Kind, Look, Meta};

arguments! {
    /// What all modules for files take.
    #[derive(Default)]
    pub(in crate::modules) struct FileAttributes {
        /// The owner: a name or a number.
        owner: Option<String>,
        /// The group: a name or a number.
        group: Option<String>,
        /// The mode: octal as text, or symbolic as `chmod` takes it.
        mode: Option<Mode>,
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
        /// Whether a file that cannot be replaced (a mount point) may be written in place, which is not atomic.
        unsafe_writes: bool = false,
    }
}

/// Whether a link at a path is followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::modules) enum Links {
    /// What it leads to is meant.
    Follow,
    /// The link itself is meant.
    Keep,
}

impl FileAttributes {
    /// Makes owner, group, mode and attributes what they should be.
    pub(in crate::modules) fn apply(
        &self,
        job: &mut Job<'_>,
        path: &Path,
        links: Links,
    ) -> Result<(), Failure> {
        let look = job.look();
        let meta = match links {
            Links::Follow => look.stat_followed(path)?,
            Links::Keep => look.stat(path)?,
        };
        // In check mode the file may not be there yet; what makes it says so.
        let Some(meta) = meta else { return Ok(()) };
        let uid = self.owner.as_deref().map(|owner| uid_of(look, owner)).transpose()?;
        let gid = self.group.as_deref().map(|group| gid_of(look, group)).transpose()?;
        let (uid, gid) = (uid.filter(|uid| *uid != meta.uid), gid.filter(|gid| *gid != meta.gid));
        if uid.is_some() || gid.is_some() {
            let diff = owner_diff(path, &meta, uid, gid);
            job.change(diff, |act| Ok(act.set_owner(path, uid, gid, links == Links::Follow)?))?;
        }
        self.apply_mode(job, path, &meta, uid.is_some() || gid.is_some())?;
        self.apply_flags(job, path)?;
        self.apply_context(job, path, links)
    }

    fn apply_mode(
        &self,
        job: &mut Job<'_>,
        path: &Path,
        meta: &Meta,
        owned_anew: bool,
    ) -> Result<(), Failure> {
        let Some(mode) = &self.mode else { return Ok(()) };
        // Linux has no modes of links.
        if meta.kind == Kind::Link {
            return Ok(());
        }
        let wanted = mode.apply(meta.mode, meta.is_folder(), job.look().umask());
        if wanted == meta.mode && !(owned_anew && wanted & 0o6000 != 0) {
            return Ok(());
        }
        let diff = states(path, [("mode", octal(meta.mode))], [("mode", octal(wanted))]);
        job.change(diff, |act| Ok(act.set_mode(path, wanted)?)).map(drop)
    }

    fn apply_flags(&self, job: &mut Job<'_>, path: &Path) -> Result<(), Failure> {
        let Some(flags) = self.attributes.as_deref().filter(|flags| !flags.is_empty()) else {
            return Ok(());
        };
        let (sign, letters) = match flags.split_at(1) {
            (sign @ ("+" | "-" | "="), letters) => (sign, letters),
            _ => ("=", flags),
        };
        let shown = path.to_string_lossy();
        let now = job.look().query(&Command::new(["lsattr", "-d", &shown]))?;
        let now: String = now.out().split_whitespace().next().unwrap_or_default().replace('-', "");
        let has = |letter: char| now.contains(letter);
        let right = match sign {
            "+" => letters.chars().all(has),
            "-" => !letters.chars().any(has),
            _ => {
                letters.chars().all(has)
                    && now.chars().filter(|c| *c != 'e').all(|c| letters.contains(c))
            }
        };
        if right {
            return Ok(());
        }
        let word = format!("{sign}{letters}");
        let diff = states(path, [("attributes", now.into())], [("attributes", flags.into())]);
        job.change(diff, |act| {
            let output = act.run(&Command::new(["chattr", &word, &shown]))?;
            if output.success() { Ok(()) } else { Err(Failure::program("chattr failed", &output)) }
        })
        .map(drop)
    }

    fn apply_context(&self, job: &mut Job<'_>, path: &Path, links: Links) -> Result<(), Failure> {
        let parts = [
            ("-u", &self.seuser),
            ("-r", &self.serole),
            ("-t", &self.setype),
            ("-l", &self.selevel),
        ];
        let enabled = job.look().stat(Path::new("/sys/fs/selinux/enforce"))?.is_some();
        let wanted: Vec<(&str, &str)> = parts
            .iter()
            .filter_map(|(flag, part)| {
                Some((*flag, part.as_deref().filter(|part| *part != "_default")?))
            })
            .collect();
        if !enabled || wanted.is_empty() {
            return Ok(());
        }
        let shown = path.to_string_lossy().into_owned();
        let now = job.look().query(&Command::new(["stat", "-c", "%C", &shown]))?.out();
        let now: Vec<&str> = now.trim().splitn(4, ':').collect();
        let place = |flag: &str| {
            ["-u", "-r", "-t", "-l"].iter().position(|known| *known == flag).unwrap_or_default()
        };
        if wanted.iter().all(|(flag, part)| now.get(place(flag)) == Some(part)) {
            return Ok(());
        }
        let mut words = vec!["chcon".to_owned()];
        if links == Links::Keep {
            words.push("-h".into());
        }
        words.extend(
            wanted.iter().flat_map(|(flag, part)| [(*flag).to_owned(), (*part).to_owned()]),
        );
        words.push(shown);
        job.change(Diff::None, |act| {
            let output = act.run(&Command::new(words))?;
            if output.success() { Ok(()) } else { Err(Failure::program("chcon failed", &output)) }
        })
        .map(drop)
    }
}

/// Returns the number of a user.
pub(in crate::modules) fn uid_of(look: &dyn Look, owner: &str) -> Result<u32, Failure> {
    if let Ok(uid) = owner.parse() {
        return Ok(uid);
    }
    let user = look.user(owner)?;
    user.map(|user| user.uid)
        .ok_or_else(|| Failure::new(format!("chown failed: failed to look up user {owner}")))
}

/// Returns the number of a group.
pub(in crate::modules) fn gid_of(look: &dyn Look, group: &str) -> Result<u32, Failure> {
    if let Ok(gid) = group.parse() {
        return Ok(gid);
    }
    let found = look.group(group)?;
    found
        .map(|group| group.gid)
        .ok_or_else(|| Failure::new(format!("chgrp failed: failed to look up group {group}")))
}

fn owner_diff(path: &Path, meta: &Meta, uid: Option<u32>, gid: Option<u32>) -> Diff {
    let pairs = [("owner", meta.uid, uid), ("group", meta.gid, gid)];
    let changed: Vec<_> =
        pairs.into_iter().filter_map(|(name, old, new)| Some((name, old, new?))).collect();
    states(
        path,
        changed.iter().map(|(name, old, _)| (*name, Value::from(*old))),
        changed.iter().map(|(name, _, new)| (*name, Value::from(*new))),
    )
}

/// Returns the difference of two states of a path.
pub(in crate::modules) fn states<'a>(
    path: &Path,
    before: impl IntoIterator<Item = (&'a str, Value)>,
    after: impl IntoIterator<Item = (&'a str, Value)>,
) -> Diff {
    let with_path = |states: Vec<(&'a str, Value)>| {
        Value::map(
            states.into_iter().chain([("path", Value::from(path.to_string_lossy().into_owned()))]),
        )
    };
    Diff::values(
        path.to_string_lossy(),
        with_path(before.into_iter().collect()),
        with_path(after.into_iter().collect()),
    )
}

/// Returns a mode as Ansible returns it.
pub(in crate::modules) fn octal(mode: u32) -> Value {
    format!("{mode:04o}").into()
}

/// Returns what modules for files return of a path.
pub(in crate::modules) fn describe(look: &dyn Look, path: &Path) -> Result<Map, Failure> {
    let mut values = Map::new();
    let Some(meta) = look.stat(path)? else {
        values.insert("state", "absent".into());
        return Ok(values);
    };
    let owner = look.user_by_id(meta.uid)?.map_or_else(|| meta.uid.to_string(), |user| user.name);
    let group =
        look.group_by_id(meta.gid)?.map_or_else(|| meta.gid.to_string(), |group| group.name);
    values.insert("uid", meta.uid.into());
    values.insert("gid", meta.gid.into());
    values.insert("owner", owner.into());
    values.insert("group", group.into());
    values.insert("mode", octal(meta.mode));
    values.insert("state", state_of(&meta).into());
    values.insert("size", meta.size.into());
    Ok(values)
}

/// Returns Ansible's word for what is at a path.
pub(in crate::modules) fn state_of(meta: &Meta) -> &'static str {
    match meta.kind {
        Kind::Link => "link",
        Kind::Folder => "directory",
        Kind::File if meta.links > 1 => "hard",
        Kind::File | Kind::Block | Kind::Character | Kind::Pipe | Kind::Socket => "file",
    }
}
