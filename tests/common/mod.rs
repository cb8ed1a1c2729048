//! What several test files need: finding files, reading YAML, module cases.

pub(crate) mod case;
pub(crate) mod machine;

use std::path::{Path, PathBuf};

use fcplay::base::Value;

/// Returns the files below a folder of the project for which `wanted` holds, sorted, relative to the project.
pub(crate) fn files_below(folder: &str, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut open = vec![PathBuf::from(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if wanted(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the value of a YAML file.
pub(crate) fn yaml_file(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    fcplay::yaml::value_of(&text).map_err(|mistake| mistake.to_string())
}

/// Returns whether `value` has everything that `wanted` has: maps may have more keys, everything else is equal.
pub(crate) fn has(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Map(value), Value::Map(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| value.get_value(key).is_some_and(|value| has(value, wanted))),
        _ => value == wanted,
    }
}

/// Splits a command line as a reader would: spaces part words, single or double quotes hold one together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
