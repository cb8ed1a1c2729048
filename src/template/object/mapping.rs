//! Dictionaries made on demand: `hostvars`, and the variables of one host seen as a dictionary.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::base::{Flags, Map, Object, Value};
use crate::template::Scope;

/// A dictionary whose values are made when they are asked for, as `hostvars` is.
pub trait Mapping: Send + Sync {
    /// Returns the value of a key, possibly lazy; lazy ones are resolved in the scope of the template that asks, so a
    /// value that belongs to another host is a [`ScopeObject`].
    fn get(&self, key: &str) -> Option<Value>;

    /// Returns all keys in order.
    fn keys(&self) -> Vec<Arc<str>>;

    /// Returns Python's name of the type, for messages.
    fn type_name(&self) -> &'static str {
        "HostVars"
    }
}

/// A value that is such a dictionary.
pub struct Dynamic(Arc<dyn Mapping>);

impl Dynamic {
    /// Returns the value for a dictionary.
    pub fn value(mapping: Arc<dyn Mapping>) -> Value {
        Value::Object(Arc::new(Self(mapping)))
    }

    /// Returns the dictionary.
    pub fn mapping(&self) -> &Arc<dyn Mapping> {
        &self.0
    }
}

impl fmt::Debug for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dynamic({} keys)", self.0.keys().len())
    }
}

impl Object for Dynamic {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn flags(&self) -> Flags {
        Flags::NONE
    }

    fn truth(&self) -> bool {
        !self.0.keys().is_empty()
    }

    fn plain(&self) -> Value {
        let pairs = self.0.keys().into_iter().filter_map(|key| {
            let value = self.0.get(&key)?;
            Some((key, if let Value::Object(object) = value { object.plain() } else { value }))
        });
        Value::from(pairs.collect::<Map>())
    }
}

/// The variables of one scope, seen as a dictionary: `hostvars['h']`, `vars`. What is taken out of it is resolved in
/// that scope, not in the one of the template that asks.
pub struct ScopeObject(Arc<dyn Scope>);

impl ScopeObject {
    /// Returns the value for a scope.
    pub fn value(scope: Arc<dyn Scope>) -> Value {
        Value::Object(Arc::new(Self(scope)))
    }

    /// Returns the scope.
    pub fn scope(&self) -> &Arc<dyn Scope> {
        &self.0
    }
}

impl fmt::Debug for ScopeObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeObject({} names)", self.0.names().len())
    }
}

impl Object for ScopeObject {
    fn type_name(&self) -> &'static str {
        "HostVarsVars"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        let pairs = self.0.names().into_iter().filter_map(|name| {
            let value = self.0.get(&name)?;
            // The scope itself may be one of its variables (`vars`, `hostvars`): those are left out.
            (!matches!(value, Value::Object(_))).then_some((name, value))
        });
        Value::from(pairs.collect::<Map>())
    }
}
