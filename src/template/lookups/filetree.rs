//! `filetree`: everything below a folder, with its attributes.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::template::table::from_collection;
use crate::template::text::path;
use crate::template::{Call, Entry, Reason};

use super::search;

pub(super) const ENTRIES: &[Entry] =
    &[from_collection("community.general", &["filetree"], filetree)];

fn filetree(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["exclude"])?;
    let exclude =
        call.option("exclude").map(|source| Pattern::kept(&source, Flags::NONE)).transpose()?;
    let mut found: Vec<(String, Value)> = Vec::new();
    for term in call.terms() {
        let term = path::expand_user(&term);
        // Nothing is below a folder that is not there.
        let Some(root) = search::find(call.cx, "files", term.trim_end_matches('/'))? else {
            continue;
        };
        let mut seen = Vec::new();
        walk(&root, Path::new(""), &mut seen);
        for (relative, state) in seen {
            let name = relative.rsplit('/').next().unwrap_or_default();
            let excluded = match &exclude {
                Some(pattern) => pattern.search(name)?.is_some(),
                None => false,
            };
            // Of the same path below two folders the first one counts.
            if excluded || found.iter().any(|(known, _)| *known == relative) {
                continue;
            }
            found.push((relative, with_root(state, &root)));
        }
    }
    Ok(Value::list(found.into_iter().map(|(_, state)| state)))
}

fn with_root(state: Map, root: &Path) -> Value {
    let root = Value::from(root.display().to_string());
    Value::map(std::iter::once((Value::from("root"), root)).chain(state))
}

/// Gathers what is in a folder, then what is below: folders before files, each sorted.
fn walk(root: &Path, below: &Path, out: &mut Vec<(String, Map)>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else {
        return;
    };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let is_folder = |entry: &fs::DirEntry| entry.path().is_dir();
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_folder);
    for entry in folders.iter().chain(&files) {
        let relative = below.join(entry.file_name());
        if let Some(state) = state(&entry.path(), &relative) {
            out.push((relative.display().to_string(), state));
        }
    }
    for entry in folders.iter().filter(|entry| !entry.path().is_symlink()) {
        walk(root, &below.join(entry.file_name()), out);
    }
}

fn state(path: &Path, relative: &Path) -> Option<Map> {
    let meta = path.symlink_metadata().ok()?;
    let kind = meta.file_type();
    let source = if kind.is_symlink() {
        Some(fs::read_link(path).ok()?.display().to_string())
    } else {
        kind.is_file().then(|| path.display().to_string())
    };
    let state = if kind.is_symlink() {
        "link"
    } else if kind.is_dir() {
        "directory"
    } else if kind.is_file() {
        "file"
    } else {
        return None;
    };
    let seconds = |whole: i64, nanos: i64| Value::Float(whole as f64 + nanos as f64 / 1e9);
    let mut map = Map::new();
    map.insert("path", relative.display().to_string().into());
    map.insert("state", state.into());
    if let Some(source) = source {
        map.insert("src", source.into());
    }
    map.insert("uid", meta.uid().into());
    map.insert("gid", meta.gid().into());
    map.insert("owner", name_of("/etc/passwd", meta.uid()));
    map.insert("group", name_of("/etc/group", meta.gid()));
    map.insert("mode", format!("0{:o}", meta.mode() & 0o7777).into());
    map.insert("size", meta.size().into());
    map.insert("mtime", seconds(meta.mtime(), meta.mtime_nsec()));
    map.insert("ctime", seconds(meta.ctime(), meta.ctime_nsec()));
    Some(map)
}

/// Returns the name of a user or group, or its number when it has none.
fn name_of(file: &str, number: u32) -> Value {
    let text = fs::read_to_string(file).unwrap_or_default();
    let fits = |line: &&str| line.split(':').nth(2) == Some(&number.to_string());
    let name = text.lines().find(fits).and_then(|line| line.split(':').next());
    name.map_or_else(|| number.into(), Value::from)
}
