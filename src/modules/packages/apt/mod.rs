//! `apt`: installs, upgrades and removes Debian packages.
//!
//! What is installed is read from dpkg first: packages that are there cost one `dpkg-query` and apt does not start at
//! all. Check mode and differences come from `apt-get --simulate`. Always `apt-get`, never `aptitude`
//! (docs/differences.md).

mod cache;
mod clean;
mod deb;
mod dpkg;
mod get;
mod policy;
mod select;
mod spec;
mod version;

use std::path::PathBuf;

use crate::module::{Check, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::{arguments, choices};

use cache::Cache;
use get::{Operation, Ran};
use spec::PackageSpec;

pub(super) use cache::{Wish as CacheWish, fetch};
pub(super) use deb::fetch_file;
pub(super) use get::noninteractive;

choices! {
    /// What should be true of the packages.
    pub(super) enum State {
        Absent = "absent",
        BuildDep = "build-dep",
        Latest = "latest",
        Present = "present",
        Fixed = "fixed",
    }
}

choices! {
    /// How to upgrade everything.
    pub(super) enum Upgrade {
        Dist = "dist",
        Full = "full",
        No = "no",
        Safe = "safe",
        Yes = "yes",
    }
}

arguments! {
    /// Arguments of `apt`.
    pub(super) struct Args {
        /// Whether versions of held packages may change.
        allow_change_held_packages: bool = false,
        /// Whether a lower version than the installed one may be installed.
        allow_downgrade ["allow-downgrade", "allow_downgrades", "allow-downgrades"]: bool = false,
        /// Whether packages that are not signed may be installed.
        allow_unauthenticated ["allow-unauthenticated"]: bool = false,
        /// Accepted for playbooks that set it; nothing has to be installed for this module to work.
        auto_install_module_deps: bool = true,
        /// Whether to delete package files that can no longer be downloaded.
        autoclean: bool = false,
        /// Whether to remove packages that were installed for others only and are not needed any more.
        autoremove: bool = false,
        /// For how many seconds the package lists count as fresh; implies `update_cache`.
        cache_valid_time: i64 = 0,
        /// Whether to delete all downloaded package files.
        clean: bool = false,
        /// A package file on the host, or its address; several with commas between. What they need is installed too.
        deb: Option<PathBuf>,
        /// The release to take packages from.
        default_release ["default-release"]: Option<String>,
        /// Options for dpkg, with commas between and without the dashes.
        dpkg_options: String = "force-confdef,force-confold".into(),
        /// Whether to fail rather than remove packages.
        fail_on_autoremove: bool = false,
        /// Whether to do what apt thinks dangerous: unsigned packages, downgrades, removal of essential ones.
        force: bool = false,
        /// Accepted for playbooks that set it; this module uses `apt-get` always.
        force_apt_get: bool = false,
        /// Whether to install what packages recommend; as the host is configured when not given.
        install_recommends ["install-recommends"]: Option<bool>,
        /// How many seconds to wait for another run of apt or dpkg to end.
        lock_timeout: u64 = 60,
        /// Package names, with a version (`name=1.2*`, `name>=1.2`) or as patterns; `*` with `state: latest` means all.
        name ["package", "pkg"]: Option<Vec<String>>,
        /// Whether to leave alone packages that are not installed yet.
        only_upgrade: bool = false,
        /// What `policy-rc.d` answers while packages are installed; 101 keeps services from starting.
        policy_rc_d: Option<u32>,
        /// Whether to delete configuration files along with a package.
        purge: bool = false,
        /// What should be true of the packages.
        state: State = State::Present,
        /// Whether to fetch the package lists first.
        update_cache ["update-cache"]: Option<bool>,
        /// How often to try to fetch the lists.
        update_cache_retries: u32 = 5,
        /// The longest pause between tries, in seconds.
        update_cache_retry_max_delay: u64 = 12,
        /// Whether to upgrade everything: `yes` and `safe` remove nothing, `full` and `dist` may.
        upgrade: Upgrade = Upgrade::No,
    }
}

/// The module.
pub(super) struct Apt;

impl Module for Apt {
    const SPEC: &'static Spec = &Spec {
        name: "apt",
        summary: "Installs, upgrades and removes packages with apt.",
        check: Check::Full,
        diff: true,
        rules: &[Rule::Exclusive(&["deb", "name", "upgrade"])],
        examples: &[
            Example {
                about: "Install packages, with lists not older than an hour.",
                task: "apt: {name: [nginx, curl], update_cache: true, cache_valid_time: 3600}",
            },
            Example { about: "Keep a version.", task: "apt: {name: nginx=1.22*, state: present}" },
            Example {
                about: "Upgrade everything.",
                task: "apt: {upgrade: dist, update_cache: true, autoremove: true}",
            },
            Example { about: "Install a package file.", task: "apt: {deb: /tmp/tool.deb}" },
            Example {
                about: "Remove a package with its configuration.",
                task: "apt: {name: nginx, state: absent, purge: true}",
            },
        ],
        returns: &[
            Return { name: "cache_updated", about: "Whether the package lists were fetched." },
            Return {
                name: "cache_update_time",
                about: "When they were fetched last, in seconds since 1970.",
            },
            Return { name: "stdout", about: "What apt wrote to standard output." },
            Return { name: "stderr", about: "What apt wrote to standard error." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let names = args.name.clone().unwrap_or_default();
        let everything = names.iter().any(|name| name.trim() == "*");
        let mut specs = Vec::new();
        for name in names.iter().filter(|name| !matches!(name.trim(), "" | "*")) {
            specs.push(PackageSpec::parse(name)?);
        }
        let upgrade = match (args.upgrade, everything && args.state == State::Latest) {
            (Upgrade::No, true) if !specs.is_empty() => {
                return Err(Failure::new(
                    "unable to install additional packages when upgrading all installed packages; give them a task of their own",
                ));
            }
            (Upgrade::No, true) => Upgrade::Yes,
            (upgrade, _) => upgrade,
        };
        let alone = specs.is_empty() && upgrade == Upgrade::No && args.deb.is_none();
        let wanted = args.update_cache == Some(true) || args.cache_valid_time != 0;
        let nothing_else = alone && !(args.autoclean || args.autoremove || args.clean);
        let cache = match wanted {
            true => cache::update(job, &args.cache_wish(), nothing_else)?,
            false => Cache::look(job.look())?,
        };
        if nothing_else && wanted {
            return Ok(cache.outcome(job.stage().check));
        }
        let mut ran = Ran::default();
        if args.clean {
            ran.add(clean::clean(job)?);
        }
        if upgrade != Upgrade::No {
            ran.add(get::perform(job, &args, Operation::upgrade(upgrade), &[])?);
        } else if let Some(deb) = &args.deb {
            ran.add(deb::install(job, &args, &deb.to_string_lossy())?);
        } else if specs.is_empty() {
            ran.add(clean::tidy(job, &args)?);
        } else if args.state == State::Absent {
            ran.add(remove(job, &args, &specs)?);
        } else {
            ran.add(install(job, &args, specs)?);
        }
        let mut outcome = ran.outcome();
        if job.has_changed() {
            outcome.message.clear();
        }
        Ok(outcome.with_all(cache.values()))
    }
}

impl Args {
    fn cache_wish(&self) -> cache::Wish {
        cache::Wish {
            valid: self.cache_valid_time,
            retries: self.update_cache_retries,
            longest_pause: self.update_cache_retry_max_delay,
            lock_timeout: self.lock_timeout,
        }
    }
}

fn install(job: &mut Job<'_>, args: &Args, specs: Vec<PackageSpec>) -> Result<Ran, Failure> {
    if args.state == State::BuildDep {
        let words: Vec<String> = specs.iter().map(ToString::to_string).collect();
        return get::perform(job, args, Operation::BuildDep, &words);
    }
    let specs = policy::expand(job.look(), specs)?;
    let selection = select::select(job.look(), args, &specs)?;
    mark_manual(job, &selection.there)?;
    if selection.words.is_empty() {
        return Ok(match args.state {
            State::Fixed => get::perform(job, args, Operation::Install, &[])?,
            State::Latest => Ran::same("all packages are installed in their latest version"),
            _ if args.only_upgrade => Ran::same("there is nothing to upgrade"),
            _ => Ran::same("all packages are installed"),
        });
    }
    get::perform(job, args, Operation::Install, &selection.words)
}

/// A package that a playbook names is not one to be removed when nothing needs it any more.
fn mark_manual(job: &Job<'_>, names: &[String]) -> Result<(), Failure> {
    if names.is_empty() || job.stage().check {
        return Ok(());
    }
    let automatic = dpkg::automatic(job.look())?;
    let names: Vec<&String> = names.iter().filter(|name| automatic.contains(*name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let words =
        ["apt-mark", "manual"].map(str::to_owned).into_iter().chain(names.into_iter().cloned());
    let output = job.aside(|act| Ok(act.run(&noninteractive(words))?))?;
    if output.success() { Ok(()) } else { Err(dpkg::failed("`apt-mark manual` failed", &output)) }
}

fn remove(job: &mut Job<'_>, args: &Args, specs: &[PackageSpec]) -> Result<Ran, Failure> {
    let legal =
        specs.iter().filter(|spec| spec.is_legal() || crate::base::glob::is_pattern(&spec.name));
    let known = dpkg::Packages::query(job.look(), legal.map(|spec| spec.name.as_str()))?;
    let mut words: Vec<String> = Vec::new();
    for spec in specs {
        let pattern = crate::base::glob::is_pattern(&spec.name);
        let matching = known
            .rows()
            .iter()
            .filter(|row| pattern && crate::base::glob::matches(spec.plain_name(), &row.name));
        let found = if pattern { matching.collect() } else { Vec::from_iter(known.find(spec)) };
        for row in found {
            let there = match row.status {
                dpkg::Status::Installed | dpkg::Status::Broken => spec.accepts(&row.version),
                dpkg::Status::Configuration => args.purge,
                dpkg::Status::Absent => false,
            };
            let word = if pattern { row.name.clone() } else { spec.name.clone() };
            if there && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    if words.is_empty() {
        return Ok(Ran::same("none of the packages is installed"));
    }
    get::perform(job, args, Operation::Remove, &words)
}
