//! Where the names in a template come from.

use std::sync::Arc;

use crate::base::Value;

/// The variables one host sees at one task. Values may be lazy: the evaluator resolves them where they are used.
pub trait Scope: Send + Sync {
    /// Returns the variable of a name.
    fn get(&self, name: &str) -> Option<Value>;

    /// Returns all names, for `vars`, `varnames` and suggestions.
    fn names(&self) -> Vec<Arc<str>>;
}

impl Scope for crate::base::Map {
    fn get(&self, name: &str) -> Option<Value> {
        self.get(name).cloned()
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.keys().filter_map(Value::as_str).map(Arc::from).collect()
    }
}
