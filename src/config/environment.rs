//! What the process was given: variables, folder, home. The one place that reads them; tests make their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::path::normal;

/// The surroundings of a run.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    vars: BTreeMap<String, String>,
    folder: PathBuf,
}

impl Environment {
    /// Returns the surroundings of this process. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        let vars = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { vars, folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")) }
    }

    /// Returns surroundings of one's own making.
    pub fn new(folder: impl Into<PathBuf>, vars: &[(&str, &str)]) -> Self {
        let vars = vars.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { vars, folder: folder.into() }
    }

    /// Returns a variable.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str)
    }

    /// Returns all variables, sorted by name.
    pub fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the current folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the home folder.
    pub fn home(&self) -> Option<&Path> {
        self.var("HOME").filter(|home| !home.is_empty()).map(Path::new)
    }

    /// Returns the absolute path that a text means in a folder: `~`, `$NAME` and `${NAME}` stand for what they stand
    /// for in a shell, and `{{CWD}}` for the current folder.
    pub fn path(&self, text: &str, folder: &Path) -> PathBuf {
        let text = text.replace("{{CWD}}", &self.folder.display().to_string());
        let text = self.expand_vars(&text);
        let path = match (text.strip_prefix('~'), self.home()) {
            (Some(""), Some(home)) => home.to_owned(),
            (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
            (Some(_) | None, _) => folder.join(&text),
        };
        normal(&path)
    }

    fn expand_vars(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let name = match after.strip_prefix('{') {
                Some(braced) => braced.split_once('}').map(|(name, _)| name),
                None => {
                    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    Some(&after[..end.unwrap_or(after.len())])
                }
            };
            // What is not set stays as it is written, as Python leaves it.
            match name
                .filter(|name| !name.is_empty())
                .and_then(|name| Some((name, self.var(name)?)))
            {
                Some((name, value)) => {
                    out.push_str(value);
                    let braces = if after.starts_with('{') { 2 } else { 0 };
                    rest = &after[name.len() + braces..];
                }
                None => {
                    out.push('$');
                    rest = after;
                }
            }
        }
        out + rest
    }
}
