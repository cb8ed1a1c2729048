//! `replace`: replaces what a regular expression finds in a text file, everywhere.

use std::path::PathBuf;

use super::attributes::FileAttributes;
use super::edit::Writing;
use crate::arguments;
use crate::base::pyregex::{Flags, Pattern, PatternError};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};

arguments! {
    /// Arguments of `replace`.
    pub(super) struct Args {
        /// The file.
        path ["dest", "destfile", "name"]: PathBuf,
        /// What to look for; `^` and `$` stand for the ends of lines.
        regexp: String,
        /// What to put there; `\1` stands for a group.
        replace: String = String::new(),
        /// Only what stands behind what this regular expression finds.
        after: Option<String>,
        /// Only what stands before what this regular expression finds.
        before: Option<String>,
        /// Whether the old file is kept.
        backup: bool = false,
        /// The encoding of the file; `utf-8` is known.
        encoding: String = "utf-8".into(),
        /// The command that checks the new file; `%s` is its path.
        validate: Option<String>;
        ..attributes: FileAttributes,
    }
}

/// The module.
pub(super) struct Replace;

impl Module for Replace {
    const SPEC: &'static Spec = &Spec {
        name: "replace",
        summary: "Replaces what a regular expression finds in a text file.",
        diff: true,
        examples: &[Example {
            about: "Rename a host.",
            task: "replace: {path: /etc/hosts, regexp: '\\bold\\b', replace: new}",
        }],
        returns: &[Return { name: "backup_file", about: "The file that was kept." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let path = job.look().real_path(&args.path)?;
        let shown = args.path.to_string_lossy().into_owned();
        if job.look().stat_followed(&path)?.is_some_and(|meta| meta.is_folder()) {
            return Err(Failure::new(format!("Path {shown} is a directory !")).with("rc", 256));
        }
        let Some(before) = job.look().read(&path)? else {
            return Err(Failure::new(format!("Path {shown} does not exist !")).with("rc", 257));
        };
        let text = std::str::from_utf8(&before)
            .map_err(|_| Failure::new(format!("{shown} is not UTF-8 text")))?;
        let (after, message) = edit(text, &args)?;
        let writing = Writing {
            path: &path,
            before: Some(&before),
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let kept = writing.finish(job, after.as_bytes())?;
        let outcome = Outcome::done().with("msg", message).with("rc", 0);
        Ok(match kept {
            Some(kept) => outcome.with("backup_file", kept.to_string_lossy().into_owned()),
            None => outcome,
        })
    }
}

fn broken(error: PatternError) -> Failure {
    Failure::new(format!("the regular expression is wrong: {error}"))
}

fn edit(text: &str, args: &Args) -> Result<(String, String), Failure> {
    let Some((start, end)) = part(text, args)? else {
        return Ok((
            text.to_owned(),
            "Pattern for before/after params did not match the given file".into(),
        ));
    };
    let pattern = Pattern::new(&args.regexp, Flags::MULTILINE).map_err(broken)?;
    let found = pattern.find_iter(&text[start..end]).count();
    if found == 0 {
        return Ok((text.to_owned(), String::new()));
    }
    let (new, _) = pattern.replace_all(&text[start..end], &args.replace, 0).map_err(broken)?;
    Ok((format!("{}{new}{}", &text[..start], &text[end..]), format!("{found} replacements made")))
}

/// Returns the part of the text between `after` and `before`; nothing when they do not find anything.
fn part(text: &str, args: &Args) -> Result<Option<(usize, usize)>, Failure> {
    let source = match (&args.after, &args.before) {
        (None, None) => return Ok(Some((0, text.len()))),
        (Some(after), Some(before)) => format!("{after}(?P<subsection>.*?){before}"),
        (Some(after), None) => format!("{after}(?P<subsection>.*)"),
        (None, Some(before)) => format!("(?P<subsection>.*){before}"),
    };
    let pattern = Pattern::new(&source, Flags::DOTALL).map_err(broken)?;
    let Some(found) = pattern.search(text).map_err(broken)? else { return Ok(None) };
    let number = pattern.group_of("subsection").unwrap_or(0);
    let Some(inner) = found.group(number) else { return Ok(None) };
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    Ok(Some((start, start + inner.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(text: &str, args: &[(&str, &str)], expected: &str) {
        let mut all = Map::from_iter([("path", Value::from("/x"))]);
        all.extend(args.iter().map(|(name, value)| (*name, Value::from(*value))));
        assert_eq!(edit(text, &Args::parse(&all).unwrap()).unwrap().0, expected);
    }

    #[test]
    fn replaced() {
        case("a b a\n", &[("regexp", "a"), ("replace", "x")], "x b x\n");
        case("k=1\nk=2\n", &[("regexp", r"^k=(\d)$"), ("replace", r"v=\1")], "v=1\nv=2\n");
        case("a\nb\na\n", &[("regexp", "a"), ("replace", "x"), ("after", "b")], "a\nb\nx\n");
        case("a\nb\na\n", &[("regexp", "a"), ("replace", "x"), ("before", "b")], "x\nb\na\n");
        case("a\n", &[("regexp", "a"), ("after", "zz")], "a\n");
        case("a\n", &[("regexp", "a")], "\n");
    }
}
