//! `blockinfile`: makes sure a block of lines between two marker lines is, or is not, in a text file.

use std::path::PathBuf;

use super::attributes::FileAttributes;
use super::edit::Writing;
use super::lineinfile::make_parent;
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
        /// The encoding of the file; `utf-8` is known.
        encoding: String = "utf-8".into(),
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
        rules: &[Rule::Exclusive(&["insertafter", "insertbefore"])],
        examples: &[Example {
            about: "Add hosts.",
            task: "blockinfile: {path: /etc/hosts, block: \"10.0.0.1 db-1\\n10.0.0.2 db-2\"}",
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
        let before = job.look().read(&path)?;
        if before.is_none() {
            if !args.create && args.state == State::Present {
                return Err(Failure::new(format!("Path {shown} does not exist !")).with("rc", 257));
            }
            if args.state == State::Absent {
                return Ok(Outcome::same("File not present"));
            }
            make_parent(&path, job)?;
        }
        let text = String::from_utf8(before.clone().unwrap_or_default())
            .map_err(|_| Failure::new(format!("{shown} is not UTF-8 text")))?;
        let (after, message) = edit(&text, &args)?;
        let writing = Writing {
            path: &path,
            before: before.as_deref(),
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let kept = writing.finish(job, after.as_bytes())?;
        let outcome = Outcome::done().with("msg", message);
        Ok(match kept {
            Some(kept) => outcome.with("backup_file", kept.to_string_lossy().into_owned()),
            None => outcome,
        })
    }
}

/// Returns the text with or without the block, and what was done.
fn edit(text: &str, args: &Args) -> Result<(String, &'static str), Failure> {
    let mark = |word: &str| args.marker.replace("{mark}", word);
    let (begin, end) = (mark(&args.marker_begin), mark(&args.marker_end));
    let mut lines: Vec<&str> = text.lines().collect();
    // The last line may lack its line break; a file that only lacks that is not changed.
    let first = lines.iter().position(|line| *line == begin);
    let last = lines.iter().rposition(|line| *line == end);
    let wanted = args.state == State::Present && !args.block.is_empty();
    let block: Vec<&str> =
        args.block.strip_suffix('\n').unwrap_or(&args.block).split('\n').collect();
    let (place, found) = match (first, last) {
        (Some(first), Some(last)) => {
            let (from, to) = if first < last { (first, last) } else { (last, first) };
            let same = wanted && lines[from + 1..to] == block[..] && first < last;
            if same && spaced(&lines, from, to, args) {
                return Ok((text.to_owned(), ""));
            }
            lines.drain(from..=to);
            (from, true)
        }
        _ => (insertion(&lines, args)?, false),
    };
    if !wanted {
        if !found {
            return Ok((text.to_owned(), ""));
        }
        return Ok((joined(&lines), "Block removed"));
    }
    let mut new = Vec::new();
    if args.prepend_newline
        && place > 0
        && lines.get(place - 1).is_some_and(|line| !line.is_empty())
    {
        new.push("");
    }
    new.push(begin.as_str());
    new.extend(block);
    new.push(end.as_str());
    if args.append_newline && lines.get(place).is_some_and(|line| !line.is_empty()) {
        new.push("");
    }
    lines.splice(place..place, new);
    Ok((joined(&lines), if found { "Block updated" } else { "Block inserted" }))
}

/// Returns whether the empty lines around the block are there that are wanted.
fn spaced(lines: &[&str], from: usize, to: usize, args: &Args) -> bool {
    let before = !args.prepend_newline || from == 0 || lines[from - 1].is_empty();
    let after = !args.append_newline || lines.get(to + 1).is_none_or(|line| line.is_empty());
    before && after
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

/// Returns where a new block goes.
fn insertion(lines: &[&str], args: &Args) -> Result<usize, Failure> {
    let find = |pattern: &str| -> Result<Option<usize>, Failure> {
        let broken = |error| Failure::new(format!("the regular expression is wrong: {error}"));
        let pattern = Pattern::new(pattern, Flags::default()).map_err(broken)?;
        let mut found = None;
        for (number, line) in lines.iter().enumerate() {
            if pattern.search(line).map_err(broken)?.is_some() {
                found = Some(number);
            }
        }
        Ok(found)
    };
    let place = match (args.insertbefore.as_deref(), args.insertafter.as_deref()) {
        (Some("BOF"), _) => Some(0),
        (Some(pattern), _) => find(pattern)?,
        (None, None | Some("EOF")) => None,
        (None, Some(pattern)) => find(pattern)?.map(|number| number + 1),
    };
    Ok(place.unwrap_or(lines.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(text: &str, args: &[(&str, Value)], expected: &str) {
        let mut all = Map::from_iter([("path", Value::from("/x")), ("marker", "# {mark}".into())]);
        all.extend(args.iter().cloned());
        let args = Args::parse(&all).unwrap();
        let (after, _) = edit(text, &args).unwrap();
        assert_eq!(after, expected);
        assert_eq!(edit(&after, &args).unwrap().0, expected, "the second time");
    }

    #[test]
    fn blocks() {
        case("a\n", &[("block", "x\ny".into())], "a\n# BEGIN\nx\ny\n# END\n");
        case("a", &[("block", "x\n".into())], "a\n# BEGIN\nx\n# END\n");
        case("# BEGIN\nold\n# END\nb\n", &[("block", "x".into())], "# BEGIN\nx\n# END\nb\n");
        case("# BEGIN\nold\n# END\nb\n", &[("state", "absent".into())], "b\n");
        case("# BEGIN\nold\n# END\nb\n", &[("block", "".into())], "b\n");
        case(
            "a\nb\n",
            &[("block", "x".into()), ("insertafter", "^a".into())],
            "a\n# BEGIN\nx\n# END\nb\n",
        );
        case(
            "a\n",
            &[("block", "x".into()), ("insertbefore", "BOF".into())],
            "# BEGIN\nx\n# END\na\n",
        );
        case("", &[("block", "x".into())], "# BEGIN\nx\n# END\n");
        case(
            "a\nb\n",
            &[
                ("block", "x".into()),
                ("insertafter", "a".into()),
                ("append_newline", true.into()),
                ("prepend_newline", true.into()),
            ],
            "a\n\n# BEGIN\nx\n# END\n\nb\n",
        );
    }
}
