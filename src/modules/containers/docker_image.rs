//! `docker_image`: makes sure an image is, or is not, on the host; loads it from a tarball, pulls, tags and pushes it.

use std::path::{Path, PathBuf};

use super::daemon::{Daemon, answer};
use super::tarball;
use crate::base::{Map, Value};
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::Command;
use crate::{arguments, choices};

choices! {
    /// Where the image comes from.
    pub(super) enum Source { Build = "build", Load = "load", Pull = "pull", Local = "local" }
}

choices! {
    /// Whether the image should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `docker_image`.
    pub(super) struct Args {
        /// The image, perhaps with its tag.
        name: String,
        /// The tag, when `name` has none.
        tag: String = "latest".into(),
        /// Where the image comes from when it is not there.
        source: Option<Source>,
        /// The tarball to load it from.
        load_path: Option<PathBuf>,
        /// How it is built: `path`, `dockerfile`, `args`, `pull`, `nocache`, `target`, `network`, `rm`.
        build: Option<Map>,
        /// How it is pulled: `platform`.
        pull: Option<Map>,
        /// Whether the image should be there.
        state: State = State::Present,
        /// Another name to give it, perhaps with a registry and a tag.
        repository: Option<String>,
        /// Whether it is pushed to the registry in its name.
        push: bool = false,
        /// A tarball to save it to.
        archive_path: Option<PathBuf>,
        /// Whether it is loaded, pulled or built although it is there.
        force_source: bool = false,
        /// Whether it is removed although containers use it.
        force_absent: bool = false,
        /// Whether another image of the name in `repository` is replaced.
        force_tag: bool = false,
        /// How long a call may take, in seconds; loading and pulling take as long as they need.
        timeout: i64 = 60,
        /// Whether SSH is done by its client; it is, always.
        use_ssh_client: bool = false,
        /// Whether more is told.
        debug: bool = false;
        ..daemon: Daemon,
    }
}

/// The module.
pub(super) struct DockerImage;

impl Module for DockerImage {
    const SPEC: &'static Spec = &Spec {
        name: "docker_image",
        collection: "community.docker",
        also: &["community.general.docker_image"],
        summary: "Makes sure an image is, or is not, on the host.",
        check: Check::Partial,
        rules: &[
            Rule::If("source", "load", &["load_path"]),
            Rule::If("source", "build", &["build"]),
        ],
        examples: &[Example {
            about: "Load an image that came as a tarball.",
            task: "docker_image: {name: redis, tag: '7.0', source: load, load_path: /mnt/data/images/redis.tar.gz}",
        }],
        returns: &[
            Return { name: "image", about: "What Docker says of the image." },
            Return { name: "actions", about: "What was done." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let name = full_name(&args.name, &args.tag);
        let mut actions = Vec::new();
        if args.state == State::Absent {
            remove(&args, &name, job, &mut actions)?;
            return Ok(Outcome::done().with("actions", actions).with("image", Map::new()));
        }
        let here = identity(&args.daemon, &name, job)?;
        bring(&args, &name, here.as_deref(), job, &mut actions)?;
        tag_and_push(&args, &name, job, &mut actions)?;
        if let Some(path) = &args.archive_path {
            archive(&args, &name, path, job, &mut actions)?;
        }
        let image = inspect(&args.daemon, &name, job)?;
        let outcome =
            if actions.is_empty() { Outcome::same("the image is there") } else { Outcome::done() };
        Ok(outcome.with("actions", actions).with("image", image))
    }
}

/// Returns the name with a tag; a port of a registry is none.
fn full_name(name: &str, tag: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.contains(':') || name.contains('@') { name.to_owned() } else { format!("{name}:{tag}") }
}

/// Returns the identity of an image; nothing when it is not there.
fn identity(daemon: &Daemon, name: &str, job: &Job<'_>) -> Result<Option<String>, Failure> {
    let output = match daemon.ask(job, &["image", "inspect", "--format", "{{.Id}}", name]) {
        Ok(output) => output,
        // In check mode Docker itself may still be missing: an earlier task would have installed it.
        Err(_) if job.stage().check => return Ok(None),
        Err(failure) => return Err(failure),
    };
    if output.success() {
        return Ok(Some(output.out().trim().to_owned()));
    }
    if output.err().contains("No such image") || job.stage().check {
        return Ok(None);
    }
    answer(output, "cannot look for the image").map(|_| None)
}

fn inspect(daemon: &Daemon, name: &str, job: &Job<'_>) -> Result<Value, Failure> {
    let none = Value::from(Map::new());
    let Ok(output) = daemon.ask(job, &["image", "inspect", name]) else { return Ok(none) };
    let value = crate::base::json::parse(&output.out()).unwrap_or_default();
    Ok(value.as_list().and_then(|list| list.first().cloned()).unwrap_or(none))
}

fn run(args: &Args, words: &[&str], what: &str, job: &mut Job<'_>) -> Result<(), Failure> {
    let mut all = args.daemon.words("docker");
    all.extend(words.iter().map(|word| (*word).to_owned()));
    match job.run(&Command::new(all))? {
        Some(output) => answer(output, what).map(drop),
        None => Ok(()),
    }
}

/// Brings the image on to the host when it is not there, or when it has to be brought anew.
fn bring(
    args: &Args,
    name: &str,
    here: Option<&str>,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    let missing = here.is_none() || args.force_source;
    match args.source {
        Some(Source::Load) => {
            let path = args.load_path.as_deref().unwrap_or(Path::new(""));
            load(args, name, here, path, job, actions)
        }
        Some(Source::Pull) if missing => {
            let mut words = vec!["pull"];
            let platform =
                args.pull.as_ref().and_then(|pull| pull.get("platform")).map(ToString::to_string);
            if let Some(platform) = &platform {
                words.extend(["--platform", platform]);
            }
            words.push(name);
            actions.push(format!("Pulled image {name}"));
            run(args, &words, "cannot pull the image", job)
        }
        Some(Source::Build) if missing => build(args, name, job, actions),
        Some(Source::Local) | None if here.is_none() && !job.stage().check => {
            Err(Failure::new(format!(
                "Cannot find the image {name} locally. Say where it comes from with `source: load`, `pull` or `build`."
            )))
        }
        Some(Source::Pull | Source::Build | Source::Local) | None => Ok(()),
    }
}

/// Loads a tarball, unless the image in it is here already.
fn load(
    args: &Args,
    name: &str,
    here: Option<&str>,
    path: &Path,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    let shown = path.to_string_lossy().into_owned();
    if job.look().stat_followed(path)?.is_none() {
        if here.is_some() && !args.force_source || job.stage().check {
            // The image is there, or an earlier task would have brought the tarball.
            return if here.is_some() {
                Ok(())
            } else {
                job.change(Diff::None, |_| Ok(())).map(drop)
            };
        }
        return Err(Failure::new(format!("there is no tarball {shown} to load {name} from")));
    }
    let images = tarball::images(job.look().open(path)?)
        .map_err(|error| Failure::new(format!("{shown} is no tarball of images: {error}")))?;
    let named = images.iter().find(|image| image.names.iter().any(|known| known == name));
    let same = match (here, named.and_then(|image| image.id.as_deref())) {
        (Some(here), Some(id)) => here == id,
        // A tarball that does not tell: what is there counts.
        (Some(_), None) => true,
        (None, _) => false,
    };
    if same && !args.force_source {
        return Ok(());
    }
    if named.is_none() && !images.is_empty() && here.is_none() {
        let names: Vec<&str> =
            images.iter().flat_map(|image| image.names.iter().map(String::as_str)).collect();
        return Err(Failure::new(format!(
            "{shown} does not hold {name}; it holds {}",
            names.join(", ")
        )));
    }
    actions.push(format!("Loaded image {name} from {shown}"));
    run(args, &["load", "--input", &shown], "cannot load the image", job)
}

fn build(
    args: &Args,
    name: &str,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    let empty = Map::new();
    let options = args.build.as_ref().unwrap_or(&empty);
    let text =
        |key: &str| options.get(key).filter(|value| !value.is_null()).map(ToString::to_string);
    let truth = |key: &str| options.get(key).is_some_and(Value::truth);
    let path = text("path").ok_or_else(|| Failure::new("`build` needs `path`"))?;
    let mut words: Vec<String> = vec!["build".into(), "--tag".into(), name.into()];
    for (flag, key) in [
        ("--file", "dockerfile"),
        ("--target", "target"),
        ("--network", "network"),
        ("--platform", "platform"),
    ] {
        if let Some(value) = text(key) {
            let value = if key == "dockerfile" { format!("{path}/{value}") } else { value };
            words.extend([flag.to_owned(), value]);
        }
    }
    for (flag, key) in [("--pull", "pull"), ("--no-cache", "nocache")] {
        if truth(key) {
            words.push(flag.into());
        }
    }
    for (flag, key) in [("--build-arg", "args"), ("--label", "labels")] {
        let pairs =
            options.get(key).and_then(Value::as_map).map(|map| map.iter()).into_iter().flatten();
        words.extend(pairs.flat_map(|(name, value)| [flag.to_owned(), format!("{name}={value}")]));
    }
    words.push(path);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    actions.push(format!("Built image {name}"));
    run(args, &words, "cannot build the image", job)
}

/// Gives the image its other name, and pushes it.
fn tag_and_push(
    args: &Args,
    name: &str,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    let tag = name.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    let target = args.repository.as_deref().map(|repository| full_name(repository, tag));
    if let Some(target) = target.as_deref().filter(|target| *target != name) {
        let (here, there) =
            (identity(&args.daemon, name, job)?, identity(&args.daemon, target, job)?);
        if there.is_none() || (args.force_tag && here != there) {
            actions.push(format!("Tagged image {name} to {target}"));
            run(args, &["tag", name, target], "cannot tag the image", job)?;
        }
    }
    if args.push {
        let target = target.as_deref().unwrap_or(name);
        actions.push(format!("Pushed image {target}"));
        push(args, target, job)?;
    }
    Ok(())
}

/// Pushes an image; one that the registry has already changes nothing.
fn push(args: &Args, target: &str, job: &mut Job<'_>) -> Result<(), Failure> {
    if job.stage().check {
        return job.change(Diff::None, |_| Ok(())).map(drop);
    }
    let local =
        args.daemon.ask(job, &["image", "inspect", "--format", "{{json .RepoDigests}}", target])?;
    let before = local.out();
    let mut words = args.daemon.words("docker");
    words.extend(["push".into(), target.to_owned()]);
    let output = job.aside(|act| Ok(act.run(&Command::new(words))?))?;
    let text = answer(output, "cannot push the image")?;
    let layers = text.lines().filter(|line| line.contains(": ")).collect::<Vec<_>>();
    let all_there = layers
        .iter()
        .filter(|line| !line.contains("digest:"))
        .all(|line| line.contains("already exists") || line.contains("Preparing"));
    if before.contains("sha256") && all_there && text.contains("digest:") {
        return Ok(());
    }
    job.change(Diff::None, |_| Ok(())).map(drop)
}

fn archive(
    args: &Args,
    name: &str,
    path: &Path,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    let shown = path.to_string_lossy().into_owned();
    if job.look().stat_followed(path)?.is_some() {
        let kept = tarball::images(job.look().open(path)?).unwrap_or_default();
        let here = identity(&args.daemon, name, job)?;
        if kept.iter().any(|image| image.id.is_some() && image.id == here) {
            return Ok(());
        }
    }
    actions.push(format!("Archived image {name} to {shown}"));
    run(args, &["save", "--output", &shown, name], "cannot save the image", job)
}

fn remove(
    args: &Args,
    name: &str,
    job: &mut Job<'_>,
    actions: &mut Vec<String>,
) -> Result<(), Failure> {
    if identity(&args.daemon, name, job)?.is_none() {
        return Ok(());
    }
    actions.push(format!("Removed image {name}"));
    let mut words = vec!["image", "rm"];
    if args.force_absent {
        words.push("--force");
    }
    words.push(name);
    run(args, &words, "cannot remove the image", job)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(full_name("redis", "7.0"), "redis:7.0");
        assert_eq!(full_name("redis:6", "7.0"), "redis:6");
        assert_eq!(full_name("registry:5000/redis", "7.0"), "registry:5000/redis:7.0");
    }
}
