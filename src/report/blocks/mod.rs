//! In front of a report that is text from top to bottom: of plays that run side by side it gets the events of a task
//! together, so that no result stands below the heading of another one. Plays that run alone are passed on at once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use crate::event::{Event, PlayInfo, Sink};

/// How long what happened waits for the rest of its task.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked for what has waited that long.
const PAUSE: Duration = Duration::from_secs(1);

/// The report.
pub(super) struct Blocks {
    state: Arc<Mutex<State>>,
}

struct State {
    inner: Arc<dyn Sink>,
    /// The plays that run side by side.
    plays: BTreeSet<u64>,
    /// What happened in tasks that are not through, by their numbers.
    blocks: IndexMap<u64, Block>,
    /// How many questions wait for an answer.
    asking: usize,
    /// What is passed on when nobody is asked any more.
    held: Vec<Event>,
    /// Whether somebody looks for what has waited for long.
    is_watched: bool,
}

struct Block {
    play: u64,
    events: Vec<Event>,
    since: Instant,
}

impl Blocks {
    /// Returns a report that passes blocks on to another one.
    pub(super) fn new(inner: Arc<dyn Sink>) -> Self {
        let state = State {
            inner,
            plays: BTreeSet::new(),
            blocks: IndexMap::new(),
            asking: 0,
            held: Vec::new(),
            is_watched: false,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }
}

impl Sink for Blocks {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (event, event.play().filter(|play| play.beside)) {
            (Event::Asking(asking), _) => state.ask(*asking, event),
            (Event::RunEnded { .. }, _) => {
                state.flush(|_, _| true);
                state.inner.event(event);
            }
            (_, None) => state.inner.event(event),
            (_, Some(play)) => state.beside(play, event),
        }
        if !state.plays.is_empty() && !state.is_watched {
            state.is_watched = true;
            let state = Arc::downgrade(&self.state);
            // Without the thread blocks come when their tasks are through.
            let _started =
                std::thread::Builder::new().name("blocks".into()).spawn(move || watch(&state));
        }
    }
}

impl Block {
    /// Returns whether there is more in it than a beginning: a heading alone would soon be separated from what it is for.
    fn says(&self) -> bool {
        let begins = |event: &Event| {
            matches!(
                event,
                Event::TaskStarted(_)
                    | Event::HostStarted { .. }
                    | Event::Output { .. }
                    | Event::Progress { .. }
            )
        };
        !self.events.iter().all(begins)
    }
}

impl State {
    /// Takes what happened in a play that runs beside others.
    fn beside(&mut self, play: &PlayInfo, event: &Event) {
        let of_play = |_: u64, block: &Block| block.play == play.id;
        match (event, event.task()) {
            (Event::Said { .. }, Some(task)) => {
                // Whoever asks has the word.
                let block = self.blocks.shift_remove(&task.id);
                block.iter().flat_map(|block| &block.events).for_each(|one| self.inner.event(one));
                return self.inner.event(event);
            }
            (Event::Meta { .. }, _) | (_, None) => {
                match event {
                    Event::PlayStarted { .. } => drop(self.plays.insert(play.id)),
                    Event::PlayEnded { .. } => drop(self.plays.remove(&play.id)),
                    _ => {}
                }
                self.flush(of_play);
                self.pass(event.clone());
            }
            (_, Some(task)) => {
                // Hosts that meet are through with the task before; others have each task for themselves.
                if matches!(event, Event::TaskStarted(_)) && play.together {
                    self.flush(of_play);
                }
                let new = || Block { play: play.id, events: Vec::new(), since: Instant::now() };
                self.blocks.entry(task.id).or_insert_with(new).events.push(event.clone());
                if matches!(event, Event::HostDone { .. }) && !play.together {
                    self.flush(|id, _| id == task.id);
                }
            }
        }
        if self.plays.len() <= 1 {
            self.flush(|_, block| block.says());
        }
    }

    fn ask(&mut self, asking: bool, event: &Event) {
        self.inner.event(event);
        self.asking = if asking { self.asking + 1 } else { self.asking.saturating_sub(1) };
        if self.asking == 0 {
            for event in std::mem::take(&mut self.held) {
                self.inner.event(&event);
            }
        }
    }

    /// Passes on the blocks that are meant.
    fn flush(&mut self, meant: impl Fn(u64, &Block) -> bool) {
        let all = std::mem::take(&mut self.blocks).into_iter();
        let (meant, rest): (IndexMap<_, _>, _) = all.partition(|(id, block)| meant(*id, block));
        self.blocks = rest;
        for event in meant.into_values().flat_map(|block| block.events) {
            self.pass(event);
        }
    }

    /// Passes an event on, later when somebody is asked now.
    fn pass(&mut self, event: Event) {
        if self.asking > 0 {
            self.held.push(event);
        } else {
            self.inner.event(&event);
        }
    }
}

/// Passes on what has waited for long, until the report is gone.
fn watch(state: &Weak<Mutex<State>>) {
    loop {
        std::thread::sleep(PAUSE);
        let Some(state) = state.upgrade() else { return };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = state.plays.len() <= 1;
        state.flush(|_, block| block.since.elapsed() >= PATIENCE && (alone || block.says()));
    }
}

#[cfg(test)]
mod tests;
