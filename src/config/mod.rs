//! Every setting once: what it is called, where it may be set, what it is when nobody sets it. Controller only.
//!
//! A setting is taken from the last of these that names it: the default in [`settings`], `ansible.cfg`, the environment,
//! a command-line flag. All are read and checked at the start, so a bad value is a mistake with file and line before
//! anything runs. Keys of `ansible.cfg` that mean nothing here are ignored, as Ansible ignores unknown ones.
#![forbid(unsafe_code)]

mod convert;
mod environment;
mod find;
mod ini;
mod setting;
pub mod settings;
#[cfg(test)]
mod settings_tests;
#[cfg(test)]
mod tests;
mod unfollowed;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use environment::Environment;
pub use setting::{Kind, Origin, Row, Setting, Stored, Typed};
pub use settings::SETTINGS;

use crate::base::{Mistake, Mistakes, SourceFile};

/// All settings of a run.
#[derive(Clone, Debug)]
pub struct Config {
    values: HashMap<&'static str, (Stored, Origin)>,
    file: Option<Arc<SourceFile>>,
    environment: Environment,
    warnings: Vec<Mistake>,
}

impl Config {
    /// Reads all settings; every bad value is a mistake.
    pub fn load(environment: Environment) -> Result<Self, Mistakes> {
        let mut warnings = Vec::new();
        let file = find::file(&environment, &mut warnings)?;
        let entries = file.as_ref().map(ini::parse).transpose()?.unwrap_or_default();
        let mut config = Self { values: HashMap::new(), file, environment, warnings };
        let mut mistakes = Mistakes::default();
        let home = config.resolve(&settings::HOME.row, &entries, "", &mut mistakes);
        let home = match &home.0 {
            Stored::Path(Some(path)) => path.display().to_string(),
            _ => String::new(),
        };
        for row in SETTINGS {
            let resolved = config.resolve(row, &entries, &home, &mut mistakes);
            config.values.insert(row.name, resolved);
        }
        mistakes.0.sort_by_key(|mistake| mistake.at.line);
        let unfollowed = unfollowed::warnings(&config);
        config.warnings.extend(unfollowed);
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    /// Returns the value of a setting.
    pub fn get<T: Typed>(&self, setting: &Setting<T>) -> T {
        let (stored, _) = &self.values[setting.row.name];
        T::read(stored).expect("a setting is stored as its row's kind")
    }

    /// Returns who set a setting.
    pub fn origin(&self, row: &Row) -> &Origin {
        &self.values[row.name].1
    }

    /// Returns the stored value of a row, for pages that show all settings.
    pub fn stored(&self, row: &Row) -> &Stored {
        &self.values[row.name].0
    }

    /// Sets a setting from a command-line flag.
    pub fn set<T: Typed>(&mut self, setting: &Setting<T>, value: T, flag: &'static str) {
        self.values.insert(setting.row.name, (value.store(), Origin::Flag(flag)));
    }

    /// Returns the path of the `ansible.cfg` that was read.
    pub fn file(&self) -> Option<PathBuf> {
        self.file.as_ref().map(|file| PathBuf::from(&file.path))
    }

    /// Returns the environment that was read.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns what is worth a warning, such as an `ansible.cfg` that was not read.
    pub fn warnings(&self) -> &[Mistake] {
        &self.warnings
    }

    fn resolve(
        &self,
        row: &'static Row,
        entries: &ini::Entries,
        home: &str,
        mistakes: &mut Mistakes,
    ) -> (Stored, Origin) {
        let default = row.default.map(|text| text.replace("{home}", home));
        let mut found = (default, Origin::Default);
        for (section, key) in row.ini {
            if let Some(entry) = entries.get(section, key) {
                found = (Some(entry.value.clone()), Origin::File(entry.at.clone()));
            }
        }
        for name in row.env {
            if let Some(text) = self.environment.var(name) {
                found = (Some(text.to_owned()), Origin::Environment(name));
            }
        }
        let (text, origin) = found;
        match convert::convert(row, text.as_deref(), &origin, &self.environment) {
            Ok(stored) => (stored, origin),
            Err(mistake) => {
                mistakes.push(mistake);
                (row.kind.empty(), origin)
            }
        }
    }
}
