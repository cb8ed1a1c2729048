//! tar files: GNU tar lists, compares and unpacks them.

use std::path::Path;

use crate::module::Failure;
use crate::system::{Command, Look};

use super::Args;
use super::kind::Kind;

fn command(kind: Kind, verb: &str, args: &Args, src: &Path) -> Command {
    let dest = args.dest.to_string_lossy().into_owned();
    let mut words = vec!["tar".to_owned(), verb.to_owned(), "-C".into(), dest];
    words.extend(kind.option().map(str::to_owned));
    if verb != "--extract" {
        // Names as the extraction makes them, when options change them.
        words.push("--show-transformed-names".into());
    }
    words.extend(args.extra_opts.iter().cloned());
    if args.keep_newer {
        words.push("--keep-newer-files".into());
    }
    words.extend(args.exclude.iter().map(|pattern| format!("--exclude={pattern}")));
    words.extend(["-f".to_owned(), src.to_string_lossy().into_owned()]);
    words.extend(args.include.iter().cloned());
    Command::new(words).env("LC_ALL", "C.UTF-8").env("LANGUAGE", "C")
}

/// Returns the command that unpacks.
pub(super) fn extraction(kind: Kind, args: &Args, src: &Path) -> Command {
    command(kind, "--extract", args, src)
}

/// Returns the paths of the members.
pub(super) fn members(
    kind: Kind,
    args: &Args,
    src: &Path,
    look: &dyn Look,
) -> Result<Vec<String>, Failure> {
    let mut command = command(kind, "--list", args, src);
    command.argv.insert(1, "--quoting-style=literal".into());
    let output = look.query(&command)?;
    if !output.success() {
        // tar names itself as it was called; that it is the one at this path is worth knowing.
        let err = output.err();
        let path = look.which("tar").filter(|_| err.starts_with("tar: "));
        let said = match &path {
            Some(path) => err.replacen("tar", &path.to_string_lossy(), 1),
            None => err,
        };
        let text = format!("Unable to list files in the archive: {}", said.trim());
        return Err(Failure::program(text, &output));
    }
    let text = output.out();
    if text.trim().is_empty() && args.exclude.is_empty() {
        return Err(Failure::new(
            "Unable to list files in the archive: there is none in it; is it a tar file, or one compressed file alone?",
        ));
    }
    let names = text.lines().filter(|name| !name.is_empty() && *name != "./");
    Ok(names.map(|name| name.trim_start_matches('/').to_owned()).collect())
}

/// Returns what is not as in the archive.
pub(super) fn differences(
    kind: Kind,
    args: &Args,
    src: &Path,
    look: &dyn Look,
) -> Result<Vec<String>, Failure> {
    let output = look.query(&command(kind, "--diff", args, src))?;
    let text = format!("{}{}", output.out(), output.err());
    let rules = Rules {
        is_root: look.uid() == 0,
        owner: args.attributes.other.owner.is_some(),
        group: args.attributes.other.group.is_some(),
        mode: args.attributes.mode.is_some(),
    };
    let lines: Vec<String> =
        text.lines().filter(|line| rules.counts(line)).map(str::to_owned).collect();
    // 1 says that something differs, 2 that something went wrong: whatever it is then counts.
    if lines.is_empty() && output.code > 1 {
        let noise = ["tar: : ", "tar: Removing leading", "tar: Exiting with failure"];
        let told = |line: &&str| !noise.iter().any(|start| line.starts_with(start));
        return Ok(output.err().lines().filter(told).map(str::to_owned).collect());
    }
    Ok(lines)
}

/// Which differences count: not those that the task's own attributes make, nor those that this user cannot mend.
struct Rules {
    is_root: bool,
    owner: bool,
    group: bool,
    mode: bool,
}

impl Rules {
    fn counts(&self, line: &str) -> bool {
        let ends = |words: &[&str]| words.iter().any(|word| line.ends_with(word));
        if line.starts_with("tar: : ") {
            // A name that `--strip-components` has made empty.
            return false;
        }
        if ends(&[": Uid differs"]) {
            return self.is_root && !self.owner;
        }
        if ends(&[": Gid differs"]) {
            return self.is_root && !self.group;
        }
        if ends(&[": Mode differs"]) {
            return self.is_root && !self.mode;
        }
        ends(&[
            ": Mod time differs",
            ": Symlink differs",
            ": Contents differ",
            ": Size differs",
            ": File type differs",
            ": Not linked to",
            ": Invalid owner",
            ": Invalid group",
            ": Cannot stat: No such file or directory",
            ": Cannot open: No such file or directory",
            ": Device number differs",
        ]) || line.contains(": Not linked to ")
            || line.contains(": Cannot stat: Not a directory")
            || line.contains(": Warning: Cannot stat: ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, root: bool, owner: bool, expected: bool) {
        let rules = Rules { is_root: root, owner, group: false, mode: false };
        assert_eq!(rules.counts(line), expected, "{line}");
    }

    #[test]
    fn what_counts() {
        case("a: Uid differs", true, false, true);
        case("a: Uid differs", true, true, false);
        case("a: Uid differs", false, false, false);
        case("a: Mode differs", false, false, false);
        case("a: Mod time differs", false, false, true);
        case("tar: a: Warning: Cannot stat: No such file or directory", true, false, true);
        case("tar: : Warning: Cannot stat: No such file or directory", true, false, false);
        case("a: Contents differ", true, false, true);
        case("tar: Removing leading `/' from member names", true, false, false);
    }
}
