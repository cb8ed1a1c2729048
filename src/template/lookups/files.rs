//! Lookups over files of the control machine: `file`, `template`, `fileglob`, `first_found`, `unvault`.

use std::path::{Path, PathBuf};

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::builtin;
use crate::template::text::glob;
use crate::template::{Call, Entry, Reason};

use super::search;

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["file"], file),
    builtin(&["fileglob"], fileglob),
    builtin(&["first_found"], first_found),
    builtin(&["template"], template),
    builtin(&["unvault"], unvault),
];

fn file(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["lstrip", "rstrip"])?;
    let (left, right) = (call.option_flag("lstrip", false), call.option_flag("rstrip", true));
    let mut out = Vec::new();
    for term in call.terms() {
        let content = search::text(call.cx, &search::need(call.cx, "files", &term)?)?;
        let mut text = content.as_str().unwrap_or_default();
        if left {
            text = text.trim_start();
        }
        if right {
            text = text.trim_end();
        }
        out.push(search::as_secret_as(&content, text));
    }
    Ok(Value::list(out))
}

fn unvault(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    for term in call.terms() {
        out.push(search::text(call.cx, &search::need(call.cx, "files", &term)?)?);
    }
    Ok(Value::list(out))
}

/// The options of `template` that are overrides of the template language, with their names in its header.
const OVERRIDES: [&str; 10] = [
    "block_end_string",
    "block_start_string",
    "comment_end_string",
    "comment_start_string",
    "lstrip_blocks",
    "newline_sequence",
    "trim_blocks",
    "variable_end_string",
    "variable_start_string",
    "keep_trailing_newline",
];

/// The variable that templates put into their first line.
const MANAGED: &str = "ansible_managed";

fn template(call: &mut Call<'_>) -> Result<Value, Reason> {
    let mut known = vec!["convert_data", "jinja2_native", "template_vars"];
    known.extend(OVERRIDES);
    call.accept_options(&known)?;
    let more = call.option_value("template_vars").and_then(plain_map);
    let mut more = more.map_or_else(Map::new, |map| Map::clone(&map));
    if !more.contains_key(MANAGED) && call.cx.variable(MANAGED)?.is_none() {
        more.insert(MANAGED, "Ansible managed".into());
    }
    let overrides: Vec<String> = OVERRIDES
        .iter()
        .filter_map(|name| call.option_value(name).map(|value| format!("{name}: {}", value.repr())))
        .collect();
    let mut out = Vec::new();
    for term in call.terms() {
        let path = search::need(call.cx, "templates", &term)?;
        let content = search::text(call.cx, &path)?;
        let source = content.as_str().unwrap_or_default();
        let source = if overrides.is_empty() {
            source.to_owned()
        } else {
            format!("#jinja2: {}\n{source}", overrides.join(", "))
        };
        let rendered = call.cx.render(&source, &path.display().to_string(), &more)?;
        out.push(search::as_secret_as(&content, rendered));
    }
    Ok(Value::list(out))
}

fn fileglob(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    for term in call.terms() {
        let (folder, pattern) = term.rsplit_once('/').unwrap_or(("", &term));
        let folders: Vec<PathBuf> = if term.starts_with('/') {
            vec![PathBuf::from(format!("{folder}/"))]
        } else if folder.is_empty() {
            let folders = search::folders(call.cx)?;
            folders.iter().flat_map(|folder| [folder.join("files"), folder.clone()]).collect()
        } else {
            search::find(call.cx, "files", folder)?.into_iter().collect()
        };
        // The first folder with a match counts, as with any file that is looked for.
        let found = folders
            .iter()
            .map(|folder| files_like(folder, pattern))
            .find(|files| !files.is_empty());
        out.extend(found.unwrap_or_default());
    }
    Ok(Value::list(out))
}

fn files_like(folder: &Path, pattern: &str) -> Vec<Value> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| glob::matches(pattern, name)))
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .map(|path| path.display().to_string())
        .collect();
    files.sort_unstable();
    files.into_iter().map(Value::from).collect()
}

/// What `first_found` looks for, gathered from terms and options.
#[derive(Default)]
struct Wanted {
    places: Vec<String>,
    skip: bool,
}

fn first_found(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["files", "paths", "skip", "_subdir"])?;
    let kind = call.option("_subdir").unwrap_or_else(|| "files".to_owned());
    let mut wanted = Wanted { skip: call.option_flag("skip", false), ..Wanted::default() };
    let files =
        call.option_value("files").map(|files| names(files, &[',', ';'])).unwrap_or_default();
    let paths =
        call.option_value("paths").map(|paths| names(paths, &[',', ':', ';'])).unwrap_or_default();
    gather(&Value::list(call.args.iter().cloned()), &paths, &mut wanted)?;
    join(&files, &paths, &mut wanted.places);
    for place in &wanted.places {
        if let Some(found) = search::find(call.cx, &kind, place)? {
            return Ok(Value::list([found.display().to_string().into()]));
        }
    }
    let errors = call.option("errors").unwrap_or_default();
    if wanted.skip || matches!(errors.as_str(), "ignore" | "skip") {
        return Ok(Value::list([]));
    }
    let looked =
        if wanted.places.is_empty() { "nothing".to_owned() } else { wanted.places.join(", ") };
    Err(Reason::new(format!("No file was found when using first_found; looked for {looked}")))
}

/// Splits text at commas and the like; takes lists as they are.
fn names(value: &Value, separators: &[char]) -> Vec<String> {
    match value {
        Value::List(items) | Value::Tuple(items) => {
            items.iter().flat_map(|item| names(item, separators)).collect()
        }
        other => other.to_string().split(separators).map(|name| name.trim().to_owned()).collect(),
    }
}

fn join(files: &[String], paths: &[String], places: &mut Vec<String>) {
    let files = files.iter().filter(|file| !file.is_empty());
    if paths.is_empty() {
        places.extend(files.cloned());
        return;
    }
    for path in paths {
        for file in files.clone() {
            places.push(if path.is_empty() {
                file.clone()
            } else {
                format!("{}/{file}", path.trim_end_matches('/'))
            });
        }
    }
}

fn gather(term: &Value, paths: &[String], wanted: &mut Wanted) -> Result<(), Reason> {
    match term {
        Value::List(items) | Value::Tuple(items) => {
            items.iter().try_for_each(|item| gather(item, paths, wanted))
        }
        Value::Text(text) => {
            let files = names(&Value::from(text.as_str()), &[',', ';']);
            join(&files, paths, &mut wanted.places);
            Ok(())
        }
        Value::Map(map) => {
            let unknown =
                map.keys().find(|key| !matches!(key.as_str(), Some("files" | "paths" | "skip")));
            if let Some(key) = unknown {
                return Err(Reason::new(format!(
                    "unknown option `{key}`; it takes `files`, `paths` and `skip`"
                )));
            }
            let files = map.get("files").map(|files| names(files, &[',', ';'])).unwrap_or_default();
            let own =
                map.get("paths").map(|paths| names(paths, &[',', ':', ';'])).unwrap_or_default();
            wanted.skip |= map.get("skip").is_some_and(Value::truth);
            if files.is_empty() {
                wanted.places.extend(own);
            } else {
                join(&files, &own, &mut wanted.places);
            }
            Ok(())
        }
        // What is not defined is not there.
        other if crate::template::undefined::is_undefined(other) => Ok(()),
        other => Err(Reason::new(format!(
            "needs names of files or dictionaries, got {}",
            described(other)
        ))),
    }
}
