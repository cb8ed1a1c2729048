//! `group_vars/` and `host_vars/`: files of variables beside inventories and playbooks, each read once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::model::{Merging, Vars};
use super::options::{LoadOptions, VarsFiles};
use crate::base::{Mistake, Position, SourceFile};
use crate::vault::{self, Secrets};
use crate::yaml::{self, Trust};

/// Whose variables a file holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    Group,
    Host,
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Self::Group => "group_vars",
            Self::Host => "host_vars",
        }
    }
}

/// The names in a folder; nothing when there is no such folder.
type Names = Option<Arc<Vec<String>>>;
type Loaded = Result<Vars, Vec<Mistake>>;

/// Reads files of variables and keeps what they say.
pub(super) struct Files {
    secrets: Arc<Secrets>,
    merging: Merging,
    extensions: Vec<String>,
    root: PathBuf,
    wanted: VarsFiles,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    names: HashMap<PathBuf, Names>,
    loaded: HashMap<PathBuf, Loaded>,
    warnings: Vec<Mistake>,
}

impl Files {
    pub(super) fn new(options: &LoadOptions) -> Self {
        Self {
            secrets: Arc::clone(&options.secrets),
            merging: options.merging,
            extensions: options.extensions.clone(),
            root: options.folder.clone(),
            wanted: options.vars_files,
            kept: Mutex::default(),
        }
    }

    /// Returns the variables of a group or host beside a folder, nothing when there are none.
    pub(super) fn vars(
        &self,
        folder: &Path,
        kind: Kind,
        name: &str,
    ) -> Result<Option<Vars>, Vec<Mistake>> {
        if self.wanted == VarsFiles::Ignore {
            return Ok(None);
        }
        let folder = folder.join(kind.folder());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let names = match kept.names.get(&folder) {
            Some(names) => names.clone(),
            None => {
                let names = self.names(&folder, &mut kept.warnings);
                kept.names.insert(folder.clone(), names.clone());
                names
            }
        };
        let Some(found) = names.and_then(|names| self.choose(&names, name)) else {
            return Ok(None);
        };
        let path = folder.join(found);
        if let Some(loaded) = kept.loaded.get(&path) {
            return loaded.clone().map(Some);
        }
        let loaded = self.load(&path, &mut kept.warnings);
        kept.loaded.insert(path, loaded.clone());
        loaded.map(Some)
    }

    /// Returns what was suspicious in files that were read, once.
    pub(super) fn take_warnings(&self) -> Vec<Mistake> {
        std::mem::take(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner).warnings)
    }

    fn names(&self, folder: &Path, warnings: &mut Vec<Mistake>) -> Names {
        let real = self.root.join(folder);
        if real.exists() && !real.is_dir() {
            let what = format!("`{}` is ignored: it is no folder", folder.display());
            warnings.push(Mistake::new(what, &whole(folder)));
        }
        let entries = std::fs::read_dir(real).ok()?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Some(Arc::new(names))
    }

    /// Returns the one name that counts: without extension, which may be a folder, else with the first that is there.
    fn choose(&self, names: &[String], name: &str) -> Option<String> {
        std::iter::once("")
            .chain(self.extensions.iter().map(String::as_str))
            .map(|extension| format!("{name}{extension}"))
            .find(|name| names.binary_search(name).is_ok())
    }

    fn load(&self, path: &Path, warnings: &mut Vec<Mistake>) -> Loaded {
        let mut vars = Vars::default();
        let mut mistakes = Vec::new();
        let mut files = Vec::new();
        if self.root.join(path).is_dir() {
            self.collect(path, &mut files);
        } else {
            files.push(path.to_owned());
        }
        for file in files {
            match self.read(&file, warnings) {
                Ok(more) => vars.extend(&more, self.merging),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(vars) } else { Err(mistakes) }
    }

    /// Gathers the files of a folder and of the folders in it, by name.
    fn collect(&self, folder: &Path, files: &mut Vec<PathBuf>) {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        for name in names.iter().filter(|name| !name.starts_with('.') && !name.ends_with('~')) {
            let path = folder.join(name);
            let extension =
                path.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
            match (self.root.join(&path).is_dir(), extension) {
                (true, None) => self.collect(&path, files),
                (false, None) => files.push(path),
                (false, Some(extension)) if self.extensions.contains(&extension) => {
                    files.push(path);
                }
                (true | false, Some(_)) => {}
            }
        }
    }

    fn read(&self, path: &Path, warnings: &mut Vec<Mistake>) -> Result<Vars, Mistake> {
        let name = path.display().to_string();
        let opened = vault::open_as(&self.root.join(path), &name, &self.secrets)?;
        let trust = if opened.is_secret() { Trust::Secrets } else { Trust::Templates };
        let document = yaml::parse_text(opened.text(), &opened.file, trust)?;
        let mut vars = Vars::default();
        warnings.extend(document.warnings.iter().cloned());
        let Some(top) = document.single()?.filter(|top| !top.is_null()) else { return Ok(vars) };
        if !top.is_map() {
            return Err(top
                .mistake(format!("a file of variables is a map, but this is {}", top.describe()))
                .hint("write one `name: value` a line"));
        }
        for (key, value) in top.entries() {
            match (key.as_str(), key.raw()) {
                (Some(_), Some(name)) => {
                    vars.set(name, value.to_value(), &key.at, Merging::Replace);
                }
                _ => {
                    return Err(key
                        .mistake("the name of a variable must be text")
                        .hint("quote it"));
                }
            }
        }
        Ok(vars)
    }
}

fn whole(path: &Path) -> Position {
    Position::new(&SourceFile::new(path.display().to_string(), ""), 0, 0)
}
