//! Objects that live inside a template only: methods, functions, namespaces, cyclers, joiners, imported templates.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Module;
use super::cells::thaw;
use super::globals::Function;
use crate::base::{Map, Object, Value};

/// A method of a value, not called yet.
#[derive(Debug)]
pub(super) struct BoundMethod {
    base: Value,
    name: String,
}

impl BoundMethod {
    pub(super) fn value(base: Value, name: &str) -> Value {
        Value::Object(Arc::new(Self { base, name: name.to_owned() }))
    }

    pub(super) fn base(&self) -> &Value {
        &self.base
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Object for BoundMethod {
    fn type_name(&self) -> &'static str {
        "method"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(format!("<method '{}' of '{}' objects>", self.name, self.base.type_name()))
    }
}

thread_local! {
    /// The namespaces that are being written: one may hold itself.
    static SHOWN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A `namespace()`: the one thing whose attributes a loop can set for good.
#[derive(Debug, Default)]
pub(super) struct Namespace(Mutex<Map>);

impl Namespace {
    pub(super) fn value(map: Map) -> Value {
        Value::Object(Arc::new(Self(Mutex::new(map))))
    }

    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Returns the value as a cell, the same one each time.
    pub(super) fn thawed(&self, name: &str) -> Option<Value> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = map.get(name)?.clone();
        if !matches!(value, Value::List(_) | Value::Map(_)) {
            return Some(value);
        }
        let value = thaw(value);
        map.insert(name, value.clone());
        Some(value)
    }

    pub(super) fn set(&self, name: &str, value: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, value);
    }
}

impl Object for Namespace {
    fn type_name(&self) -> &'static str {
        "Namespace"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        let own = std::ptr::from_ref(self) as usize;
        if SHOWN.with_borrow(|shown| shown.contains(&own)) {
            return Value::text("<Namespace {...}>");
        }
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        SHOWN.with_borrow_mut(|shown| shown.push(own));
        let text = format!("<Namespace {}>", Value::from(map));
        SHOWN.with_borrow_mut(Vec::pop);
        Value::text(text)
    }
}

/// A function of the language.
#[derive(Debug)]
pub(super) struct Callable(pub(super) Function);

impl Object for Callable {
    fn type_name(&self) -> &'static str {
        "function"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(format!("<function {}>", self.0.name()))
    }
}

/// A `cycler(…)`.
#[derive(Debug)]
pub(super) struct Cycler {
    items: Vec<Value>,
    place: Mutex<usize>,
}

impl Cycler {
    pub(super) fn value(items: Vec<Value>) -> Value {
        Value::Object(Arc::new(Self { items, place: Mutex::new(0) }))
    }

    pub(super) fn current(&self) -> Value {
        let place = *self.place.lock().unwrap_or_else(PoisonError::into_inner);
        self.items.get(place).cloned().unwrap_or_default()
    }

    pub(super) fn next(&self) -> Value {
        let current = self.current();
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        *place = (*place + 1) % self.items.len().max(1);
        current
    }

    pub(super) fn reset(&self) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = 0;
    }
}

impl Object for Cycler {
    fn type_name(&self) -> &'static str {
        "Cycler"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A `joiner(…)`: nothing at the first call, its text at the later ones.
#[derive(Debug)]
pub(super) struct Joiner {
    between: Value,
    used: Mutex<bool>,
}

impl Joiner {
    pub(super) fn value(between: Value) -> Value {
        Value::Object(Arc::new(Self { between, used: Mutex::new(false) }))
    }

    pub(super) fn next(&self) -> Value {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *used, true) { self.between.clone() } else { Value::text("") }
    }
}

impl Object for Joiner {
    fn type_name(&self) -> &'static str {
        "Joiner"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A template that was imported under a name.
pub(super) struct Imported {
    module: Arc<Module>,
    name: String,
}

impl Imported {
    pub(super) fn value(module: Arc<Module>, name: String) -> Value {
        Value::Object(Arc::new(Self { module, name }))
    }

    pub(super) fn module(&self) -> &Arc<Module> {
        &self.module
    }
}

impl fmt::Debug for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Imported({})", self.name)
    }
}

impl Object for Imported {
    fn type_name(&self) -> &'static str {
        "TemplateModule"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(format!("<TemplateModule '{}'>", self.name))
    }
}

/// Returns whether a value is of use inside a template only.
pub(super) fn is_internal(value: &Value) -> bool {
    value.as_object::<BoundMethod>().is_some()
        || value.as_object::<Callable>().is_some()
        || value.as_object::<Namespace>().is_some()
        || value.as_object::<Cycler>().is_some()
        || value.as_object::<Joiner>().is_some()
        || value.as_object::<Imported>().is_some()
}
