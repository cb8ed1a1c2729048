//! From what `-i` says to what is read: a list of hosts, a path, or a name below `inventory/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options::LoadOptions;
use crate::base::{Mistake, Position, SourceFile, suggest};

/// The folder in which names are looked up.
const FOLDER: &str = "inventory";
/// Ends that may be left out of a name.
const EXTENSIONS: [&str; 5] = ["yml", "yaml", "ini", "json", "toml"];
/// What is read when nobody says anything; it need not exist.
pub(super) const DEFAULT: &str = "/etc/ansible/hosts";

/// Something to read.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Hosts between commas.
    Hosts(String),
    /// A file or a folder.
    Path(PathBuf),
    /// The text of a file that need not exist.
    Text(Arc<SourceFile>),
}

/// Finds a source; nothing when it is the default one and not there.
pub(super) fn find(source: &str, options: &LoadOptions) -> Result<Option<Found>, Mistake> {
    let expanded = match (source.strip_prefix("~/"), &options.home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_) | None, _) => PathBuf::from(source),
    };
    let absolute = options.folder.join(&expanded);
    if absolute.exists() {
        return Ok(Some(Found::Path(shown(&absolute, options))));
    }
    if source.contains(',') {
        return Ok(Some(Found::Hosts(source.to_owned())));
    }
    if source == DEFAULT {
        return Ok(None);
    }
    let (parent, name) = (absolute.parent().unwrap_or(&options.folder), expanded.file_name());
    let base =
        if expanded.is_absolute() { parent.join(FOLDER) } else { options.folder.join(FOLDER) };
    let inner =
        if expanded.is_absolute() { Path::new(name.unwrap_or_default()) } else { &expanded };
    let named = base.join(inner);
    let with_extension = EXTENSIONS.map(|extension| {
        let mut path = named.clone().into_os_string();
        path.push(".");
        path.push(extension);
        PathBuf::from(path)
    });
    std::iter::once(named)
        .chain(with_extension)
        .find(|path| path.exists())
        .map(|path| Some(Found::Path(shown(&path, options))))
        .ok_or_else(|| missing(source, &base, options))
}

/// Returns a path as the user would write it: relative inside the current folder.
fn shown(path: &Path, options: &LoadOptions) -> PathBuf {
    match path.strip_prefix(&options.folder) {
        Ok(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inner) => inner.to_owned(),
        Err(_) => path.to_owned(),
    }
}

fn missing(source: &str, base: &Path, options: &LoadOptions) -> Mistake {
    let what = if source.starts_with(['/', '~']) {
        format!("there is no inventory `{source}`: the path does not exist")
    } else {
        format!(
            "there is no inventory `{source}`: neither `{source}` nor `{FOLDER}/{source}` exists"
        )
    };
    let mistake = Mistake::new(what, &Position::default());
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort_unstable();
        names
    };
    let known = names(base);
    let stems =
        known.iter().flat_map(|name| [name.as_str(), name.split('.').next().unwrap_or(name)]);
    let here = names(&options.folder);
    let near = suggest::closest(source, stems.chain(here.iter().map(String::as_str)));
    match (near, known.is_empty()) {
        (Some(near), _) => mistake.hint(format!("did you mean `{near}`?")),
        (None, false) => mistake.hint(format!("`{FOLDER}/` has: {}", known.join(", "))),
        (None, true) => {
            mistake.hint("for a host without an inventory write its name and a comma: `-i web1,`")
        }
    }
}
