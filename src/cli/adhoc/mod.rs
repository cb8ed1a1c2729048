//! `fcplay adhoc`: one module on hosts, in the output of `ansible`.

mod args;
mod book;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

pub(super) use args::AdHoc;
use book::Task;

use super::error::Error;
use super::exit::Exit;
use super::run::{self, Ends, Make};
use super::{report, screen};
use crate::config::{Config, Environment, settings as known};
use crate::engine::{self, Options, Run};
use crate::report::Format;

/// Modules that do nothing without arguments.
const NEED_ARGUMENTS: [&str; 6] = ["command", "raw", "script", "shell", "win_command", "win_shell"];
/// The name of the playbook that there is not.
const BOOK: &str = "__adhoc_playbook__";

/// Runs the module, or lists the hosts.
pub(super) fn run(flags: &AdHoc) -> Result<Exit, Error> {
    let config = Config::load(Environment::of_process())
        .map_err(|bad| Error::mistakes(Exit::BadOptions, &bad))?;
    let play = flags.as_play();
    let task = task(flags, &config);
    if !play.inventory.list_hosts {
        check(&task)?;
    }
    let format = if flags.one_line { Format::Oneline } else { Format::Minimal };
    let reporter = |options: &Options, ends: Ends<'_>| {
        report::adhoc(format, flags.tree.clone(), (options, &config), ends)
    };
    let path = folder(flags, &config).join(BOOK);
    let make =
        Make { play: &play, config: &config, books: vec![path.clone()], hide_prompted: false };
    let lists = play.inventory.list_hosts;
    run::with_run(make, &reporter, |run| {
        Box::pin(async move {
            task.keep(&path, &run);
            go(&run, &task.pattern, lists).await
        })
    })
}

fn task(flags: &AdHoc, config: &Config) -> Task {
    let seconds = |given: Option<u64>, setting| {
        given.unwrap_or_else(|| u64::try_from(config.get(setting)).unwrap_or(0))
    };
    Task {
        pattern: flags.pattern.clone(),
        module: flags.module_name.clone().unwrap_or_else(|| config.get(&known::MODULE_NAME)),
        args: flags.args.clone().or_else(|| config.get(&known::MODULE_ARGS)),
        background: flags.background,
        poll: seconds(flags.poll_interval, &known::POLL_INTERVAL),
        timeout: seconds(flags.task_timeout, &known::TASK_TIMEOUT),
    }
}

/// Refuses what is no single task.
fn check(task: &Task) -> Result<(), Error> {
    let refuse = |what: String| Err(Error::new(Exit::BadOptions, what));
    let short = task.module.rsplit('.').next().unwrap_or_default();
    let given = task.args.as_deref().unwrap_or_default();
    if NEED_ARGUMENTS.contains(&short) && given.trim().is_empty() {
        let why = match task.pattern.ends_with(".yml") {
            true => " (did you mean to run ansible-playbook?)",
            false => "",
        };
        return refuse(format!("No argument passed to {} module{why}", task.module));
    }
    if short == "import_playbook" {
        return refuse(format!("'{}' is not a valid action for ad-hoc commands", task.module));
    }
    Ok(())
}

/// Returns the folder that stands for the playbook's.
fn folder(flags: &AdHoc, config: &Config) -> PathBuf {
    let environment = config.environment();
    let here = environment.folder();
    let given = flags.playbook_dir.clone().or_else(|| config.get(&known::PLAYBOOK_DIR));
    given
        .map_or_else(|| here.to_owned(), |path| environment.path(&path.display().to_string(), here))
}

async fn go(run: &Arc<Run>, pattern: &str, lists: bool) -> Result<Exit, Error> {
    let hosts = run.hosts_of(pattern).map_err(|reason| Error::new(Exit::Error, reason))?;
    if hosts.is_empty() && run.options.limit.is_some() {
        let what =
            "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.";
        return Err(Error::new(Exit::Error, what));
    }
    if hosts.is_empty() {
        run.warn("No hosts matched, nothing to do");
    }
    if lists {
        let lines: String = hosts.iter().map(|host| format!("    {host}\n")).collect();
        screen::print(&format!("  hosts ({}):\n{lines}", hosts.len()));
        return Ok(Exit::Ok);
    }
    if hosts.is_empty() {
        return Ok(Exit::Ok);
    }
    let started = Instant::now();
    let prepared = run::told(run, engine::prepare(run))?;
    run::begin(run, &prepared, started);
    Ok(Exit::of_run(engine::run(run, &prepared).await))
}
