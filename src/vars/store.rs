//! What hosts gather while the run goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::FactCache;
use crate::base::{Map, Value};

/// What one host has gathered. Maps are shared with the scopes that read them and copied when they change.
#[derive(Clone, Debug, Default)]
pub struct HostState {
    /// `ansible_facts`, names without their prefix.
    pub facts: Arc<Map>,
    /// Facts as variables of their own (`ansible_os_family`).
    pub injected: Arc<Map>,
    /// Variables of `include_vars`.
    pub included: Arc<Map>,
    /// Variables of `set_fact`, and registered results.
    pub set: Arc<Map>,
}

/// What all hosts have gathered.
#[derive(Debug, Default)]
pub struct Store {
    cache: Option<FactCache>,
    hosts: Mutex<HashMap<Arc<str>, HostState>>,
}

/// Facts whose names do not get the prefix `ansible_` when they become variables.
const PREFIX: &str = "ansible_";

impl Store {
    /// Returns a store that keeps facts for other runs.
    pub fn new(cache: Option<FactCache>) -> Self {
        Self { cache, ..Self::default() }
    }

    /// Returns what a host has gathered so far.
    pub fn state(&self, host: &str) -> HostState {
        let mut hosts = self.lock();
        match (hosts.get(host), &self.cache) {
            (Some(state), _) => state.clone(),
            (None, None) => HostState::default(),
            (None, Some(cache)) => {
                let state = remembered(cache, host);
                hosts.insert(Arc::from(host), state.clone());
                state
            }
        }
    }

    /// Adds facts as `setup` returns them (`ansible_os_family`), or as other modules do (any names). An error says that
    /// they could not be kept for other runs.
    pub fn add_facts(&self, host: &Arc<str>, facts: &Map) -> Result<(), String> {
        self.change(host, |state| add(state, facts));
        match &self.cache {
            Some(cache) => cache.save(host, &self.facts(host)),
            None => Ok(()),
        }
    }

    /// Sets variables as `set_fact` and `register` do.
    pub fn set(&self, host: &Arc<str>, values: impl IntoIterator<Item = (Value, Value)>) {
        self.change(host, |state| Arc::make_mut(&mut state.set).extend(values));
    }

    /// Sets variables as `include_vars` does.
    pub fn include(&self, host: &Arc<str>, values: impl IntoIterator<Item = (Value, Value)>) {
        self.change(host, |state| Arc::make_mut(&mut state.included).extend(values));
    }

    /// Forgets the facts of a host (`meta: clear_facts`).
    pub fn clear_facts(&self, host: &Arc<str>) {
        self.change(host, |state| {
            state.facts = Arc::default();
            state.injected = Arc::default();
        });
        if let Some(cache) = &self.cache {
            cache.forget(host);
        }
    }

    /// Returns the facts of a host for the cache.
    pub fn facts(&self, host: &str) -> Arc<Map> {
        self.state(host).injected
    }

    fn change(&self, host: &Arc<str>, change: impl FnOnce(&mut HostState)) {
        let new = || self.cache.as_ref().map(|cache| remembered(cache, host)).unwrap_or_default();
        change(self.lock().entry(Arc::clone(host)).or_insert_with(new));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, HostState>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the state of a host with the facts of an earlier run.
fn remembered(cache: &FactCache, host: &str) -> HostState {
    let mut state = HostState::default();
    if let Some(facts) = cache.load(host) {
        add(&mut state, &facts);
    }
    state
}

/// Adds facts under their own names, and without the prefix in `ansible_facts`.
fn add(state: &mut HostState, facts: &Map) {
    let inner = Arc::make_mut(&mut state.facts);
    let outer = Arc::make_mut(&mut state.injected);
    for (name, value) in facts {
        let Some(name) = name.as_str() else { continue };
        if name == "ansible_local" || !name.starts_with(PREFIX) {
            inner.insert(name, value.clone());
            if name == "ansible_local" {
                inner.insert("local", value.clone());
            }
        } else {
            inner.insert(&name[PREFIX.len()..], value.clone());
        }
        outer.insert(name, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_seen_with_and_without_their_prefix() {
        let store = Store::default();
        let host = Arc::from("h");
        store
            .add_facts(
                &host,
                &[("ansible_system", Value::from("Linux")), ("mine", 1.into())]
                    .into_iter()
                    .collect(),
            )
            .unwrap();
        let state = store.state("h");
        assert_eq!(state.facts.get("system"), Some(&"Linux".into()));
        assert_eq!(state.injected.get("ansible_system"), Some(&"Linux".into()));
        assert_eq!(state.facts.get("mine"), Some(&Value::Int(1)));
        store.clear_facts(&host);
        assert!(store.state("h").facts.is_empty());
    }
}
