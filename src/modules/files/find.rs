//! `find`: lists files by name, age, size, mode and content.

use std::path::{Path, PathBuf};

use super::known::known;
use super::text::{broken, lines_of};
use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Mode, Value, glob};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Digest, Look, Meta};
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
                Some(meta) if meta.is_folder() => search.top(path),
                Some(_) | None => {
                    let shown = path.display();
                    search.skip(path, &format!("'{shown}' is not a directory"));
                }
            }
        }
        let message = search.message();
        let Search { files, examined, skipped, .. } = search;
        for (path, reason) in &skipped {
            job.warn(format!("Skipped '{path}' path due to this access issue: {reason}\n"));
        }
        let skipped = skipped.iter().map(|(path, reason)| (path.as_str(), Value::from(reason)));
        Ok(Outcome::same(message)
            .with("matched", files.len())
            .with("files", Value::list(files))
            .with("examined", examined)
            .with("skipped_paths", Value::map(skipped)))
    }
}

struct Search<'a> {
    args: &'a Args,
    look: &'a dyn Look,
    patterns: Vec<Name>,
    excludes: Vec<Name>,
    contains: Option<Pattern>,
    age: Option<i64>,
    size: Option<i64>,
    files: Vec<Value>,
    examined: usize,
    skipped: Vec<(String, String)>,
    /// The folders that this one is in: links may lead in circles.
    above: Vec<(u64, u64)>,
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

    fn fits(&self, name: &str) -> Result<bool, Failure> {
        match self {
            Self::Glob(pattern) => Ok(glob::matches(pattern, name)),
            Self::Regex(pattern) => {
                Ok(pattern.match_(name).map_err(|error| broken(&error))?.is_some())
            }
        }
    }
}

fn pattern(text: &str) -> Result<Pattern, Failure> {
    Pattern::new(text, Flags::default())
        .map_err(|error| Failure::new(format!("the regular expression is wrong: {error}")))
}

impl<'a> Search<'a> {
    fn new(args: &'a Args, look: &'a dyn Look) -> Result<Self, Failure> {
        let bad = |what: &'static str, text: &str| {
            Failure::new(format!("failed to process {what}")).with(what, text)
        };
        let age = args.age.as_deref();
        let age = age.map(|text| number(text, &AGES).ok_or_else(|| bad("age", text)));
        let size = args.size.as_deref();
        let size = size.map(|text| number(text, &SIZES).ok_or_else(|| bad("size", text)));
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
            above: Vec::new(),
        })
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.skipped.push((path.to_string_lossy().into_owned(), reason.into()));
    }

    fn is_full(&self) -> bool {
        let limit = self.args.limit.and_then(|limit| usize::try_from(limit).ok());
        limit.is_some_and(|limit| limit > 0 && self.files.len() >= limit)
    }

    fn message(&self) -> &'static str {
        if self.is_full() {
            "Limit of matches reached"
        } else if self.skipped.is_empty() {
            "All paths examined"
        } else {
            "Not all paths examined, check warnings for details"
        }
    }

    fn top(&mut self, path: &Path) {
        if let Err(failure) = self.folder(path, 1) {
            self.skip(path, &failure.message);
        }
    }

    /// Searches a folder: files first, then folders, then what is in those.
    fn folder(&mut self, folder: &Path, depth: i64) -> Result<(), Failure> {
        if self.is_full() {
            return Ok(());
        }
        let meta = if self.args.follow { self.look.stat_followed(folder)? } else { None };
        let Some(here) = meta.map(|meta| (meta.device, meta.inode)) else {
            return self.inside(folder, depth);
        };
        // A folder may be reached twice; only a link to a folder above has no end.
        if self.above.contains(&here) {
            return Ok(());
        }
        self.above.push(here);
        let result = self.inside(folder, depth);
        self.above.pop();
        result
    }

    fn inside(&mut self, folder: &Path, depth: i64) -> Result<(), Failure> {
        let names = match self.look.list(folder) {
            Ok(names) => names,
            Err(error) => {
                self.skip(folder, &error.to_string());
                return Ok(());
            }
        };
        self.examined += names.len();
        let is_folder = |path: &PathBuf| {
            self.look.stat_followed(path).is_ok_and(|meta| meta.is_some_and(|m| m.is_folder()))
        };
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            names.iter().map(|name| folder.join(name)).partition(is_folder);
        if self.args.depth.is_some_and(|most| most > 0 && depth > most) {
            return Ok(());
        }
        for path in files.iter().chain(&folders) {
            self.one(path)?;
            if self.is_full() {
                return Ok(());
            }
        }
        for path in folders.iter().filter(|_| self.args.recurse) {
            let link = self.look.stat(path)?.is_some_and(|meta| meta.is_link());
            if !link || self.args.follow {
                self.folder(path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn one(&mut self, path: &Path) -> Result<(), Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') && !self.args.hidden {
            return Ok(());
        }
        match self.look.stat(path) {
            Ok(Some(meta)) if self.fits(&name, path, &meta)? => {
                self.files.push(self.describe(path, &meta)?);
            }
            Ok(Some(_) | None) => {}
            Err(error) => self.skip(path, &error.to_string()),
        }
        Ok(())
    }

    fn fits(&self, name: &str, path: &Path, meta: &Meta) -> Result<bool, Failure> {
        let kind = match self.args.file_type {
            FileType::Any => true,
            FileType::Directory => meta.is_folder(),
            FileType::Link => meta.is_link(),
            FileType::File => meta.is_file(),
        };
        if !kind || !self.named(name)? || !self.old_enough(meta) || !self.mode_fits(meta) {
            return Ok(false);
        }
        if meta.is_file() && !self.large_enough(meta) {
            return Ok(false);
        }
        Ok(self.args.file_type != FileType::File || self.content_fits(path)?)
    }

    fn named(&self, name: &str) -> Result<bool, Failure> {
        let any = |patterns: &[Name]| {
            for pattern in patterns {
                if pattern.fits(name)? {
                    return Ok::<_, Failure>(true);
                }
            }
            Ok(false)
        };
        Ok((self.patterns.is_empty() || any(&self.patterns)?) && !any(&self.excludes)?)
    }

    fn old_enough(&self, meta: &Meta) -> bool {
        let Some(age) = self.age else { return true };
        let stamp = match self.args.age_stamp {
            Stamp::Atime => meta.accessed,
            Stamp::Ctime => meta.changed,
            Stamp::Mtime => meta.modified,
        };
        let (passed, limit) = (self.look.now() - stamp, age.unsigned_abs() as f64);
        if age >= 0 { passed >= limit } else { passed <= limit }
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
        if self.args.exact_mode { meta.mode == wanted } else { meta.mode & wanted != 0 }
    }

    fn content_fits(&self, path: &Path) -> Result<bool, Failure> {
        let Some(pattern) = &self.contains else { return Ok(true) };
        // What cannot be read does not contain anything.
        let Ok(Some(content)) = self.look.read(path) else { return Ok(false) };
        let text = String::from_utf8_lossy(&content);
        if self.args.read_whole_file {
            return Ok(pattern.search(&text).map_err(|error| broken(&error))?.is_some());
        }
        for line in lines_of(&text) {
            if pattern.match_(line).map_err(|error| broken(&error))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn describe(&self, path: &Path, meta: &Meta) -> Result<Value, Failure> {
        let mut values = known(path, meta, self.look)?;
        for name in ["pw_name", "gr_name"] {
            if !values.contains_key(name) {
                values.insert(name, "".into());
            }
        }
        if self.args.get_checksum && meta.is_file() {
            let digest: Digest = self.args.checksum_algorithm.digest();
            values.insert("checksum", self.look.digest(path, digest)?.into());
        }
        Ok(values.into())
    }
}

/// Units of ages, in seconds.
const AGES: [(&str, i64); 6] =
    [("", 1), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];

/// Units of sizes, in bytes.
const SIZES: [(&str, i64); 6] =
    [("", 1), ("b", 1), ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("t", 1 << 40)];

/// Reads a number with a unit: `2d`, `-500k`, `30`.
fn number(text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let text = text.to_lowercase();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let (_, factor) = units.iter().find(|(known, _)| *known == unit)?;
    digits.parse::<i64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes() {
        assert_eq!(number("2d", &AGES), Some(172_800));
        assert_eq!(number("-1W", &AGES), Some(-604_800));
        assert_eq!(number("x", &AGES), None);
        assert_eq!(number("-500k", &SIZES), Some(-512_000));
        assert_eq!(number("1.5m", &SIZES), None);
    }
}
