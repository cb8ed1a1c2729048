//! `package`: installs and removes packages with whatever package manager the host has.
//!
//! What it is given goes on to the module of that manager, as far as there is one: `apt` and `dnf` take all they take
//! by themselves, the others names, state and `update_cache`.

use crate::base::{Map, Value};
use crate::module::{
    ArgumentSpec, Arguments, BadArgument, Check, Example, Failure, Job, Module, Outcome, Return,
    Spec, check_names, find,
};
use crate::{arguments, choices};

use super::apt::{self, Apt};
use super::common::{self, Wish};
use super::dnf;

choices! {
    /// What should be true of the packages.
    pub(super) enum State {
        Absent = "absent" | "removed",
        Latest = "latest",
        Present = "present" | "installed",
    }
}

arguments! {
    /// What every package manager takes.
    struct Basic {
        /// Package names.
        name ["package", "pkg"]: Vec<String> = Vec::new(),
        /// What should be true of the packages.
        state: State = State::Present,
        /// Whether to fetch what the repositories offer first.
        update_cache ["update-cache", "expire-cache"]: Option<bool>,
        /// Which package manager to use: `apt`, `dnf`, `yum`, `zypper`, `apk`, `pacman`; found out when it is `auto`.
        r#use: String = "auto".into(),
    }
}

/// Arguments of `package`: those of every manager that it may hand them to.
pub(super) struct Args {
    basic: Basic,
    /// All that was given, for the module of the manager.
    given: Map,
}

impl Arguments for Args {
    fn specs() -> Vec<ArgumentSpec> {
        let mut specs = Basic::specs();
        for spec in apt::Args::specs().into_iter().chain(dnf::Args::specs()) {
            let names = || spec.aliases.iter().copied().chain([spec.name]);
            if !specs.iter().any(|known| names().any(|name| known.answers_to(name))) {
                specs.push(spec);
            }
        }
        specs.sort_by_key(|spec| spec.name);
        specs
    }

    fn parse(args: &Map) -> Result<Self, BadArgument> {
        let without = |key: &Value| !matches!(key.as_str(), Some("use"));
        let given = args.iter().filter(|(key, _)| without(key));
        let given = given.map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Self { basic: Basic::parse(args)?, given })
    }
}

/// The module.
pub(super) struct Package;

impl Module for Package {
    const SPEC: &'static Spec = &Spec {
        name: "package",
        summary: "Installs, upgrades and removes packages with the host's package manager.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Install packages.",
                task: "package: {name: [rsync, tar], state: present}",
            },
            Example { about: "Remove a package.", task: "package: {name: telnet, state: absent}" },
        ],
        returns: &[Return {
            name: "results",
            about: "What the package manager wrote; apt gives `stdout` and `stderr`.",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let word = match args.basic.r#use.as_str() {
            "auto" => common::detect(job.look())?.ok_or_else(|| common::unknown(None))?,
            word => word.strip_prefix("ansible.builtin.").unwrap_or(word),
        };
        match word {
            "apt" => Apt::run(handed_on("apt", args)?, job),
            "dnf" | "dnf5" | "yum" => dnf::Package::run(handed_on("dnf", args)?, job),
            word => {
                check_names(word, &Basic::specs(), &args.given)?;
                with_others(word, &args.basic, job)
            }
        }
    }
}

/// Returns the arguments of a module out of those of `package`.
fn handed_on<A: Arguments>(module: &str, args: Args) -> Result<A, Failure> {
    let mut given = args.given;
    check_names(module, &A::specs(), &given)?;
    if find(&given, "state", &[]).is_some() {
        given.insert("state", args.basic.state.word().into());
    }
    Ok(A::parse(&given)?)
}

fn with_others(word: &str, args: &Basic, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let manager = common::manager(word).ok_or_else(|| common::unknown(Some(word)))?;
    if args.update_cache == Some(true) && !job.stage().check {
        let output = job.aside(|act| Ok(act.run(&manager.refresh())?))?;
        if !output.success() {
            let message = format!("Failed to update the package cache: {}", output.err().trim());
            return Err(Failure::program(message, &output));
        }
    }
    let wish = match args.state {
        State::Absent => Wish::Absent,
        State::Latest => Wish::Latest,
        State::Present => Wish::Present,
    };
    common::ensure(&*manager, wish, &args.name, job)
}
