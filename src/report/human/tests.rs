use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::base::{Map, Position, SourceFile, Value};
use crate::event::{PlayInfo, Stats, Status, TaskInfo, TaskResult};
use crate::module::Diff;
use crate::report::streams::tests::Kept;

const BOOK: &str = "- hosts: all\n  tasks:\n    - name: write it\n      when: true\n      copy: {src: a, dest: /etc/a}\n";

/// A report whose time is told.
struct Bench {
    human: Human,
    kept: Kept,
    time: Arc<AtomicU64>,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        let kept = Kept::default();
        let time = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&time);
        let clock = Box::new(move || Duration::from_millis(clock.load(Ordering::Relaxed)));
        Self { human: Human::with_clock(settings, kept.streams(), clock), kept, time }
    }

    fn stream() -> Self {
        Self::new(Settings { width: 60, ..Settings::default() })
    }

    fn terminal() -> Self {
        Self::new(Settings { width: 60, place: Place::Terminal, ..Settings::default() })
    }

    fn play(&self, hosts: &[&str]) {
        let hosts = hosts.iter().map(|host| Arc::from(*host)).collect();
        let play = Arc::new(PlayInfo { name: "web".into(), together: true, ..PlayInfo::default() });
        self.human.event(&Event::PlayStarted { play, hosts, check: false });
    }

    fn start(&self, task: &Arc<TaskInfo>, hosts: &[&str]) {
        self.human.event(&Event::TaskStarted(Arc::clone(task)));
        for host in hosts {
            let host = Arc::from(*host);
            self.human.event(&Event::HostStarted { task: Arc::clone(task), host });
        }
    }

    fn done(&self, task: &Arc<TaskInfo>, host: &str, result: TaskResult) {
        let event =
            Event::HostDone { task: Arc::clone(task), host: host.into(), result: Arc::new(result) };
        self.human.event(&event);
    }

    fn item(&self, task: &Arc<TaskInfo>, host: &str, label: &str, result: TaskResult) {
        let result = Arc::new(TaskResult { label: Some(label.into()), ..result });
        self.human.event(&Event::ItemDone { task: Arc::clone(task), host: host.into(), result });
    }

    fn end(&self, stats: &[(&str, Stats)]) {
        let stats = stats.iter().map(|(host, stats)| (Arc::from(*host), *stats)).collect();
        self.human.event(&Event::RunEnded {
            stats,
            custom: Map::new(),
            took: Duration::from_millis(31_200),
            interrupted: false,
            resume: None,
        });
    }

    fn wait(&self, milliseconds: u64) {
        self.time.fetch_add(milliseconds, Ordering::Relaxed);
        self.human.state.lock().unwrap().tick();
    }

    fn text(&self) -> String {
        self.kept.take()
    }
}

fn task(id: u64, name: &str, action: &str) -> Arc<TaskInfo> {
    let file = SourceFile::new("site.yml", BOOK);
    Arc::new(TaskInfo {
        play: Arc::new(PlayInfo { together: true, ..PlayInfo::default() }),
        id,
        name: name.into(),
        role: None,
        action: action.into(),
        at: Position::new(&file, 3, 7),
        handler: false,
        rescued: false,
        check: false,
    })
}

fn result(status: Status, values: &[(&str, Value)]) -> TaskResult {
    let values =
        Arc::new(Map::from_iter(values.iter().map(|(name, value)| (*name, value.clone()))));
    TaskResult { status, values, took: Duration::from_millis(1200), ..TaskResult::default() }
}

#[test]
fn a_terminal_folds_hosts() {
    let bench = Bench::terminal();
    bench.play(&["a", "b", "c"]);
    assert_eq!(bench.text(), "\nPLAY [web] ───────────────────────────────────────── 3 hosts\n");
    let one = task(1, "write it", "copy");
    bench.start(&one, &["a", "b", "c"]);
    bench.done(&one, "c", result(Status::Changed, &[]));
    bench.done(&one, "a", result(Status::Changed, &[]));
    bench.done(&one, "b", result(Status::Ok, &[]));
    assert_eq!(bench.text(), "");
    bench.start(&task(2, "next", "copy"), &[]);
    assert_eq!(
        bench.text(),
        "TASK [write it]\n  changed  a c                                         1.2 s\n  ok       b\n"
    );
}

#[test]
fn a_stream_has_a_line_an_event() {
    let bench = Bench::stream();
    bench.play(&["a", "b"]);
    bench.text();
    let one = task(1, "write it", "copy");
    bench.start(&one, &["a", "b"]);
    bench.done(&one, "a", result(Status::Changed, &[("msg", "line added".into())]));
    bench.done(&one, "b", result(Status::Ok, &[]));
    assert_eq!(bench.text(), "TASK [write it]\n  changed  a: line added  1.2 s\n");
}

#[test]
fn what_long_runs_shows_gives_signs_of_life() {
    let bench = Bench::stream();
    let one = task(1, "load images", "copy");
    bench.start(&one, &["a", "b"]);
    let all = 3_650_722_201;
    let (task, host) = (Arc::clone(&one), Arc::from("a"));
    bench.human.event(&Event::Progress {
        task,
        host,
        what: "/i.tar".into(),
        done: 1_288_490_189,
        all,
    });
    bench.wait(9_000);
    assert_eq!(bench.text(), "");
    bench.wait(2_000);
    assert_eq!(bench.text(), "… load images: a (11 s, 1.2 of 3.4 GiB), b (11 s)\n");
}

#[test]
fn the_pane_is_taken_away_before_anything_is_written() {
    let bench = Bench::terminal();
    let one = task(1, "load images", "copy");
    bench.start(&one, &["a"]);
    bench.wait(100);
    assert_eq!(bench.text(), "");
    bench.wait(1_900);
    assert_eq!(bench.text(), "▸ load images: a  2.0 s");
    bench.wait(0);
    assert_eq!(bench.text(), "");
    bench.human.event(&Event::Warning("watch out".into()));
    assert_eq!(bench.text(), "\r\x1b[Jwarning: watch out\n");
    bench.human.event(&Event::Warning("watch out".into()));
    assert_eq!(bench.text(), "");
}

#[test]
fn a_failure_is_complete() {
    let bench = Bench::stream();
    let one = task(1, "write it", "copy");
    bench.start(&one, &["a"]);
    let values = [
        ("msg", Value::from("non-zero return code")),
        ("rc", 3.into()),
        ("cmd", Value::list(["sh".into(), "-c".into(), "exit 3".into()])),
        ("stderr", "no\nway".into()),
        ("stdout", "one line".into()),
    ];
    bench.done(&one, "a", result(Status::Failed, &values));
    let block = "TASK [write it]
  failed   a: the command ended with status 3  1.2 s
           ├ at site.yml:5:7   copy: {src: a, dest: /etc/a}
           ├ command: sh -c 'exit 3'
           ├ stderr:
           │   no
           │   way
           └ stdout: one line
";
    assert_eq!(bench.text(), block);
    for number in 2..20 {
        let quick = TaskResult { took: Duration::ZERO, ..result(Status::Changed, &[]) };
        bench.done(&task(number, "more", "copy"), "b", quick);
    }
    bench.text();
    bench.end(&[("a", Stats { failed: 1, ..Stats::default() })]);
    let end = format!(
        "\nPLAY RECAP *************************************************\n\
         a                          : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   \n\
         \n{}\n1 task on 1 host in 31 s · slowest: write it 1.2 s\n",
        block.replace("  1.2 s\n", "\n")
    );
    assert_eq!(bench.text(), end);
}

#[test]
fn a_failure_that_stands_right_above_is_not_repeated() {
    let bench = Bench::stream();
    bench.done(&task(1, "write it", "copy"), "a", result(Status::Failed, &[("msg", "no".into())]));
    assert!(bench.text().contains("failed   a"));
    bench.end(&[("a", Stats { failed: 1, ..Stats::default() })]);
    assert!(!bench.text().contains("failed   a"));
}

#[test]
fn what_was_rescued_is_not_repeated() {
    let bench = Bench::stream();
    let one = task(1, "write it", "copy");
    bench.done(&one, "a", result(Status::Failed, &[("msg", "no".into())]));
    bench.text();
    bench.end(&[("a", Stats { rescued: 1, ..Stats::default() })]);
    assert!(!bench.text().contains("failed   a"));
}

#[test]
fn the_same_difference_is_shown_once() {
    let bench = Bench::terminal();
    bench.play(&["a", "b"]);
    bench.text();
    let one = task(1, "write it", "copy");
    let diff = Diff::text(std::path::Path::new("/etc/a"), Some("1\n"), "2\n");
    for host in ["a", "b"] {
        let changed = TaskResult { diffs: vec![diff.clone()], ..result(Status::Changed, &[]) };
        bench.done(&one, host, TaskResult { took: Duration::ZERO, ..changed });
    }
    bench.start(&task(2, "next", "copy"), &[]);
    assert_eq!(
        bench.text(),
        "TASK [write it]\n  changed  a b\n    --- /etc/a\n    +++ (after)\n    @@ -1 +1 @@\n    -1\n    +2\n"
    );
}

#[test]
fn items_of_which_the_same_is_said_share_a_line() {
    let bench = Bench::terminal();
    let one = task(1, "install", "apt");
    for host in ["a", "b"] {
        for item in ["curl", "git"] {
            bench.item(&one, host, item, result(Status::Changed, &[]));
        }
        let done = TaskResult { looped: true, ..result(Status::Changed, &[]) };
        bench.done(&one, host, done);
    }
    bench.start(&task(2, "next", "copy"), &[]);
    assert_eq!(
        bench.text(),
        "TASK [install]\n  changed  a b (curl, git)                             1.2 s\n"
    );
}

#[test]
fn loud_values() {
    let bench = Bench::stream();
    let one = task(1, "say", "debug");
    let loud = |values: &[(&str, Value)]| TaskResult {
        loud: true,
        took: Duration::ZERO,
        ..result(Status::Ok, values)
    };
    bench.done(&one, "a", loud(&[("msg", "hello".into()), ("changed", false.into())]));
    bench.done(&one, "b", loud(&[("port", 7000.into()), ("changed", false.into())]));
    let map = Value::map([("x", Value::from(1)), ("y", Value::secret("z"))]);
    bench.done(&one, "c", loud(&[("msg", map), ("changed", false.into())]));
    assert_eq!(
        bench.text(),
        "TASK [say]\n  ok       a: hello\n  ok       b: port = 7000\n  ok       c\n           x: 1\n           y: '****'\n"
    );
}

#[test]
fn a_play_that_changed_nothing_says_so() {
    let bench = Bench::stream();
    bench.play(&["a"]);
    let one = task(1, "write it", "copy");
    bench.done(&one, "a", result(Status::Ok, &[]));
    bench.text();
    bench.end(&[]);
    assert!(bench.text().starts_with("  ok       1 host: nothing to change in 1 task\n"));
}

#[test]
fn check_mode_counts_what_would_change() {
    let settings = Settings { check: true, width: 60, ..Settings::default() };
    let bench = Bench::new(settings);
    let one = task(1, "write it", "copy");
    let one = Arc::new(TaskInfo { check: true, ..(*one).clone() });
    bench.done(&one, "a", TaskResult { took: Duration::ZERO, ..result(Status::Changed, &[]) });
    assert_eq!(bench.text(), "TASK [write it]\n  would change  a\n");
    bench.end(&[("a", Stats { ok: 1, changed: 1, ..Stats::default() })]);
    assert!(bench.text().ends_with("1 host would change in 1 task; nothing was touched.\n"));
}

#[test]
fn a_c_locale_gets_plain_characters() {
    let bench = Bench::new(Settings { unicode: false, width: 40, ..Settings::default() });
    bench.play(&["a"]);
    assert_eq!(bench.text(), "\nPLAY [web] ---------------------- 1 host\n");
}

/// A report of two plays that run side by side.
struct Beside {
    bench: Bench,
    tasks: [Arc<TaskInfo>; 2],
}

impl Beside {
    fn new(bench: Bench) -> Self {
        let tasks = ["redis", "mongo"].map(|name| {
            let id = if name == "redis" { 1 } else { 2 };
            let play = PlayInfo { id, name: name.into(), together: true, beside: true };
            let play = Arc::new(play);
            let hosts = ["a", "b"].map(Arc::from).to_vec();
            bench.human.event(&Event::PlayStarted { play: Arc::clone(&play), hosts, check: false });
            let one = task(id + 10, &format!("form {name}"), "command");
            Arc::new(TaskInfo { play, ..TaskInfo::clone(&one) })
        });
        let beside = Self { bench, tasks };
        beside.bench.text();
        for task in &beside.tasks {
            beside.bench.start(task, &["a", "b"]);
        }
        beside
    }

    fn changed(&self, task: usize, host: &str) {
        self.bench.done(&self.tasks[task], host, result(Status::Changed, &[]));
    }

    fn ended(&self, task: usize) {
        let play = Arc::clone(&self.tasks[task].play);
        self.bench.human.event(&Event::PlayEnded { play, took: Duration::from_millis(31_200) });
    }
}

const MONGO: &str = "TASK [form mongo] (play mongo)\n  changed  a  1.2 s\n  changed  b  1.2 s\n";

#[test]
fn side_by_side_a_stream_shows_the_results_of_a_task_together() {
    let beside = Beside::new(Bench::stream());
    for host in ["a", "b"] {
        beside.changed(1, host);
        beside.changed(0, if host == "a" { "b" } else { "a" });
    }
    assert_eq!(beside.bench.text(), "");
    beside.bench.start(&task(30, "of nobody", "copy"), &[]);
    assert_eq!(beside.bench.text(), "");
    beside.ended(1);
    let ended = "PLAY [mongo] ended ──────────────────────────────────── 31 s\n";
    assert_eq!(beside.bench.text(), format!("{MONGO}{ended}"));
    // The last one speaks at once.
    beside.bench.item(&beside.tasks[0], "a", "more", result(Status::Changed, &[]));
    beside.ended(0);
    let text = beside.bench.text();
    assert!(
        text.starts_with("TASK [form redis] (play redis)\n  changed  a (more)  1.2 s\n"),
        "{text}"
    );
}

#[test]
fn side_by_side_nothing_waits_for_long() {
    let beside = Beside::new(Bench::stream());
    beside.changed(0, "a");
    beside.bench.wait(4_000);
    assert_eq!(beside.bench.text(), "");
    beside.bench.wait(1_000);
    let shown = "TASK [form redis] (play redis)\n  changed  a  1.2 s\n";
    assert_eq!(beside.bench.text(), shown);
    beside.changed(1, "a");
    beside.changed(1, "b");
    beside.ended(1);
    assert!(beside.bench.text().starts_with(MONGO));
    beside.changed(0, "b");
    beside.ended(0);
    let text = beside.bench.text();
    assert!(text.starts_with("TASK [form redis] (play redis)\n  changed  b  1.2 s\n"), "{text}");
}

#[test]
fn side_by_side_nothing_is_written_while_somebody_is_asked() {
    for bench in [Bench::stream(), Bench::terminal()] {
        let beside = Beside::new(bench);
        beside.bench.human.event(&Event::Asking(true));
        beside.bench.text();
        beside.changed(1, "a");
        beside.changed(1, "b");
        beside.ended(1);
        assert_eq!(beside.bench.text(), "");
        beside.bench.human.event(&Event::Asking(false));
        beside.bench.end(&[]);
        let text = beside.bench.text();
        assert!(text.contains("TASK [form mongo] (play mongo)\n  changed  a"), "{text}");
    }
}

#[test]
fn side_by_side_a_terminal_shows_what_all_plays_do() {
    let beside = Beside::new(Bench::terminal());
    beside.bench.wait(1_000);
    let text = beside.bench.text();
    assert!(text.contains("form redis (play redis): 2 hosts"), "{text}");
    assert!(text.contains("form mongo (play mongo): 2 hosts"), "{text}");
    beside.changed(0, "a");
    // Another play goes on: the task is not through.
    let next = TaskInfo { id: 20, ..TaskInfo::clone(&beside.tasks[1]) };
    beside.bench.start(&Arc::new(next), &[]);
    assert!(!beside.bench.text().contains("TASK"));
    beside.changed(0, "b");
    beside.ended(0);
    assert!(beside.bench.text().contains("TASK [form redis] (play redis)\n  changed  a b"));
}

#[test]
fn side_by_side_each_task_has_its_share_of_the_pane() {
    let beside = Beside::new(Bench::terminal());
    let hosts: Vec<String> = (0..9).map(|number| format!("h{number}")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    beside.tasks.iter().for_each(|task| beside.bench.start(task, &hosts));
    beside.bench.wait(1_000);
    let text = beside.bench.text();
    let rows: Vec<&str> = text.lines().map(|line| line.split(":").next().unwrap()).collect();
    let hosts = |first: &str| {
        [first.to_owned(), "    a  1.0 s".into(), "    b  1.0 s".into(), "    h0  1.0 s".into()]
    };
    let expected =
        [hosts("▸ form redis (play redis)"), hosts("▸ form mongo (play mongo)")].concat();
    assert_eq!(rows, expected);
}
