//! `lineinfile`: makes sure a line is, or is not, in a text file.

use std::borrow::Cow;
use std::path::PathBuf;

use super::attributes::{FileAttributes, Links};
use super::edit::{Writing, read_text};
use super::text::{Encoding, bare, broken, lines_of, with_break};
use crate::base::pyregex::{Flags, Match, Pattern, Template};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::{arguments, choices};

choices! {
    /// Whether the line should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `lineinfile`.
    pub(super) struct Args {
        /// The file.
        path ["dest", "destfile", "name"]: PathBuf,
        /// A regular expression: the last line that it finds is replaced, or all that it finds are removed.
        regexp ["regex"]: Option<String>,
        /// A text to look for instead of a regular expression.
        search_string: Option<String>,
        /// Whether the line should be there.
        state: State = State::Present,
        /// The line, without its line break.
        line ["value"]: Option<String>,
        /// Whether `\1` and the like in `line` stand for groups of `regexp`; without a match nothing is added.
        backrefs: bool = false,
        /// A new line goes behind the last line that this regular expression finds; `EOF` is the end.
        insertafter: Option<String>,
        /// A new line goes before the last line that this regular expression finds; `BOF` is the beginning.
        insertbefore: Option<String>,
        /// Whether the file is made when it is not there.
        create: bool = false,
        /// Whether the old file is kept.
        backup: bool = false,
        /// Whether the first line counts that is found, and not the last.
        firstmatch: bool = false,
        /// The command that checks the new file; `%s` is its path.
        validate: Option<String>;
        ..attributes: FileAttributes,
    }
}

/// The module.
pub(super) struct Lineinfile;

impl Module for Lineinfile {
    const SPEC: &'static Spec = &Spec {
        name: "lineinfile",
        summary: "Makes sure a line is, or is not, in a text file.",
        diff: true,
        rules: &[
            Rule::Exclusive(&["insertafter", "insertbefore"]),
            Rule::Exclusive(&["regexp", "search_string"]),
            Rule::Exclusive(&["backrefs", "search_string"]),
        ],
        examples: &[
            Example {
                about: "Forbid root to log in.",
                task: "lineinfile: {path: /etc/ssh/sshd_config, regexp: '^#?PermitRootLogin', line: PermitRootLogin no, validate: sshd -t -f %s}",
            },
            Example {
                about: "Remove a host.",
                task: "lineinfile: {path: /etc/hosts, regexp: '\\sold-db$', state: absent}",
            },
        ],
        returns: &[
            Return { name: "backup", about: "The file that was kept, or an empty text." },
            Return { name: "found", about: "How many lines were removed." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        check(&args)?;
        warn_of_empty(&args, job);
        let shown = args.path.display();
        let before = read_text(job.look(), &args.path)?;
        if before.is_none() {
            if args.state == State::Absent {
                return Ok(Outcome::same("file not present"));
            }
            if !args.create {
                let text = format!("Destination {shown} does not exist !");
                return Err(Failure::new(text).with("rc", 257));
            }
        }
        let (text, encoding) = Encoding::read(before.as_deref().unwrap_or_default());
        let edit = Editor::new(&args, encoding)?.edit(&text)?;
        let after = match &edit.text {
            Some(text) => encoding.write(text),
            None => before.clone().unwrap_or_default(),
        };
        let writing = Writing {
            path: &args.path,
            links: Links::Follow,
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let written = writing.finish(job, before.as_deref(), &after)?;
        let outcome = written.outcome(&edit.message);
        let outcome = outcome.with("backup", written.backup().unwrap_or_default());
        Ok(match args.state {
            State::Present => outcome,
            State::Absent => outcome.with("found", edit.found),
        })
    }
}

fn check(args: &Args) -> Result<(), Failure> {
    match args.state {
        State::Present if args.backrefs && args.regexp.is_none() => {
            Err(Failure::new("regexp is required with backrefs=true"))
        }
        State::Present if args.line.is_none() => {
            Err(Failure::new("line is required with state=present"))
        }
        State::Absent
            if args.regexp.is_none() && args.search_string.is_none() && args.line.is_none() =>
        {
            Err(Failure::new("one of line, search_string, or regexp is required with state=absent"))
        }
        State::Absent | State::Present => Ok(()),
    }
}

fn warn_of_empty(args: &Args, job: &mut Job<'_>) {
    const CONSEQUENCES: &str = "which will match every line in the file. This may have unintended consequences, such as replacing the last line in the file rather than appending.";
    if args.regexp.as_deref() == Some("") {
        job.warn(format!(
            "The regular expression is an empty string, {CONSEQUENCES} If this is desired, use '^' to match every line in the file and avoid this warning."
        ));
    }
    if args.search_string.as_deref() == Some("") {
        job.warn(format!("The search string is an empty string, {CONSEQUENCES}"));
    }
}

/// What comes of the text.
#[derive(Debug, Default)]
struct Edit {
    /// The new text; nothing when it stays.
    text: Option<String>,
    message: String,
    found: usize,
}

/// Edits text as the arguments say.
struct Editor<'a> {
    args: &'a Args,
    line: Cow<'a, str>,
    pattern: Option<Pattern>,
    search: Option<Cow<'a, str>>,
    place: Place,
}

/// Where a new line goes.
enum Place {
    Start,
    End,
    After(Pattern),
    Before(Pattern),
}

impl<'a> Editor<'a> {
    fn new(args: &'a Args, encoding: Encoding) -> Result<Self, Failure> {
        let compile = |source: &str| encoding.pattern(source, Flags::NONE);
        let place = match (args.insertafter.as_deref(), args.insertbefore.as_deref()) {
            (Some("BOF"), _) | (None, Some("BOF")) => Place::Start,
            (Some("EOF"), _) | (None, None) => Place::End,
            (Some(source), _) => Place::After(compile(source)?),
            (None, Some(source)) => Place::Before(compile(source)?),
        };
        Ok(Self {
            args,
            line: encoding.own(args.line.as_deref().unwrap_or_default()),
            pattern: args.regexp.as_deref().map(compile).transpose()?,
            search: args.search_string.as_deref().map(|text| encoding.own(text)),
            place,
        })
    }

    fn edit(&self, text: &str) -> Result<Edit, Failure> {
        let lines = lines_of(text);
        match self.args.state {
            State::Present => self.present(&lines),
            State::Absent => self.absent(&lines),
        }
    }

    /// Returns whether the expression or text finds a line; it sees the line break too.
    fn finds(&self, line: &str) -> Result<bool, Failure> {
        match (&self.pattern, &self.search) {
            (Some(pattern), _) => Ok(search(pattern, line)?.is_some()),
            (None, Some(text)) => Ok(line.contains(text.as_ref())),
            (None, None) => Ok(false),
        }
    }

    fn absent(&self, lines: &[&str]) -> Result<Edit, Failure> {
        let by_line = self.pattern.is_none() && self.search.is_none();
        let mut kept = String::new();
        let mut found = 0;
        for line in lines {
            let gone = if by_line { bare(line) == self.line } else { self.finds(line)? };
            if gone {
                found += 1;
            } else {
                kept.push_str(line);
            }
        }
        let message = if found > 0 { format!("{found} line(s) removed") } else { String::new() };
        Ok(Edit { text: (found > 0).then_some(kept), message, found })
    }

    fn present(&self, lines: &[&str]) -> Result<Edit, Failure> {
        let mut matched = None;
        for (number, line) in lines.iter().enumerate() {
            if self.finds(line)? {
                matched = Some(number);
                if self.args.firstmatch {
                    break;
                }
            }
        }
        // The line itself counts only where nothing else was found.
        let equal = || lines.iter().rposition(|line| bare(line) == self.line);
        match matched.or_else(equal) {
            Some(number) => self.put(lines, number, matched.is_some()),
            None if self.args.backrefs => Ok(Edit::default()),
            None => self.insert(lines),
        }
    }

    /// Replaces a line.
    fn put(&self, lines: &[&str], number: usize, matched: bool) -> Result<Edit, Failure> {
        let mut new: Cow<'_, str> = self.line.clone();
        if let Some(pattern) = self.pattern.as_ref().filter(|_| matched && self.args.backrefs)
            && let Some(found) = search(pattern, lines[number])?
        {
            let template = Template::new(&self.line, pattern).map_err(|error| broken(&error))?;
            new = template.expand(&found).into();
        }
        let new = with_break(&new);
        if lines[number] == new {
            return Ok(Edit::default());
        }
        let text = [&lines[..number].concat(), &*new, &lines[number + 1..].concat()].concat();
        Ok(Edit { text: Some(text), message: "line replaced".into(), found: 0 })
    }

    fn insert(&self, lines: &[&str]) -> Result<Edit, Failure> {
        let number = match &self.place {
            Place::Start => 0,
            Place::End => lines.len(),
            Place::After(pattern) => {
                self.last(pattern, lines)?.map_or(lines.len(), |number| number + 1)
            }
            Place::Before(pattern) => self.last(pattern, lines)?.unwrap_or(lines.len()),
        };
        let mut text = lines[..number].concat();
        // The last line may lack its line break.
        if !text.is_empty() && !text.ends_with(['\n', '\r']) {
            text.push('\n');
        }
        text.push_str(&self.line);
        text.push('\n');
        text.push_str(&lines[number..].concat());
        Ok(Edit { text: Some(text), message: "line added".into(), found: 0 })
    }

    fn last(&self, pattern: &Pattern, lines: &[&str]) -> Result<Option<usize>, Failure> {
        let mut found = None;
        for (number, line) in lines.iter().enumerate() {
            if search(pattern, line)?.is_some() {
                found = Some(number);
                if self.args.firstmatch {
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn search<'t>(pattern: &Pattern, line: &'t str) -> Result<Option<Match<'t>>, Failure> {
    pattern.search(line).map_err(|error| broken(&error))
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
        let args = Args::parse(&all).unwrap();
        let edit = Editor::new(&args, Encoding::Utf8).unwrap().edit(text).unwrap();
        assert_eq!(edit.text.as_deref(), expected);
    }

    #[test]
    fn added() {
        case("a\nb", &[("line", "c")], Some("a\nb\nc\n"));
        case("a\n", &[("line", "a")], None);
        case("a\nb\n", &[("line", "x"), ("insertafter", "^a")], Some("a\nx\nb\n"));
        case("a\nb\n", &[("line", "x"), ("insertbefore", "^b")], Some("a\nx\nb\n"));
        case("a\n", &[("line", "x"), ("insertbefore", "BOF")], Some("x\na\n"));
        case("a\n", &[("line", "x"), ("insertafter", "zz")], Some("a\nx\n"));
    }

    #[test]
    fn replaced() {
        let args = [("regexp", "^a="), ("line", "a=3")];
        case("a=1\nb\na=2\n", &args, Some("a=1\nb\na=3\n"));
        let first = [("regexp", "^a="), ("line", "a=3"), ("firstmatch", "yes")];
        case("a=1\nb\na=2\n", &first, Some("a=3\nb\na=2\n"));
        let groups = [("regexp", r"^port (\d+)"), ("line", r"listen \1"), ("backrefs", "yes")];
        case("port 80\n", &groups, Some("listen 80\n"));
        case("x\n", &groups, None);
    }

    #[test]
    fn removed() {
        case("a\nb\na\n", &[("state", "absent"), ("line", "a")], Some("b\n"));
        case("a1\nb\na2\n", &[("state", "absent"), ("regexp", "^a")], Some("b\n"));
        case("foo bar\nb\n", &[("state", "absent"), ("search_string", "o b")], Some("b\n"));
        case("b\n", &[("state", "absent"), ("line", "a")], None);
    }
}
