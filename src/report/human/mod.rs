//! The report for people: success is quiet, failure is complete, every line tells something new.
//!
//! On a terminal the results of a task are gathered and shown with hosts folded once all hosts are through, above a pane
//! (`pane`) that shows what runs now. Elsewhere each result is a line of its own at once, and what takes long gets a
//! line now and then. Nothing here reads a clock but [`Clock`], so tests own the time.

mod end;
mod entry;
mod failure;
mod group;
mod layout;
mod pane;
mod result;
mod running;
mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::settings::{Place, Settings};
use super::streams::Streams;
use super::terminal;
use crate::event::{Event, Sink};
use state::State;

/// Returns the time since the start of the run.
type Clock = Box<dyn Fn() -> Duration + Send>;

/// The report.
pub(super) struct Human {
    state: Arc<Mutex<State>>,
}

impl Human {
    /// Returns the report, and starts the thread that keeps it moving while nothing happens.
    pub(super) fn new(settings: Settings, streams: Streams) -> Self {
        let start = Instant::now();
        let place = settings.place;
        let human = Self::with_clock(settings, streams, Box::new(move || start.elapsed()));
        let state = Arc::downgrade(&human.state);
        // Without the thread the report is the same, only without pane and signs of life.
        let _started = std::thread::Builder::new()
            .name("report".into())
            .spawn(move || keep_moving(&state, place));
        human
    }

    fn with_clock(settings: Settings, streams: Streams, clock: Clock) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(settings, streams, clock))) }
    }
}

impl Sink for Human {
    fn event(&self, event: &Event) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).event(event);
    }
}

/// Calls [`State::tick`] until the report is gone.
fn keep_moving(state: &Weak<Mutex<State>>, place: Place) {
    let pause = match place {
        Place::Terminal => Duration::from_millis(100),
        Place::Stream => Duration::from_secs(1),
    };
    loop {
        std::thread::sleep(pause);
        let Some(state) = state.upgrade() else { return };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if place == Place::Terminal {
            state.resize(terminal::width(), terminal::height());
        }
        if !state.tick() {
            return;
        }
    }
}
