//! The usual report: quiet about what is well, complete about what is not.
//!
//! Hosts with the same result share a line. A task whose hosts are all as they should be is not mentioned without `-v`.
//! Failures are told at once and once more after the recap, so that nobody has to scroll.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::colour::Role;
use super::{Options, Paper, difference, json, lock, recap};
use crate::base::{Value, words};
use crate::event::{Event, Sink, Status, TaskInfo, TaskResult};

/// The reporter.
pub struct Human {
    paper: Paper,
    options: Options,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The task whose results are being gathered.
    task: Option<Gathered>,
    /// How many tasks have begun.
    tasks: usize,
    /// Whether the play that runs has said anything.
    play_spoke: bool,
    /// The failures, to be told again.
    failures: Vec<String>,
    /// How long tasks took, by title.
    slowest: Vec<(Duration, String)>,
    /// Hosts that would change, and tasks that would change something.
    changes: (std::collections::BTreeSet<Arc<str>>, usize),
    check: bool,
}

/// A task with the results that have come.
struct Gathered {
    info: Arc<TaskInfo>,
    started: Instant,
    results: Vec<(Arc<str>, Arc<TaskResult>)>,
    said: bool,
}

/// How many names of hosts are listed before they are only counted.
const NAMED: usize = 12;

impl Human {
    /// Returns a reporter that writes to a writer.
    pub fn new(writer: impl Write + Send + 'static, options: Options) -> Self {
        Self { paper: Paper::new(writer), options, state: Mutex::default() }
    }

    fn begin(&self, info: &Arc<TaskInfo>) {
        let mut state = lock(&self.state);
        self.finish(&mut state);
        state.tasks += 1;
        state.check = info.check;
        let gathered = Gathered {
            info: Arc::clone(info),
            started: Instant::now(),
            results: Vec::new(),
            said: false,
        };
        state.task = Some(gathered);
    }

    /// Writes what is to be said of the task that has been running.
    fn finish(&self, state: &mut State) {
        let Some(mut task) = state.task.take() else { return };
        let took = task.started.elapsed();
        state.slowest.push((took, task.info.title()));
        if task.results.iter().any(|(_, result)| result.status == Status::Changed) {
            state.changes.1 += 1;
        }
        let verbose = self.options.verbosity > 0;
        for status in [Status::Changed, Status::Ok, Status::Skipped] {
            let quiet = status != Status::Changed && !verbose;
            let hosts: Vec<&Arc<str>> = task
                .results
                .iter()
                .filter(|(_, result)| result.status == status && !result.loud)
                .map(|(host, _)| host)
                .collect();
            if hosts.is_empty() || (quiet && !task.said) || (quiet && status == Status::Skipped) {
                continue;
            }
            let line = self.hosts_line(status, &hosts, took, task.info.check);
            self.title(&mut task, &mut state.play_spoke);
            self.paper.line(&line);
        }
        self.differences(&mut task, state);
    }

    fn hosts_line(
        &self,
        status: Status,
        hosts: &[&Arc<str>],
        took: Duration,
        check: bool,
    ) -> String {
        let (role, word) = match status {
            Status::Changed if check => (Role::Changed, "would change"),
            Status::Changed => (Role::Changed, "changed"),
            Status::Ok => (Role::Ok, "ok"),
            Status::Skipped => (Role::Skipped, "skipped"),
            Status::Failed => (Role::Failed, "failed"),
            Status::Unreachable => (Role::Unreachable, "unreachable"),
        };
        let names = if hosts.len() > NAMED {
            words::count(hosts.len(), "host")
        } else {
            let mut names: Vec<&str> = hosts.iter().map(|host| &***host).collect();
            names.sort_unstable();
            names.join(" ")
        };
        let left = format!("  {word:<8} {names}");
        let time = words::duration(took);
        let gap = self.options.columns.saturating_sub(left.chars().count() + time.len()).max(2);
        format!("{}{}{time}", self.options.colours.paint(role, &left), " ".repeat(gap))
    }

    /// Writes the title of a task, once.
    fn title(&self, task: &mut Gathered, play_spoke: &mut bool) {
        *play_spoke = true;
        if !task.said {
            task.said = true;
            let word = if task.info.handler { "HANDLER" } else { "TASK" };
            self.paper.line(&format!("{word} [{}]", task.info.title()));
        }
    }

    /// Writes differences, the same of several hosts once.
    fn differences(&self, task: &mut Gathered, state: &mut State) {
        if !self.options.diff {
            return;
        }
        let mut texts: Vec<(String, Vec<Arc<str>>)> = Vec::new();
        for (host, result) in task.results.iter().filter(|(_, result)| !result.no_log) {
            for text in
                result.diffs.iter().filter_map(|diff| difference::text(diff, self.options.colours))
            {
                match texts.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, hosts)) => hosts.push(Arc::clone(host)),
                    None => texts.push((text, vec![Arc::clone(host)])),
                }
            }
        }
        for (text, hosts) in texts {
            self.title(task, &mut state.play_spoke);
            let names: Vec<&str> = hosts.iter().map(|host| &**host).collect();
            self.paper.line(&format!("    {}:", names.join(" ")));
            self.paper.line(&indented(&text, "    "));
        }
    }

    fn done(&self, info: &Arc<TaskInfo>, host: &Arc<str>, result: &Arc<TaskResult>) {
        let mut state = lock(&self.state);
        if state.task.as_ref().is_none_or(|task| task.info.id != info.id) {
            self.finish(&mut state);
            let task = Gathered {
                info: Arc::clone(info),
                started: Instant::now() - result.took,
                results: Vec::new(),
                said: false,
            };
            state.task = Some(task);
        }
        if result.status == Status::Changed {
            state.changes.0.insert(Arc::clone(host));
        }
        let State { task, play_spoke, failures, .. } = &mut *state;
        let task = task.as_mut().expect("it was set above");
        task.results.push((Arc::clone(host), Arc::clone(result)));
        for warning in &result.warnings {
            self.title(task, play_spoke);
            self.paper.line(&format!("  warning  {host}: {warning}"));
        }
        match result.status {
            Status::Failed | Status::Unreachable => {
                self.title(task, play_spoke);
                let block = self.failure(info, host, result);
                self.paper.line(&block);
                if !result.ignored {
                    failures.push(format!("TASK [{}]\n{block}", info.title()));
                }
            }
            Status::Ok | Status::Changed if result.loud && !result.looped => {
                self.title(task, play_spoke);
                self.paper.line(&loud(host, result));
            }
            Status::Ok | Status::Changed | Status::Skipped => {}
        }
    }

    /// Returns everything that is known of a failure.
    fn failure(&self, info: &TaskInfo, host: &str, result: &TaskResult) -> String {
        let (role, word) = match (result.status, result.ignored) {
            (Status::Unreachable, _) => (Role::Unreachable, "unreachable"),
            (_, true) => (Role::Skipped, "failed, ignored"),
            _ => (Role::Failed, "failed"),
        };
        let mut lines = vec![format!(
            "{}: {}",
            self.options.colours.paint(role, &format!("  {word} {host}")),
            first_line(result)
        )];
        let message = result.message().filter(|_| !result.no_log).unwrap_or_default();
        lines.extend(message.lines().skip(1).map(|line| format!("           │ {line}")));
        if info.at.is_known() {
            lines.push(format!("           ├ at {}", info.at));
        }
        if !result.no_log {
            for name in ["stderr", "stdout"] {
                let text = result
                    .values
                    .get(name)
                    .map(|value| json::masked(value).to_string())
                    .unwrap_or_default();
                lines.extend(last_lines(name, &text));
            }
            if let Some(code) = result.values.get("rc") {
                lines.push(format!("           └ exit status {code}"));
            }
        }
        lines.join("\n")
    }

    fn end(&self, stats: &[(Arc<str>, crate::event::Stats)], took: Duration, resume: Option<&str>) {
        let mut state = lock(&self.state);
        self.finish(&mut state);
        self.paper.line(&format!("\n{}", recap::banner("PLAY RECAP", self.options.columns)));
        for line in recap::lines(stats, self.options.colours) {
            self.paper.line(&line);
        }
        self.paper.line("");
        if state.failures.len() > 1 || (state.failures.len() == 1 && state.tasks > 20) {
            for failure in &state.failures {
                self.paper.line(failure);
            }
            self.paper.line("");
        }
        if state.check {
            let (hosts, tasks) = (state.changes.0.len(), state.changes.1);
            let (hosts, tasks) = (words::count(hosts, "host"), words::count(tasks, "task"));
            self.paper.line(&format!("{hosts} would change in {tasks}; nothing was touched."));
        }
        state.slowest.sort_by_key(|slow| std::cmp::Reverse(slow.0));
        let slow: Vec<String> = state
            .slowest
            .iter()
            .take(3)
            .filter(|(time, _)| *time > Duration::from_secs(1))
            .map(|(time, title)| format!("{title} {}", words::duration(*time)))
            .collect();
        let slow = if slow.is_empty() {
            String::new()
        } else {
            format!(" · slowest: {}", slow.join(", "))
        };
        let hosts = words::count(stats.len(), "host");
        self.paper.line(&format!(
            "{} on {hosts} in {}{slow}",
            words::count(state.tasks, "task"),
            words::duration(took)
        ));
        if let Some(resume) = resume {
            self.paper.line(&format!("to go on with the hosts that failed: {resume}"));
        }
    }
}

fn first_line(result: &TaskResult) -> String {
    if result.no_log {
        return "(hidden: no_log)".into();
    }
    let message = result.message().unwrap_or_default();
    message.lines().next().unwrap_or("no reason was given").to_owned()
}

/// Returns the last lines of what a program wrote.
fn last_lines(name: &str, text: &str) -> Vec<String> {
    const MOST: usize = 12;
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(MOST);
    let mut out = Vec::new();
    if skipped > 0 {
        out.push(format!("           │ {name}: … {} before", words::count(skipped, "line")));
    }
    out.extend(lines[skipped..].iter().map(|line| format!("           │ {name}: {line}")));
    out
}

/// Returns what `debug` shows.
fn loud(host: &str, result: &TaskResult) -> String {
    let item = result.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    if result.no_log {
        return format!("  {host}{item}: (hidden: no_log)");
    }
    match result.values.get("msg").map(json::masked) {
        Some(Value::Text(text)) => {
            let mut lines = text.as_str().lines();
            let first = format!("  {host}{item}: {}", lines.next().unwrap_or_default());
            lines.fold(first, |all, line| format!("{all}\n    {line}"))
        }
        Some(value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Big(_))) => {
            format!("  {host}{item}: {value}")
        }
        _ => format!("  {host}{item}: {}", json::result(result)),
    }
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n")
}

impl Sink for Human {
    fn event(&self, event: &Event) {
        match event {
            Event::RunStarted { playbooks, hosts, tasks, files, took, .. } => {
                let (hosts, tasks) = (words::count(*hosts, "host"), words::count(*tasks, "task"));
                self.paper.line(&format!("{} · {hosts} · {tasks}", playbooks.join(" ")));
                self.paper.line(&format!(
                    "✓ checked {} in {}",
                    words::count(*files, "file"),
                    words::duration(*took)
                ));
            }
            Event::PlayStarted { name, hosts, .. } => {
                let mut state = lock(&self.state);
                self.finish(&mut state);
                state.play_spoke = false;
                let count = words::count(hosts.len(), "host");
                let left = format!("PLAY [{name}] ");
                let line =
                    self.options.columns.saturating_sub(left.chars().count() + count.len() + 1);
                self.paper.line(&format!("\n{left}{} {count}", "─".repeat(line)));
            }
            Event::NoHostsMatched => self.paper.line("  no host matches"),
            Event::NoHostsRemaining => self.paper.line("  no host is left"),
            Event::TaskStarted(task) => self.begin(task),
            Event::ItemDone { task, host, result } => {
                if result.loud || matches!(result.status, Status::Failed | Status::Unreachable) {
                    self.done(task, host, result);
                }
            }
            Event::HostDone { task, host, result } => self.done(task, host, result),
            Event::Retry { task, host, left, .. } if self.options.verbosity > 0 => {
                self.paper
                    .line(&format!("  waiting  {host}: {} ({left} tries left)", task.title()));
            }
            Event::Included { file, hosts, label } if self.options.verbosity > 0 => {
                let item = label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
                self.paper.line(&format!(
                    "  included {file}{item} for {}",
                    words::count(hosts.len(), "host")
                ));
            }
            Event::Warning(text) => self.paper.line(&format!("warning: {text}")),
            Event::RunEnded { stats, took, resume, .. } => {
                self.end(stats, *took, resume.as_deref());
            }
            Event::HostStarted { .. }
            | Event::Output { .. }
            | Event::Progress { .. }
            | Event::Notified { .. }
            | Event::Retry { .. }
            | Event::Included { .. } => {}
        }
    }
}
