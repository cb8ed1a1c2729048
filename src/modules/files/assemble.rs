//! `assemble`: puts a file together from fragments in a folder, in the order of their names.
//!
//! With `remote_src` the folder is on the host. Otherwise its twin on the controller (`actions/files/assemble.rs`) sends
//! the fragments along, named by `_fragments`.

use std::path::PathBuf;

use super::attributes::{FileAttributes, Links, describe};
use super::edit::{Writing, check_validate};
use super::text::broken;
use crate::arguments;
use crate::base::pyregex::{Flags, Pattern};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Digest, Look};

arguments! {
    /// Arguments of `assemble`.
    pub(super) struct Args {
        /// The folder with the fragments: on the host, or on the controller without `remote_src`.
        src: PathBuf,
        /// The file to put together.
        dest: PathBuf,
        /// Whether the file that is replaced is kept.
        backup: bool = false,
        /// What stands between fragments; `\n` and the like stand for what they mean.
        delimiter: Option<String>,
        /// Whether `src` is on the host.
        remote_src: bool = true,
        /// A regular expression: only fragments are taken whose names it finds.
        regexp: Option<String>,
        /// Whether fragments are left out whose names begin with a dot.
        ignore_hidden: bool = false,
        /// The command that checks the new file; `%s` is its path.
        validate: Option<String>,
        /// Whether vaults on the controller are decrypted.
        decrypt: bool = true,
        /// The names of the fragments that the controller holds.
        _fragments: Option<Vec<String>>;
        ..attributes: FileAttributes,
    }
}

/// The module.
pub(super) struct Assemble;

impl Module for Assemble {
    const SPEC: &'static Spec = &Spec {
        name: "assemble",
        summary: "Puts a file together from the fragments in a folder.",
        diff: true,
        examples: &[Example {
            about: "Put a configuration together.",
            task: "assemble: {src: /etc/app/conf.d, dest: /etc/app/app.conf, validate: app --check %s}",
        }],
        returns: &[
            Return { name: "backup_file", about: "The file that was kept." },
            Return { name: "checksum", about: "The SHA-1 of the content." },
            Return { name: "md5sum", about: "The MD5 of the content." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let pattern = args.regexp.as_deref().map(|source| {
            Pattern::new(source, Flags::NONE)
                .map_err(|error| Failure::new(format!("Invalid Regexp ({error}) in \"{source}\"")))
        });
        check_validate(args.validate.as_deref())?;
        let chosen = Chosen { pattern: pattern.transpose()?, hidden: !args.ignore_hidden };
        let fragments = match &args._fragments {
            Some(names) => sent(names, &chosen, job)?,
            None => found(&args, &chosen, job.look())?,
        };
        let after = joined(&fragments, args.delimiter.as_deref());
        let before = match job.look().stat_followed(&args.dest)? {
            Some(meta) if meta.is_folder() => {
                let text = format!("cannot write {}: it is a directory", args.dest.display());
                return Err(Failure::new(text));
            }
            _ => job.look().read(&args.dest)?,
        };
        let writing = Writing {
            path: &args.dest,
            links: Links::Follow,
            backup: args.backup,
            validate: args.validate.as_deref(),
            attributes: &args.attributes,
        };
        let written = writing.finish(job, before.as_deref(), &after)?;
        let reason = if job.has_changed() { "OK" } else { "the file has this content" };
        let digest = |kind| crate::system::digest_of(kind, &after);
        let outcome = Outcome::same(reason)
            .with("msg", "OK")
            .with("src", args.src.display().to_string())
            .with("dest", args.dest.display().to_string())
            .with("checksum", digest(Digest::Sha1))
            .with("md5sum", digest(Digest::Md5))
            .with_all(describe(job.look(), &args.dest)?);
        Ok(match written.backup() {
            Some(kept) => outcome.with("backup_file", kept),
            None => outcome,
        })
    }
}

/// Which fragments are taken.
struct Chosen {
    pattern: Option<Pattern>,
    hidden: bool,
}

impl Chosen {
    fn takes(&self, name: &str) -> Result<bool, Failure> {
        if name.starts_with('.') && !self.hidden {
            return Ok(false);
        }
        match &self.pattern {
            Some(pattern) => Ok(pattern.search(name).map_err(|error| broken(&error))?.is_some()),
            None => Ok(true),
        }
    }
}

/// Returns the fragments in a folder of the host.
fn found(args: &Args, chosen: &Chosen, look: &dyn Look) -> Result<Vec<Vec<u8>>, Failure> {
    let shown = args.src.display();
    match look.stat_followed(&args.src)? {
        None => return Err(Failure::new(format!("Source ({shown}) does not exist"))),
        Some(meta) if !meta.is_folder() => {
            return Err(Failure::new(format!("Source ({shown}) is not a directory")));
        }
        Some(_) => {}
    }
    let mut fragments = Vec::new();
    for name in look.list(&args.src)? {
        let path = args.src.join(&name);
        let is_file = look.stat_followed(&path)?.is_some_and(|meta| meta.is_file());
        if is_file && chosen.takes(&name)? {
            fragments.extend(look.read(&path)?);
        }
    }
    Ok(fragments)
}

/// Returns the fragments that the controller holds.
fn sent(names: &[String], chosen: &Chosen, job: &Job<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    let mut wanted = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if chosen.takes(name)? {
            wanted.push(index);
        }
    }
    let blobs = job.blobs();
    blobs.want(&wanted)?;
    let read = |index: usize| {
        let mut content = Vec::new();
        let read = std::io::Read::read_to_end(&mut blobs.open(index)?, &mut content);
        read.map_err(|error| Failure::new(format!("{} broke off: {error}", names[index])))?;
        Ok(content)
    };
    wanted.into_iter().map(read).collect()
}

/// Joins fragments: each begins on a new line, the delimiter stands on lines of its own.
fn joined(fragments: &[Vec<u8>], delimiter: Option<&str>) -> Vec<u8> {
    let delimiter = delimiter.filter(|text| !text.is_empty()).map(unescaped);
    let mut out: Vec<u8> = Vec::new();
    for (index, fragment) in fragments.iter().enumerate() {
        if index > 0 {
            if !fragments[index - 1].ends_with(b"\n") {
                out.push(b'\n');
            }
            if let Some(delimiter) = &delimiter {
                out.extend(delimiter);
                if !delimiter.ends_with(b"\n") {
                    out.push(b'\n');
                }
            }
        }
        out.extend(fragment);
    }
    out
}

/// Returns what a text with escapes means, as Python reads the inside of a bytes literal.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    let put = |out: &mut Vec<u8>, c: char| out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    while let Some(c) = chars.next() {
        if c != '\\' {
            put(&mut out, c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push(b'\n'),
            Some('r') => out.push(b'\r'),
            Some('t') => out.push(b'\t'),
            Some('\\') => out.push(b'\\'),
            Some(quote @ ('\'' | '"')) => put(&mut out, quote),
            Some('x') => {
                let digits: String = chars.clone().take(2).collect();
                match u8::from_str_radix(&digits, 16) {
                    Ok(byte) => {
                        out.push(byte);
                        chars.nth(1);
                    }
                    Err(_) => out.extend(b"\\x"),
                }
            }
            Some(other) => {
                out.push(b'\\');
                put(&mut out, other);
            }
            None => out.push(b'\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(fragments: &[&str], delimiter: Option<&str>, expected: &str) {
        let fragments: Vec<Vec<u8>> = fragments.iter().map(|text| text.as_bytes().into()).collect();
        assert_eq!(String::from_utf8(joined(&fragments, delimiter)).unwrap(), expected);
    }

    #[test]
    fn fragments_are_joined() {
        case(&["a\n", "b", "c\n"], None, "a\nb\nc\n");
        case(&["a", "b"], Some("---"), "a\n---\nb");
        case(&["a\n", "b\n"], Some(r"\x23 next\n"), "a\n# next\nb\n");
        case(&[], Some("-"), "");
    }
}
