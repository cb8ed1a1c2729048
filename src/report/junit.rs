//! JUnit's XML, as test reports of CI servers read it: a suite a play, a case a task and host.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::mask::{HIDDEN, masked};
use super::text;
use crate::base::Value;
use crate::event::{Event, PlayInfo, Sink, Status, TaskInfo, TaskResult};
use crate::template;

/// The report.
pub(super) struct Junit {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The name of the file, without its end.
    name: String,
    suites: Vec<Suite>,
}

struct Suite {
    play: u64,
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    class: String,
    took: Duration,
    body: Body,
}

enum Body {
    Passed,
    Skipped(String),
    Failed { message: String, text: String },
}

impl Junit {
    /// Returns the report; it is written into the folder when the run ends.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), state: Mutex::default() }
    }

    fn write(&self, state: &State) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let stamp = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
        let path = self.folder.join(format!("{}-{stamp}.xml", state.name));
        std::fs::write(path, document(&state.suites))
    }
}

impl Sink for Junit {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::RunStarted { playbooks, .. } => {
                let first = playbooks.first().map(Path::new).and_then(Path::file_stem);
                state.name =
                    first.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            }
            Event::PlayStarted { play, .. } => {
                state.suites.push(Suite {
                    play: play.id,
                    name: play.name.clone(),
                    cases: Vec::new(),
                });
            }
            Event::PlayLeftOut { play, reason } => state.suites.push(left_out(play, reason)),
            Event::HostDone { task, host, result } => {
                let is_its = |suite: &&mut Suite| suite.play == task.play.id;
                if let Some(suite) = state.suites.iter_mut().rev().find(is_its) {
                    suite.cases.push(case(task, host, result));
                }
            }
            Event::RunEnded { .. } => {
                // A report that cannot be written must not change how the run ends.
                let _unwritten = self.write(&state);
            }
            _ => {}
        }
    }
}

/// Returns the suite of a play that does not run: its one case says why.
fn left_out(play: &PlayInfo, reason: &str) -> Suite {
    let case = Case {
        name: play.name.clone(),
        class: "play".to_owned(),
        took: Duration::ZERO,
        body: Body::Skipped(reason.to_owned()),
    };
    Suite { play: play.id, name: play.name.clone(), cases: vec![case] }
}

fn case(task: &TaskInfo, host: &Arc<str>, result: &TaskResult) -> Case {
    let message = result.values.get("msg").map(|message| masked(message).to_string());
    let message = if result.no_log { HIDDEN.to_owned() } else { message.unwrap_or_default() };
    let body = match result.status {
        Status::Ok | Status::Changed => Body::Passed,
        Status::Skipped => Body::Skipped(message),
        Status::Failed | Status::Unreachable if result.ignored => Body::Passed,
        Status::Failed | Status::Unreachable => {
            let values = masked(&Value::Map(Arc::clone(&result.values)));
            let text = if result.no_log { String::new() } else { template::json(&values, Some(4)) };
            Body::Failed { message, text }
        }
    };
    let class = if task.at.is_known() { task.at.to_string() } else { task.action.clone() };
    Case { name: format!("[{host}] {}", task.title()), class, took: result.took, body }
}

/// Returns the document.
fn document(suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let all = suites.iter().flat_map(|suite| &suite.cases);
    let total = all.clone().count();
    let failed = all.filter(|case| matches!(case.body, Body::Failed { .. })).count();
    line(&mut out, 0, &format!("<testsuites tests=\"{total}\" failures=\"{failed}\">"));
    for suite in suites {
        let name = escaped(&suite.name);
        line(&mut out, 1, &format!("<testsuite name=\"{name}\" tests=\"{}\">", suite.cases.len()));
        suite.cases.iter().for_each(|case| write_case(&mut out, case));
        line(&mut out, 1, "</testsuite>");
    }
    line(&mut out, 0, "</testsuites>");
    out
}

fn write_case(out: &mut String, case: &Case) {
    let (name, class) = (escaped(&case.name), escaped(&case.class));
    let head = format!(
        "<testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\"",
        case.took.as_secs_f64()
    );
    match &case.body {
        Body::Passed => line(out, 2, &format!("{head}/>")),
        Body::Skipped(message) => {
            line(out, 2, &format!("{head}>"));
            line(out, 3, &format!("<skipped message=\"{}\"/>", escaped(message)));
            line(out, 2, "</testcase>");
        }
        Body::Failed { message, text } => {
            line(out, 2, &format!("{head}>"));
            line(
                out,
                3,
                &format!("<failure message=\"{}\">{}</failure>", escaped(message), escaped(text)),
            );
            line(out, 2, "</testcase>");
        }
    }
}

fn line(out: &mut String, level: usize, text: &str) {
    writeln!(out, "{}{text}", "  ".repeat(level)).expect("writing to a string does not fail");
}

/// Returns text as it may stand in XML; characters that XML forbids are left out.
fn escaped(text: &str) -> String {
    text::harmless(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document() {
        let case = |name: &str, body| Case {
            name: name.into(),
            class: "site.yml:3:5".into(),
            took: Duration::from_millis(1500),
            body,
        };
        let failed = Body::Failed { message: "a < b".into(), text: "{}".into() };
        let cases = vec![case("[h1] x", Body::Passed), case("[h2] x", failed)];
        let suite = Suite { play: 0, name: "web".into(), cases };
        assert_eq!(
            document(&[suite]),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <testsuites tests=\"2\" failures=\"1\">\n  \
             <testsuite name=\"web\" tests=\"2\">\n    \
             <testcase name=\"[h1] x\" classname=\"site.yml:3:5\" time=\"1.500\"/>\n    \
             <testcase name=\"[h2] x\" classname=\"site.yml:3:5\" time=\"1.500\">\n      \
             <failure message=\"a &lt; b\">{}</failure>\n    \
             </testcase>\n  </testsuite>\n</testsuites>\n"
        );
    }
}
