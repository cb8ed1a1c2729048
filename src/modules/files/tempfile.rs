//! `tempfile`: makes a temporary file or folder and tells where it is.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::attributes::describe;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Act, Finish, Look};
use crate::{arguments, choices};

choices! {
    /// What to make.
    pub(super) enum State { Directory = "directory", File = "file" }
}

arguments! {
    /// Arguments of `tempfile`.
    pub(super) struct Args {
        /// What to make.
        state: State = State::File,
        /// The folder to make it in; that of the system when not given.
        path: Option<PathBuf>,
        /// What its name begins with.
        prefix: String = "ansible.".into(),
        /// What its name ends with.
        suffix: String = String::new(),
    }
}

/// The module.
pub(super) struct Tempfile;

impl Module for Tempfile {
    const SPEC: &'static Spec = &Spec {
        name: "tempfile",
        summary: "Makes a temporary file or folder, which stays until a task removes it.",
        check: Check::Skip,
        examples: &[Example {
            about: "Make a folder to unpack in.",
            task: "tempfile: {state: directory, suffix: .build}",
        }],
        returns: &[Return { name: "path", about: "Where it is." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        for (name, part) in [("prefix", &args.prefix), ("suffix", &args.suffix)] {
            if part.contains('/') {
                return Err(Failure::new(format!(
                    "{name} must be a valid file name component, but `{part}` has a slash; `path` names the folder"
                )));
            }
        }
        if job.stage().check {
            return Ok(Outcome::skipped("what it would be called is not known in check mode"));
        }
        let made = job.change(Diff::None, |act| {
            let folder = folder(&args, act);
            let name = format!("{}{}{}", args.prefix, random_letters(act), args.suffix);
            let path = folder.join(name);
            match args.state {
                State::Directory => {
                    act.make_folder(&path)?;
                    act.set_mode(&path, 0o700)?;
                }
                State::File => put(act, &path)?,
            }
            Ok(path)
        })?;
        let path = made.expect("only check mode does not make it");
        let values = describe(job.look(), &path)?;
        Ok(Outcome::done().with("path", path.display().to_string()).with_all(values))
    }
}

fn put(act: &dyn Act, path: &Path) -> Result<(), Failure> {
    let finish = Finish { mode: Some(0o600), over_link: true, ..Finish::default() };
    Ok(act.replace_as(path, &mut std::io::empty(), &finish).map(drop)?)
}

fn folder(args: &Args, look: &dyn Look) -> PathBuf {
    let of_system = || look.env("TMPDIR").filter(|folder| !folder.is_empty());
    match &args.path {
        Some(path) => path.clone(),
        None => of_system().unwrap_or_else(|| "/tmp".into()).into(),
    }
}

/// Returns eight letters that nobody can guess.
fn random_letters(look: &dyn Look) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz_01234";
    let mut bytes = [0; 8];
    let read = look.open(Path::new("/dev/urandom")).map(|mut file| file.read_exact(&mut bytes));
    if !matches!(read, Ok(Ok(()))) {
        bytes = look.now().to_bits().to_le_bytes();
    }
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}
