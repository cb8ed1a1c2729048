//! What hosts gather while the run goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// Facts of a host, with and without their prefix.
#[derive(Clone, Debug, Default)]
struct Facts {
    plain: Arc<Map>,
    injected: Arc<Map>,
}

/// What tasks have set on a host.
#[derive(Clone, Debug, Default)]
struct Given {
    included: Arc<Map>,
    set: Arc<Map>,
}

type AllGiven = HashMap<Arc<str>, Given>;

/// What all hosts have gathered. Facts tell of the host, and all plays share them at once. What tasks set belongs to
/// their play: of plays that run side by side none sees what another one sets (see [`Store::branch`]).
#[derive(Debug, Default)]
pub struct Store {
    cache: Option<FactCache>,
    facts: Arc<Mutex<HashMap<Arc<str>, Facts>>>,
    given: Mutex<AllGiven>,
    /// What was given since this is a branch; nothing when it is none.
    new: Option<Mutex<AllGiven>>,
}

/// Facts whose names do not get the prefix `ansible_` when they become variables.
const PREFIX: &str = "ansible_";

impl Store {
    /// Returns a store that keeps facts for other runs.
    pub fn new(cache: Option<FactCache>) -> Self {
        Self { cache, ..Self::default() }
    }

    /// Returns a store for one play: it has what this one has, and what the branches before it were given, in that order.
    /// What the play sets stays there.
    #[must_use]
    pub fn branch<'a>(&self, before: impl IntoIterator<Item = &'a Arc<Self>>) -> Self {
        let branch = Self {
            cache: self.cache.clone(),
            facts: Arc::clone(&self.facts),
            given: Mutex::new(lock(&self.given).clone()),
            new: None,
        };
        before.into_iter().for_each(|other| branch.take_over(other));
        Self { new: Some(Mutex::default()), ..branch }
    }

    /// Takes over what a branch was given.
    pub fn take_over(&self, branch: &Self) {
        let Some(new) = &branch.new else { return };
        for (host, given) in lock(new).iter() {
            let pairs = |map: &Arc<Map>| {
                let pairs = map.iter().map(|(name, value)| (name.clone(), value.clone()));
                pairs.collect::<Vec<_>>()
            };
            self.set(host, pairs(&given.set));
            self.include(host, pairs(&given.included));
        }
    }

    /// Returns what a host has gathered so far.
    pub fn state(&self, host: &str) -> HostState {
        let Facts { plain, injected } = self.facts_of(host);
        let Given { included, set } = lock(&self.given).get(host).cloned().unwrap_or_default();
        HostState { facts: plain, injected, included, set }
    }

    /// Adds facts as `setup` returns them (`ansible_os_family`), or as other modules do (any names). An error says that
    /// they could not be kept for other runs.
    pub fn add_facts(&self, host: &Arc<str>, facts: &Map) -> Result<(), String> {
        self.change(host, |known| add(known, facts));
        match &self.cache {
            Some(cache) => cache.save(host, &self.facts(host)),
            None => Ok(()),
        }
    }

    /// Sets variables as `set_fact` and `register` do.
    pub fn set(&self, host: &Arc<str>, values: impl IntoIterator<Item = (Value, Value)>) {
        self.give(host, values, |given| &mut given.set);
    }

    /// Sets variables as `include_vars` does.
    pub fn include(&self, host: &Arc<str>, values: impl IntoIterator<Item = (Value, Value)>) {
        self.give(host, values, |given| &mut given.included);
    }

    /// Forgets the facts of a host (`meta: clear_facts`).
    pub fn clear_facts(&self, host: &Arc<str>) {
        self.change(host, |facts| *facts = Facts::default());
        if let Some(cache) = &self.cache {
            cache.forget(host);
        }
    }

    /// Returns the facts of a host for the cache.
    pub fn facts(&self, host: &str) -> Arc<Map> {
        self.facts_of(host).injected
    }

    fn facts_of(&self, host: &str) -> Facts {
        let mut all = lock(&self.facts);
        match (all.get(host), &self.cache) {
            (Some(facts), _) => facts.clone(),
            (None, None) => Facts::default(),
            (None, Some(cache)) => {
                let facts = remembered(cache, host);
                all.insert(Arc::from(host), facts.clone());
                facts
            }
        }
    }

    fn change(&self, host: &Arc<str>, change: impl FnOnce(&mut Facts)) {
        let new = || self.cache.as_ref().map(|cache| remembered(cache, host)).unwrap_or_default();
        change(lock(&self.facts).entry(Arc::clone(host)).or_insert_with(new));
    }

    fn give(
        &self,
        host: &Arc<str>,
        values: impl IntoIterator<Item = (Value, Value)>,
        map: impl Fn(&mut Given) -> &mut Arc<Map>,
    ) {
        let values: Vec<(Value, Value)> = values.into_iter().collect();
        for all in std::iter::once(&self.given).chain(&self.new) {
            let mut all = lock(all);
            let given = all.entry(Arc::clone(host)).or_default();
            Arc::make_mut(map(given)).extend(values.iter().cloned());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the facts of a host of an earlier run.
fn remembered(cache: &FactCache, host: &str) -> Facts {
    let mut known = Facts::default();
    if let Some(facts) = cache.load(host) {
        add(&mut known, &facts);
    }
    known
}

/// Adds facts under their own names, and without the prefix in `ansible_facts`.
fn add(known: &mut Facts, facts: &Map) {
    let inner = Arc::make_mut(&mut known.plain);
    let outer = Arc::make_mut(&mut known.injected);
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

    #[test]
    fn what_a_play_sets_is_seen_by_those_after_it() {
        let store = Store::default();
        let host: Arc<str> = Arc::from("h");
        let set = |store: &Store, name: &str, value: i64| {
            store.set(&host, [(Value::from(name), value.into())]);
        };
        let get = |store: &Store, name: &str| store.state("h").set.get(name).cloned();
        set(&store, "all", 1);
        let first = Arc::new(store.branch([]));
        let second = Arc::new(store.branch([]));
        set(&first, "result", 2);
        set(&second, "result", 3);
        set(&second, "all", 4);
        assert_eq!((get(&first, "result"), get(&first, "all")), (Some(2.into()), Some(1.into())));
        assert_eq!(get(&store, "result"), None);
        let third = Arc::new(store.branch([&first]));
        assert_eq!((get(&third, "result"), get(&third, "all")), (Some(2.into()), Some(1.into())));
        store
            .add_facts(&host, &[("ansible_system", "Linux".into())].into_iter().collect())
            .unwrap();
        assert_eq!(third.state("h").facts.get("system"), Some(&"Linux".into()));
        [&first, &second, &third].into_iter().for_each(|branch| store.take_over(branch));
        assert_eq!((get(&store, "result"), get(&store, "all")), (Some(3.into()), Some(4.into())));
    }
}
