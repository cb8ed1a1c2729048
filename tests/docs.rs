//! The reference of modules, generated from their specs: `UPDATE_DOCS=1 cargo test docs` writes it, else it is compared.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use fcplay::base::Value;
use fcplay::module::{ArgumentSpec, Check, FreeForm, Kind};

use crate::common::files_below;
use crate::registry::{Inner, Unit, is_internal, none, units};

const FOLDER: &str = "docs/reference/modules";

#[test]
fn reference_is_fresh() {
    let pages = pages();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        update(&pages);
    }
    let mut problems = Vec::new();
    for (path, page) in &pages {
        if std::fs::read_to_string(path).ok().as_ref() != Some(page) {
            problems.push(format!(
                "{} is not fresh; run `UPDATE_DOCS=1 cargo test docs`",
                path.display()
            ));
        }
    }
    let known = |path: &Path| pages.iter().any(|(page, _)| page == path);
    let extra = files_below(FOLDER, |path| !known(path));
    problems.extend(extra.iter().map(|path| format!("{} belongs to no module", path.display())));
    none(&problems);
}

/// Returns the names of all direct dependencies.
fn dependencies() -> Vec<String> {
    let manifest = include_str!("../Cargo.toml");
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = ")) {
            names.push(name.to_owned());
        }
    }
    names
}

#[test]
fn every_dependency_has_its_reason() {
    let told = include_str!("../docs/dependencies.md");
    let told: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
        .flat_map(|(names, _)| names.split(", "))
        .collect();
    let names = dependencies();
    assert!(names.len() > 30, "{names:?}");
    let untold: Vec<&String> = names.iter().filter(|name| !told.contains(&&***name)).collect();
    assert_eq!(untold, Vec::<&String>::new(), "docs/dependencies.md has no line for these");
}

fn update(pages: &[(PathBuf, String)]) {
    std::fs::create_dir_all(FOLDER).unwrap();
    for path in files_below(FOLDER, |path| !pages.iter().any(|(page, _)| page == path)) {
        std::fs::remove_file(path).unwrap();
    }
    for (path, page) in pages {
        std::fs::write(path, page).unwrap();
    }
}

fn pages() -> Vec<(PathBuf, String)> {
    let units = units();
    let mut index = String::from(
        "# Modules\n\nGenerated from the source; `UPDATE_DOCS=1 cargo test docs` writes it anew.\n\n\
         | module | what it does |\n|---|---|\n",
    );
    for unit in &units {
        let name = unit.spec.name;
        writeln!(index, "| [{name}]({name}.md) | {} |", unit.spec.summary).unwrap();
    }
    let mut pages = vec![(Path::new(FOLDER).join("README.md"), index)];
    pages.extend(
        units
            .iter()
            .map(|unit| (Path::new(FOLDER).join(format!("{}.md", unit.spec.name)), page(unit))),
    );
    pages
}

fn page(unit: &Unit) -> String {
    let spec = unit.spec;
    let mut out = format!("# {}\n\n{}\n\n", spec.name, spec.summary);
    write!(out, "Full name: `{}.{}`", spec.collection, spec.name).unwrap();
    if !spec.also.is_empty() {
        let names: Vec<String> = spec.also.iter().map(|name| format!("`{name}`")).collect();
        write!(out, ", also {}", names.join(", ")).unwrap();
    }
    let check = match spec.check {
        Check::Full => "predicts every change",
        Check::Partial => "predicts what it can",
        Check::Skip => "is skipped",
    };
    let diff = if spec.diff { "yes" } else { "no" };
    writeln!(out, ".\n\nCheck mode: {check}. Differences: {diff}. Since {}.", spec.since).unwrap();
    if let FreeForm::Argument(argument) = spec.free_form {
        writeln!(out, "\nText instead of arguments is `{argument}`.").unwrap();
    }
    out.push_str("\n## Arguments\n\n");
    let mut arguments: Vec<_> =
        unit.arguments.iter().filter(|argument| !is_internal(argument)).collect();
    arguments.sort_by_key(|argument| (!argument.required, argument.name));
    if arguments.is_empty() {
        out.push_str("None.\n");
    } else {
        out.push_str("| argument | type | default | what it means |\n|---|---|---|---|\n");
        arguments.iter().for_each(|argument| row("", argument, &mut out));
    }
    if !spec.examples.is_empty() {
        out.push_str("\n## Examples\n");
        for example in spec.examples {
            let task = example.task.trim_end().replace('\n', "\n  ");
            write!(out, "\n{}\n\n```yaml\n- {task}\n```\n", example.about).unwrap();
        }
    }
    if !spec.returns.is_empty() {
        out.push_str("\n## Returned values\n\n| value | what it is |\n|---|---|\n");
        for item in spec.returns {
            writeln!(out, "| `{}` | {} |", item.name, item.about).unwrap();
        }
    }
    out
}

fn row(above: &str, argument: &ArgumentSpec, out: &mut String) {
    let mut name = format!("`{above}{}`", argument.name);
    for alias in argument.aliases {
        write!(name, ", `{alias}`").unwrap();
    }
    let default = match argument.default {
        Some(default) => format!("`{}`", shown(&default())),
        None if argument.required => "required".into(),
        None => String::new(),
    };
    let (kind, nested) = kind(&argument.kind);
    let doc = argument.doc.trim().replace('\n', " ").replace("  ", " ").replace('|', "\\|");
    writeln!(out, "| {name} | {kind} | {default} | {doc} |").unwrap();
    for inner in nested.map(|specs| specs()).unwrap_or_default() {
        row(&format!("{above}{}.", argument.name), &inner, out);
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Text(text) if text.as_str().is_empty() => "\"\"".into(),
        other => other.to_string().replace('|', "\\|"),
    }
}

fn kind(kind_: &Kind) -> (String, Option<Inner>) {
    match kind_ {
        Kind::Choice(words) => {
            (words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" "), None)
        }
        Kind::List(inner) => {
            let (word, nested) = kind(inner);
            (format!("list of {word}"), nested)
        }
        Kind::Struct(specs) => ("dict".into(), Some(*specs)),
        other => (other.name().into(), None),
    }
}
