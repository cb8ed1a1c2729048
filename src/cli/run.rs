//! `fcplay PLAYBOOK…`: settings, inventory, passwords, checks, then the run or a listing.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::args::Play;
use super::ask::Asker;
use super::error::Error;
use super::exit::Exit;
use super::load::{self, Loaded};
use super::{lookup, passwords, report, retry, screen, settings, signals};
use crate::base::Mistakes;
use crate::config::{Config, Environment, settings as known};
use crate::connection::{Operator, Pool, Programs};
use crate::engine::{self, Options, Parts, Prepared, Run, Wanted};
use crate::event::{Event, Sink};
use crate::inventory::Inventory;
use crate::report::Format;

/// Runs playbooks, or lists what a run would have.
pub(super) fn play(play: &Play, format: Format) -> Result<Exit, Error> {
    let environment = Environment::of_process();
    let folder = environment.folder().to_owned();
    let books = find(&play.playbooks, &folder)?;
    let config =
        Config::load(environment).map_err(|bad| Error::mistakes(Exit::BadOptions, &bad))?;
    let report = |options: &Options, ends: Ends<'_>| report::sink(format, options, &config, ends);
    let make = Make { play, config: &config, books, hide_prompted: format == Format::Human };
    with_run(make, &report, |run| Box::pin(go((play, &config), run)))
}

/// What a run is made from.
pub(super) struct Make<'a> {
    /// The command line.
    pub(super) play: &'a Play,
    /// The settings.
    pub(super) config: &'a Config,
    /// The playbooks.
    pub(super) books: Vec<PathBuf>,
    /// See [`Options::hide_prompted`].
    pub(super) hide_prompted: bool,
}

/// Chooses the report of a run.
pub(super) type Reporter<'a> = &'a dyn Fn(&Options, Ends<'_>) -> Arc<dyn Sink>;
/// What is done with a run that was put together.
type Doing<'a> = Pin<Box<dyn Future<Output = Result<Exit, Error>> + 'a>>;

/// Puts a run together and does something with it.
pub(super) fn with_run<'a>(
    make: Make<'a>,
    reporter: Reporter<'_>,
    doing: impl FnOnce(Arc<Run>) -> Doing<'a>,
) -> Result<Exit, Error> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::new(Exit::Error, format!("cannot start threads: {error}")))?;
    let ended = runtime.block_on(async {
        let (interrupted, closed) = (CancellationToken::new(), CancellationToken::new());
        signals::listen(interrupted.clone())
            .map_err(|error| Error::new(Exit::Error, format!("cannot watch signals: {error}")))?;
        let run = Arc::new(assemble(make, reporter, (&interrupted, &closed))?);
        let exit = doing(run).await?;
        // The reader left before the end (`| head -1`), so the run is not complete: its code says so.
        Ok(if closed.is_cancelled() { Exit::Interrupted } else { exit })
    });
    // A thread may still wait for somebody to type; nobody needs the answer.
    runtime.shutdown_background();
    ended
}

/// What ends a run early: the user who asks for it, and a reader who goes away.
pub(super) type Ends<'a> = (&'a CancellationToken, &'a CancellationToken);

fn find(names: &[String], folder: &Path) -> Result<Vec<PathBuf>, Error> {
    names.iter().map(|name| lookup::playbook(name, folder)).collect()
}

/// Puts together what a run is made of.
fn assemble(make: Make<'_>, reporter: Reporter<'_>, ends: Ends<'_>) -> Result<Run, Error> {
    let Make { play, config, books, hide_prompted } = make;
    let mut options = settings::options(play, config)?;
    options.playbooks = books;
    options.hide_prompted = hide_prompted;
    let sink = reporter(&options, ends);
    let warn = |text: &str| sink.event(&Event::Warning(text.to_owned()));
    let extra = &play.execution.extra_vars;
    let Loaded { secrets, templates, inventory } =
        load::load(&play.vault, extra, &mut options, config, &warn)?;
    check_hosts(&inventory, &options, config, &warn)?;
    if runs(play) {
        options.password = passwords::login(&play.connection, config)?;
        let login = options.password.as_ref();
        options.become_password = passwords::escalation(&play.escalation, config, login)?;
    }
    let programs = Programs::find()
        .map_err(|error| Error::new(Exit::Error, format!("cannot read the helper: {error}")))?;
    if let Ok(program) = programs.local() {
        options.helper = program.path().to_owned();
    }
    let asker = Asker(Arc::clone(&sink));
    let warnings = Arc::clone(&sink);
    let operator = Operator {
        passphrases: Some(Arc::new(asker.clone())),
        warn: Arc::new(move |host, text| {
            warnings.event(&Event::Warning(format!("{host}: {text}")));
        }),
    };
    let pool = Pool::new(programs, operator);
    let interrupted = ends.0.clone();
    let ask = Box::new(move |prompt: &str, hidden: bool| asker.question(prompt, hidden));
    Ok(Run::new(Parts { options, inventory, templates, secrets, pool, sink, ask, interrupted }))
}

/// Returns whether hosts are touched at all.
fn runs(play: &Play) -> bool {
    let lists = play.inventory.list_hosts || play.selection.list_tasks || play.selection.list_tags;
    !lists && !play.selection.syntax_check
}

/// Refuses a limit that leaves no host, and warns of an inventory without any.
fn check_hosts(
    inventory: &Inventory,
    options: &Options,
    config: &Config,
    warn: &dyn Fn(&str),
) -> Result<(), Error> {
    let bad = |error: crate::inventory::PatternError| Error::new(Exit::Error, error);
    if inventory.hosts().len() == 0 {
        if config.get(&known::LOCALHOST_WARNING) {
            warn(
                "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'",
            );
        }
        return Ok(());
    }
    let Some(text) = &options.limit else { return Ok(()) };
    let limit = inventory.limit(text).map_err(bad)?;
    let selection = inventory.select(&["all".to_owned()], Some(&limit)).map_err(bad)?;
    if !selection.hosts.is_empty() {
        return Ok(());
    }
    let mut what =
        "Specified inventory, host pattern and/or --limit leaves us with no hosts to target."
            .to_owned();
    for unmatched in &selection.unmatched {
        what.push_str(&format!("\nhint: `{}` is no host and no group", unmatched.pattern));
        if let Some(near) = &unmatched.near {
            what.push_str(&format!("; did you mean `{near}`?"));
        }
    }
    Err(Error::new(Exit::Error, what))
}

async fn go((play, config): (&Play, &Config), run: Arc<Run>) -> Result<Exit, Error> {
    let started = Instant::now();
    let run = &run;
    let is_listing = !runs(play) && !play.selection.syntax_check;
    let prepared = if is_listing { engine::prepare_listing(run) } else { engine::prepare(run) };
    let prepared = told(run, prepared)?;
    if !runs(play) {
        return list(play, run, &prepared);
    }
    begin(run, &prepared, started);
    let ended = engine::run(run, &prepared).await;
    retry::write(run, ended, config);
    Ok(Exit::of_run(ended))
}

/// Says that the run begins.
pub(super) fn begin(run: &Run, prepared: &Prepared, started: Instant) {
    run.sink.event(&Event::RunStarted {
        playbooks: run.options.playbooks.iter().map(|path| path.display().to_string()).collect(),
        inventory: run.options.inventory_sources.clone(),
        hosts: run.inventory().hosts().len(),
        tasks: prepared.tasks,
        files: run.files.count(),
        took: started.elapsed(),
    });
}

/// Returns the playbooks that were read, once it is said what is suspicious in them.
pub(super) fn told(run: &Run, prepared: Result<Prepared, Mistakes>) -> Result<Prepared, Error> {
    for warning in run.files.take_warnings() {
        run.warn(warning.to_string());
    }
    Ok(prepared?)
}

fn list(play: &Play, run: &Run, prepared: &Prepared) -> Result<Exit, Error> {
    if play.selection.syntax_check {
        for book in &prepared.playbooks {
            screen::print(&format!("\nplaybook: {}\n", book.path.display()));
        }
        return Ok(Exit::Ok);
    }
    let wanted = Wanted {
        hosts: play.inventory.list_hosts,
        tasks: play.selection.list_tasks,
        tags: play.selection.list_tags,
    };
    let text = engine::listing(run, &prepared.playbooks, wanted)
        .map_err(|error| Error::new(Exit::Error, error))?;
    screen::print(&text);
    Ok(Exit::Ok)
}
