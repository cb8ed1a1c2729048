use super::*;
use crate::event::{TaskInfo, TaskResult};

/// Notes what it gets: `+play`, `-play`, `task`, `task host`.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Sink for Notes {
    fn event(&self, event: &Event) {
        let note = match event {
            Event::PlayStarted { play, .. } => format!("+{}", play.name),
            Event::PlayEnded { play, .. } => format!("-{}", play.name),
            Event::TaskStarted(task) => task.name.clone(),
            Event::HostDone { task, host, .. } => format!("{} {host}", task.name),
            Event::Said { text, .. } | Event::Warning(text) => text.clone(),
            _ => return,
        };
        self.0.lock().unwrap().push(note);
    }
}

struct Bench {
    notes: Arc<Notes>,
    blocks: Blocks,
}

impl Bench {
    fn new() -> Self {
        let notes = Arc::new(Notes::default());
        Self { blocks: Blocks::new(Arc::clone(&notes) as Arc<dyn Sink>), notes }
    }

    #[track_caller]
    fn case(&self, events: &[Event], expected: &[&str]) {
        events.iter().for_each(|event| self.blocks.event(event));
        assert_eq!(std::mem::take(&mut *self.notes.0.lock().unwrap()), expected);
    }
}

fn play(id: u64, together: bool) -> Arc<PlayInfo> {
    Arc::new(PlayInfo { id, name: format!("p{id}"), together, beside: true })
}

fn task(play: &Arc<PlayInfo>, id: u64) -> Arc<TaskInfo> {
    let at = crate::base::Position::default();
    let (name, action) = (format!("t{id}"), "debug".to_owned());
    let play = Arc::clone(play);
    Arc::new(TaskInfo {
        play,
        id,
        name,
        role: None,
        action,
        at,
        handler: false,
        rescued: false,
        check: false,
    })
}

fn started(play: &Arc<PlayInfo>) -> Event {
    Event::PlayStarted { play: Arc::clone(play), hosts: Vec::new(), check: false }
}

fn ended(play: &Arc<PlayInfo>) -> Event {
    Event::PlayEnded { play: Arc::clone(play), took: Duration::ZERO }
}

fn begun(task: &Arc<TaskInfo>) -> Event {
    Event::TaskStarted(Arc::clone(task))
}

fn done(task: &Arc<TaskInfo>, host: &str) -> Event {
    let (task, result) = (Arc::clone(task), Arc::new(TaskResult::default()));
    Event::HostDone { task, host: Arc::from(host), result }
}

fn said(task: &Arc<TaskInfo>) -> Event {
    Event::Said { task: Arc::clone(task), text: "go on?".into() }
}

#[test]
fn the_results_of_a_task_stay_together() {
    let bench = Bench::new();
    let (one, two) = (play(1, true), play(2, true));
    let (first, second) = (task(&one, 3), task(&two, 4));
    bench.case(&[started(&one), started(&two)], &["+p1", "+p2"]);
    let mixed = [begun(&first), begun(&second), done(&first, "a"), done(&second, "a")];
    bench.case(&mixed, &[]);
    bench.case(&[done(&first, "b"), begun(&task(&one, 5))], &["t3", "t3 a", "t3 b"]);
    bench.case(&[ended(&two)], &["t4", "t4 a", "-p2"]);
    // Nobody runs beside it any more.
    bench.case(&[done(&task(&one, 5), "a")], &["t5", "t5 a"]);
    bench.case(&[done(&task(&one, 5), "b")], &["t5 b"]);
}

#[test]
fn hosts_that_go_their_own_ways_have_each_task_for_themselves() {
    let bench = Bench::new();
    let (one, two) = (play(1, false), play(2, true));
    let (first, second) = (task(&one, 3), task(&one, 4));
    bench.case(&[started(&one), started(&two)], &["+p1", "+p2"]);
    bench.case(&[begun(&first), begun(&second), done(&second, "b")], &["t4", "t4 b"]);
    bench.case(&[done(&first, "a")], &["t3", "t3 a"]);
}

#[test]
fn while_somebody_is_asked_nothing_else_is_said() {
    let bench = Bench::new();
    let (one, two) = (play(1, true), play(2, true));
    let (first, second) = (task(&one, 3), task(&two, 4));
    bench.case(&[started(&one), started(&two)], &["+p1", "+p2"]);
    let asked = [begun(&first), begun(&second), done(&second, "a"), Event::Asking(true)];
    bench.case(&asked, &[]);
    bench.case(&[said(&first), begun(&task(&two, 5))], &["t3", "go on?"]);
    bench.case(&[Event::Asking(false)], &["t4", "t4 a"]);
}

#[test]
fn a_play_that_runs_alone_is_passed_on_at_once() {
    let bench = Bench::new();
    let alone = Arc::new(PlayInfo { beside: false, ..PlayInfo::clone(&play(1, true)) });
    let one = task(&alone, 2);
    bench.case(&[started(&alone), begun(&one), done(&one, "a")], &["+p1", "t2", "t2 a"]);
}
