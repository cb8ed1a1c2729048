//! `stat`: tells what is at a path.

use std::path::PathBuf;

use super::known::known;
use crate::base::{Map, Value};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, Digest, Look, Meta};
use crate::{arguments, choices};

choices! {
    /// The digest of the content.
    pub(in crate::modules) enum Algorithm {
        Md5 = "md5",
        Sha1 = "sha1",
        Sha224 = "sha224",
        Sha256 = "sha256",
        Sha384 = "sha384",
        Sha512 = "sha512",
    }
}

impl Algorithm {
    /// Returns the digest as the machine computes it.
    pub(in crate::modules) fn digest(self) -> Digest {
        match self {
            Self::Md5 => Digest::Md5,
            Self::Sha1 => Digest::Sha1,
            Self::Sha224 => Digest::Sha224,
            Self::Sha256 => Digest::Sha256,
            Self::Sha384 => Digest::Sha384,
            Self::Sha512 => Digest::Sha512,
        }
    }
}

arguments! {
    /// Arguments of `stat`.
    pub(super) struct Args {
        /// The path.
        path ["dest", "name"]: PathBuf,
        /// Whether a link is followed.
        follow: bool = false,
        /// Whether the digest of a file is computed.
        get_checksum: bool = true,
        /// The digest.
        checksum_algorithm ["checksum", "checksum_algo"]: Algorithm = Algorithm::Sha1,
        /// Whether the type of the content is told.
        get_mime ["mime", "mime_type", "mime-type"]: bool = true,
        /// Whether attributes of the file system are told.
        get_attributes ["attr", "attributes"]: bool = true,
    }
}

/// The module.
pub(super) struct Stat;

impl Module for Stat {
    const SPEC: &'static Spec = &Spec {
        name: "stat",
        summary: "Tells what is at a path.",
        examples: &[Example {
            about: "See whether a file is there.",
            task: "stat: {path: /etc/redis.conf}",
        }],
        returns: &[Return {
            name: "stat",
            about: "What is there: `exists`, `mode`, `checksum` and the rest.",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        let meta =
            if args.follow { look.stat_followed(&args.path)? } else { look.stat(&args.path)? };
        let Some(meta) = meta else {
            return Ok(Outcome::done().with("stat", Value::map([("exists", Value::Bool(false))])));
        };
        let mut values = basics(&args, &meta, look)?;
        if meta.is_file() && args.get_checksum && look.access(&args.path, 4) {
            values.insert(
                "checksum",
                look.digest(&args.path, args.checksum_algorithm.digest())?.into(),
            );
        }
        if args.get_mime {
            mime(&args, look, &mut values);
        }
        if args.get_attributes {
            attributes(&args, look, &mut values);
        }
        Ok(Outcome::done().with("stat", values))
    }
}

fn basics(args: &Args, meta: &Meta, look: &dyn Look) -> Result<Map, Failure> {
    let mut values = known(&args.path, meta, look)?;
    for (name, value) in [
        ("exists", Value::Bool(true)),
        ("blocks", meta.blocks.into()),
        ("block_size", meta.block_size.into()),
        ("device_type", meta.special.into()),
        ("readable", look.access(&args.path, 4).into()),
        ("writeable", look.access(&args.path, 2).into()),
        ("executable", look.access(&args.path, 1).into()),
    ] {
        values.insert(name, value);
    }
    if meta.is_link() {
        let target = look.read_link(&args.path)?;
        values.insert("lnk_target", target.to_string_lossy().into_owned().into());
        values.insert(
            "lnk_source",
            look.real_path(&args.path)?.to_string_lossy().into_owned().into(),
        );
    }
    Ok(values)
}

/// Adds what `file` says of the content, where that program is.
fn mime(args: &Args, look: &dyn Look, values: &mut Map) {
    let unknown = || ("unknown".to_owned(), "unknown".to_owned());
    let asked = look.which("file").and_then(|_| {
        let command =
            Command::new(["file", "--mime-type", "--mime-encoding", &args.path.to_string_lossy()]);
        let output = look.query(&command).ok()?.out();
        let (_, answer) = output.trim().rsplit_once(": ")?;
        let (kind, charset) = answer.split_once("; charset=")?;
        Some((kind.to_owned(), charset.to_owned()))
    });
    let (kind, charset) = asked.unwrap_or_else(unknown);
    values.insert("mimetype", kind.into());
    values.insert("charset", charset.into());
}

/// Adds what `lsattr` says, where that program is and the file system has attributes.
fn attributes(args: &Args, look: &dyn Look, values: &mut Map) {
    let path = args.path.to_string_lossy();
    if look.which("lsattr").is_none() {
        return;
    }
    values.insert("attributes", Value::list([]));
    values.insert("attr_flags", "".into());
    let Ok(output) = look.query(&Command::new(["lsattr", "-vd", &path])) else { return };
    let line = output.out();
    let mut words = line.split_whitespace();
    if let (true, Some(version), Some(flags)) = (output.success(), words.next(), words.next()) {
        let letters = flags.replace('-', "");
        let names = letters.chars().filter_map(flag_name).map(Value::from);
        values.insert("version", version.into());
        values.insert("attributes", Value::list(names));
        values.insert("attr_flags", letters.into());
    }
}

fn flag_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        'A' => "noatime",
        'a' => "append",
        'C' => "nocow",
        'c' => "compressed",
        'D' => "dirsync",
        'd' => "nodump",
        'E' => "encrypted",
        'e' => "extents",
        'F' => "casefold",
        'i' => "immutable",
        'I' => "indexed",
        'j' => "journalled",
        'N' => "inline",
        'P' => "project",
        'S' => "synchronous",
        's' => "zero",
        'T' => "top",
        't' => "notail",
        'u' => "undelete",
        'V' => "verity",
        'X' => "nocompress",
        'Z' => "secure_delete",
        _ => return None,
    })
}
