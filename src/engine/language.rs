//! What words of a playbook mean: something the engine does itself, an action, or a module.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::actions::{self, Action};
use crate::base::{Map, Value};
use crate::module::{AnyModule, ArgumentSpec, FreeForm, Spec};
use crate::modules;
use crate::playbook::Language;
use crate::playbook::load::short;
use crate::template::{Engine, Scope};

/// What a word stands for.
#[derive(Clone, Copy)]
pub enum Meaning {
    /// The engine does it: includes and `meta`.
    Engine,
    /// A unit on the controller.
    Action(&'static dyn Action),
    /// A unit on the target.
    Module(&'static dyn AnyModule),
}

/// Words that the engine does itself.
const ENGINE: [&str; 7] = [
    "import_playbook",
    "import_role",
    "import_tasks",
    "include",
    "include_role",
    "include_tasks",
    "meta",
];

/// Returns what a word stands for.
pub fn meaning(word: &str) -> Option<Meaning> {
    if ENGINE.contains(&short(word)) {
        return Some(Meaning::Engine);
    }
    if let Some(action) = actions::find(word) {
        return Some(Meaning::Action(action));
    }
    modules::find(word).map(Meaning::Module)
}

/// Returns all words that stand for something, for suggestions.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let modules = modules::all().map(|module| module.spec());
    let units = actions::all().map(|action| action.spec()).chain(modules);
    units.flat_map(|spec| spec.also.iter().copied().chain([spec.name])).chain(ENGINE)
}

impl Meaning {
    /// Returns what the unit is; nothing for the engine's own words.
    pub fn spec(&self) -> Option<&'static Spec> {
        match self {
            Self::Engine => None,
            Self::Action(action) => Some(action.spec()),
            Self::Module(module) => Some(module.spec()),
        }
    }

    /// Returns what the unit takes; nothing when it takes anything.
    pub fn arguments(&self) -> Option<Vec<ArgumentSpec>> {
        match self {
            Self::Engine => None,
            Self::Action(action) if action.takes_anything() => None,
            Self::Action(action) => Some(action.arguments()),
            Self::Module(module) => Some(module.arguments()),
        }
    }

    /// Returns the argument that free text stands for.
    pub fn free_argument(&self) -> Option<&'static str> {
        match self.spec()?.free_form {
            FreeForm::No => None,
            FreeForm::Argument(name) => Some(name),
        }
    }
}

/// Opens a vault: its path for messages, its content.
pub(super) type Decrypt = Arc<dyn Fn(&Path, &[u8]) -> Result<Vec<u8>, String> + Send + Sync>;

/// The language as the loader of playbooks asks for it.
pub struct Words {
    /// The template engine, for names of static imports.
    pub templates: Engine,
    /// Variables of the command line.
    pub extra: Arc<Map>,
    /// Folders with roles.
    pub role_folders: Vec<PathBuf>,
    /// Folders with `ansible_collections`.
    pub collection_folders: Vec<PathBuf>,
    /// Opens vaults.
    pub decrypt: Decrypt,
}

impl Language for Words {
    fn is_action(&self, word: &str) -> bool {
        meaning(word).is_some()
    }

    fn fixed(&self, value: &Value, vars: &[&Map]) -> Result<Value, String> {
        let mut all = Map::new();
        for map in vars.iter().copied().chain([&*self.extra]) {
            all.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        let scope: Arc<dyn Scope> = Arc::new(all);
        self.templates.resolve(value, &scope).map_err(|error| error.to_string())
    }

    fn role_folders(&self) -> Vec<PathBuf> {
        self.role_folders.clone()
    }

    fn collection_folders(&self) -> Vec<PathBuf> {
        self.collection_folders.clone()
    }

    fn decrypt(&self, path: &Path, text: &[u8]) -> Result<Vec<u8>, String> {
        (self.decrypt)(path, text)
    }
}
