//! Warnings and errors as Ansible tells them: on standard error, each warning once.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::ansible::origin;
use super::colors::{Palette, Role};
use super::streams::{Out, put};
use crate::base::Deprecation;
use crate::event::{Event, Sink};

/// What is told with the first of them.
const SILENCE: &str =
    "Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg.";

/// What was told so far.
#[derive(Default)]
pub(super) struct Told {
    seen: HashSet<String>,
}

impl Told {
    /// Returns the line of a warning; nothing when it was told before.
    pub(super) fn warning(&mut self, text: &str, colors: &Palette) -> Option<String> {
        let line = format!("[WARNING]: {}", text.trim_end());
        let new = self.seen.insert(line.clone());
        new.then(|| colors.paint(Role::Warning, &line) + "\n")
    }

    /// Returns the lines of what will not work for ever; nothing when they were told before.
    pub(super) fn deprecation(
        &mut self,
        deprecation: &Deprecation,
        colors: &Palette,
    ) -> Option<String> {
        let Deprecation { message, at, help } = deprecation;
        let help = help.map(|help| format!("\n{help}\n")).unwrap_or_default();
        let text = format!(
            "[DEPRECATION WARNING]: {message} This feature will be removed from ansible-core version {}.\n{}{help}",
            Deprecation::VERSION,
            origin(at),
        );
        let how = self.warning(SILENCE, colors).filter(|_| !self.seen.contains(&text));
        let new = self.seen.insert(text.clone());
        new.then(|| how.unwrap_or_default() + &colors.paint(Role::Deprecated, &text) + "\n")
    }
}

/// Returns the line of an error.
pub(super) fn error(text: &str, colors: &Palette) -> String {
    colors.paint(Role::Error, &format!("[ERROR]: {text}")) + "\n"
}

/// Returns the line that says what the engine does: the process, the time, and what.
pub(super) fn debug(text: &str) -> String {
    let now = jiff::Timestamp::now();
    let time = format!("{}.{:05}", now.as_second(), now.subsec_nanosecond() / 10_000);
    format!("{:>6} {time}: {text}", std::process::id())
}

/// Tells warnings and errors, and nothing else: for formats whose output is for programs.
pub(super) struct Teller {
    colors: Palette,
    state: Mutex<(Told, Out)>,
}

impl Teller {
    /// Returns a teller that writes to a stream.
    pub(super) fn new(colors: Palette, err: Out) -> Self {
        Self { colors, state: Mutex::new((Told::default(), err)) }
    }
}

impl Sink for Teller {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, err) = &mut *state;
        match event {
            Event::Warning(text) => {
                if let Some(line) = told.warning(text, &self.colors) {
                    put(err, &line);
                }
            }
            Event::Error(text) => put(err, &error(text, &self.colors)),
            Event::Debug(text) => put(err, &(debug(text) + "\n")),
            Event::Said { text, .. } => put(err, &format!("{text}\n")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_told_once() {
        let mut told = Told::default();
        let plain = Palette::plain();
        assert_eq!(told.warning("look\n", &plain).as_deref(), Some("[WARNING]: look\n"));
        assert_eq!(told.warning("look", &plain), None);
        assert_eq!(error("lost", &plain), "[ERROR]: lost\n");
    }
}
