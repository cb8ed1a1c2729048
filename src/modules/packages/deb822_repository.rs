//! `deb822_repository`: repositories of apt in the format of paragraphs (`.sources`), with keys of their own.

use std::path::{Path, PathBuf};

use crate::base::Mode;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::{arguments, choices};

use super::apt::fetch_file;

choices! {
    /// Whether the repository should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

choices! {
    /// What a repository holds.
    pub(super) enum Type { Deb = "deb", DebSrc = "deb-src" }
}

arguments! {
    /// Arguments of `deb822_repository`.
    pub(super) struct Args {
        /// Whether a repository may lose its signature.
        allow_downgrade_to_insecure: Option<bool>,
        /// Whether it may be without a signature.
        allow_insecure: Option<bool>,
        /// Whether it may be signed with weak algorithms.
        allow_weak: Option<bool>,
        /// The architectures to take.
        architectures: Option<Vec<String>>,
        /// Whether files are fetched under the names of their sums.
        by_hash: Option<bool>,
        /// Whether dates are checked.
        check_date: Option<bool>,
        /// Whether an end of validity is heeded.
        check_valid_until: Option<bool>,
        /// The components.
        components: Option<Vec<String>>,
        /// How many seconds the repository's date may be ahead.
        date_max_future: Option<i64>,
        /// Whether apt uses it.
        enabled: Option<bool>,
        /// The path of `InRelease`.
        inrelease_path: Option<String>,
        /// The languages to take.
        languages: Option<Vec<String>>,
        /// The mode of the files.
        mode: Mode = Mode::Octal(0o644),
        /// The name, which is that of the files, too.
        name: String,
        /// Whether differences to older lists are used.
        pdiffs: Option<bool>,
        /// The key: an address, a path on the host, a fingerprint, or the key itself.
        signed_by: Option<String>,
        /// Whether the repository should be there.
        state: State = State::Present,
        /// The suites.
        suites: Option<Vec<String>>,
        /// What is fetched (`Packages` …).
        targets: Option<Vec<String>>,
        /// Whether it is trusted without a signature.
        trusted: Option<bool>,
        /// What it holds.
        types: Vec<Type> = vec![Type::Deb],
        /// The addresses.
        uris: Option<Vec<String>>,
    }
}

/// The module.
pub(super) struct Deb822Repository;

impl Module for Deb822Repository {
    const SPEC: &'static Spec = &Spec {
        name: "deb822_repository",
        summary: "Adds and removes package repositories of apt in the deb822 format.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "Add Docker's repository with its key.",
            task: "deb822_repository: {name: docker, uris: https://download.docker.com/linux/debian, suites: bookworm, components: stable, signed_by: https://download.docker.com/linux/debian/gpg}",
        }],
        returns: &[
            Return { name: "repo", about: "The paragraph." },
            Return { name: "dest", about: "The file of the repository." },
            Return { name: "key_filename", about: "The file of the key." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let slug = slug(&args.name);
        let dest = PathBuf::from(format!("/etc/apt/sources.list.d/{slug}.sources"));
        if args.state == State::Absent {
            let keys =
                ["asc", "gpg"].map(|end| PathBuf::from(format!("/etc/apt/keyrings/{slug}.{end}")));
            for path in keys.iter().chain([&dest]) {
                if let Some(before) = job.look().read(path)? {
                    let diff = if job.stage().diff {
                        Diff::content(path, Some(&before), b"")
                    } else {
                        Diff::None
                    };
                    job.change(diff, |act| Ok(act.remove(path)?))?;
                }
            }
            let outcome = if job.has_changed() {
                Outcome::done()
            } else {
                Outcome::same("the repository is not there")
            };
            return Ok(outcome.with("dest", dest.to_string_lossy().into_owned()).with("repo", ""));
        }
        let (signed_by, key) = key(&args, &slug, job)?;
        let text = paragraph(&args, signed_by.as_deref());
        write(&dest, text.as_bytes(), &args.mode, job)?;
        let outcome = if job.has_changed() {
            Outcome::done()
        } else {
            Outcome::same("the repository is there")
        };
        let shown = |path: PathBuf| path.to_string_lossy().into_owned();
        Ok(outcome
            .with("repo", text)
            .with("dest", shown(dest))
            .with("key_filename", key.map(shown)))
    }
}

/// Returns the name as file names have it.
fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let text: String = name.trim().to_lowercase().chars().map(plain).collect();
    text.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Brings the key to the host, and returns what `Signed-By` says and the key's file.
fn key(
    args: &Args,
    slug: &str,
    job: &mut Job<'_>,
) -> Result<(Option<String>, Option<PathBuf>), Failure> {
    let Some(given) = args.signed_by.as_deref().map(str::trim) else { return Ok((None, None)) };
    if given.contains("-----BEGIN PGP") {
        return Ok((Some(given.to_owned()), None));
    }
    if !given.contains("://") {
        return Ok((Some(given.to_owned()), None));
    }
    let fetched = fetch_file(job, given, "key")?;
    let content = job.look().read(&fetched)?.unwrap_or_default();
    let end = if content.starts_with(b"-----BEGIN PGP") { "asc" } else { "gpg" };
    let path = PathBuf::from(format!("/etc/apt/keyrings/{slug}.{end}"));
    let folder = Path::new("/etc/apt/keyrings");
    if job.look().stat_followed(folder)?.is_none() {
        job.change(Diff::None, |act| {
            act.make_folder(folder)?;
            Ok(act.set_mode(folder, 0o755)?)
        })?;
    }
    write(&path, &content, &args.mode, job)?;
    Ok((Some(path.to_string_lossy().into_owned()), Some(path)))
}

fn write(path: &Path, content: &[u8], mode: &Mode, job: &mut Job<'_>) -> Result<(), Failure> {
    let before = job.look().read(path)?;
    let current = job.look().stat_followed(path)?.map_or(0o644, |meta| meta.mode);
    let wanted = mode.apply(current, false, job.look().umask());
    if before.as_deref() == Some(content) && current == wanted {
        return Ok(());
    }
    let diff = match job.stage().diff {
        true if before.as_deref() == Some(content) => Diff::values(
            path.to_string_lossy(),
            crate::base::Value::map([("mode", crate::base::Value::from(format!("{current:04o}")))]),
            crate::base::Value::map([("mode", crate::base::Value::from(format!("{wanted:04o}")))]),
        ),
        true => Diff::content(path, before.as_deref(), content),
        false => Diff::None,
    };
    job.change(diff, |act| {
        act.replace(path, content)?;
        Ok(act.set_mode(path, wanted)?)
    })?;
    Ok(())
}

/// Returns the paragraph, its fields in the order of their names as Ansible writes them.
fn paragraph(args: &Args, signed_by: Option<&str>) -> String {
    let flag = |value: Option<bool>| value.map(|on| if on { "yes" } else { "no" }.to_owned());
    let list = |value: &Option<Vec<String>>| value.as_ref().map(|items| items.join(" "));
    let types: Vec<&str> = args.types.iter().map(|kind| kind.word()).collect();
    let fields = [
        ("Allow-Downgrade-To-Insecure", flag(args.allow_downgrade_to_insecure)),
        ("Allow-Insecure", flag(args.allow_insecure)),
        ("Allow-Weak", flag(args.allow_weak)),
        ("Architectures", list(&args.architectures)),
        ("By-Hash", flag(args.by_hash)),
        ("Check-Date", flag(args.check_date)),
        ("Check-Valid-Until", flag(args.check_valid_until)),
        ("Components", list(&args.components)),
        ("Date-Max-Future", args.date_max_future.map(|seconds| seconds.to_string())),
        ("Enabled", flag(args.enabled)),
        ("InRelease-Path", args.inrelease_path.clone()),
        ("Languages", list(&args.languages)),
        ("X-Repolib-Name", Some(args.name.clone())),
        ("PDiffs", flag(args.pdiffs)),
        ("Signed-By", signed_by.map(folded)),
        ("Suites", list(&args.suites)),
        ("Targets", list(&args.targets)),
        ("Trusted", flag(args.trusted)),
        ("Types", Some(types.join(" "))),
        ("URIs", list(&args.uris)),
    ];
    let lines =
        fields.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}\n", value?)));
    lines.collect()
}

/// Returns a value of several lines as a field may have it: indented, a dot for an empty line.
fn folded(value: &str) -> String {
    if !value.contains('\n') {
        return value.to_owned();
    }
    let lines = value
        .lines()
        .map(|line| if line.trim().is_empty() { "\n .".into() } else { format!("\n {line}") });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[test]
    fn paragraphs() {
        let pairs = [
            ("name", "My Repo"),
            ("uris", "http://x"),
            ("suites", "a, b"),
            ("components", "main"),
            ("enabled", "yes"),
            ("types", "deb,deb-src"),
        ];
        let map: Map = pairs.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
        let args = Args::parse(&map).unwrap();
        assert_eq!(
            paragraph(&args, Some("-----BEGIN\n\nx")),
            "Components: main\nEnabled: yes\nX-Repolib-Name: My Repo\nSigned-By: \n -----BEGIN\n .\n x\nSuites: a b\nTypes: deb deb-src\nURIs: http://x\n"
        );
        assert_eq!(slug(&args.name), "my-repo");
    }
}
