//! Which report a run has, and where it goes.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::screen::Screen;
use crate::config::Config;
use crate::engine;
use crate::event::Sink;
use crate::report::{self, Format, Measures, Settings, Streams};

/// Returns the report of a run; `format` counts when no setting names one, and the tokens are those of [`Screen::new`].
pub(super) fn sink(
    format: Format,
    options: &engine::Options,
    config: &Config,
    (interrupted, closed): (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let settings = Settings::load(config, format, (options.verbosity, options.check));
    to_screen(&settings, (interrupted, closed))
}

/// Returns the report of an ad-hoc run, which settings do not choose; `tree` is a folder for results.
pub(super) fn adhoc(
    format: Format,
    tree: Option<PathBuf>,
    (options, config): (&engine::Options, &Config),
    ends: (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let settings = Settings::load(config, format, (options.verbosity, options.check));
    let settings = Settings { format, measures: Measures::default(), junit: None, ..settings };
    to_screen(&Settings { tree, ..settings }, ends)
}

/// Returns what tells warnings of a command that prints something else.
pub(super) fn teller(config: &Config) -> Arc<dyn Sink> {
    let settings =
        Settings { format: Format::Null, ..Settings::load(config, Format::Null, (0, false)) };
    let (interrupted, closed) = (CancellationToken::new(), CancellationToken::new());
    to_screen(&settings, (&interrupted, &closed))
}

fn to_screen(
    settings: &Settings,
    (interrupted, closed): (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let screen = Screen::new(interrupted.clone(), closed.clone());
    report::sink(settings, Streams { out: Box::new(screen), err: Box::new(io::stderr()) })
}
