//! Where lookups look for files: the folders of roles, task files and playbook, with their `files/`, `templates/`, …

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::{Lazy, Position, SourceFile, Value};
use crate::template::text::path;
use crate::template::{Context, Reason, call};

/// Returns the folders that `ansible_search_path` names, then the playbook's.
pub(in crate::template) fn folders(cx: &dyn Context) -> Result<Vec<PathBuf>, Reason> {
    let mut folders: Vec<PathBuf> = match cx.variable("ansible_search_path")? {
        Some(list) => {
            call::items_of(&list)?.iter().map(|item| PathBuf::from(item.to_string())).collect()
        }
        None => Vec::new(),
    };
    let own = match cx.variable("playbook_dir")? {
        Some(folder) => PathBuf::from(folder.to_string()),
        None => PathBuf::from("."),
    };
    if !folders.contains(&own) {
        folders.push(own);
    }
    Ok(folders)
}

/// Returns the places where a file may be, in the order in which they are tried.
pub(in crate::template) fn candidates(
    cx: &dyn Context,
    kind: &str,
    name: &str,
) -> Result<Vec<PathBuf>, Reason> {
    let expanded = path::expand_user(name);
    if expanded.starts_with('/') {
        return Ok(vec![PathBuf::from(expanded)]);
    }
    // `templates/x` is not looked for in `templates/templates/x`.
    let inside = expanded.split('/').next() == Some(kind);
    let mut places = Vec::new();
    for folder in folders(cx)? {
        // A role's search path may name its `tasks` folder; its files stand beside that.
        let role = (folder.file_name().is_some_and(|name| name == "tasks"))
            .then(|| folder.parent())
            .flatten();
        for base in role.into_iter().chain([folder.as_path()]) {
            if !inside && !kind.is_empty() {
                places.push(base.join(kind).join(&expanded));
            }
            places.push(base.join(&expanded));
        }
    }
    Ok(places)
}

/// Returns the first of the places where a file (or folder) is.
pub(in crate::template) fn find(
    cx: &dyn Context,
    kind: &str,
    name: &str,
) -> Result<Option<PathBuf>, Reason> {
    Ok(candidates(cx, kind, name)?.into_iter().find(|place| place.exists()))
}

/// Returns the file, or a sentence that says where it was looked for.
pub(in crate::template) fn need(
    cx: &dyn Context,
    kind: &str,
    name: &str,
) -> Result<PathBuf, Reason> {
    let places = candidates(cx, kind, name)?;
    if let Some(place) = places.iter().find(|place| place.exists()) {
        return Ok(place.clone());
    }
    let searched: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    Err(Reason::new(format!(
        "Unable to access the file '{name}': No such file or directory; searched: {}",
        searched.join(", ")
    )))
}

/// Returns the bytes of a file.
pub(in crate::template) fn bytes(path: &Path) -> Result<Vec<u8>, Reason> {
    std::fs::read(path)
        .map_err(|error| Reason::new(format!("cannot read `{}`: {error}", path.display())))
}

/// Returns the text of a file, decrypted (and then secret) when it is encrypted.
pub(in crate::template) fn text(cx: &dyn Context, path: &Path) -> Result<Value, Reason> {
    let bytes = bytes(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Reason::new(format!("`{}` is not UTF-8 text", path.display())))?;
    if !crate::vault::is_encrypted(text.as_bytes()) {
        return Ok(Value::from(text));
    }
    let file = SourceFile::new(path.display().to_string(), "");
    let lazy = Lazy::vault(text, Position::new(&file, 1, 1));
    Ok(cx.resolve(&Value::Lazy(Arc::new(lazy)))?.into_secret())
}

/// Returns `value` with the secrecy of `source`: text made of a secret is one.
pub(in crate::template) fn as_secret_as(source: &Value, value: impl Into<Value>) -> Value {
    let value = value.into();
    if source.flags().contains(crate::base::Flags::SECRET) { value.into_secret() } else { value }
}
