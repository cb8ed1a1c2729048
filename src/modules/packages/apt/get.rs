//! Runs `apt-get`: its options, the wait for locks, `policy-rc.d`, and what its output says.

use std::path::Path;
use std::time::Duration;

use crate::module::{Diff, Failure, Job, Outcome};
use crate::system::{Act, Command, Output};

use super::{Args, State, Upgrade};

/// What apt is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operation {
    Autoclean,
    Autoremove,
    BuildDep,
    DistUpgrade,
    Install,
    Remove,
    Upgrade,
}

impl Operation {
    /// Returns the operation for a way to upgrade.
    pub(super) fn upgrade(way: Upgrade) -> Self {
        match way {
            Upgrade::Dist | Upgrade::Full => Self::DistUpgrade,
            Upgrade::No | Upgrade::Safe | Upgrade::Yes => Self::Upgrade,
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Autoclean => &["autoclean"],
            Self::Autoremove => &["autoremove"],
            Self::BuildDep => &["build-dep"],
            Self::DistUpgrade => &["dist-upgrade"],
            Self::Install => &["install"],
            Self::Remove => &["remove"],
            Self::Upgrade => &["upgrade", "--with-new-pkgs"],
        }
    }

    /// Returns whether apt alone can tell whether there is something to do.
    fn is_open(self, words: &[String]) -> bool {
        match self {
            Self::Install => words.is_empty(),
            Self::Remove => false,
            Self::Autoclean
            | Self::Autoremove
            | Self::BuildDep
            | Self::DistUpgrade
            | Self::Upgrade => true,
        }
    }
}

/// What came of one or several runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Ran {
    message: String,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// Returns that nothing had to run, and why.
    pub(super) fn same(reason: &str) -> Self {
        Self { message: reason.into(), ..Self::default() }
    }

    pub(super) fn output(output: &Output) -> Self {
        Self { message: String::new(), stdout: output.out(), stderr: output.err() }
    }

    /// Adds what came of a later run.
    pub(super) fn add(&mut self, other: Self) {
        self.stdout.push_str(&other.stdout);
        self.stderr.push_str(&other.stderr);
        if !other.message.is_empty() {
            self.message = other.message;
        }
    }

    /// Returns it as the outcome of the task.
    pub(super) fn outcome(self) -> Outcome {
        let outcome = Outcome::same(self.message);
        if self.stdout.is_empty() && self.stderr.is_empty() {
            return outcome;
        }
        outcome.with("stdout", self.stdout).with("stderr", self.stderr)
    }
}

/// Returns a command whose questions are answered by their defaults.
pub(in crate::modules::packages) fn noninteractive<S: Into<String>>(
    words: impl IntoIterator<Item = S>,
) -> Command {
    Command::new(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("DEBIAN_PRIORITY", "critical")
        .env("LC_ALL", "C.UTF-8")
        .env("LANGUAGE", "")
}

/// Runs an operation, unless a simulation says that there is nothing to do.
pub(super) fn perform(
    job: &mut Job<'_>,
    args: &Args,
    operation: Operation,
    words: &[String],
) -> Result<Ran, Failure> {
    let command = command(args, operation, words);
    let open = operation.is_open(words);
    let mut diff = Diff::None;
    let mut simulated = None;
    if open || job.stage().check || job.stage().diff {
        let output = job.look().query(&simulation(&command))?;
        if !output.success() {
            return Err(explain(&command, words, &output));
        }
        if open && is_nothing(operation, &output.out()) {
            return Ok(Ran { message: "there is nothing to do".into(), ..Ran::output(&output) });
        }
        if job.stage().diff {
            diff = Diff::Prepared(changes(&output.out()));
        }
        simulated = Some(Ran::output(&output));
    }
    let watcher = job.watcher();
    let output = job.change(diff, |act| {
        with_policy(act, args.policy_rc_d, || {
            patiently(act, args.lock_timeout, || {
                Ok(act
                    .run_watched(&command, &mut |channel, bytes| watcher.output(channel, bytes))?)
            })
        })
    })?;
    match output {
        Some(output) if output.success() => Ok(Ran::output(&output)),
        Some(output) => Err(explain(&command, words, &output)),
        None => Ok(simulated.unwrap_or_default()),
    }
}

fn command(args: &Args, operation: Operation, words: &[String]) -> Command {
    let mut line = vec!["apt-get".to_owned(), "-y".into()];
    let options = args.dpkg_options.split(',').map(str::trim).filter(|option| !option.is_empty());
    for option in options {
        line.extend(["-o".to_owned(), format!("Dpkg::Options::=--{option}")]);
    }
    line.extend(["-o".to_owned(), format!("DPkg::Lock::Timeout={}", args.lock_timeout)]);
    let allows = [
        (args.force || args.allow_change_held_packages, "--allow-change-held-packages"),
        (args.force || args.allow_downgrade, "--allow-downgrades"),
        (args.force || args.allow_unauthenticated, "--allow-unauthenticated"),
        (args.force, "--allow-remove-essential"),
        (args.only_upgrade && operation == Operation::Install, "--only-upgrade"),
        (args.state == State::Fixed, "--fix-broken"),
        (args.autoremove && operation != Operation::Autoremove, "--auto-remove"),
        (args.fail_on_autoremove && operation != Operation::Remove, "--no-remove"),
        (args.purge, "--purge"),
    ];
    line.extend(allows.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
    line.extend(operation.words().iter().map(|word| (*word).to_owned()));
    if let Some(recommends) = args.install_recommends {
        let word = if recommends { "yes" } else { "no" };
        line.extend(["-o".to_owned(), format!("APT::Install-Recommends={word}")]);
    }
    if let Some(release) = &args.default_release {
        line.extend(["-t".to_owned(), release.clone()]);
    }
    line.extend(words.iter().cloned());
    noninteractive(line).unbroken()
}

fn simulation(command: &Command) -> Command {
    let mut command = command.clone();
    let options =
        ["--simulate", "-oDebug::NoLocking=true", "-oAPT::Get::Show-User-Simulation-Note=false"];
    command.argv.splice(1..1, options.map(str::to_owned));
    command
}

/// Repeats what fails because somebody else holds a lock, until the time is over.
pub(super) fn patiently(
    act: &dyn Act,
    seconds: u64,
    run: impl Fn() -> Result<Output, Failure>,
) -> Result<Output, Failure> {
    const PAUSE: u64 = 2;
    let start = act.now();
    let mut tries = seconds / PAUSE;
    loop {
        let output = run()?;
        let words = output.err();
        let held = !output.success()
            && ["Could not get lock", "Unable to lock", "Unable to acquire the dpkg frontend lock"]
                .iter()
                .any(|text| words.contains(text))
            && !words.contains("are you root");
        // Newer versions of apt wait by themselves.
        if !held || tries == 0 || act.now() - start >= seconds as f64 {
            return Ok(output);
        }
        tries -= 1;
        act.sleep(Duration::from_secs(PAUSE));
    }
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Puts a `policy-rc.d` in place while something runs, then what was there before.
fn with_policy(
    act: &dyn Act,
    answer: Option<u32>,
    run: impl FnOnce() -> Result<Output, Failure>,
) -> Result<Output, Failure> {
    let Some(answer) = answer else { return run() };
    let path = Path::new(POLICY);
    let before = act.stat(path)?.map(|meta| meta.mode).zip(act.read(path)?);
    act.replace(path, format!("#!/bin/sh\nexit {answer}\n").as_bytes())?;
    act.set_mode(path, 0o755)?;
    let output = run();
    match before {
        Some((mode, content)) => {
            act.replace(path, &content)?;
            act.set_mode(path, mode)?;
        }
        None => act.remove(path)?,
    }
    output
}

fn is_nothing(operation: Operation, text: &str) -> bool {
    match operation {
        Operation::Autoclean => !text.lines().any(|line| line.starts_with("Del ")),
        _ => text.lines().any(|line| {
            line.starts_with("0 upgraded, 0 newly installed, 0 to remove")
                && !text.contains("not fully installed or removed")
        }),
    }
}

/// Returns what a simulation says will happen, without the words before and after.
fn changes(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("Reading state information"));
    let start = start.map_or(0, |index| index + 1);
    let summary = |line: &&str| {
        line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" upgraded, ")
    };
    let end = lines.iter().position(summary).map_or(lines.len(), |index| index + 1);
    lines.get(start..end).unwrap_or_default().join("\n")
}

/// Returns the failure of a run, in the words that playbooks know where there are such.
fn explain(command: &Command, words: &[String], output: &Output) -> Failure {
    let text = output.err();
    let line = command.argv.join(" ");
    if let Some(name) = quoted_after(&text, "Unable to locate package ") {
        return Failure::program(
            format!(
                "No package matching '{name}' is available; if it should be, check its repository and use `update_cache: true`"
            ),
            output,
        );
    }
    if text.contains("has no installation candidate") {
        let name = text.split("Package '").nth(1).and_then(|rest| rest.split('\'').next());
        let name = name.unwrap_or_else(|| words.first().map_or("", String::as_str));
        return Failure::program(format!("no available installation candidate for {name}"), output);
    }
    let hint = match text.as_str() {
        text if text.contains("are you root") => "; use `become: true`",
        text if text.contains("dpkg --configure -a") => {
            "; an earlier installation broke off: run `dpkg --configure -a` on the host"
        }
        text if text.contains("No space left on device") => "; make room on the disk",
        _ => "",
    };
    Failure::program(format!("'{line}' failed: {}{hint}", text.trim()), output)
}

fn quoted_after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.split_once(words).and_then(|(_, rest)| rest.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    fn args(pairs: &[(&str, Value)]) -> Args {
        Args::parse(&pairs.iter().cloned().collect::<Map>()).unwrap()
    }

    #[track_caller]
    fn case(pairs: &[(&str, Value)], operation: Operation, words: &[&str], expected: &str) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let line = command(&args(pairs), operation, &words).argv.join(" ");
        let common = "apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=60 ";
        assert_eq!(line.strip_prefix(common), Some(expected), "{line}");
    }

    #[test]
    fn command_lines() {
        case(&[], Operation::Install, &["nginx"], "install nginx");
        case(
            &[
                ("install_recommends", false.into()),
                ("default_release", "bookworm-backports".into()),
            ],
            Operation::Install,
            &["a", "b=1"],
            "install -o APT::Install-Recommends=no -t bookworm-backports a b=1",
        );
        case(
            &[("purge", true.into()), ("autoremove", true.into())],
            Operation::Remove,
            &["a"],
            "--auto-remove --purge remove a",
        );
        case(&[("autoremove", true.into())], Operation::Autoremove, &[], "autoremove");
        case(&[], Operation::Upgrade, &[], "upgrade --with-new-pkgs");
        case(
            &[("fail_on_autoremove", true.into())],
            Operation::DistUpgrade,
            &[],
            "--no-remove dist-upgrade",
        );
    }

    #[test]
    fn simulations() {
        let text = "Reading package lists...\nBuilding dependency tree...\nReading state information...\nThe following NEW packages will be installed:\n  nginx\n0 upgraded, 1 newly installed, 0 to remove and 3 not upgraded.\nInst nginx (1.22 Debian [amd64])\n";
        assert_eq!(
            changes(text),
            "The following NEW packages will be installed:\n  nginx\n0 upgraded, 1 newly installed, 0 to remove and 3 not upgraded."
        );
        assert!(!is_nothing(Operation::Upgrade, text));
        assert!(is_nothing(
            Operation::Upgrade,
            "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n"
        ));
        assert!(is_nothing(Operation::Autoclean, "Reading package lists...\n"));
    }

    #[test]
    fn failures_say_what_to_do() {
        let run = Command::new(["apt-get", "install", "x"]);
        let say = |text: &str| {
            let output = Output { code: 100, stderr: text.into(), ..Output::default() };
            explain(&run, &["x".into()], &output).message
        };
        assert_eq!(
            say("E: Unable to locate package x\n"),
            "No package matching 'x' is available; if it should be, check its repository and use `update_cache: true`"
        );
        assert_eq!(
            say("E: Package 'x' has no installation candidate\n"),
            "no available installation candidate for x"
        );
        assert_eq!(
            say(
                "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n"
            ),
            "'apt-get install x' failed: E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?; use `become: true`"
        );
    }
}
