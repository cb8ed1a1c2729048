//! Reporters: what happens in a run, as text.
//!
//! [`Human`] is quiet about what is well and complete about what is not; [`Ansible`] writes what `ansible-playbook`
//! writes, for programs that read it. Both write whole lines and nothing that moves a cursor, so that a log in a file
//! reads as well as the screen.
#![forbid(unsafe_code)]

mod ansible;
mod colour;
mod difference;
mod human;
mod json;
mod recap;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use ansible::Ansible;
pub use colour::Colours;
pub use human::Human;

/// What reporters take from the settings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// How much detail is wanted (`-v`).
    pub verbosity: u8,
    /// Whether differences are shown.
    pub diff: bool,
    /// Whether tasks that do not apply are shown.
    pub skipped: bool,
    /// Whether the words are coloured.
    pub colours: Colours,
    /// How many columns a line has.
    pub columns: usize,
}

/// Where text goes: one writer behind a lock.
struct Paper(Mutex<Box<dyn Write + Send>>);

impl Paper {
    fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(writer)))
    }

    /// Writes a line. Whether somebody still reads is the writer's business.
    fn line(&self, text: &str) {
        let mut writer = lock(&self.0);
        let _nobody_reads = writeln!(writer, "{text}").and_then(|()| writer.flush());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
