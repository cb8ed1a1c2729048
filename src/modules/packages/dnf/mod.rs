//! `dnf`: installs, upgrades and removes packages with dnf, dnf5 or yum, by their own programs.
//!
//! What is installed is asked from rpm first, so that packages that are there cost one query and dnf does not start.

mod options;

use std::path::Path;
use std::time::Duration;

use super::common::{self, Manager, Wish};
use super::rpm::Dnf;
use crate::base::Value;
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

use options::Options;

choices! {
    /// What should be true of the packages.
    pub(super) enum State {
        Absent = "absent",
        Present = "present",
        Installed = "installed",
        Removed = "removed",
        Latest = "latest",
    }
}

choices! {
    /// Which program does it.
    pub(super) enum Backend {
        Auto = "auto",
        Dnf = "dnf",
        Dnf4 = "dnf4",
        Dnf5 = "dnf5",
        Yum = "yum",
        Yum4 = "yum4",
    }
}

arguments! {
    /// Arguments of `dnf`.
    pub(super) struct Args {
        /// Whether a lower version than the installed one may be installed.
        allow_downgrade: bool = false,
        /// Accepted for playbooks that set it; nothing has to be installed for this module to work.
        auto_install_module_deps: bool = true,
        /// Whether packages that came along and are not needed any more are removed.
        autoremove: bool = false,
        /// The folder that downloaded packages are put in.
        download_dir: Option<String>,
        /// Whether packages are downloaded and not installed.
        download_only: bool = false,
        /// Accepted for playbooks that set it: the query of repositories is part of the program.
        install_repoquery: bool = true,
        /// What to list instead: `installed`, `available`, `updates`, `repos`, or the name of a package.
        list: Option<String>,
        /// How many seconds to wait for another run of dnf to end.
        lock_timeout: u64 = 30,
        /// Packages, with a version (`nginx-1.20`, `nginx >= 1.20`), groups (`@name`), files, addresses; `*` means all.
        name ["pkg"]: Vec<String> = Vec::new(),
        /// What should be true of the packages: `present` when nothing else is asked.
        state: Option<State>,
        /// Whether to fetch what the repositories offer first.
        update_cache ["expire-cache"]: bool = false,
        /// Whether packages that are not installed are left alone.
        update_only: bool = false,
        /// Which program does it; `auto` takes what the host has.
        use_backend ["use"]: Backend = Backend::Auto;
        ..options: Options,
    }
}

/// The module.
pub(super) struct Package;

impl Module for Package {
    const SPEC: &'static Spec = &Spec {
        name: "dnf",
        also: &["ansible.builtin.dnf5", "ansible.builtin.yum", "dnf5", "yum"],
        summary: "Installs, upgrades and removes packages with dnf, dnf5 or yum.",
        diff: true,
        rules: &[Rule::Exclusive(&["best", "nobest"])],
        examples: &[
            Example {
                about: "Install packages.",
                task: "dnf: {name: [nginx, tar], state: present}",
            },
            Example {
                about: "Upgrade everything that closes security holes.",
                task: "dnf: {name: '*', state: latest, security: true}",
            },
        ],
        returns: &[Return { name: "results", about: "What dnf wrote, or what is listed." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let mut manager = manager(&args, job.look())?;
        let is_five = manager.program == "dnf5";
        wait_for_lock(&args, job.look())?;
        if let Some(what) = &args.list {
            return list(&manager, what, job.look());
        }
        if args.update_cache && !job.stage().check {
            let output = job.aside(|act| Ok(act.run(&manager.refresh())?))?;
            if !output.success() {
                let text = format!("Failed to update the cache: {}", output.err().trim());
                return Err(Failure::program(text, &output));
            }
        }
        let wish = match args.state {
            Some(State::Absent | State::Removed) => Wish::Absent,
            Some(State::Latest) => Wish::Latest,
            Some(State::Present | State::Installed) => Wish::Present,
            None if args.autoremove => Wish::Absent,
            None => Wish::Present,
        };
        if wish == Wish::Absent {
            let clean = if args.autoremove { "True" } else { "False" };
            manager.options.push(format!("--setopt=clean_requirements_on_remove={clean}"));
        } else if args.download_only {
            manager.options.push("--downloadonly".into());
        }
        if let Some(folder) = args.download_dir.as_deref().filter(|_| args.download_only) {
            let option = if is_five { "--setopt=destdir" } else { "--downloaddir" };
            manager.options.push(format!("{option}={folder}"));
        }
        let names = wanted(&args, &manager, wish, job.look())?;
        if names.is_empty() && args.autoremove && wish == Wish::Absent {
            return autoremove(&manager, job);
        }
        if names.is_empty() {
            let text = if args.update_cache { "Cache updated" } else { "there is nothing to do" };
            return Ok(Outcome::same(text).with("results", Value::list([])));
        }
        if wish == Wish::Latest {
            manager.options.extend(args.options.narrowing(is_five));
        }
        if wish == Wish::Latest && names.iter().any(|name| name == "*") {
            return upgrade_all(&manager, job);
        }
        common::ensure(&manager, wish, &names, job)
    }
}

/// Returns the program with the options that hold for everything.
fn manager(args: &Args, look: &dyn Look) -> Result<Dnf, Failure> {
    let words: &[&str] = match args.use_backend {
        Backend::Auto => &["dnf5", "dnf", "yum"],
        Backend::Dnf5 => &["dnf5"],
        Backend::Dnf | Backend::Dnf4 | Backend::Yum | Backend::Yum4 => &["dnf", "yum"],
    };
    let program = words.iter().find_map(|word| common::program(look, word)).ok_or_else(|| {
        Failure::new(format!(
            "Could not detect which major revision of dnf is in use: the host has no {}; `package` takes whatever a host has",
            words.join(", ")
        ))
    })?;
    Ok(Dnf { program, options: args.options.words(program == "dnf5") })
}

/// Waits until no other run holds the lock.
fn wait_for_lock(args: &Args, look: &dyn Look) -> Result<(), Failure> {
    for waited in 0..=args.lock_timeout {
        let folder = Path::new("/var/cache/dnf");
        let names = if look.stat(folder)?.is_some() { look.list(folder)? } else { Vec::new() };
        let mut holder = None;
        for name in names.iter().filter(|name| name.ends_with("_lock.pid")) {
            let content = look.read(&folder.join(name))?.unwrap_or_default();
            let process = String::from_utf8_lossy(&content).trim().to_owned();
            let lives = look.stat(&Path::new("/proc").join(&process))?.is_some();
            holder = holder.or(Some(process).filter(|process| !process.is_empty() && lives));
        }
        let Some(process) = holder else { return Ok(()) };
        if waited == args.lock_timeout || look.has_ended() {
            return Err(Failure::new(format!(
                "dnf lockfile is held by another process ({process}) for more than {waited} seconds; wait for it, or raise `lock_timeout`"
            )));
        }
        look.sleep(Duration::from_secs(1));
    }
    Ok(())
}

/// Returns the packages that are meant: without lower versions than the installed ones, and without new ones where only
/// updates are asked for.
fn wanted(args: &Args, manager: &Dnf, wish: Wish, look: &dyn Look) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = args
        .name
        .iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if args.update_only && wish == Wish::Latest {
        let presence = manager.presence(look, &names)?;
        let mut there = presence.iter().map(|found| *found != common::Presence::Missing);
        names.retain(|_| there.next().unwrap_or(true));
    }
    if args.allow_downgrade || wish == Wish::Absent {
        return Ok(names);
    }
    let mut kept = Vec::new();
    for name in names {
        if !is_lower(&name, look)? {
            kept.push(name);
        }
    }
    Ok(kept)
}

/// Returns whether a package with its version (`nginx-1.18`) is installed in a higher one.
fn is_lower(name: &str, look: &dyn Look) -> Result<bool, Failure> {
    let Some((package, version)) = split_version(name).filter(|_| plain(name)) else {
        return Ok(false);
    };
    let ask = |words: &[&str]| look.query(&Command::new(words.iter().copied()).env("LC_ALL", "C"));
    let higher = format!("{package} > {version}");
    Ok(!ask(&["rpm", "-q", name])?.success()
        && ask(&["rpm", "-q", "--whatprovides", &higher])?.success())
}

fn plain(name: &str) -> bool {
    !name.starts_with('@')
        && !name.contains(['/', '*', '?', '[', ' ', '<', '>', '='])
        && !name.ends_with(".rpm")
}

/// Splits `java-11-openjdk-11.0.2-1.el9` before the last part but one or two that begins with a digit.
fn split_version(name: &str) -> Option<(&str, &str)> {
    let dashes: Vec<usize> = name.match_indices('-').map(|(at, _)| at).collect();
    let is_digit = |at: usize| name[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let last_two = dashes.iter().rev().take(2).copied().collect::<Vec<_>>();
    let at = last_two.iter().rev().copied().find(|at| is_digit(*at))?;
    Some((&name[..at], &name[at + 1..]))
}

/// Upgrades everything there is a later version of.
fn upgrade_all(manager: &Dnf, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let query = Command::new(manager.start(&["-q", "check-update"])).env("LC_ALL", "C");
    let output = job.look().query(&query)?;
    // 100 says that there are updates.
    match output.code {
        0 => {
            return Ok(
                Outcome::same("all packages are the latest").with("results", Value::list([]))
            );
        }
        100 => {}
        _ => {
            let text = format!("Failed to look for updates: {}", output.err().trim());
            return Err(Failure::program(text, &output));
        }
    }
    act(manager, "upgrade", job)
}

/// Runs a command of dnf that needs no packages.
fn act(manager: &Dnf, verb: &str, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let command = Command::new(manager.start(&["-y", verb])).env("LC_ALL", "C.UTF-8").unbroken();
    match job.run(&command)? {
        Some(output) if !output.success() => {
            let text = format!("Failed to {verb}: {}", output.err().trim());
            Err(Failure::program(text, &output))
        }
        Some(output) => Ok(Outcome::done().with("results", Value::list([output.out().into()]))),
        None => Ok(Outcome::done()),
    }
}

/// Removes what came along with other packages and is not needed any more.
fn autoremove(manager: &Dnf, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let output =
        job.look().query(&Command::new(manager.start(&["-q", "repoquery", "--unneeded"])))?;
    if output.out().trim().is_empty() {
        return Ok(Outcome::same("there is nothing to remove").with("results", Value::list([])));
    }
    act(manager, "autoremove", job)
}

/// Lists packages or repositories.
fn list(manager: &Dnf, what: &str, look: &dyn Look) -> Result<Outcome, Failure> {
    if matches!(what, "repos" | "repositories") {
        let output =
            look.query(&Command::new(manager.start(&["-q", "repolist"])).env("LC_ALL", "C"))?;
        let ids = output
            .out()
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .collect::<Vec<_>>();
        let rows = ids
            .iter()
            .map(|id| Value::map([("repoid", Value::from(id)), ("state", "enabled".into())]));
        return Ok(Outcome::same("").with("msg", "").with("results", Value::list(rows)));
    }
    const FORMAT: &str = "%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}\n";
    let choice: &[&str] = match what {
        "available" => &["--available"],
        "installed" => &["--installed"],
        "updates" | "upgrades" => &["--upgrades"],
        name => &[name],
    };
    let mut words = manager.start(&["-q", "repoquery", "--queryformat", FORMAT]);
    words.extend(choice.iter().map(|word| (*word).to_owned()));
    let output = look.query(&Command::new(words).env("LC_ALL", "C"))?;
    if !output.success() {
        let text = format!("Failed to list `{what}`: {}", output.err().trim());
        return Err(Failure::program(text, &output));
    }
    let rows = output.out().lines().filter_map(row).collect::<Vec<_>>();
    Ok(Outcome::same("").with("msg", "").with("results", Value::list(rows)))
}

fn row(line: &str) -> Option<Value> {
    let parts: Vec<&str> = line.split('|').collect();
    let [name, epoch, version, release, arch, repo] = parts.as_slice() else { return None };
    let installed = matches!(*repo, "@System" | "System" | "installed");
    let nevra = format!("{epoch}:{name}-{version}-{release}.{arch}");
    Some(Value::map([
        ("arch", Value::from(*arch)),
        ("envra", nevra.as_str().into()),
        ("epoch", (*epoch).into()),
        ("name", (*name).into()),
        ("nevra", nevra.into()),
        ("release", (*release).into()),
        ("repo", (*repo).into()),
        ("version", (*version).into()),
        ("yumstate", if installed { "installed" } else { "available" }.into()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_behind_names() {
        assert_eq!(split_version("nginx-1.20.1-10.el9"), Some(("nginx", "1.20.1-10.el9")));
        assert_eq!(split_version("nginx-1.20"), Some(("nginx", "1.20")));
        assert_eq!(split_version("python3-devel"), None);
        assert_eq!(
            split_version("java-11-openjdk-11.0.2-1"),
            Some(("java-11-openjdk", "11.0.2-1"))
        );
    }

    #[test]
    fn rows() {
        let row = row("bash|0|5.1.8|6.el9|x86_64|@System").unwrap();
        assert_eq!(row.get("nevra"), Some(&"0:bash-5.1.8-6.el9.x86_64".into()));
        assert_eq!(row.get("yumstate"), Some(&"installed".into()));
    }
}
