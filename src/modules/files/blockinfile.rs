//! `blockinfile`: makes sure a block of lines between two marker lines is, or is not, in a text file.

use std::borrow::Cow;
use std::path::PathBuf;

use super::attributes::{FileAttributes, Links};
use super::edit::{Writing, read_text};
use super::text::{Encoding, broken, lines_of};
use crate::base::pyregex::{Flags, Pattern};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::{arguments, choices};

choices! {
    /// Whether the block should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `blockinfile`.
    pub(super) struct Args {
        /// The file.
        path ["dest", "destfile", "name"]: PathBuf,
        /// Whether the block should be there.
        state: State = State::Present,
        /// The marker lines; `{mark}` stands for their two words.
        marker: String = "# {mark} ANSIBLE MANAGED BLOCK".into(),
        /// The lines; none remove the block.
        block ["content"]: String = String::new(),
        /// A new block goes behind the last line that this regular expression finds; `EOF` is the end.
        insertafter: Option<String>,
        /// A new block goes before the last line that this regular expression finds; `BOF` is the beginning.
        insertbefore: Option<String>,
        /// Whether the file is made when it is not there.
        create: bool = false,
        /// Whether the old file is kept.
        backup: bool = false,
        /// The word of the first marker line.
        marker_begin: String = "BEGIN".into(),
        /// The word of the last marker line.
        marker_end: String = "END".into(),
        /// Whether an empty line goes behind the block.
        append_newline: bool = false,
        /// Whether an empty line goes before the block.
        prepend_newline: bool = false,
        /// The command that checks the new file; `%s` is its path.
        validate: Option<String>;
        ..attributes: FileAttributes,
    }
}

/// The module.
pub(super) struct Blockinfile;

impl Module for Blockinfile {
    const SPEC: &'static Spec = &Spec {
        name: "blockinfile",
        summary: "Makes sure a block of lines between two markers is, or is not, in a text file.",
        diff: true,
        rules: &[Rule::Exclusive(&["insertbefore", "insertafter"])],
        examples: &[Example {
            about: "Add hosts.",
            task: "blockinfile: {path: /etc/hosts, block: \"10.0.0.1 db-1\\n10.0.0.2 db-2\"}",
        }],
        returns: &[Return { name: "backup_file", about: "The file that was kept." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let shown = args.path.display();
        let before = read_text(job.look(), &args.path)?;
        if before.is_none() {
            if !args.create {
                return Err(Failure::new(format!("Path {shown} does not exist !")).with("rc", 257));
            }
            if args.state == State::Absent {
                return Ok(Outcome::same(format!("File {shown} not present")));
            }
        }
        let (text, encoding) = Encoding::read(before.as_deref().unwrap_or_default());
        let after = encoding.write(&edit(&text, &args, encoding)?);
        let done = match &before {
            Some(before) if *before == after => "",
            None => "File created",
            Some(_) if args.wanted() => "Block inserted",
            Some(_) => "Block removed",
        };
        let writing = Writing {
            path: &args.path,
            links: Links::Follow,
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let written = writing.finish(job, before.as_deref(), &after)?;
        let outcome = written.outcome(done);
        Ok(match written.backup() {
            Some(kept) => outcome.with("backup_file", kept),
            None => outcome,
        })
    }
}

impl Args {
    fn wanted(&self) -> bool {
        self.state == State::Present && !self.block.is_empty()
    }
}

/// Returns the text with or without the block.
fn edit(text: &str, args: &Args, encoding: Encoding) -> Result<String, Failure> {
    let marker = |word: &str| args.marker.replace("{mark}", word);
    let (begin, end) = (marker(&args.marker_begin), marker(&args.marker_end));
    let (begin, end, block) = (encoding.own(&begin), encoding.own(&end), encoding.own(&args.block));
    let mut lines = lines_of(text);
    // A marker may be the last line and lack its line break.
    let is = |line: &str, marker: &str| line.strip_suffix('\n').unwrap_or(line) == marker;
    let first = lines.iter().rposition(|line| is(line, &begin));
    let last = lines.iter().rposition(|line| is(line, &end));
    let place = match (first, last) {
        (Some(first), Some(last)) => {
            lines.drain(first.min(last)..=first.max(last));
            first.min(last)
        }
        _ => Insertion::new(args, encoding)?.place(text, &lines)?,
    };
    let mut out = lines[..place].concat();
    let present = args.state == State::Present;
    let prepend = args.prepend_newline && present;
    let ended = out.is_empty() || out.ends_with('\n');
    if !ended && (args.wanted() || prepend || place < lines.len()) {
        out.push('\n');
    }
    if prepend && place > 0 && !out.ends_with("\n\n") && out != "\n" {
        out.push('\n');
    }
    if args.wanted() {
        for part in [begin, block, end] {
            out.push_str(&part);
            if !part.ends_with('\n') {
                out.push('\n');
            }
        }
    }
    let next = lines.get(place);
    if args.append_newline && present && next.is_some_and(|line| *line != "\n") {
        out.push('\n');
    }
    out.push_str(&lines[place..].concat());
    Ok(out)
}

/// Where a new block goes.
enum Insertion {
    Start,
    End,
    After(Pattern),
    Before(Pattern),
}

impl Insertion {
    fn new(args: &Args, encoding: Encoding) -> Result<Self, Failure> {
        let compile = |source: &str| encoding.pattern(source, Flags::NONE);
        Ok(match (args.insertafter.as_deref(), args.insertbefore.as_deref()) {
            (None, Some("BOF")) => Self::Start,
            (None | Some("EOF"), None) => Self::End,
            (Some(source), _) => Self::After(compile(source)?),
            (None, Some(source)) => Self::Before(compile(source)?),
        })
    }

    fn place(&self, text: &str, lines: &[&str]) -> Result<usize, Failure> {
        let found = match self {
            Self::Start => Some(0),
            Self::End => None,
            Self::Before(pattern) => last(pattern, text, lines, Side::Start)?,
            Self::After(pattern) => last(pattern, text, lines, Side::End)?.map(|line| line + 1),
        };
        Ok(found.unwrap_or(lines.len()))
    }
}

/// Which end of a match counts.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Side {
    Start,
    End,
}

/// Returns the last line that a pattern finds. One with `(?m)` is looked for in the whole text, once.
fn last(
    pattern: &Pattern,
    text: &str,
    lines: &[&str],
    side: Side,
) -> Result<Option<usize>, Failure> {
    let search = |text| pattern.search(text).map_err(|error| broken(&error));
    if is_multiline(pattern.source()) {
        return Ok(search(text)?.map(|found| {
            let end = if side == Side::Start { found.start() } else { found.end() };
            text[..end].matches('\n').count()
        }));
    }
    let mut place = None;
    for (number, line) in lines.iter().enumerate() {
        if search(line)?.is_some() {
            place = Some(number);
        }
    }
    Ok(place)
}

/// Returns whether a pattern begins with flags of which one is `m`.
fn is_multiline(source: &str) -> bool {
    let flags: Option<Cow<'_, str>> =
        source.strip_prefix("(?").and_then(|rest| Some(rest.split_once(')')?.0.into()));
    flags.is_some_and(|flags| flags.contains('m') && flags.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(text: &str, args: &[(&str, &str)], expected: &str) {
        let mut all = Map::from_iter([("path", Value::from("/x")), ("marker", "# {mark}".into())]);
        all.extend(args.iter().map(|(name, value)| (*name, Value::from(*value))));
        let args = Args::parse(&all).unwrap();
        let after = edit(text, &args, Encoding::Utf8).unwrap();
        assert_eq!(after, expected);
        assert_eq!(edit(&after, &args, Encoding::Utf8).unwrap(), expected, "the second time");
    }

    #[test]
    fn a_block_comes_is_changed_and_goes() {
        case("a\n", &[("block", "x\ny")], "a\n# BEGIN\nx\ny\n# END\n");
        case("a", &[("block", "x\n")], "a\n# BEGIN\nx\n# END\n");
        case("# BEGIN\nold\n# END\nb\n", &[("block", "x")], "# BEGIN\nx\n# END\nb\n");
        case("# BEGIN\nold\n# END\nb\n", &[("state", "absent")], "b\n");
        case("# BEGIN\nold\n# END\nb\n", &[("block", "")], "b\n");
        case("# BEGIN\nold\n# END", &[("block", "x")], "# BEGIN\nx\n# END\n");
        case("a", &[("state", "absent")], "a");
    }

    #[test]
    fn it_goes_where_it_should() {
        case("a\nb\n", &[("block", "x"), ("insertafter", "^a")], "a\n# BEGIN\nx\n# END\nb\n");
        case("a\n", &[("block", "x"), ("insertbefore", "BOF")], "# BEGIN\nx\n# END\na\n");
        case("", &[("block", "x")], "# BEGIN\nx\n# END\n");
        let spaced = [
            ("block", "x"),
            ("insertafter", "a"),
            ("append_newline", "yes"),
            ("prepend_newline", "yes"),
        ];
        case("a\nb\n", &spaced, "a\n\n# BEGIN\nx\n# END\n\nb\n");
    }
}
