//! Files of tasks and roles that includes bring in: loaded and checked once for all hosts.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::run::Run;
use super::{include, preflight};
use crate::playbook::load::{Place, RoleUse};
use crate::playbook::{Block, Item, Loader, RoleSpec};

/// What was loaded while a play runs.
#[derive(Debug, Default)]
pub(super) struct Library {
    files: Mutex<HashMap<String, Arc<Vec<Item>>>>,
    roles: Mutex<HashMap<String, Arc<Block>>>,
}

impl Library {
    /// Returns the items of a file of tasks, loaded once for all hosts.
    pub(super) fn tasks(
        &self,
        run: &Run,
        path: &Path,
        place: &Place,
    ) -> Result<Arc<Vec<Item>>, String> {
        let role =
            place.role.as_ref().map(|role| role.path.display().to_string()).unwrap_or_default();
        let key = format!("{}|{role}|{}|{:?}", path.display(), place.handlers, place.collections);
        if let Some(known) = lock(&self.files).get(&key) {
            return Ok(Arc::clone(known));
        }
        let loader = Loader::new(&run.files, &run.words);
        let items = loader.tasks(path, place);
        let mut mistakes = loader.take_mistakes();
        preflight::check_items(run, &items, place, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(include::first(&mistakes));
        }
        let items = Arc::new(items);
        lock(&self.files).insert(key, Arc::clone(&items));
        Ok(items)
    }

    /// Returns a role that is included, loaded once for all hosts.
    pub(super) fn role(
        &self,
        run: &Run,
        spec: &RoleSpec,
        place: &Place,
    ) -> Result<Arc<Block>, String> {
        let parent =
            place.role.as_ref().map(|role| role.path.display().to_string()).unwrap_or_default();
        let key = format!("{spec:?}|{parent}|{:?}", place.collections);
        if let Some(known) = lock(&self.roles).get(&key) {
            return Ok(Arc::clone(known));
        }
        let loader = Loader::new(&run.files, &run.words);
        let block = loader.role(spec, &RoleUse::default(), place);
        let mut mistakes = loader.take_mistakes();
        if let Some(block) = &block {
            let whole = [Item::Block(Arc::clone(block))];
            preflight::check_items(run, &whole, place, &mut mistakes);
        }
        let Some(block) = block.filter(|_| mistakes.is_empty()) else {
            return Err(include::first(&mistakes));
        };
        lock(&self.roles).insert(key, Arc::clone(&block));
        Ok(block)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
