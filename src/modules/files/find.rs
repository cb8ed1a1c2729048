//! `find`: lists files by name, age, size, mode and content.

use std::path::{Path, PathBuf};

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Mode, Value, fold, glob};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Digest, Kind, Look, Meta};
use crate::{arguments, choices};

choices! {
    /// What is listed.
    pub(super) enum FileType { File = "file", Directory = "directory", Link = "link", Any = "any" }
}

choices! {
    /// Which time counts.
    pub(super) enum Stamp { Atime = "atime", Ctime = "ctime", Mtime = "mtime" }
}

arguments! {
    /// Arguments of `find`.
    pub(super) struct Args {
        /// The folders.
        paths ["name", "path"]: Vec<PathBuf>,
        /// Patterns of names; all when none is given.
        patterns ["pattern"]: Option<Vec<String>>,
        /// Patterns of names to leave out.
        excludes ["exclude"]: Option<Vec<String>>,
        /// Whether patterns are regular expressions.
        use_regex: bool = false,
        /// A regular expression for the content.
        contains: Option<String>,
        /// Whether `contains` has to match the whole file and not a line of it.
        read_whole_file: bool = false,
        /// What is listed.
        file_type: FileType = FileType::File,
        /// Whether folders below are searched.
        recurse: bool = false,
        /// How deep they are searched.
        depth: Option<i64>,
        /// Whether hidden files are listed.
        hidden: bool = false,
        /// Whether links are followed.
        follow: bool = false,
        /// The smallest age, or with a minus the greatest: `2d`, `-1w`, seconds without a letter.
        age: Option<String>,
        /// Which time the age is counted from.
        age_stamp: Stamp = Stamp::Mtime,
        /// The smallest size, or with a minus the greatest: `1m`, `-500k`.
        size: Option<String>,
        /// The mode.
        mode: Option<Mode>,
        /// Whether the mode has to be exactly that, and not contain it.
        exact_mode: bool = true,
        /// Whether the digest of files is told.
        get_checksum: bool = false,
        /// The digest.
        checksum_algorithm ["checksum", "checksum_algo"]: super::stat::Algorithm = super::stat::Algorithm::Sha1,
        /// How many are listed at most.
        limit: Option<i64>,
        /// The encoding of files whose content is searched; `utf-8` is known.
        encoding: Option<String>,
    }
}

/// The module.
pub(super) struct Find;

impl Module for Find {
    const SPEC: &'static Spec = &Spec {
        name: "find",
        summary: "Lists files by name, age, size, mode and content.",
        examples: &[Example {
            about: "Old logs.",
            task: "find: {paths: /var/log, patterns: '*.gz', age: 30d, recurse: true}",
        }],
        returns: &[
            Return { name: "files", about: "The files, each as `stat` tells it." },
            Return { name: "matched", about: "How many there are." },
            Return { name: "examined", about: "How many were looked at." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let mut search = Search::new(&args, job.look())?;
        for path in &args.paths {
            match search.look.stat_followed(path)? {
                Some(meta) if meta.is_folder() => search.folder(path, 1)?,
                Some(_) => search.skip(path, "is not a directory"),
                None => search.skip(path, "does not exist"),
            }
        }
        let Search { files, examined, skipped, .. } = search;
        let message = if skipped.is_empty() {
            "All paths examined"
        } else {
            "Not all paths examined, check warnings for details"
        };
        for (path, reason) in &skipped {
            job.warn(format!("Skipped '{path}' path due to this access issue: '{path}' {reason}"));
        }
        Ok(Outcome::done()
            .with("matched", files.len())
            .with("files", Value::list(files))
            .with("examined", examined)
            .with(
                "skipped_paths",
                Value::map(
                    skipped
                        .iter()
                        .map(|(path, reason)| (path.as_str(), Value::from(reason.as_str()))),
                ),
            )
            .with("msg", message))
    }
}

struct Search<'a> {
    args: &'a Args,
    look: &'a dyn Look,
    patterns: Vec<Name>,
    excludes: Vec<Name>,
    contains: Option<Pattern>,
    age: Option<f64>,
    size: Option<i64>,
    files: Vec<Value>,
    examined: usize,
    skipped: Vec<(String, String)>,
}

/// A pattern of names.
enum Name {
    Glob(String),
    Regex(Box<Pattern>),
}

impl Name {
    fn all(patterns: Option<&[String]>, regex: bool) -> Result<Vec<Self>, Failure> {
        let make = |text: &String| {
            if regex {
                pattern(text).map(Box::new).map(Self::Regex)
            } else {
                Ok(Self::Glob(text.clone()))
            }
        };
        patterns.unwrap_or_default().iter().map(make).collect()
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Glob(pattern) => glob::matches(pattern, name),
            Self::Regex(pattern) => matches!(pattern.match_(name), Ok(Some(_))),
        }
    }
}

fn pattern(text: &str) -> Result<Pattern, Failure> {
    Pattern::new(text, Flags::default())
        .map_err(|error| Failure::new(format!("the regular expression is wrong: {error}")))
}

impl<'a> Search<'a> {
    fn new(args: &'a Args, look: &'a dyn Look) -> Result<Self, Failure> {
        let age = args.age.as_deref().map(|text| {
            seconds(text).ok_or_else(|| Failure::new(format!("failed to process age: {text}")))
        });
        let size = args.size.as_deref().map(|text| {
            bytes(text).ok_or_else(|| Failure::new(format!("failed to process size: {text}")))
        });
        Ok(Self {
            patterns: Name::all(args.patterns.as_deref(), args.use_regex)?,
            excludes: Name::all(args.excludes.as_deref(), args.use_regex)?,
            contains: args.contains.as_deref().map(pattern).transpose()?,
            age: age.transpose()?,
            size: size.transpose()?,
            args,
            look,
            files: Vec::new(),
            examined: 0,
            skipped: Vec::new(),
        })
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.skipped.push((path.to_string_lossy().into_owned(), reason.into()));
    }

    fn is_full(&self) -> bool {
        self.args.limit.is_some_and(|limit| self.files.len() as i64 >= limit)
    }

    fn folder(&mut self, folder: &Path, depth: i64) -> Result<(), Failure> {
        if self.args.depth.is_some_and(|most| depth > most) {
            return Ok(());
        }
        let names = match self.look.list(folder) {
            Ok(names) => names,
            Err(error) => {
                self.skip(folder, &error.to_string());
                return Ok(());
            }
        };
        let mut below = Vec::new();
        for name in names {
            if self.is_full() {
                return Ok(());
            }
            let path = folder.join(&name);
            self.examined += 1;
            let Some(meta) = self.look.stat(&path)? else { continue };
            let target = if self.args.follow { self.look.stat_followed(&path)? } else { None };
            if meta.is_folder() || target.as_ref().is_some_and(Meta::is_folder) {
                below.push(path.clone());
            }
            if self.fits(&name, &path, &meta)? {
                self.files.push(self.describe(&path, &meta)?);
            }
        }
        if self.args.recurse {
            for path in below {
                self.folder(&path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn fits(&self, name: &str, path: &Path, meta: &Meta) -> Result<bool, Failure> {
        if name.starts_with('.') && !self.args.hidden {
            return Ok(false);
        }
        let named =
            self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.fits(name));
        if !named || self.excludes.iter().any(|pattern| pattern.fits(name)) {
            return Ok(false);
        }
        let kind = match self.args.file_type {
            FileType::Any => true,
            FileType::Directory => meta.is_folder(),
            FileType::Link => meta.is_link(),
            FileType::File => meta.is_file(),
        };
        if !kind || !self.old_enough(meta) || !self.mode_fits(meta) {
            return Ok(false);
        }
        let sized = self.args.file_type == FileType::File || meta.is_file();
        if sized && !self.large_enough(meta) {
            return Ok(false);
        }
        if meta.is_file() && self.contains.is_some() {
            return self.content_fits(path);
        }
        Ok(true)
    }

    fn old_enough(&self, meta: &Meta) -> bool {
        let Some(age) = self.age else { return true };
        let stamp = match self.args.age_stamp {
            Stamp::Atime => meta.accessed,
            Stamp::Ctime => meta.changed,
            Stamp::Mtime => meta.modified,
        };
        let passed = self.look.now() - stamp;
        if age >= 0.0 { passed >= age } else { passed <= -age }
    }

    fn large_enough(&self, meta: &Meta) -> bool {
        match self.size {
            None => true,
            Some(size) if size >= 0 => meta.size >= size.unsigned_abs(),
            Some(size) => meta.size <= size.unsigned_abs(),
        }
    }

    fn mode_fits(&self, meta: &Meta) -> bool {
        let Some(mode) = &self.args.mode else { return true };
        let wanted = mode.apply(0, meta.is_folder(), 0);
        if self.args.exact_mode { meta.mode == wanted } else { meta.mode & wanted == wanted }
    }

    fn content_fits(&self, path: &Path) -> Result<bool, Failure> {
        let Some(pattern) = &self.contains else { return Ok(true) };
        let content = self.look.read(path).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&content);
        if self.args.read_whole_file {
            return Ok(matches!(pattern.search(&text), Ok(Some(_))));
        }
        Ok(text.lines().any(|line| matches!(pattern.match_(line), Ok(Some(_)))))
    }

    fn describe(&self, path: &Path, meta: &Meta) -> Result<Value, Failure> {
        let mut values = Map::from_iter([
            ("path", Value::from(path.to_string_lossy().into_owned())),
            ("mode", format!("{:04o}", meta.mode).into()),
            ("isdir", meta.is_folder().into()),
            ("isreg", meta.is_file().into()),
            ("islnk", meta.is_link().into()),
            ("ischr", (meta.kind == Kind::Character).into()),
            ("isblk", (meta.kind == Kind::Block).into()),
            ("isfifo", (meta.kind == Kind::Pipe).into()),
            ("issock", (meta.kind == Kind::Socket).into()),
            ("uid", meta.uid.into()),
            ("gid", meta.gid.into()),
            ("size", meta.size.into()),
            ("inode", meta.inode.into()),
            ("dev", meta.device.into()),
            ("nlink", meta.links.into()),
            ("atime", meta.accessed.into()),
            ("mtime", meta.modified.into()),
            ("ctime", meta.changed.into()),
            ("isuid", (meta.mode & 0o4000 != 0).into()),
            ("isgid", (meta.mode & 0o2000 != 0).into()),
        ]);
        for (name, bits) in [
            ("rusr", 0o400),
            ("wusr", 0o200),
            ("xusr", 0o100),
            ("rgrp", 0o040),
            ("wgrp", 0o020),
            ("xgrp", 0o010),
            ("roth", 0o004),
            ("woth", 0o002),
            ("xoth", 0o001),
        ] {
            values.insert(name, (meta.mode & bits != 0).into());
        }
        if let Some(user) = self.look.user_by_id(meta.uid)? {
            values.insert("pw_name", user.name.into());
        }
        if let Some(group) = self.look.group_by_id(meta.gid)? {
            values.insert("gr_name", group.name.into());
        }
        if self.args.get_checksum && meta.is_file() {
            let digest: Digest = self.args.checksum_algorithm.digest();
            values.insert("checksum", self.look.digest(path, digest)?.into());
        }
        Ok(values.into())
    }
}

/// Reads `2d`, `-1w`, `30`.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

/// Reads `1m`, `-500k`, `100`.
fn bytes(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    i64::try_from(fold::bytes(rest)?).ok().map(|size| sign * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        assert_eq!(seconds("2d"), Some(172_800.0));
        assert_eq!(seconds("-1w"), Some(-604_800.0));
        assert_eq!(seconds("x"), None);
        assert_eq!(bytes("-500k"), Some(-512_000));
        assert_eq!(bytes("1m"), Some(1_048_576));
    }
}
