//! How long things took, in the form of the callbacks `profile_tasks` and `timer`, behind the report.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::settings::{Format, Settings};
use super::streams::{Out, put};
use crate::event::{Event, PlayInfo, Sink, TaskInfo};

/// How many tasks are named.
const TASKS: usize = 20;

/// What is measured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Measures {
    /// Each task (`profile_tasks`).
    pub tasks: bool,
    /// The run (`timer`).
    pub run: bool,
}

impl Measures {
    /// Returns whether nothing is measured.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// The report.
pub(super) struct Profile {
    measures: Measures,
    /// Whether plays are listed that ran one after another: Ansible's own format has no such list.
    lists_plays: bool,
    state: Mutex<State>,
}

struct State {
    out: Out,
    /// The tasks that ran, by when they began.
    tasks: Vec<Task>,
    /// The plays that are through, and how long they took.
    plays: Vec<(Arc<PlayInfo>, Duration)>,
}

struct Task {
    name: String,
    play: u64,
    began: Instant,
    /// How long it took; nothing while it is the last one of its play.
    took: Option<Duration>,
}

impl Profile {
    /// Returns the report.
    pub(super) fn new(settings: &Settings, out: Out) -> Self {
        let state = State { out, tasks: Vec::new(), plays: Vec::new() };
        let lists_plays = settings.format != Format::Default;
        Self { measures: settings.measures, lists_plays, state: Mutex::new(state) }
    }
}

impl Sink for Profile {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::TaskStarted(task) => state.begin(task),
            Event::PlayEnded { play, took } => {
                state.end_task(play);
                state.plays.push((Arc::clone(play), *took));
            }
            Event::RunEnded { took, .. } => {
                if self.measures.tasks {
                    state.list_tasks();
                    if self.lists_plays || state.plays.iter().any(|(play, _)| play.beside) {
                        state.list_plays();
                    }
                }
                if self.measures.run {
                    put(&mut state.out, &format!("Playbook run took {}\n", spelled(*took)));
                }
            }
            _ => {}
        }
    }
}

impl State {
    fn begin(&mut self, task: &TaskInfo) {
        self.end_task(&task.play);
        let (name, play) = (task.title() + &task.play.mark(), task.play.id);
        self.tasks.push(Task { name, play, began: Instant::now(), took: None });
    }

    /// Ends the task of a play that began last.
    fn end_task(&mut self, play: &PlayInfo) {
        if let Some(task) = self.tasks.iter_mut().rev().find(|task| task.play == play.id) {
            task.took.get_or_insert_with(|| task.began.elapsed());
        }
    }

    fn list_tasks(&mut self) {
        let took = |task: &Task| task.took.unwrap_or_else(|| task.began.elapsed());
        let mut tasks: Vec<_> = self.tasks.iter().map(|task| (&*task.name, took(task))).collect();
        tasks.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        let lines = tasks.iter().take(TASKS).map(|(name, took)| line(name, *took));
        let text = filled("", '=') + "\n" + &lines.collect::<String>();
        put(&mut self.out, &text);
    }

    /// Lists the plays in their order.
    fn list_plays(&mut self) {
        self.plays.sort_by_key(|(play, _)| play.id);
        let name = |play: &PlayInfo| format!("PLAY [{}]", play.name);
        let lines = self.plays.iter().map(|(play, took)| line(&name(play), *took));
        let text = filled("", '=') + "\n" + &lines.collect::<String>();
        put(&mut self.out, &text);
    }
}

/// What time it is, below the banner of each task and at the end. Only in Ansible's own format: elsewhere lines have a
/// form of their own.
pub(super) struct Stamps(Mutex<Stamp>);

struct Stamp {
    out: Out,
    start: Instant,
    last: Instant,
}

impl Stamps {
    /// Returns the report, where the settings want it.
    pub(super) fn wanted(settings: &Settings, out: Out) -> Option<Self> {
        let now = Instant::now();
        let wanted = settings.measures.tasks && settings.format == Format::Default;
        wanted.then(|| Self(Mutex::new(Stamp { out, start: now, last: now })))
    }
}

impl Sink for Stamps {
    fn event(&self, event: &Event) {
        if matches!(event, Event::TaskStarted(_) | Event::RunEnded { .. }) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write();
        }
    }
}

impl Stamp {
    /// Writes what time it is, and how long it has been since the last time and since the start.
    fn write(&mut self) {
        let now = jiff::Zoned::now().strftime("%A %d %B %Y  %H:%M:%S %z").to_string();
        let (step, total) = (self.last.elapsed(), self.start.elapsed());
        self.last = Instant::now();
        let line = format!("{now} ({}){}{}", clock(step), " ".repeat(7), clock(total));
        put(&mut self.out, &format!("{}\n", filled(&line, '*')));
    }
}

/// Returns the line of a task.
fn line(name: &str, took: Duration) -> String {
    let seconds = format!(" {:.2}s", took.as_secs_f64());
    format!("{:-<70}{seconds:->9}\n", format!("{name} "))
}

/// Returns a text with marks up to the edge.
fn filled(text: &str, mark: char) -> String {
    let text = if text.is_empty() { String::new() } else { format!("{text} ") };
    let marks = 79_usize.saturating_sub(text.chars().count()).max(3);
    format!("{text}{} ", mark.to_string().repeat(marks))
}

/// Returns `0:01:02.345`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours}:{minutes:02}:{:02}.{:03}", seconds % 60, time.subsec_millis())
}

/// Returns `0 days, 0 hours, 1 minutes, 2 seconds`.
fn spelled(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    format!("{days} days, {hours} hours, {minutes} minutes, {} seconds", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_callbacks() {
        let time = Duration::from_millis(3_723_045);
        assert_eq!(clock(time), "1:02:03.045");
        assert_eq!(spelled(time), "0 days, 1 hours, 2 minutes, 3 seconds");
        let expected = format!("install {}{} 8.10s\n", "-".repeat(62), "-".repeat(3));
        assert_eq!(line("install", Duration::from_millis(8_104)), expected);
        assert_eq!(filled("", '='), format!("{} ", "=".repeat(79)));
    }
}
