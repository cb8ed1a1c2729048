//! Playbooks as they are written: plays, blocks, tasks, roles, with the place of everything.
//!
//! Names of modules are raw words here and templates are not resolved: [`load`] reads files and puts static imports in
//! their place; the engine gives words a meaning through [`Language`] and runs what comes of it.
#![forbid(unsafe_code)]

mod keyword;
#[cfg(test)]
mod keyword_tests;
pub mod load;
mod model;
mod words;

use std::path::Path;

use crate::base::{Map, Value};

pub use keyword::{Keyword, Keywords, Owner};
pub use load::{Duplicates, Files, Loader};
pub use model::{
    Action, Argument, Block, Given, Import, Include, Item, Loop, LoopControl, Origin, Play,
    Playbook, Prompt, Role, RoleSpec, Task,
};

/// What the loader has to know of the language around it.
pub trait Language {
    /// Returns whether a word is an action: a module, or something the engine does itself.
    fn is_action(&self, word: &str) -> bool;

    /// Resolves a name that has to be known before the run (of an imported file or role) with the variables at hand.
    fn fixed(&self, value: &Value, vars: &[&Map]) -> Result<Value, String>;

    /// Returns the folders that hold roles, besides those beside the playbook.
    fn role_folders(&self) -> Vec<std::path::PathBuf>;

    /// Returns the folders that hold `ansible_collections`, besides those beside the playbook.
    fn collection_folders(&self) -> Vec<std::path::PathBuf>;

    /// Decrypts a file that is a vault as a whole.
    fn decrypt(&self, path: &Path, text: &[u8]) -> Result<Vec<u8>, String>;
}
