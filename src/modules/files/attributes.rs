//! Owner, group, mode and the rest that all modules for files take.
//!
//! What differs is found first ([`FileAttributes::differences`]) and changed in one step with one difference to show.

use std::path::Path;

use crate::arguments;
use crate::base::{Map, Mode, Value};
use crate::module::{Diff, Failure, Job};
use crate::system::{Act, Command, Finish, Kind, Look, Meta};

arguments! {
    /// What all modules for files take.
    #[derive(Default)]
    pub(in crate::modules) struct FileAttributes {
        /// The mode: octal as text, or symbolic as `chmod` takes it.
        mode: Option<Mode>;
        ..other: OtherAttributes,
    }
}

arguments! {
    /// The same without the mode, for modules whose mode may be something else.
    #[derive(Default)]
    pub(in crate::modules) struct OtherAttributes {
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

/// What differs at a path, and what makes it right.
#[derive(Debug, Default)]
pub(in crate::modules) struct Differences {
    before: Vec<(&'static str, Value)>,
    after: Vec<(&'static str, Value)>,
    uid: Option<u32>,
    gid: Option<u32>,
    mode: Option<u32>,
    programs: Vec<Command>,
}

impl Differences {
    /// Returns whether nothing differs.
    pub(in crate::modules) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && self.mode.is_none()
    }

    /// Adds a state to show.
    pub(in crate::modules) fn note(
        &mut self,
        name: &'static str,
        before: impl Into<Value>,
        after: impl Into<Value>,
    ) {
        self.before.push((name, before.into()));
        self.after.push((name, after.into()));
    }

    /// Adds something that only the left side shows.
    pub(in crate::modules) fn note_before(&mut self, name: &'static str, value: impl Into<Value>) {
        self.before.push((name, value.into()));
    }

    /// Adds something that only the right side shows.
    pub(in crate::modules) fn note_after(&mut self, name: &'static str, value: impl Into<Value>) {
        self.after.push((name, value.into()));
    }

    /// Adds what something new will have.
    pub(in crate::modules) fn wish(&mut self, attributes: &FileAttributes) {
        self.after.extend(attributes.wishes());
    }

    /// Returns what is shown of a path.
    pub(in crate::modules) fn diff(&self, path: &Path) -> Diff {
        states(path, self.before.clone(), self.after.clone())
    }

    /// Makes it right.
    pub(in crate::modules) fn act(
        &self,
        act: &dyn Act,
        path: &Path,
        links: Links,
    ) -> Result<(), Failure> {
        if self.uid.is_some() || self.gid.is_some() {
            act.set_owner(path, self.uid, self.gid, links == Links::Follow).map_err(|error| {
                let program = if self.uid.is_some() { "chown" } else { "chgrp" };
                Failure::new(format!("{program} failed: {error}"))
            })?;
        }
        if let Some(mode) = self.mode {
            act.set_mode(path, mode)
                .map_err(|error| Failure::new(format!("chmod failed: {error}")))?;
        }
        for program in &self.programs {
            let output = act.run(program)?;
            if !output.success() {
                let name = program.argv.first().map_or("", String::as_str);
                return Err(Failure::program(
                    format!("{name} failed: {}", output.err().trim()),
                    &output,
                ));
            }
        }
        Ok(())
    }
}

impl FileAttributes {
    /// Returns whether nothing is asked.
    pub(in crate::modules) fn is_empty(&self) -> bool {
        let OtherAttributes { owner, group, attributes, selevel, serole, setype, seuser, .. } =
            &self.other;
        let texts = [owner, group, attributes, selevel, serole, setype, seuser];
        self.mode.is_none() && texts.iter().all(|text| text.is_none())
    }

    /// Makes owner, group, mode and attributes of something that is there what they should be; returns whether they
    /// were not.
    pub(in crate::modules) fn apply(
        &self,
        job: &mut Job<'_>,
        path: &Path,
        links: Links,
    ) -> Result<bool, Failure> {
        let differences = self.differences(job.look(), path, links)?;
        if differences.is_empty() {
            return Ok(false);
        }
        job.change(differences.diff(path), |act| differences.act(act, path, links))?;
        Ok(true)
    }

    /// Makes them what they should be within a change that is told already.
    pub(in crate::modules) fn settle(
        &self,
        act: &dyn Act,
        path: &Path,
        links: Links,
    ) -> Result<(), Failure> {
        self.differences(act, path, links)?.act(act, path, links)
    }

    /// Returns what differs; nothing when nothing is there, as in check mode.
    pub(in crate::modules) fn differences(
        &self,
        look: &dyn Look,
        path: &Path,
        links: Links,
    ) -> Result<Differences, Failure> {
        let meta = match links {
            Links::Follow => look.stat_followed(path)?,
            Links::Keep => look.stat(path)?,
        };
        let mut found = Differences::default();
        if let Some(meta) = meta {
            self.compare_owner(look, &meta, &mut found)?;
            self.compare_mode(look, &meta, &mut found);
            self.compare_flags(look, path, &mut found)?;
            self.compare_context(look, path, links, &mut found)?;
        }
        Ok(found)
    }

    /// Returns what a file that is written has to have; `old` is the one it replaces.
    pub(in crate::modules) fn finish(
        &self,
        look: &dyn Look,
        old: Option<&Meta>,
    ) -> Result<Finish, Failure> {
        let current = old.map_or(0o666 & !look.umask(), |old| old.mode);
        Ok(Finish {
            uid: self.other.owner.as_deref().map(|owner| uid_of(look, owner)).transpose()?,
            gid: self.other.group.as_deref().map(|group| gid_of(look, group)).transpose()?,
            mode: self.mode.as_ref().map(|mode| mode.apply(current, false, look.umask())),
            over_link: false,
            in_place: self.other.unsafe_writes,
        })
    }

    fn compare_owner(
        &self,
        look: &dyn Look,
        meta: &Meta,
        found: &mut Differences,
    ) -> Result<(), Failure> {
        if let Some(owner) = &self.other.owner {
            let uid = uid_of(look, owner)?;
            if uid != meta.uid {
                found.note("owner", meta.uid, uid);
                found.uid = Some(uid);
            }
        }
        if let Some(group) = &self.other.group {
            let gid = gid_of(look, group)?;
            if gid != meta.gid {
                found.note("group", meta.gid, gid);
                found.gid = Some(gid);
            }
        }
        Ok(())
    }

    fn compare_mode(&self, look: &dyn Look, meta: &Meta, found: &mut Differences) {
        let Some(mode) = &self.mode else { return };
        // Linux has no modes of links.
        if meta.is_link() {
            return;
        }
        let wanted = mode.apply(meta.mode, meta.is_folder(), look.umask());
        if wanted != meta.mode {
            found.note("mode", octal(meta.mode), octal(wanted));
            found.mode = Some(wanted);
        } else if wanted & 0o6000 != 0 && (found.uid.is_some() || found.gid.is_some()) {
            // The kernel clears these bits when the owner changes.
            found.mode = Some(wanted);
        }
    }

    fn compare_flags(
        &self,
        look: &dyn Look,
        path: &Path,
        found: &mut Differences,
    ) -> Result<(), Failure> {
        let Some(flags) = self.other.attributes.as_deref().filter(|flags| !flags.is_empty()) else {
            return Ok(());
        };
        let (sign, letters) = match flags.chars().next() {
            Some('+') => ("+", &flags[1..]),
            Some('-') => ("-", &flags[1..]),
            Some('=') => ("=", &flags[1..]),
            _ => ("=", flags),
        };
        let shown = path.to_string_lossy();
        let output = look.query(&Command::new(["lsattr", "-d", &shown]))?;
        let now: String =
            output.out().split_whitespace().next().unwrap_or_default().replace('-', "");
        let has = |letter: char| now.contains(letter);
        let right = match sign {
            "+" => letters.chars().all(has),
            "-" => !letters.chars().any(has),
            // `e` (extents) cannot be taken away.
            _ => letters.chars().all(has) && now.chars().all(|c| c == 'e' || letters.contains(c)),
        };
        if !right {
            found.note("attributes", now.as_str(), flags);
            found.programs.push(Command::new(["chattr", &format!("{sign}{letters}"), &shown]));
        }
        Ok(())
    }

    fn compare_context(
        &self,
        look: &dyn Look,
        path: &Path,
        links: Links,
        found: &mut Differences,
    ) -> Result<(), Failure> {
        let parts = [
            ("-u", &self.other.seuser),
            ("-r", &self.other.serole),
            ("-t", &self.other.setype),
            ("-l", &self.other.selevel),
        ];
        let wanted = parts.map(|(_, part)| part.as_deref().filter(|part| *part != "_default"));
        let enabled = || look.stat(Path::new("/sys/fs/selinux/enforce"));
        if wanted.iter().all(Option::is_none) || enabled()?.is_none() {
            return Ok(());
        }
        let shown = path.to_string_lossy();
        let follow = if links == Links::Follow { "-Lc" } else { "-c" };
        let now = look.query(&Command::new(["stat", follow, "%C", &shown]))?.out();
        let now: Vec<&str> = now.trim().splitn(4, ':').collect();
        let mut after = now.clone();
        let mut program = Command::new(["chcon"]);
        if links == Links::Keep {
            program = program.arg("-h");
        }
        for (index, (flag, part)) in parts.iter().map(|(flag, _)| flag).zip(wanted).enumerate() {
            if let Some(part) = part
                && now.get(index) != Some(&part)
            {
                program = program.arg(*flag).arg(part);
                if let Some(place) = after.get_mut(index) {
                    *place = part;
                }
            }
        }
        if program.argv.len() > 2 {
            found.note("secontext", now.join(":"), after.join(":"));
            found.programs.push(program.arg(shown));
        }
        Ok(())
    }

    /// Returns the same with numbers for names, which are looked up only once then.
    pub(in crate::modules) fn resolved(&self, look: &dyn Look) -> Result<Self, Failure> {
        let owner = self.other.owner.as_deref().map(|owner| uid_of(look, owner)).transpose()?;
        let group = self.other.group.as_deref().map(|group| gid_of(look, group)).transpose()?;
        let owner = owner.map(|uid| uid.to_string());
        let group = group.map(|gid| gid.to_string());
        let other = OtherAttributes { owner, group, ..self.other.clone() };
        Ok(Self { mode: self.mode.clone(), other })
    }

    /// Returns what something new will have, for the right side of a difference.
    pub(in crate::modules) fn wishes(&self) -> Vec<(&'static str, Value)> {
        let mode = self.mode.as_ref().map(|mode| match mode {
            Mode::Octal(bits) => octal(*bits),
            Mode::Symbolic(text) => text.as_str().into(),
        });
        let id = |name: &String| name.parse::<u32>().map_or_else(|_| name.into(), Value::from);
        let all = [
            ("owner", self.other.owner.as_ref().map(id)),
            ("group", self.other.group.as_ref().map(id)),
            ("mode", mode),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
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

/// Returns the difference of two states of a path.
pub(in crate::modules) fn states<'a>(
    path: &Path,
    before: impl IntoIterator<Item = (&'a str, Value)>,
    after: impl IntoIterator<Item = (&'a str, Value)>,
) -> Diff {
    let shown = path.to_string_lossy();
    let with_path = |states: Vec<(&'a str, Value)>| {
        Value::map([("path", Value::from(shown.as_ref()))].into_iter().chain(states))
    };
    let (before, after) = (before.into_iter().collect(), after.into_iter().collect());
    Diff::values(shown.as_ref(), with_path(before), with_path(after))
}

/// Returns a mode as Ansible returns it.
pub(in crate::modules) fn octal(mode: u32) -> Value {
    format!("0{mode:03o}").into()
}

/// Returns what modules for files return of a path.
pub(in crate::modules) fn describe(look: &dyn Look, path: &Path) -> Result<Map, Failure> {
    let Some(meta) = look.stat(path)? else {
        return Ok(Map::from_iter([("state", Value::from("absent"))]));
    };
    let owner = look.user_by_id(meta.uid)?.map_or_else(|| meta.uid.to_string(), |user| user.name);
    let group =
        look.group_by_id(meta.gid)?.map_or_else(|| meta.gid.to_string(), |group| group.name);
    Ok(Map::from_iter([
        ("uid", Value::from(meta.uid)),
        ("gid", meta.gid.into()),
        ("owner", owner.into()),
        ("group", group.into()),
        ("mode", octal(meta.mode)),
        ("state", state_of(&meta).into()),
        ("size", meta.size.into()),
    ]))
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
