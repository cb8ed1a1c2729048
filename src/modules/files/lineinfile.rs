//! `lineinfile`: makes sure a line is, or is not, in a text file.

use std::path::PathBuf;

use super::attributes::FileAttributes;
use super::edit::Writing;
use crate::base::pyregex::{self, Flags, Pattern};
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
        examples: &[Example {
            about: "Forbid root to log in.",
            task: "lineinfile: {path: /etc/ssh/sshd_config, regexp: '^#?PermitRootLogin', line: PermitRootLogin no}",
        }],
        returns: &[
            Return { name: "backup", about: "The file that was kept." },
            Return { name: "found", about: "How many lines were removed." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let path = job.look().real_path(&args.path)?;
        let shown = args.path.to_string_lossy().into_owned();
        if job.look().stat_followed(&path)?.is_some_and(|meta| meta.is_folder()) {
            return Err(Failure::new(format!("Path {shown} is a directory !")).with("rc", 256));
        }
        let before = job.look().read(&path)?;
        let finder = Finder::new(&args)?;
        let edit = match args.state {
            State::Present => {
                if args.backrefs && args.regexp.is_none() {
                    return Err(Failure::new("regexp is required with backrefs=true"));
                }
                let Some(line) = args.line.clone() else {
                    return Err(Failure::new("line is required with state=present"));
                };
                if before.is_none() {
                    if !args.create {
                        return Err(Failure::new(format!("Destination {shown} does not exist !"))
                            .with("rc", 257));
                    }
                    make_parent(&path, job)?;
                }
                present(&text_of(before.as_deref(), &shown)?, &line, &args, &finder)?
            }
            State::Absent => {
                if args.regexp.is_none() && args.search_string.is_none() && args.line.is_none() {
                    return Err(Failure::new(
                        "one of line, search_string, or regexp is required with state=absent",
                    ));
                }
                if before.is_none() {
                    return Ok(Outcome::same("file not present")
                        .with("found", 0)
                        .with("backup", ""));
                }
                absent(&text_of(before.as_deref(), &shown)?, &args, &finder)?
            }
        };
        let writing = Writing {
            path: &path,
            before: before.as_deref(),
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let unchanged = before.is_some() && edit.message.is_empty();
        let after =
            if unchanged { before.clone().unwrap_or_default() } else { edit.text.into_bytes() };
        let kept = writing.finish(job, &after)?;
        let backup = kept.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let outcome = Outcome::done().with("msg", edit.message).with("backup", backup);
        Ok(match args.state {
            State::Present => outcome,
            State::Absent => outcome.with("found", edit.found),
        })
    }
}

/// What comes of the text, what is said of it, how many lines were found.
struct Edit {
    text: String,
    message: String,
    found: usize,
}

fn text_of(content: Option<&[u8]>, shown: &str) -> Result<String, Failure> {
    let content = content.unwrap_or_default().to_vec();
    String::from_utf8(content).map_err(|_| Failure::new(format!("{shown} is not UTF-8 text")))
}

pub(super) fn make_parent(path: &std::path::Path, job: &mut Job<'_>) -> Result<(), Failure> {
    let Some(parent) = path.parent() else { return Ok(()) };
    let mut missing = Vec::new();
    let mut folder = parent;
    while job.look().stat_followed(folder)?.is_none() {
        missing.push(folder.to_owned());
        match folder.parent() {
            Some(above) => folder = above,
            None => break,
        }
    }
    for folder in missing.iter().rev() {
        job.change(crate::module::Diff::None, |act| Ok(act.make_folder(folder)?))?;
    }
    Ok(())
}

/// Finds lines as the arguments say.
struct Finder<'a> {
    pattern: Option<Pattern>,
    text: Option<&'a str>,
}

impl<'a> Finder<'a> {
    fn new(args: &'a Args) -> Result<Self, Failure> {
        Ok(Self {
            pattern: args.regexp.as_deref().map(compile).transpose()?,
            text: args.search_string.as_deref(),
        })
    }

    fn finds(&self, line: &str) -> Result<Option<bool>, Failure> {
        match (&self.pattern, self.text) {
            (Some(pattern), _) => Ok(Some(pattern.search(line).map_err(broken)?.is_some())),
            (None, Some(text)) => Ok(Some(line.contains(text))),
            (None, None) => Ok(None),
        }
    }
}

fn compile(source: &str) -> Result<Pattern, Failure> {
    Pattern::new(source, Flags::default()).map_err(broken)
}

fn broken(error: pyregex::PatternError) -> Failure {
    Failure::new(format!("the regular expression is wrong: {error}"))
}

/// Returns the lines with their line breaks.
fn lines_of(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn present(text: &str, line: &str, args: &Args, finder: &Finder<'_>) -> Result<Edit, Failure> {
    let mut lines = lines_of(text);
    let mut matched: Option<usize> = None;
    let mut equal = None;
    for (number, known) in lines.iter().enumerate() {
        match finder.finds(bare(known))? {
            Some(true) if !(args.firstmatch && matched.is_some()) => matched = Some(number),
            None if bare(known) == bare(line) => equal = Some(number),
            _ => {
                if finder.finds(bare(known))? == Some(false) && bare(known) == bare(line) {
                    equal = Some(number);
                }
            }
        }
    }
    if let Some(number) = matched {
        let new = replacement(&lines[number], line, args, finder)?;
        let new = with_break(new);
        if lines[number] == new {
            return Ok(Edit { text: text.to_owned(), message: String::new(), found: 0 });
        }
        lines[number] = new;
        return Ok(Edit { text: lines.concat(), message: "line replaced".into(), found: 1 });
    }
    if args.backrefs || equal.is_some() {
        return Ok(Edit { text: text.to_owned(), message: String::new(), found: 0 });
    }
    insert(&mut lines, line, args)?;
    Ok(Edit { text: lines.concat(), message: "line added".into(), found: 0 })
}

/// Returns the line that takes the place of the one found.
fn replacement(old: &str, line: &str, args: &Args, finder: &Finder<'_>) -> Result<String, Failure> {
    let Some(pattern) = finder.pattern.as_ref().filter(|_| args.backrefs) else {
        return Ok(line.to_owned());
    };
    let found = pattern.search(bare(old)).map_err(broken)?;
    let template = pyregex::Template::new(line, pattern).map_err(broken)?;
    Ok(found.map_or_else(|| line.to_owned(), |found| template.expand(&found)))
}

fn with_break(line: String) -> String {
    if line.ends_with('\n') { line } else { line + "\n" }
}

/// Puts a new line where `insertafter` and `insertbefore` say, at the end when they find nothing.
fn insert(lines: &mut Vec<String>, line: &str, args: &Args) -> Result<(), Failure> {
    let new = with_break(line.to_owned());
    let find = |pattern: &str| -> Result<Option<usize>, Failure> {
        let pattern = compile(pattern)?;
        let mut found = None;
        for (number, known) in lines.iter().enumerate() {
            if pattern.search(bare(known)).map_err(broken)?.is_some() {
                found = Some(number);
                if args.firstmatch {
                    break;
                }
            }
        }
        Ok(found)
    };
    let place = match (args.insertbefore.as_deref(), args.insertafter.as_deref()) {
        (Some("BOF"), _) => Some(0),
        (_, Some("BOF")) => Some(0),
        (Some("EOF"), _) | (None, None | Some("EOF" | "")) => None,
        (Some(pattern), _) => find(pattern)?,
        (None, Some(pattern)) => find(pattern)?.map(|number| number + 1),
    };
    let place = place.unwrap_or(lines.len());
    // The last line may lack its line break.
    if place == lines.len()
        && let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n'))
    {
        last.push('\n');
    }
    lines.insert(place, new);
    Ok(())
}

fn absent(text: &str, args: &Args, finder: &Finder<'_>) -> Result<Edit, Failure> {
    let mut kept = String::new();
    let mut found = 0;
    for known in lines_of(text) {
        let gone = match finder.finds(bare(&known))? {
            Some(finds) => finds,
            None => args.line.as_deref().is_some_and(|line| bare(line) == bare(&known)),
        };
        if gone {
            found += 1;
        } else {
            kept.push_str(&known);
        }
    }
    let message = if found > 0 { format!("{found} line(s) removed") } else { String::new() };
    Ok(Edit { text: kept, message, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(text: &str, args: &[(&str, Value)], expected: &str) {
        let mut all = Map::from_iter([("path", Value::from("/x"))]);
        all.extend(args.iter().cloned());
        let args = Args::parse(&all).unwrap();
        let finder = Finder::new(&args).unwrap();
        let edit = match args.state {
            State::Present => present(text, args.line.as_deref().unwrap(), &args, &finder).unwrap(),
            State::Absent => absent(text, &args, &finder).unwrap(),
        };
        assert_eq!(edit.text, expected);
    }

    #[test]
    fn added_or_replaced() {
        case("a\nb", &[("line", "c".into())], "a\nb\nc\n");
        case("a\n", &[("line", "a".into())], "a\n");
        case("a=1\nb\na=2\n", &[("regexp", "^a=".into()), ("line", "a=3".into())], "a=1\nb\na=3\n");
        case(
            "a=1\nb\na=2\n",
            &[("regexp", "^a=".into()), ("line", "a=3".into()), ("firstmatch", true.into())],
            "a=3\nb\na=2\n",
        );
        case("a\nb\n", &[("line", "x".into()), ("insertafter", "^a".into())], "a\nx\nb\n");
        case("a\nb\n", &[("line", "x".into()), ("insertbefore", "^b".into())], "a\nx\nb\n");
        case("a\n", &[("line", "x".into()), ("insertbefore", "BOF".into())], "x\na\n");
        case("a\n", &[("line", "x".into()), ("insertafter", "zz".into())], "a\nx\n");
    }

    #[test]
    fn groups_are_put_in() {
        case(
            "port 80\n",
            &[
                ("regexp", r"^port (\d+)".into()),
                ("line", r"listen \1".into()),
                ("backrefs", true.into()),
            ],
            "listen 80\n",
        );
        case(
            "x\n",
            &[
                ("regexp", r"^port (\d+)".into()),
                ("line", r"listen \1".into()),
                ("backrefs", true.into()),
            ],
            "x\n",
        );
    }

    #[test]
    fn removed() {
        case("a\nb\na\n", &[("state", "absent".into()), ("line", "a".into())], "b\n");
        case("a1\nb\na2\n", &[("state", "absent".into()), ("regexp", "^a".into())], "b\n");
        case("foo bar\nb\n", &[("state", "absent".into()), ("search_string", "o b".into())], "b\n");
    }
}
