//! Runs every case of `tests/modules/<name>/<case>.yml` on a fake machine.
//!
//! Each case runs three times: in check mode, which acts on nothing and predicts the same change and differences; for
//! real; and again on what the real run left, which changes nothing and says why.

use std::path::Path;

use fcplay::base::Value;
use fcplay::module::{AnyModule, Check as Promise, Diff, Failure, Job, Outcome, Stage};
use fcplay::system::Fake;

use crate::common::case::{Again, Case, Check, Expect};
use crate::common::machine::{self, Contents, Nobody};
use crate::common::{self, has, words};

/// What came of one run.
struct Run {
    changed: bool,
    result: Result<Outcome, Failure>,
    diffs: Vec<Diff>,
    warnings: Vec<String>,
}

fn run(module: &dyn AnyModule, case: &Case, machine: &Fake, check: bool) -> Run {
    let contents = Contents::of(&case.before);
    let stage = Stage { check, diff: true, verbosity: 0 };
    let mut job = Job::new(machine, &Nobody, &contents, stage);
    let result = module.run(&case.args, &mut job);
    let says = result.as_ref().ok().and_then(|outcome| outcome.changed);
    Run {
        changed: says.unwrap_or_else(|| job.has_changed()),
        diffs: job.take_diffs(),
        warnings: job.take_warnings(),
        result,
    }
}

#[test]
fn cases() {
    let filter = std::env::var("CASE").unwrap_or_default();
    let mut problems = Vec::new();
    for path in common::files_below("tests/modules", |path| {
        path.extension().is_some_and(|ext| ext == "yml")
    }) {
        if !path.to_string_lossy().contains(&filter) {
            continue;
        }
        let found = try_case(&path).unwrap_or_else(|error| vec![error]);
        problems.extend(found.iter().map(|problem| format!("{}: {problem}", path.display())));
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn try_case(path: &Path) -> Result<Vec<String>, String> {
    let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let module =
        fcplay::modules::find(&name).ok_or_else(|| format!("there is no module `{name}`"))?;
    let case = Case::parse(&common::yaml_file(path)?)?;
    let start = machine::machine(&case.before)?;
    let checked = start.clone();
    let prediction = run(module, &case, &checked, true);
    let real = start.clone();
    let done = run(module, &case, &real, false);
    let mut problems = compare(&case.expect, &done);
    problems.extend(compare_machine(&case.expect, &start, &real));
    problems.extend(compare_check(module, &case.expect, &prediction, &done));
    let acts = checked.acts();
    if !acts.is_empty() {
        problems.push(format!("check mode acted: {}", acts.join(", ")));
    }
    if case.expect.failure.is_none() {
        problems.extend(compare_again(module, &case, &real));
    }
    Ok(problems)
}

/// Compares what the real run reports.
fn compare(expect: &Expect, run: &Run) -> Vec<String> {
    let mut problems = Vec::new();
    let mut differs = |what: &str, got: String, wanted: String| {
        if got != wanted {
            problems.push(format!("{what} is {got}\n    expected {wanted}"));
        }
    };
    let values = match (&run.result, &expect.failure) {
        (Ok(outcome), None) => {
            differs("changed", run.changed.to_string(), expect.changed.to_string());
            differs("skipped", outcome.skipped.to_string(), expect.skipped.to_string());
            if let Some(message) = &expect.message {
                differs("message", outcome.message.clone(), message.clone());
            }
            if let Some(facts) = &expect.facts
                && !has(&outcome.facts.clone().into(), facts)
            {
                differs("facts", Value::from(outcome.facts.clone()).repr(), facts.repr());
            }
            &outcome.values
        }
        (Err(failure), Some(message)) => {
            differs("failure", failure.message.clone(), message.clone());
            &failure.values
        }
        (Err(failure), None) => return vec![format!("it failed: {}", failure.message)],
        (Ok(_), Some(message)) => return vec![format!("it did not fail with: {message}")],
    };
    if let Some(wanted) = &expect.values
        && !has(&values.clone().into(), wanted)
    {
        differs("values", Value::from(values.clone()).repr(), wanted.repr());
    }
    if let Some(wanted) = &expect.diff {
        let got: Vec<Value> = run.diffs.iter().map(diff_value).collect();
        let same = got.len() == wanted.len()
            && got.iter().zip(wanted).all(|(got, wanted)| has(got, wanted));
        if !same {
            differs("diff", Value::list(got).repr(), Value::list(wanted.iter().cloned()).repr());
        }
    }
    let warnings = Value::list(run.warnings.iter().map(Value::from));
    differs("warnings", warnings.repr(), Value::list(expect.warnings.iter().cloned()).repr());
    problems
}

/// Returns a difference as cases write it.
fn diff_value(diff: &Diff) -> Value {
    match diff {
        Diff::None => Value::Null,
        Diff::Text { before_header, after_header, before, after } => Value::map([
            ("before_header", Value::from(before_header)),
            ("header", after_header.into()),
            ("before", before.into()),
            ("after", after.into()),
        ]),
        Diff::Values { header, before, after } => Value::map([
            ("header", header.into()),
            ("before", before.clone()),
            ("after", after.clone()),
        ]),
        Diff::Prepared(text) => text.into(),
    }
}

/// Compares the files and programs afterwards.
fn compare_machine(expect: &Expect, start: &Fake, real: &Fake) -> Vec<String> {
    let changes = machine::changes(start, real);
    let mut problems: Vec<String> = changes
        .iter()
        .filter(|(path, _)| !expect.files.contains_key(&path.to_string_lossy()))
        .map(|(path, inode)| {
            let what = if inode.is_some() { "changed" } else { "is gone" };
            format!("{} {what}, which `expect.files` does not say", path.display())
        })
        .collect();
    for (path, wanted) in &expect.files {
        let path = path.to_string();
        let path = Path::new(&path);
        let inode = real.inspect(|state| state.tree.at(path).cloned());
        problems.extend(machine::differs(real, path, inode.as_ref(), wanted));
    }
    let got = real.inspect(|state| state.commands.clone());
    let fits = |(command, wanted): (&fcplay::system::Command, &Value)| {
        let Some(map) = wanted.as_map() else { return command.argv == argv(wanted) };
        map.iter().all(|(key, value)| match key.as_str() {
            Some("run") => command.argv == argv(value),
            Some("stdin") => command.stdin.as_deref() == Some(value.to_string().as_bytes()),
            Some("chdir") => command.cwd.as_deref() == Some(Path::new(&value.to_string())),
            Some("env") => value.as_map().is_some_and(|map| {
                map.iter().all(|(name, value)| {
                    command.env.contains(&(name.to_string(), value.to_string()))
                })
            }),
            _ => false,
        })
    };
    if got.len() != expect.commands.len() || !got.iter().zip(&expect.commands).all(fits) {
        let lines: Vec<String> = got.iter().map(|command| format!("{:?}", command.argv)).collect();
        let wanted: Vec<String> = expect.commands.iter().map(Value::repr).collect();
        problems.push(format!(
            "it ran\n    {}\n  expected\n    {}",
            lines.join("\n    "),
            wanted.join("\n    ")
        ));
    }
    problems
}

fn argv(value: &Value) -> Vec<String> {
    match value.as_list() {
        Some(list) => list.iter().map(ToString::to_string).collect(),
        None => words(&value.to_string()),
    }
}

/// Compares what check mode predicted with what happened.
fn compare_check(module: &dyn AnyModule, expect: &Expect, check: &Run, real: &Run) -> Vec<String> {
    let mut problems = Vec::new();
    match (&expect.check, &check.result) {
        (Check::Failure, Ok(_)) => problems.push("check mode did not fail".into()),
        (Check::Failure, Err(_)) => {}
        (_, Err(failure)) if expect.failure.is_none() => {
            problems.push(format!("check mode failed: {}", failure.message));
        }
        (Check::Skipped, Ok(outcome)) if !outcome.skipped => {
            problems.push("check mode was not skipped".into());
        }
        (Check::Partial, Ok(_)) if module.spec().check == Promise::Full => {
            problems
                .push("the module promises full check mode, the case has `check: partial`".into());
        }
        (Check::Skipped | Check::Partial, _) => {}
        // A program that fails does so only when it runs.
        (Check::Same, Ok(_)) if real.result.is_err() => {}
        (Check::Same, _) => {
            if check.changed != real.changed {
                problems.push(format!(
                    "check mode says changed={}, really it is {}",
                    check.changed, real.changed
                ));
            }
            if check.diffs != real.diffs {
                let show = |diffs: &[Diff]| Value::list(diffs.iter().map(diff_value)).repr();
                problems.push(format!(
                    "check mode shows another difference: {}\n    really {}",
                    show(&check.diffs),
                    show(&real.diffs)
                ));
            }
        }
    }
    problems
}

/// Runs the case again on what it left, a minute later.
fn compare_again(module: &dyn AnyModule, case: &Case, real: &Fake) -> Option<String> {
    if case.expect.again == Again::Never {
        return None;
    }
    real.edit(|state| {
        state.after = true;
        state.now += 60.0;
        state.acts.clear();
    });
    let again = run(module, case, real, false);
    match (&case.expect.again, &again.result) {
        (Again::Same, Err(failure)) => Some(format!("the second run failed: {}", failure.message)),
        (Again::Same, Ok(_)) if again.changed => {
            Some(format!("the second run changed something: {}", real.acts().join(", ")))
        }
        (Again::Same, Ok(outcome)) => {
            let acts = real.acts();
            if !acts.is_empty() {
                return Some(format!("the second run acted: {}", acts.join(", ")));
            }
            (case.expect.changed && outcome.message.is_empty())
                .then(|| "the second run does not say why it changed nothing".into())
        }
        (Again::Changed, Ok(_)) if !again.changed => Some("the second run changed nothing".into()),
        (Again::Changed, Err(failure)) => {
            Some(format!("the second run failed: {}", failure.message))
        }
        (Again::Failure, Ok(_)) => Some("the second run did not fail".into()),
        (Again::Changed | Again::Never, Ok(_)) | (Again::Failure | Again::Never, Err(_)) => None,
    }
}
