//! Which report a run has, and where it goes.

use std::io;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::screen::Screen;
use crate::config::Config;
use crate::engine;
use crate::event::Sink;
use crate::report::{self, Format, Settings, Streams};

/// Returns the report of a run; `format` counts when no setting names one, and the tokens are those of [`Screen::new`].
pub(super) fn sink(
    format: Format,
    options: &engine::Options,
    config: &Config,
    (interrupted, closed): (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let settings = Settings::load(config, format, (options.verbosity, options.check));
    let screen = Screen::new(interrupted.clone(), closed.clone());
    report::sink(&settings, Streams { out: Box::new(screen), err: Box::new(io::stderr()) })
}
