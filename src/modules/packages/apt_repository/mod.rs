//! `apt_repository`: adds and removes one-line sources of apt (`deb http://… suite component`), and PPAs.

mod source;

use std::path::{Path, PathBuf};

use crate::base::Mode;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::Look;
use crate::{arguments, choices};

use super::apt::{CacheWish, fetch, noninteractive};
use source::Source;

choices! {
    /// Whether the repository should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `apt_repository`.
    pub(super) struct Args {
        /// The release that a PPA is for, when it is not the host's own.
        codename: Option<String>,
        /// The file below `/etc/apt/sources.list.d`, without its extension.
        filename: Option<String>,
        /// Accepted for playbooks that set it; nothing has to be installed for this module to work.
        install_python_apt: bool = true,
        /// The mode of the file.
        mode: Option<Mode>,
        /// The line as it stands in a sources list, or `ppa:owner/name`.
        repo: String,
        /// Whether the repository should be there.
        state: State = State::Present,
        /// Whether to fetch the package lists after a change.
        update_cache ["update-cache"]: bool = true,
        /// How often to try to fetch the lists.
        update_cache_retries: u32 = 5,
        /// The longest pause between tries, in seconds.
        update_cache_retry_max_delay: u64 = 12,
        /// Accepted for playbooks that set it; PPAs are added by the host's own tool, which always checks.
        validate_certs: bool = true,
    }
}

/// The module.
pub(super) struct AptRepository;

impl Module for AptRepository {
    const SPEC: &'static Spec = &Spec {
        name: "apt_repository",
        summary: "Adds and removes package repositories of apt.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Add a repository with a key of its own.",
                task: "apt_repository: {repo: 'deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable', filename: docker}",
            },
            Example {
                about: "Remove a PPA.",
                task: "apt_repository: {repo: 'ppa:nginx/stable', state: absent}",
            },
        ],
        returns: &[
            Return { name: "repo", about: "The repository as it was named." },
            Return { name: "sources_added", about: "Files that were made." },
            Return { name: "sources_removed", about: "Files that were removed." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if let Some(ppa) = args.repo.trim().strip_prefix("ppa:") {
            return personal(&args, ppa, job);
        }
        let wanted = Source::parse(&args.repo).ok_or_else(|| {
            Failure::new(format!(
                "Invalid repository string: {}; write `deb [options] address suite component …`",
                args.repo
            ))
        })?;
        let files = files(job.look())?;
        let mut edits = edits(&args, &wanted, &files);
        if edits.is_empty() {
            let there = if args.state == State::Present { "is there" } else { "is not there" };
            let outcome = Outcome::same(format!("the repository {there}"));
            return Ok(outcome
                .with("repo", args.repo)
                .with("sources_added", Vec::<String>::new())
                .with("sources_removed", Vec::<String>::new()));
        }
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for edit in &mut edits {
            let text = edit.path.to_string_lossy().into_owned();
            match (&edit.before, &edit.after) {
                (None, Some(_)) => added.push(text),
                (Some(_), None) => removed.push(text),
                _ => {}
            }
            edit.apply(&args, job)?;
        }
        refresh(&args, &edits, job)?;
        Ok(Outcome::done()
            .with("repo", args.repo)
            .with("sources_added", added)
            .with("sources_removed", removed))
    }
}

/// A file of sources with what it holds.
struct File {
    path: PathBuf,
    text: String,
}

/// A file that has to change.
struct Edit {
    path: PathBuf,
    before: Option<String>,
    after: Option<String>,
}

impl Edit {
    fn apply(&self, args: &Args, job: &mut Job<'_>) -> Result<(), Failure> {
        let diff = match job.stage().diff {
            true => Diff::text(
                &self.path,
                self.before.as_deref(),
                self.after.as_deref().unwrap_or_default(),
            ),
            false => Diff::None,
        };
        let umask = job.look().umask();
        job.change(diff, |act| match &self.after {
            Some(text) => {
                act.replace(&self.path, text.as_bytes())?;
                let mode = args.mode.as_ref().map(|mode| mode.apply(0o644, false, umask));
                // apt's own user has to read it.
                let mode = mode.or(self.before.is_none().then_some(0o644));
                Ok(mode.map(|mode| act.set_mode(&self.path, mode)).transpose().map(drop)?)
            }
            None => Ok(act.remove(&self.path)?),
        })?;
        Ok(())
    }
}

/// Reads all files of one-line sources.
fn files(look: &dyn Look) -> Result<Vec<File>, Failure> {
    let mut paths = vec![PathBuf::from("/etc/apt/sources.list")];
    let folder = Path::new(FOLDER);
    if look.stat_followed(folder)?.is_some() {
        let names = look.list(folder)?.into_iter().filter(|name| name.ends_with(".list"));
        paths.extend(names.map(|name| folder.join(name)));
    }
    let mut files = Vec::new();
    for path in paths {
        if let Some(content) = look.read(&path)? {
            files.push(File { path, text: String::from_utf8_lossy(&content).into_owned() });
        }
    }
    Ok(files)
}

const FOLDER: &str = "/etc/apt/sources.list.d";

fn edits(args: &Args, wanted: &Source, files: &[File]) -> Vec<Edit> {
    if args.state == State::Absent {
        let hits = files.iter().filter_map(|file| {
            let after = source::without(&file.text, wanted)?;
            // An empty file of ours goes; the main list stays.
            let gone = after.trim().is_empty() && file.path.starts_with(FOLDER);
            let after = (!gone).then_some(after);
            Some(Edit { path: file.path.clone(), before: Some(file.text.clone()), after })
        });
        return hits.collect();
    }
    if files.iter().any(|file| source::has(&file.text, wanted)) {
        return Vec::new();
    }
    // One that is only commented out is switched on where it is.
    for file in files {
        if let Some(after) = source::enabled(&file.text, wanted) {
            let (path, before) = (file.path.clone(), Some(file.text.clone()));
            return vec![Edit { path, before, after: Some(after) }];
        }
    }
    let name = args.filename.clone().unwrap_or_else(|| wanted.file_name());
    let name = if name.ends_with(".list") { name } else { format!("{name}.list") };
    // An absolute name stays what it is.
    let path = Path::new(FOLDER).join(name);
    let before = files.iter().find(|file| file.path == path).map(|file| file.text.clone());
    let mut after = before.clone().unwrap_or_default();
    if !after.is_empty() && !after.ends_with('\n') {
        after.push('\n');
    }
    after.push_str(&format!("{}\n", args.repo.trim()));
    vec![Edit { path, before, after: Some(after) }]
}

/// Fetches the lists; when that fails the files are put back, so that apt goes on working.
fn refresh(args: &Args, edits: &[Edit], job: &Job<'_>) -> Result<(), Failure> {
    if !args.update_cache || job.stage().check {
        return Ok(());
    }
    let wish = CacheWish {
        valid: 0,
        retries: args.update_cache_retries,
        longest_pause: args.update_cache_retry_max_delay,
        lock_timeout: 60,
    };
    let Err(failure) = job.aside(|act| fetch(act, &wish)) else { return Ok(()) };
    job.aside(|act| {
        for edit in edits {
            match &edit.before {
                Some(text) => act.replace(&edit.path, text.as_bytes())?,
                None => act.remove(&edit.path)?,
            }
        }
        Ok(())
    })?;
    Err(Failure {
        message: format!("{} (the sources were put back as they were)", failure.message),
        ..failure
    })
}

/// A personal archive: its key comes from Launchpad, which the host's own tool knows how to ask.
fn personal(args: &Args, ppa: &str, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let (owner, name) = ppa.split_once('/').unwrap_or((ppa, "ppa"));
    let mut texts: Vec<String> = files(job.look())?.into_iter().map(|file| file.text).collect();
    let folder = Path::new(FOLDER);
    if job.look().stat_followed(folder)?.is_some() {
        for name in job.look().list(folder)?.iter().filter(|name| name.ends_with(".sources")) {
            let content = job.look().read(&folder.join(name))?.unwrap_or_default();
            texts.push(String::from_utf8_lossy(&content).into_owned());
        }
    }
    let there = texts.iter().any(|text| source::has_personal(text, owner, name));
    if there == (args.state == State::Present) {
        let state = if there { "is there" } else { "is not there" };
        return Ok(
            Outcome::same(format!("the repository {state}")).with("repo", args.repo.as_str())
        );
    }
    if job.look().which("add-apt-repository").is_none() {
        return Err(Failure::new(format!(
            "cannot add {}: the host has no `add-apt-repository`; install the package `software-properties-common`, or name the archive by its `deb …` line",
            args.repo
        )));
    }
    let mut words = vec!["add-apt-repository".to_owned(), "--yes".into()];
    words.extend((!args.update_cache).then(|| "--no-update".to_owned()));
    words.extend((args.state == State::Absent).then(|| "--remove".to_owned()));
    words.push(format!("ppa:{owner}/{name}"));
    if let Some(output) = job.run(&noninteractive(words))?
        && !output.success()
    {
        let message = format!("cannot change {}: {}", args.repo, output.err().trim());
        return Err(Failure::program(message, &output));
    }
    Ok(Outcome::done().with("repo", args.repo.as_str()))
}
