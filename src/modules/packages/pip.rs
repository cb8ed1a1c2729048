//! `pip`: installs and removes Python packages, with the host's `pip`, in a virtual environment or without.
//!
//! What is installed is asked from `pip list` (`pip freeze` where that is too old), so that a package that is there in the
//! wanted version starts nothing else.

use std::path::{Path, PathBuf};

use crate::base::shlex;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Look, Output};
use crate::{arguments, choices};

choices! {
    /// What should be true of the packages.
    pub(super) enum State {
        Absent = "absent",
        ForceReinstall = "forcereinstall",
        Latest = "latest",
        Present = "present",
    }
}

arguments! {
    /// Arguments of `pip`.
    pub(super) struct Args {
        /// Whether packages of the system's own Python may be changed where the distribution forbids it.
        break_system_packages: bool = false,
        /// The folder to run pip in.
        chdir: Option<PathBuf>,
        /// Whether packages are installed as links to their sources.
        editable: bool = false,
        /// Which pip to use, by name or path; not together with `virtualenv`.
        executable: Option<PathBuf>,
        /// More options for pip.
        extra_args: Option<String>,
        /// Packages, with versions as pip takes them (`django>=4`), files or addresses.
        name: Option<Vec<String>>,
        /// A file on the host that lists packages.
        requirements: Option<String>,
        /// What should be true of the packages.
        state: State = State::Present,
        /// The bits that new files do not get, in octal.
        umask: Option<String>,
        /// The version, of one package.
        version: Option<String>,
        /// The folder of the virtual environment, made when it is not there.
        virtualenv: Option<PathBuf>,
        /// The program that makes virtual environments, with its options: `virtualenv`, `python3 -m venv`.
        virtualenv_command: PathBuf = "virtualenv".into(),
        /// The Python of a new virtual environment.
        virtualenv_python: Option<String>,
        /// Whether a new virtual environment sees the system's packages.
        virtualenv_site_packages: bool = false,
    }
}

/// The module.
pub(super) struct Pip;

impl Module for Pip {
    const SPEC: &'static Spec = &Spec {
        name: "pip",
        summary: "Installs and removes Python packages.",
        check: Check::Full,
        rules: &[
            Rule::OneOf(&["name", "requirements"]),
            Rule::Exclusive(&["name", "requirements"]),
            Rule::Exclusive(&["executable", "virtualenv"]),
        ],
        examples: &[
            Example { about: "Install packages.", task: "pip: {name: [bottle, 'django>=4']}" },
            Example {
                about: "Install what a file lists into a virtual environment.",
                task: "pip: {requirements: /srv/app/requirements.txt, virtualenv: /srv/app/venv, virtualenv_command: python3 -m venv}",
            },
        ],
        returns: &[
            Return { name: "cmd", about: "The command that ran." },
            Return { name: "name", about: "The packages." },
            Return { name: "requirements", about: "The file that lists packages." },
            Return { name: "version", about: "The version." },
            Return { name: "virtualenv", about: "The virtual environment." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        check(&args)?;
        let made = match &args.virtualenv {
            Some(folder) => environment(&args, folder, job)?,
            None => Made::There,
        };
        if made == Made::WouldBe {
            return Ok(told(&args, Outcome::done(), ""));
        }
        let pip = pip(&args, job.look())?;
        let command = command(&args, &pip)?;
        let line = command.argv.join(" ");
        let installed = match args.name.is_some() || job.stage().check {
            true => installed(&args, &pip, job.look())?,
            false => Vec::new(),
        };
        let names = packages(&args);
        let known = |name: &str| requirement(name).map(|wanted| state_of(&wanted, &installed));
        let states: Vec<Option<Found>> = names.iter().map(|name| known(name)).collect();
        let needed = match args.state {
            State::Absent => states.iter().any(|found| !matches!(found, Some(Found::Missing))),
            State::Present => states.iter().any(|found| !matches!(found, Some(Found::Fits))),
            State::ForceReinstall | State::Latest => true,
        };
        if !names.is_empty() && !needed {
            let reason = match args.state {
                State::Absent => "none of the packages is installed",
                _ => "all packages are installed",
            };
            return Ok(told(&args, Outcome::same(reason), &line));
        }
        let watcher = job.watcher();
        let done = job.change(Diff::None, |act| {
            let mut watch = |channel, bytes: &[u8]| watcher.output(channel, bytes);
            let output = act.run_watched(&command, &mut watch)?;
            if output.success() { Ok(output) } else { Err(failed(&args, &line, &output)) }
        })?;
        let Some(output) = done else { return Ok(told(&args, Outcome::done(), &line)) };
        let changed = match args.state {
            State::Absent => output.out().contains("Successfully uninstalled"),
            _ => output.out().contains("Successfully installed"),
        };
        let reason = if changed { "" } else { "all packages are installed" };
        let outcome =
            Outcome { changed: Some(changed || made == Made::New), ..Outcome::same(reason) };
        Ok(told(&args, outcome, &line).with("stdout", output.out()).with("stderr", output.err()))
    }
}

fn check(args: &Args) -> Result<(), Failure> {
    let refuse = |text: &str| Err(Failure::new(text));
    let names = args.name.as_deref().unwrap_or_default();
    if args.state == State::Latest && args.version.is_some() {
        return refuse("version is incompatible with state=latest");
    }
    if args.version.is_some() && names.len() > 1 {
        return refuse(
            "'version' argument is ambiguous when installing multiple package distributions. Please specify version restrictions next to each package in 'name' argument.",
        );
    }
    if args.version.is_some() && names.iter().any(|name| name.contains(['=', '<', '>', '~', '!'])) {
        return refuse(
            "The 'version' argument conflicts with any version specifier provided along with a package name. Please keep the version specifier, but remove the 'version' argument.",
        );
    }
    Ok(())
}

fn told(args: &Args, outcome: Outcome, line: &str) -> Outcome {
    let virtualenv = args.virtualenv.as_ref().map(|path| path.display().to_string());
    outcome
        .with("cmd", line)
        .with("name", args.name.clone())
        .with("state", args.state.word())
        .with("requirements", args.requirements.clone())
        .with("version", args.version.clone())
        .with("virtualenv", virtualenv)
}

fn failed(args: &Args, line: &str, output: &Output) -> Failure {
    let said = format!("{}\n{}", output.out().trim(), output.err().trim());
    Failure::program(format!("\n:stderr: {}", said.trim()).trim_start().to_owned(), output)
        .with("cmd", line)
        .with("name", args.name.clone())
}

/// Whether there is a virtual environment.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    New,
    There,
    WouldBe,
}

/// Makes the virtual environment when it is not there.
fn environment(args: &Args, folder: &Path, job: &mut Job<'_>) -> Result<Made, Failure> {
    if job.look().stat_followed(&folder.join("bin/activate"))?.is_some() {
        return Ok(Made::There);
    }
    let line = args.virtualenv_command.to_string_lossy();
    let mut words = shlex::split(&line).map_err(|why| Failure::new(format!("{why}: {line}")))?;
    let program = words.first().cloned().unwrap_or_default();
    if !program.contains('/') && job.look().which(&program).is_none() {
        return Err(Failure::new(format!(
            "Failed to find required executable \"{program}\" in paths; install the package that has it, or use `virtualenv_command: python3 -m venv`"
        )));
    }
    if args.virtualenv_site_packages {
        words.push("--system-site-packages".into());
    }
    let is_venv = words.iter().any(|word| word == "venv" || word.contains("pyvenv"));
    match &args.virtualenv_python {
        Some(_) if is_venv => {
            return Err(Failure::new(
                "virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command",
            ));
        }
        Some(python) => words.push(format!("-p{python}")),
        None => {}
    }
    words.push(folder.to_string_lossy().into_owned());
    let command = Command { cwd: args.chdir.clone(), umask: umask(args)?, ..Command::new(words) };
    match job.run(&command)? {
        None => Ok(Made::WouldBe),
        Some(output) if output.success() => Ok(Made::New),
        Some(output) => Err(failed(args, &command.argv.join(" "), &output)),
    }
}

fn umask(args: &Args) -> Result<Option<u32>, Failure> {
    let Some(text) = &args.umask else { return Ok(None) };
    u32::from_str_radix(text, 8)
        .map(Some)
        .map_err(|_| Failure::new("umask must be an octal integer").with("umask", text.as_str()))
}

/// Returns the words that start pip.
fn pip(args: &Args, look: &dyn Look) -> Result<Vec<String>, Failure> {
    if let Some(folder) = &args.virtualenv {
        for name in ["pip3", "pip"] {
            let path = folder.join("bin").join(name);
            if look.stat_followed(&path)?.is_some() {
                return Ok(vec![path.to_string_lossy().into_owned()]);
            }
        }
        return Err(Failure::new(format!(
            "Unable to find pip in the virtualenv, {}, under any of these names: pip3, pip. Make sure pip is present in the virtualenv.",
            folder.display()
        )));
    }
    if let Some(executable) = &args.executable {
        return Ok(vec![executable.to_string_lossy().into_owned()]);
    }
    if let Some(name) = ["pip3", "pip"].into_iter().find(|name| look.which(name).is_some()) {
        return Ok(vec![name.into()]);
    }
    let module = ["python3", "-m", "pip"];
    let answers = || look.query(&Command::new(module).arg("--version"));
    if look.which("python3").is_some() && answers()?.success() {
        return Ok(module.map(String::from).to_vec());
    }
    Err(Failure::new(
        "Unable to find any of pip3, pip to use. pip needs to be installed: on Debian it is the package `python3-pip`",
    ))
}

/// Returns the packages as pip takes them: a piece of a list that only continues a range of versions belongs to the one
/// before.
fn packages(args: &Args) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in args.name.iter().flatten().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        match names.last_mut().filter(|_| name.starts_with(['<', '>', '=', '!', '~'])) {
            Some(last) => *last += &format!(",{name}"),
            None => names.push(name.to_owned()),
        }
    }
    if let (Some(version), [name]) = (&args.version, names.as_mut_slice()) {
        let sign = if version.starts_with(['<', '>', '=', '!', '~']) { "" } else { "==" };
        *name += &format!("{sign}{version}");
    }
    names
}

fn command(args: &Args, pip: &[String]) -> Result<Command, Failure> {
    let mut words = pip.to_vec();
    let verb: &[&str] = match args.state {
        State::Absent => &["uninstall", "-y"],
        State::ForceReinstall => &["install", "-U", "--force-reinstall"],
        State::Latest => &["install", "-U"],
        State::Present => &["install"],
    };
    words.extend(verb.iter().map(|word| (*word).to_owned()));
    if args.break_system_packages {
        words.push("--break-system-packages".into());
    }
    if let Some(text) = &args.extra_args {
        words.extend(shlex::split(text).map_err(|why| Failure::new(format!("{why}: {text}")))?);
    }
    words.extend(args.editable.then(|| "-e".to_owned()));
    words.extend(packages(args));
    if let Some(file) = &args.requirements {
        words.extend(["-r".to_owned(), file.clone()]);
    }
    let command = Command { cwd: args.chdir.clone(), umask: umask(args)?, ..Command::new(words) };
    Ok(command.env("LC_ALL", "C.UTF-8"))
}

/// Returns names and versions of what is installed.
fn installed(
    args: &Args,
    pip: &[String],
    look: &dyn Look,
) -> Result<Vec<(String, String)>, Failure> {
    let ask = |words: &[&str]| {
        let words = pip.iter().cloned().chain(words.iter().map(|word| (*word).to_owned()));
        let command = Command { cwd: args.chdir.clone(), ..Command::new(words) };
        look.query(&command.env("LC_ALL", "C.UTF-8"))
    };
    let mut output = ask(&["list", "--format=freeze"])?;
    if !output.success() {
        output = ask(&["freeze"])?;
    }
    if !output.success() {
        let text = format!("Unable to list packages: {}", output.err().trim());
        return Err(Failure::program(text, &output));
    }
    let out = output.out();
    let pairs = out.lines().filter_map(|line| line.trim().split_once("=="));
    Ok(pairs.map(|(name, version)| (canonical(name), version.to_owned())).collect())
}

/// Returns a name as pip compares it.
fn canonical(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '.'], "-")
}

/// A package with its range of versions.
struct Requirement {
    name: String,
    range: Vec<(String, String)>,
}

/// Returns what a word asks for; nothing for files, addresses and what only pip understands.
fn requirement(word: &str) -> Option<Requirement> {
    if word.contains(['/', ':', ';', '@']) || word.ends_with(".whl") || word.ends_with(".gz") {
        return None;
    }
    let end = word.find(['<', '>', '=', '!', '~', '[', ' ']).unwrap_or(word.len());
    let (name, rest) = word.split_at(end);
    let rest = match rest.trim_start().strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1,
        None => rest,
    };
    let mut range = Vec::new();
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let digits = part.find(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~'))?;
        let (sign, version) = part.split_at(digits);
        range.push((sign.to_owned(), version.trim().to_owned()));
    }
    Some(Requirement { name: canonical(name), range })
}

/// How a package is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Found {
    Fits,
    Missing,
    Other,
}

fn state_of(wanted: &Requirement, installed: &[(String, String)]) -> Found {
    let Some((_, version)) = installed.iter().find(|(name, _)| *name == wanted.name) else {
        return Found::Missing;
    };
    let fits = wanted.range.iter().all(|(sign, limit)| within(version, sign, limit));
    if fits { Found::Fits } else { Found::Other }
}

/// Returns whether a version is in a range; what cannot be told (`===`, letters) is left to pip.
fn within(version: &str, sign: &str, limit: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    if let Some(prefix) = limit.strip_suffix(".*") {
        let starts = format!("{version}.").starts_with(&format!("{prefix}."));
        return if sign == "!=" { !starts } else { sign == "==" && starts };
    }
    let (Some(mut have), Some(mut want)) = (numbers(version), numbers(limit)) else {
        return sign.starts_with("==") && version == limit;
    };
    let given = want.len();
    let length = have.len().max(want.len());
    have.resize(length, 0);
    want.resize(length, 0);
    match sign {
        "==" => have == want,
        "!=" => have != want,
        ">=" => have >= want,
        "<=" => have <= want,
        ">" => have > want,
        "<" => have < want,
        "~=" => have >= want && given > 1 && have[..given - 1] == want[..given - 1],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(word: &str, expected: Option<Found>) {
        let installed =
            [("django".to_owned(), "4.2.1".to_owned()), ("my-lib".into(), "1.0".into())];
        assert_eq!(requirement(word).map(|wanted| state_of(&wanted, &installed)), expected);
    }

    #[test]
    fn ranges() {
        case("Django", Some(Found::Fits));
        case("my_lib==1.0", Some(Found::Fits));
        case("my.lib==1", Some(Found::Fits));
        case("django[argon2] >= 4.2, < 5", Some(Found::Fits));
        case("django~=4.2", Some(Found::Fits));
        case("django~=4.1.0", Some(Found::Other));
        case("django==4.*", Some(Found::Fits));
        case("django!=4.2.1", Some(Found::Other));
        case("flask", Some(Found::Missing));
        case("git+https://example.com/x.git", None);
        case("./x.whl", None);
    }
}
