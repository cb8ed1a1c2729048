//! Reading one inventory source: which format it has, and what it adds to the graph.
//!
//! Formats are tried as Ansible tries its plugins: a list of hosts, a script, YAML, INI. Unlike there the first format
//! that a file evidently has is final, so that a mistake is told in the words of that format.

mod constructed;
mod folder;
mod host_list;
mod ini;
mod script;
mod toml;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use super::find::Found;
use super::graph::{Graph, Origin};
use super::options::{LoadOptions, Unreadable};
use crate::base::{Mistake, Mistakes, Position, SourceFile, path};
use crate::vault;

/// A text that is read, and whether what it says is secret.
struct Text<'a> {
    file: &'a Arc<SourceFile>,
    text: &'a str,
    secret: bool,
}

/// What reading goes through.
pub(super) struct Reading<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) options: &'a LoadOptions,
    pub(super) mistakes: Mistakes,
    pub(super) warnings: Vec<Mistake>,
    /// How many mistakes there were before this file.
    pub(super) before: usize,
}

impl Reading<'_> {
    /// Reads a source and everything below it.
    pub(super) fn source(&mut self, found: &Found) {
        match found {
            Found::Hosts(text) => {
                if !self.is_enabled(&["advanced_host_list", "host_list"]) {
                    let what = format!(
                        "`{text}` is a list of hosts, and the setting `enable_plugins` leaves those out"
                    );
                    return self.push(Mistake::new(what, &Position::default()));
                }
                self.graph.origin = Some(Origin { file: text.clone(), folder: None });
                host_list::read(text, self);
            }
            Found::Path(path) => self.path(path),
            Found::Text(file) => {
                let text = Text { file, text: &file.text, secret: false };
                self.text(&text, Path::new(&file.path));
            }
        }
        self.graph.origin = None;
    }

    fn path(&mut self, path: &Path) {
        let absolute = self.options.folder.join(path);
        if absolute.is_dir() {
            return folder::read(path, self);
        }
        self.graph.origin = Some(Origin {
            file: path::normal(&absolute).display().to_string(),
            folder: path::normal(&absolute).parent().map(Path::to_owned),
        });
        if self.is_enabled(&["script"]) && script::is_script(&absolute) {
            return script::read(path, self);
        }
        let name = path.display().to_string();
        let opened = match vault::open_as(&absolute, &name, &self.options.secrets) {
            Ok(opened) => opened,
            Err(mistake) => return self.mistakes.push(mistake),
        };
        let text = Text { file: &opened.file, text: opened.text(), secret: opened.is_secret() };
        self.text(&text, path);
    }

    fn text(&mut self, text: &Text<'_>, path: &Path) {
        self.before = self.mistakes.0.len();
        let extension =
            path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("toml") => toml::read(text, self),
            Some("yml" | "yaml" | "json") => yaml::read(text, self),
            Some("config") if yaml::is_yaml(text) => yaml::read(text, self),
            None if yaml::is_yaml(text) => yaml::read(text, self),
            Some(_) | None => ini::read(text, self),
        }
    }

    /// Returns whether the setting `enable_plugins` has one of these names, with or without their collection.
    fn is_enabled(&self, names: &[&str]) -> bool {
        let short =
            |name: &String| name.rsplit('.').next().is_some_and(|name| names.contains(&name));
        self.options.enabled.iter().any(short)
    }

    /// Returns whether a kind of inventory may be read; that it may not is a mistake.
    fn may_read(&mut self, names: &[&str], text: &Text<'_>) -> bool {
        let enabled = self.is_enabled(names);
        if !enabled {
            let what = format!(
                "the setting `enable_plugins` leaves out inventories of the kind `{}`",
                names[0]
            );
            let hint = format!("it names: {}", self.options.enabled.join(", "));
            self.push(Mistake::new(what, &Position::new(text.file, 0, 0)).hint(hint));
        }
        enabled
    }

    /// Returns the place of a whole file.
    fn whole(path: &Path) -> Position {
        Position::new(&SourceFile::new(path.display().to_string(), ""), 0, 0)
    }

    /// Returns whether nothing more of this file counts: where mistakes are warnings, hosts behind one are left out, as
    /// in Ansible. Where they end the run, all of them are told.
    fn is_over(&self) -> bool {
        self.options.unreadable == Unreadable::Warn && self.mistakes.0.len() > self.before
    }

    fn push(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }
}
