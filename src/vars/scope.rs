//! What a host sees at a task: layers of variables, strongest first.

use std::sync::Arc;

use super::store::HostState;
use super::{Magic, Store};
use crate::base::{Map, Value};
use crate::inventory::Merging;
use crate::template::Scope;

/// The layers that do not come from the host's own gathering. Lists are weakest first.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Defaults of roles (level 2).
    pub defaults: Vec<Arc<Map>>,
    /// Variables of the inventory, from the weakest group to the host (levels 3 to 10).
    pub inventory: Arc<Vec<Arc<Map>>>,
    /// Variables of the play, prompts and files (levels 12 to 14).
    pub play: Vec<Arc<Map>>,
    /// Variables of roles (level 15).
    pub role: Vec<Arc<Map>>,
    /// Variables of blocks and of the task (levels 16 and 17).
    pub task: Vec<Arc<Map>>,
    /// Parameters of roles and includes (levels 20 and 21).
    pub params: Vec<Arc<Map>>,
    /// Variables of the command line (level 22).
    pub extra: Arc<Map>,
    /// The loop's item and what else belongs to this one run of the task.
    pub local: Arc<Map>,
}

/// The variables of one host at one task.
#[derive(Clone, Debug)]
pub struct TaskScope {
    layers: Layers,
    state: HostState,
    magic: Arc<Magic>,
}

impl TaskScope {
    /// Returns the scope of a host with what it has gathered so far.
    pub fn new(store: &Store, layers: Layers, magic: Arc<Magic>) -> Self {
        Self { state: store.state(&magic.host), layers, magic }
    }

    /// Returns the same scope with other variables of the moment (the next item of a loop).
    #[must_use]
    pub fn with_local(&self, local: Map) -> Self {
        let layers = Layers { local: Arc::new(local), ..self.layers.clone() };
        Self { layers, state: self.state.clone(), magic: Arc::clone(&self.magic) }
    }

    /// Returns the same scope with more variables of the moment.
    #[must_use]
    pub fn with_more_local(&self, more: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let mut local = (*self.layers.local).clone();
        local.extend(more);
        self.with_local(local)
    }

    /// Returns the same scope without what tasks have set: facts only.
    #[must_use]
    pub fn without_set(&self) -> Self {
        let state =
            HostState { set: Arc::default(), included: Arc::default(), ..self.state.clone() };
        Self { state, layers: self.layers.clone(), magic: Arc::clone(&self.magic) }
    }

    /// Returns the name of the host.
    pub fn host(&self) -> &Arc<str> {
        &self.magic.host
    }

    /// Returns the layers, to build another scope from.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Returns what is not a variable but told by the run.
    pub fn magic(&self) -> &Arc<Magic> {
        &self.magic
    }

    /// Returns all maps, strongest first.
    fn maps(&self) -> impl Iterator<Item = &Arc<Map>> {
        let Layers { defaults, inventory, play, role, task, params, extra, local } = &self.layers;
        [local, extra]
            .into_iter()
            .chain(params.iter().rev())
            .chain([&self.state.set, &self.state.included])
            .chain(task.iter().rev())
            .chain(role.iter().rev())
            .chain(play.iter().rev())
            .chain((!self.magic.run.facts_apart).then_some(&self.state.injected))
            .chain(inventory.iter().rev())
            .chain(defaults.iter().rev())
    }
}

impl TaskScope {
    /// Returns what somebody gave a variable, or the run tells; nothing of what only follows from keywords and flags.
    pub fn given(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.layers.local.get(name) {
            return Some(value.clone());
        }
        if let Some(value) = self.magic.get(name, self) {
            return Some(value);
        }
        if name == "ansible_facts" {
            return Some(Value::Map(Arc::clone(&self.state.facts)));
        }
        if name == "ansible_local" && self.magic.run.facts_apart {
            return self.state.facts.get(name).cloned();
        }
        let mut found = self.maps().filter_map(|map| map.get(name)).cloned();
        let first = found.next();
        match (self.magic.run.merging, first) {
            (Merging::Deep, Some(first)) => {
                Some(found.fold(first, |strong, weak| Merging::Deep.combine(&weak, strong)))
            }
            (_, first) => first,
        }
    }
}

impl Scope for TaskScope {
    fn get(&self, name: &str) -> Option<Value> {
        self.given(name).or_else(|| self.magic.fallback(name, self))
    }

    fn names(&self) -> Vec<Arc<str>> {
        let own = self.maps().flat_map(|map| map.keys()).filter_map(Value::as_str);
        let mut names: Vec<Arc<str>> = own.chain(self.magic.names()).map(Arc::from).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vars::RunFacts;

    #[test]
    fn dictionaries_of_all_levels_are_merged_when_asked_for() {
        let map = |key: &str, value: i64| {
            Arc::new(Map::from_iter([("d", Value::map([(key, Value::from(value))]))]))
        };
        let layers = || Layers {
            play: vec![map("a", 1)],
            task: vec![map("b", 2), map("a", 3)],
            ..Layers::default()
        };
        let get = |merging| {
            let run = Arc::new(RunFacts { merging, ..RunFacts::default() });
            let magic = Arc::new(Magic { run, ..Magic::default() });
            TaskScope::new(&Store::default(), layers(), magic).get("d").unwrap().repr()
        };
        assert_eq!(get(Merging::Replace), "{'a': 3}");
        assert_eq!(get(Merging::Deep), "{'a': 3, 'b': 2}");
    }
}
