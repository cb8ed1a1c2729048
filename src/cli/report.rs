//! Which reporter a run has, and how it writes.

use std::io::IsTerminal;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::screen::{self, Screen};
use crate::config::{Config, settings};
use crate::engine;
use crate::event::{Event, Sink};
use crate::report::{Ansible, Colours, Human, Options};

/// How wide a line is where nobody knows: as wide as Ansible makes it.
const COLUMNS: usize = 79;

/// What a report looks like when no setting says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// Like `ansible-playbook`.
    Ansible,
    /// Our own.
    Human,
}

impl Format {
    /// Returns the format that `stdout_callback` asks for; names of other plugins mean ours.
    fn chosen(self, name: Option<&str>) -> Self {
        match name.map(|name| name.rsplit('.').next().unwrap_or(name)) {
            Some("default") => Self::Ansible,
            Some("human" | "fcplay") => Self::Human,
            Some(_) | None => self,
        }
    }
}

/// Returns the reporter of a run; the tokens are those of [`Screen::new`].
pub(super) fn sink(
    format: Format,
    options: &engine::Options,
    config: &Config,
    (interrupted, closed): (&CancellationToken, &CancellationToken),
) -> Arc<dyn Sink> {
    let format = format.chosen(config.get(&settings::STDOUT_CALLBACK).as_deref());
    let options = Options {
        verbosity: options.verbosity,
        diff: options.diff,
        skipped: config.get(&settings::DISPLAY_SKIPPED_HOSTS),
        colours: colours(config),
        columns: columns(config),
    };
    let screen = Screen::new(interrupted.clone(), closed.clone());
    match format {
        Format::Ansible => Arc::new(Warnings(Ansible::new(screen, options))),
        Format::Human => Arc::new(Warnings(Human::new(screen, options))),
    }
}

/// Shows warnings on standard error, once each, and leaves the rest to a reporter.
struct Warnings<S>(S);

impl<S: Sink> Sink for Warnings<S> {
    fn event(&self, event: &Event) {
        match event {
            Event::Warning(text) => screen::warn(text),
            other => self.0.event(other),
        }
    }
}

fn colours(config: &Config) -> Colours {
    let never = config.get(&settings::NOCOLOR)
        || config.environment().var("TERM").is_some_and(|terminal| terminal == "dumb");
    let wanted = config.get(&settings::FORCE_COLOR) || (std::io::stdout().is_terminal() && !never);
    if wanted { Colours::On } else { Colours::Off }
}

/// Returns the width of lines: what `COLUMNS` says, what the terminal has, but no less than Ansible takes.
fn columns(config: &Config) -> usize {
    let given = config.environment().var("COLUMNS").and_then(|text| text.parse::<usize>().ok());
    let terminal = || terminal_size::terminal_size_of(std::io::stdout());
    let columns = given.or_else(|| terminal().map(|(width, _)| usize::from(width.0)));
    columns.map_or(COLUMNS, |columns| columns.saturating_sub(1).max(COLUMNS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_of_ansible_is_its_format() {
        let case = |name| Format::Human.chosen(name);
        assert_eq!(case(Some("ansible.builtin.default")), Format::Ansible);
        assert_eq!(case(Some("default")), Format::Ansible);
        assert_eq!(case(Some("yaml")), Format::Human);
        assert_eq!(case(None), Format::Human);
        assert_eq!(Format::Ansible.chosen(None), Format::Ansible);
        assert_eq!(Format::Ansible.chosen(Some("human")), Format::Human);
    }
}
