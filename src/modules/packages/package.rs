//! `package`: installs and removes packages with whatever package manager the host has.

use crate::module::{Arguments, Check, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::{arguments, choices};

use super::apt::{self, Apt};
use super::common::{self, Wish};

choices! {
    /// What should be true of the packages.
    pub(super) enum State {
        Absent = "absent" | "removed",
        Latest = "latest",
        Present = "present" | "installed",
    }
}

arguments! {
    /// Arguments of `package`.
    pub(super) struct Args {
        /// Whether to remove packages that nothing needs any more, with apt.
        autoremove: bool = false,
        /// For how many seconds the package lists count as fresh, with apt; implies `update_cache`.
        cache_valid_time: i64 = 0,
        /// Whether to install what packages recommend, with apt.
        install_recommends ["install-recommends"]: Option<bool>,
        /// Package names.
        name ["pkg"]: Vec<String>,
        /// Whether to delete configuration files along with a package, with apt.
        purge: bool = false,
        /// What should be true of the packages.
        state: State = State::Present,
        /// Whether to fetch what the repositories offer first.
        update_cache ["update-cache"]: Option<bool>,
        /// Which package manager to use: `apt`, `dnf`, `yum`, `zypper`, `apk`, `pacman`; found out when it is `auto`.
        r#use: String = "auto".into(),
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
        let word = match args.r#use.as_str() {
            "auto" => common::detect(job.look())?.ok_or_else(|| common::unknown(None))?,
            word => word.strip_prefix("ansible.builtin.").unwrap_or(word),
        };
        if word == "apt" {
            return Apt::run(for_apt(&args)?, job);
        }
        let manager =
            common::manager(job.look(), word).ok_or_else(|| common::unknown(Some(word)))?;
        if args.update_cache == Some(true) && !job.stage().check {
            let output = job.aside(|act| Ok(act.run(&manager.refresh())?))?;
            if !output.success() {
                let message =
                    format!("Failed to update the package cache: {}", output.err().trim());
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
}

fn for_apt(args: &Args) -> Result<apt::Args, Failure> {
    Ok(apt::Args {
        autoremove: args.autoremove,
        cache_valid_time: args.cache_valid_time,
        install_recommends: args.install_recommends,
        name: Some(args.name.clone()),
        purge: args.purge,
        state: match args.state {
            State::Absent => apt::State::Absent,
            State::Latest => apt::State::Latest,
            State::Present => apt::State::Present,
        },
        update_cache: args.update_cache,
        ..apt::Args::parse(&crate::base::Map::new())?
    })
}
