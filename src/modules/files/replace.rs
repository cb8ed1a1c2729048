//! `replace`: replaces what a regular expression finds in a text file, everywhere.

use std::ops::Range;
use std::path::PathBuf;

use super::attributes::{FileAttributes, Links};
use super::edit::{Writing, read_text};
use super::text::{Encoding, broken};
use crate::arguments;
use crate::base::pyregex::Flags;
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
        /// The encoding of the file: `utf-8`, `ascii` or `latin-1`.
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
        returns: &[
            Return { name: "backup_file", about: "The file that was kept." },
            Return { name: "msg", about: "How many replacements were made." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let shown = args.path.display();
        let Some(before) = read_text(job.look(), &args.path)? else {
            return Err(Failure::new(format!("Path {shown} does not exist !")).with("rc", 257));
        };
        let (text, encoding) = decode(&before, &args.encoding)?;
        let (after, done) = match edit(&text, &args, encoding)? {
            Edit::Made(after, count) => {
                (encoding.write(&after), format!("{count} replacements made"))
            }
            Edit::None => (before.clone(), String::new()),
            Edit::NoPart(pattern) => {
                let text = "Pattern for before/after params did not match the given file";
                return Ok(Outcome::same(format!("{text}: {pattern}")).with("rc", 0));
            }
        };
        let writing = Writing {
            path: &args.path,
            links: Links::Follow,
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let written = writing.finish(job, Some(&before), &after)?;
        let outcome = written.outcome(&done).with("rc", 0);
        Ok(match written.backup() {
            Some(kept) => outcome.with("backup_file", kept),
            None => outcome,
        })
    }
}

/// Reads the file in the encoding that the playbook names.
fn decode<'a>(
    content: &'a [u8],
    name: &str,
) -> Result<(std::borrow::Cow<'a, str>, Encoding), Failure> {
    match name.to_lowercase().replace(['_', ' '], "-").as_str() {
        "utf-8" | "utf8" | "ascii" | "us-ascii" => Ok(Encoding::read(content)),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => {
            Ok((content.iter().copied().map(char::from).collect(), Encoding::Latin))
        }
        _ => Err(Failure::new(format!(
            "unknown encoding: {name}; fcplay edits utf-8, ascii and latin-1"
        ))),
    }
}

/// What comes of the text.
enum Edit {
    None,
    Made(String, usize),
    /// The part to edit was not found by this pattern.
    NoPart(String),
}

fn edit(text: &str, args: &Args, encoding: Encoding) -> Result<Edit, Failure> {
    let part = match (&args.after, &args.before) {
        (None, None) => None,
        (Some(after), Some(before)) => Some(format!("{after}(?P<subsection>.*?){before}")),
        (Some(after), None) => Some(format!("{after}(?P<subsection>.*)")),
        (None, Some(before)) => Some(format!("(?P<subsection>.*){before}")),
    };
    let range = match part {
        None => 0..text.len(),
        Some(source) => match section(text, &source, encoding)? {
            Some(range) => range,
            None => return Ok(Edit::NoPart(source)),
        },
    };
    let pattern = encoding.pattern(&args.regexp, Flags::MULTILINE)?;
    let old = &text[range.clone()];
    let (new, count) =
        pattern.replace_all(old, &encoding.own(&args.replace), 0).map_err(|error| {
            Failure::new(format!("Unable to process replace due to error: {error}"))
        })?;
    if count == 0 || new == old {
        return Ok(Edit::None);
    }
    Ok(Edit::Made([&text[..range.start], &new, &text[range.end..]].concat(), count))
}

/// Returns the part of the text between `after` and `before`; nothing when they do not find anything.
fn section(text: &str, source: &str, encoding: Encoding) -> Result<Option<Range<usize>>, Failure> {
    let pattern = encoding.pattern(source, Flags::DOTALL)?;
    let group = pattern.group_of("subsection").unwrap_or(0);
    let found = pattern.search(text).map_err(|error| broken(&error))?;
    Ok(found.and_then(|found| found.span(group)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(text: &str, args: &[(&str, &str)], expected: Option<&str>) {
        let mut all = Map::from_iter([("path", Value::from("/x"))]);
        all.extend(args.iter().map(|(name, value)| (*name, Value::from(*value))));
        let edit = edit(text, &Args::parse(&all).unwrap(), Encoding::Utf8).unwrap();
        let after = if let Edit::Made(after, _) = edit { Some(after) } else { None };
        assert_eq!(after.as_deref(), expected);
    }

    #[test]
    fn replaced() {
        case("a b a\n", &[("regexp", "a"), ("replace", "x")], Some("x b x\n"));
        let groups = [("regexp", r"^k=(\d)$"), ("replace", r"v=\1")];
        case("k=1\nk=2\n", &groups, Some("v=1\nv=2\n"));
        case("a\n", &[("regexp", "a")], Some("\n"));
        case("a\n", &[("regexp", "a"), ("replace", "a")], None);
    }

    #[test]
    fn only_a_part() {
        let args = |name| [("regexp", "a"), ("replace", "x"), (name, "b")];
        case("a\nb\na\n", &args("after"), Some("a\nb\nx\n"));
        case("a\nb\na\n", &args("before"), Some("x\nb\na\n"));
        case("a\n", &args("after"), None);
    }
}
