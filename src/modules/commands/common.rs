//! What `command`, `shell` and `script` have in common: `creates` and `removes`, running, and the result.

use std::path::{Path, PathBuf};

use crate::base::time::{self, Civil};
use crate::base::{Map, Value, glob};
use crate::module::{Failure, Job, Outcome};
use crate::system::{self, Command, Look, Output};

/// Why a program need not run.
pub(super) struct Reason {
    /// The path as the playbook names it.
    path: String,
    /// Whether it is there.
    exists: bool,
}

/// What decides whether a program runs.
pub(super) struct Guards<'a> {
    /// It does not run when one of these is there; a pattern.
    pub(super) creates: Option<&'a str>,
    /// It does not run when none of these is there; a pattern.
    pub(super) removes: Option<&'a str>,
    /// The folder that patterns are relative to.
    pub(super) folder: Option<&'a Path>,
    /// Whether both are paths as they stand, no patterns.
    pub(super) literal: bool,
}

impl Guards<'_> {
    /// Returns why the program need not run, when it need not.
    pub(super) fn reason(&self, look: &dyn Look) -> Result<Option<Reason>, Failure> {
        for (pattern, unwanted) in [(self.creates, true), (self.removes, false)] {
            let Some(pattern) = pattern else { continue };
            let home = || PathBuf::from(system::expand("~", look));
            let full = self.folder.map_or_else(home, Path::to_owned).join(pattern);
            let found =
                if self.literal { look.stat(&full)?.is_some() } else { exists(&full, look)? };
            if found == unwanted {
                return Ok(Some(Reason { path: pattern.into(), exists: unwanted }));
            }
        }
        Ok(None)
    }

    /// Returns whether any of them is given, so that check mode can tell what would happen.
    pub(super) fn any(&self) -> bool {
        self.creates.is_some() || self.removes.is_some()
    }
}

impl Reason {
    /// Returns `'/x' exists` or `'/x' does not exist`.
    pub(super) fn text(&self) -> String {
        format!("'{}' {}", self.path, self.words())
    }

    /// Returns `/x exists, matching creates option`.
    pub(super) fn matching(&self) -> String {
        let option = if self.exists { "creates" } else { "removes" };
        format!("{} {}, matching {option} option", self.path, self.words())
    }

    /// Returns `skipped, since /x exists`, which playbooks look for in `stdout`.
    fn skipped(&self) -> String {
        format!("skipped, since {} {}", self.path, self.words())
    }

    fn words(&self) -> &'static str {
        if self.exists { "exists" } else { "does not exist" }
    }
}

/// Returns whether something is at a path, whose parts may be patterns.
fn exists(path: &Path, look: &dyn Look) -> Result<bool, Failure> {
    let mut found = vec![PathBuf::from("/")];
    for part in path.components().skip(1) {
        let part = part.as_os_str().to_string_lossy();
        let mut next = Vec::new();
        for folder in found {
            if !glob::is_pattern(&part) {
                next.push(folder.join(&*part));
            } else if look.stat_followed(&folder)?.is_some_and(|meta| meta.is_folder()) {
                let names = look.list(&folder)?.into_iter();
                let hidden = part.starts_with('.');
                let fits = names.filter(|name| {
                    (hidden || !name.starts_with('.')) && glob::matches(&part, name)
                });
                next.extend(fits.map(|name| folder.join(name)));
            }
        }
        found = next;
    }
    for path in found {
        if look.stat(&path)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A program to run for a task.
pub(super) struct Task<'a> {
    /// What the result names as the command.
    pub(super) shown: Value,
    /// The program.
    pub(super) command: Command,
    /// What decides whether it runs.
    pub(super) guards: Guards<'a>,
    /// Whether line ends at the end of what it wrote are taken off.
    pub(super) strip: bool,
}

/// Runs a program unless it need not run; a status other than zero is a failure.
pub(super) fn run(task: &Task<'_>, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let look = job.look();
    let failed = |message: &str| Failure { message: message.into(), values: not_run(task, None) };
    if let Some(folder) = &task.command.cwd
        && !look.stat_followed(folder)?.is_some_and(|meta| meta.is_folder())
    {
        let why = format!("`{}` is no folder", folder.display());
        return Err(failed(&format!("Unable to change directory before execution: {why}")));
    }
    let check = job.stage().check;
    if let Some(reason) = task.guards.reason(look)? {
        let did = if check { "Would not run" } else { "Did not run" };
        let message = format!("{did} command since {}", reason.text());
        let values = not_run(task, Some(&reason.skipped()));
        return Ok(Outcome { message, values, ..Outcome::default() });
    }
    if check {
        return would_run(task, job);
    }
    let program = task.command.argv.first().map_or("", String::as_str);
    if !program.contains('/') && look.which(program).is_none() {
        let message = format!(
            "Error executing command: there is no program `{program}` in PATH ({})",
            look.env("PATH").unwrap_or_default()
        );
        return Err(not_started(task, message));
    }
    let start = look.now();
    match job.run(&task.command) {
        Ok(Some(output)) => finish(task, &output, start, look),
        Ok(None) => would_run(task, job),
        Err(failure) => {
            let message = format!("Error executing command: {}", failure.message);
            Err(not_started(task, message))
        }
    }
}

/// Returns the failure of a program that could not even be started.
fn not_started(task: &Task<'_>, message: String) -> Failure {
    let shown = match task.shown.as_list() {
        Some(words) => words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").into(),
        None => task.shown.clone(),
    };
    let failure = Failure::new(message).with("cmd", shown).with("rc", 2);
    failure.with("stderr", "").with("stdout", "")
}

/// Returns the values of a program that has not run.
fn not_run(task: &Task<'_>, stdout: Option<&str>) -> Map {
    let code = if stdout.is_some() { Value::Int(0) } else { Value::Null };
    Map::from_iter([
        ("cmd", task.shown.clone()),
        ("delta", Value::Null),
        ("end", Value::Null),
        ("rc", code),
        ("start", Value::Null),
        ("stderr", "".into()),
        ("stdout", stdout.unwrap_or_default().into()),
    ])
}

/// Predicts: with `creates` or `removes` it is known that the program would run; without, nothing is known.
fn would_run(task: &Task<'_>, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    if task.guards.any() {
        job.change(crate::module::Diff::None, |_| Ok(()))?;
    }
    Ok(Outcome {
        message: "Command would have run if not in check mode".into(),
        values: not_run(task, Some("")),
        skipped: !task.guards.any(),
        ..Outcome::default()
    })
}

fn finish(
    task: &Task<'_>,
    output: &Output,
    start: f64,
    look: &dyn Look,
) -> Result<Outcome, Failure> {
    let end = look.now();
    let text = |bytes: String| {
        if task.strip { bytes.trim_end_matches(['\r', '\n']).to_owned() } else { bytes }
    };
    let values = Map::from_iter([
        ("cmd", task.shown.clone()),
        ("delta", time::delta(end - start).into()),
        ("end", moment(end, look).into()),
        ("msg", "".into()),
        ("rc", output.code.into()),
        ("start", moment(start, look).into()),
        ("stderr", text(output.err()).into()),
        ("stdout", text(output.out()).into()),
    ]);
    if output.success() {
        Ok(Outcome { values, ..Outcome::default() })
    } else {
        Err(Failure { message: "non-zero return code".into(), values })
    }
}

/// Returns `2024-07-03 05:20:00.000000` in local time.
fn moment(at: f64, look: &dyn Look) -> String {
    let micros = (at * 1e6).round() as i64;
    let seconds = micros.div_euclid(1_000_000);
    let civil = Civil::new(seconds + look.zone(at).offset);
    format!("{} {}.{:06}", civil.date_text(), civil.time_text(), micros.rem_euclid(1_000_000))
}

/// Returns what a program reads.
pub(super) fn input(stdin: Option<&str>, add_newline: bool) -> Option<Vec<u8>> {
    let mut input = stdin?.as_bytes().to_vec();
    if add_newline {
        input.push(b'\n');
    }
    Some(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Fake;

    #[test]
    fn patterns() {
        let fake = Fake::default();
        fake.file("/srv/app/a.lock", "").file("/srv/app/.hidden", "");
        let case = |path: &str| exists(Path::new(path), &fake).unwrap();
        assert!(case("/srv/app/a.lock"));
        assert!(case("/srv/*/a.*"));
        assert!(!case("/srv/app/*hidden"));
        assert!(case("/srv/app/.h*"));
        assert!(!case("/no/*"));
        assert!(!case("/etc/hosts"));
    }

    #[test]
    fn moments_are_local_time_with_micros() {
        let fake = Fake::default();
        assert_eq!(moment(1_719_984_000.25, &fake), "2024-07-03 05:20:00.250000");
    }
}
