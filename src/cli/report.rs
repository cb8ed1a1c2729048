//! Which reporter a run has.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::screen::Screen;
use super::sink::Plain;
use crate::config::{Config, settings};
use crate::engine::Options;
use crate::event::Sink;

/// What a report looks like when no setting says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// Like `ansible-playbook`.
    Ansible,
    /// Our own.
    Human,
}

/// Returns the reporter of a run; the tokens are those of [`Screen::new`].
pub(super) fn sink(
    format: Format,
    _options: &Options,
    config: &Config,
    (interrupted, closed): (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let chosen = config.get(&settings::STDOUT_CALLBACK);
    let _format = match chosen.as_deref() {
        Some("default" | "ansible.builtin.default") => Format::Ansible,
        _ => format,
    };
    Arc::new(Plain::new(Screen::new(interrupted.clone(), closed.clone())))
}
