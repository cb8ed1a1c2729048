//! Files of YAML, each read and parsed once a run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Mistake, Position, SourceFile};
use crate::playbook::Language;
use crate::yaml::{self, Node, Trust};

/// How the warning of a key that stands in a map twice begins.
const TWICE: &str = "Found duplicate mapping key";

/// What is said of a file without any content; whether that matters is for the reader.
pub(super) const EMPTY: &str = "the file is empty";

/// What a key is that stands in a map twice.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Duplicates {
    /// A mistake.
    Error,
    /// Nothing to speak of.
    Ignore,
    /// Worth a warning.
    #[default]
    Warn,
}

/// The files read so far.
#[derive(Debug, Default)]
pub struct Files {
    duplicates: Duplicates,
    read: Mutex<HashMap<PathBuf, Result<Arc<Node>, Mistake>>>,
    warnings: Mutex<Vec<Mistake>>,
}

impl Files {
    /// Returns no files yet.
    pub fn new(duplicates: Duplicates) -> Self {
        Self { duplicates, ..Self::default() }
    }

    /// Returns the first document of a file.
    pub fn read(&self, path: &Path, language: &dyn Language) -> Result<Arc<Node>, Mistake> {
        if let Some(known) = self.lock().get(path) {
            return known.clone();
        }
        let result = self.parse(path, language);
        self.lock().insert(path.to_owned(), result.clone());
        result
    }

    /// Returns the first document of a file; nothing when it has none (only comments, say).
    pub fn read_if_any(
        &self,
        path: &Path,
        language: &dyn Language,
    ) -> Result<Option<Arc<Node>>, Mistake> {
        match self.read(path, language) {
            Err(mistake) if mistake.what == EMPTY => Ok(None),
            result => result.map(Some),
        }
    }

    /// Keeps a document as if it had been read from a file.
    pub fn keep(&self, path: &Path, node: Node) {
        self.lock().insert(path.to_owned(), Ok(Arc::new(node)));
    }

    /// Returns how many files were read.
    pub fn count(&self) -> usize {
        self.lock().values().filter(|result| result.is_ok()).count()
    }

    /// Notes what the user should know about a file.
    pub fn warn(&self, warning: Mistake) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// Takes out what the user should know about the files (duplicate keys).
    pub fn take_warnings(&self) -> Vec<Mistake> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn parse(&self, path: &Path, language: &dyn Language) -> Result<Arc<Node>, Mistake> {
        let shown = as_written(path);
        let nowhere = Position { file: SourceFile::new(shown.as_str(), ""), line: 0, column: 0 };
        let fail =
            |reason: String| Mistake::new(format!("cannot read `{shown}`: {reason}"), &nowhere);
        let bytes = std::fs::read(path).map_err(|error| fail(words(&error)))?;
        let secret = bytes.starts_with(b"$ANSIBLE_VAULT;");
        let bytes = if secret { language.decrypt(path, &bytes).map_err(fail)? } else { bytes };
        let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8 text".into()))?;
        let file = SourceFile::new(shown.as_str(), text);
        let document = yaml::parse(&file, if secret { Trust::Secrets } else { Trust::Templates })?;
        let (twice, others): (Vec<_>, Vec<_>) =
            document.warnings.into_iter().partition(|warning| warning.what.starts_with(TWICE));
        let told = match self.duplicates {
            Duplicates::Error => match twice.into_iter().next() {
                Some(mistake) => return Err(mistake),
                None => Vec::new(),
            },
            Duplicates::Ignore => Vec::new(),
            Duplicates::Warn => twice,
        };
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.extend(told.into_iter().chain(others));
        drop(warnings);
        match document.nodes.into_iter().next() {
            Some(node) => Ok(Arc::new(node)),
            None => Err(Mistake::new(EMPTY, &Position::new(&file, 1, 1))),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Result<Arc<Node>, Mistake>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the kernel's words for an error.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".into(),
        _ => error.to_string().split(" (os error").next().unwrap_or_default().to_lowercase(),
    }
}
/// Returns a path as the user would write it: below the current folder, from there. Roles come with the full path that
/// `ansible.cfg` leads to.
fn as_written(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let near = path.strip_prefix(&here).ok().filter(|_| here.parent().is_some());
    near.unwrap_or(path).to_string_lossy().into_owned()
}
