//! Thousands of made templates against what ansible-core gives for them (`tests/data/templates`).
//!
//! Each line is a case: `k` its kind (`t` template, `c` condition, `e` expression, `f` file), `t` the text, `v` the
//! variables or the file that has them, `f` files that it includes, `o` options of a file, and `r` the `repr()` of what Ansible gives or `e` the
//! kind of failure. `TEMPLATES` names another folder to try.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{World, trusted};
use crate::base::{Map, Position, Value};
use crate::template::text::json;
use crate::template::{Error, ErrorKind, RenderOptions, Scope, Source};
use crate::yaml;

fn folder() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/templates");
    std::env::var_os("TEMPLATES").map_or_else(own, PathBuf::from)
}

/// Turns the marked objects of the data into values.
fn decode(value: &Value) -> Value {
    let Value::Map(map) = value else {
        return match value {
            Value::List(items) => Value::list(items.iter().map(decode)),
            other => trusted(other),
        };
    };
    let Some(mark) = map.get("$").and_then(Value::as_str) else {
        return Value::map(map.iter().map(|(key, value)| (key.clone(), decode(value))));
    };
    let inner = map.get("v").unwrap();
    match mark {
        "bytes" => {
            let bytes = inner.as_list().unwrap().iter().filter_map(Value::as_int);
            Value::Bytes(bytes.map(|byte| u8::try_from(byte).unwrap()).collect())
        }
        "date" | "time" => yaml::value_of(inner.as_str().unwrap()).unwrap(),
        "dict" => Value::map(inner.as_list().unwrap().iter().map(|pair| {
            let pair = pair.as_list().unwrap();
            (decode(&pair[0]), decode(&pair[1]))
        })),
        "float" => Value::Float(inner.as_str().unwrap().parse().unwrap()),
        other => panic!("the mark `{other}`"),
    }
}

fn run(case: &Value) -> Result<Value, Error> {
    let kind = case.get("k").and_then(Value::as_str).unwrap();
    let text = case.get("t").unwrap();
    let own = case.get("v");
    // Most areas have the same variables; only their name is written.
    let common = own.and_then(Value::as_str).map(|name| {
        let text = std::fs::read_to_string(folder().join(name)).unwrap();
        json::read(&text).unwrap()
    });
    let mut vars = match common.as_ref().or(own).map(decode) {
        Some(Value::Map(vars)) => Map::clone(&vars),
        _ => Map::new(),
    };
    if case.get("f").is_some() {
        vars.insert("ansible_search_path", Value::list([Value::text("/r")]));
    }
    let scope: Arc<dyn Scope> = Arc::new(vars);
    let mut world = World::default();
    if let Some(files) = case.get("f").and_then(Value::as_map) {
        for (path, text) in files.iter() {
            world = world.file(&format!("/r/templates/{path}"), text.as_str().unwrap());
        }
    }
    let engine = world.engine();
    let at = Position::default();
    match kind {
        "c" => engine.condition(&trusted(text), &at, &scope).map(Value::Bool),
        "e" => engine.expression(text.as_str().unwrap(), &at, &scope),
        "t" => engine.resolve(&trusted(text), &scope),
        _ => {
            let text = text.as_str().unwrap().into();
            let source = Source { text, path: "/r/templates/main.j2".to_owned() };
            let mut options = RenderOptions::default();
            let wanted = case.get("o");
            let flag = |name: &str| wanted.and_then(|wanted| wanted.get(name)?.as_bool());
            options.trim_blocks = flag("trim_blocks").unwrap_or(true);
            options.lstrip_blocks = flag("lstrip_blocks").unwrap_or(false);
            engine.render(&source, &options, &scope).map(Value::Text)
        }
    }
}

/// Returns the value as it is shown in the data.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(object) if object.type_name().starts_with("date") => format!("<{value}>"),
        other => other.repr(),
    }
}

/// Returns what is wrong with a case.
fn difference(case: &Value) -> Option<String> {
    let got = run(case);
    let wanted =
        match (case.get("r").and_then(Value::as_str), case.get("e").and_then(Value::as_str)) {
            (Some(wanted), _) => wanted.to_owned(),
            (_, kind) => format!("error: {}", kind.unwrap_or_default()),
        };
    let (given, said) = match &got {
        Ok(value) => (shown(value), None),
        Err(error) => {
            let kind = match error.kind() {
                ErrorKind::Undefined => "undefined",
                ErrorKind::Syntax => "syntax",
                ErrorKind::Invalid | ErrorKind::Recursion => "other",
            };
            (format!("error: {kind}"), Some(error.message().to_owned()))
        }
    };
    if given == wanted {
        return None;
    }
    let mut out = case.get("t").unwrap().repr();
    for part in ["v", "f", "o"] {
        if let Some(value) = case.get(part) {
            write!(out, "  {part}={}", value.repr()).unwrap();
        }
    }
    let why = case.get("m").map(|why| format!(" ({why})")).unwrap_or_default();
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    write!(out, "\n     got {given}{said}\n  wanted {wanted}{why}").unwrap();
    Some(out)
}

/// Returns the texts that differ on purpose; a line that starts with `#` says why.
fn known() -> HashSet<String> {
    let lines = std::fs::read_to_string(folder().join("known.txt")).unwrap_or_default();
    lines.lines().filter(|line| !line.starts_with('#')).map(ToOwned::to_owned).collect()
}

#[test]
fn ansible_gives_the_same() {
    let known = known();
    let mut met = HashSet::new();
    let mut totals: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "jsonl")) {
        let area = path.file_stem().unwrap().to_string_lossy().into_owned();
        let count = totals.entry(area.clone()).or_default();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let case = json::read(line).unwrap();
            count.0 += 1;
            let text = case.get("t").unwrap().repr();
            let Some(difference) = difference(&case) else { continue };
            count.1 += 1;
            if known.contains(&text) {
                met.insert(text);
            } else {
                wrong.push(format!("{area}: {difference}"));
            }
        }
    }
    println!("cases and differences: {totals:?}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    let equal: Vec<_> = known.difference(&met).collect();
    assert!(equal.is_empty(), "these are known to differ, but do not: {equal:#?}");
}
