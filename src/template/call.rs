//! One call of a filter, a test, a lookup or a function: its arguments, and what it may ask of the evaluator.

use crate::base::{Map, Value};

/// Why a call failed: one sentence, lower case, without the name of the filter.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Reason {
    /// The value or an argument is not what it takes.
    #[error("{0}")]
    Invalid(String),
    /// Something undefined was used; the text is Ansible's (`'x' is undefined`).
    #[error("{0}")]
    Undefined(String),
}

impl Reason {
    /// Returns a failure with a sentence.
    pub fn new(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }
}

/// What a filter, test or lookup may ask of the evaluator that calls it.
pub trait Context {
    /// Applies another filter by name (`map('upper')`).
    fn filter(
        &self,
        name: &str,
        input: Value,
        args: &[Value],
        kwargs: &Map,
    ) -> Result<Value, Reason>;

    /// Applies a test by name (`select('defined')`).
    fn test(&self, name: &str, input: Value, args: &[Value], kwargs: &Map) -> Result<bool, Reason>;

    /// Runs a lookup by name and returns the list it gives.
    fn lookup(&self, name: &str, terms: &[Value], kwargs: &Map) -> Result<Value, Reason>;

    /// Returns an attribute or item as `a.b` does, resolved; an undefined object where there is none.
    fn attribute(&self, value: &Value, name: &Value) -> Result<Value, Reason>;

    /// Returns a variable, resolved; nothing when it is not defined.
    fn variable(&self, name: &str) -> Result<Option<Value>, Reason>;

    /// Returns the names of all variables.
    fn variable_names(&self) -> Vec<std::sync::Arc<str>>;

    /// Resolves everything lazy below a value.
    fn resolve(&self, value: &Value) -> Result<Value, Reason>;

    /// Renders a text as a template with more variables on top (`lookup('template')`, `%{}` of modules never).
    fn render(&self, source: &str, path: &str, more: &Map) -> Result<Value, Reason>;

    /// Encrypts text with the first vault password of the run, or says why it cannot.
    fn encrypt(&self, plain: &str) -> Result<String, String>;

    /// Calls a callable value (a macro, a function).
    fn call(&self, callee: &Value, args: &[Value], kwargs: &Map) -> Result<Value, Reason>;
}

/// One call.
pub struct Call<'a> {
    /// The value on the left of `|` or `is`; null for functions and lookups.
    pub input: Value,
    /// The positional arguments.
    pub args: Vec<Value>,
    /// The keyword arguments.
    pub kwargs: Map,
    /// The evaluator.
    pub cx: &'a dyn Context,
}

/// One row of a table of filters, tests or functions.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Names without a collection, the first being the usual one.
    pub names: &'static [&'static str],
    /// The collection (`ansible.builtin`, `community.general`, …); Jinja2's own count as `ansible.builtin`.
    pub collection: &'static str,
    /// What it does. Tests return a boolean value.
    pub run: fn(&mut Call<'_>) -> Result<Value, Reason>,
    /// Whether an undefined input is passed on instead of being an error (`default`, `defined`, `mandatory`).
    pub undefined: bool,
}

impl Call<'_> {
    /// Returns the argument at a place or of a name.
    pub fn arg(&self, place: usize, name: &str) -> Option<&Value> {
        self.args.get(place).or_else(|| self.kwargs.get(name))
    }

    /// Returns the argument, or says that it is missing.
    pub fn need(&self, place: usize, name: &str) -> Result<&Value, Reason> {
        self.arg(place, name).ok_or_else(|| Reason::new(format!("missing the argument `{name}`")))
    }

    /// Returns the argument as text, `default` when it is not given.
    pub fn text(&self, place: usize, name: &str, default: &str) -> String {
        self.arg(place, name).map_or_else(|| default.to_owned(), ToString::to_string)
    }

    /// Returns the argument's truth, `default` when it is not given.
    pub fn flag(&self, place: usize, name: &str, default: bool) -> bool {
        self.arg(place, name).map_or(default, Value::truth)
    }

    /// Returns the argument as an integer, `default` when it is not given.
    pub fn int(&self, place: usize, name: &str, default: i64) -> Result<i64, Reason> {
        match self.arg(place, name) {
            None => Ok(default),
            Some(value) => {
                value.as_int().or_else(|| value.as_str()?.trim().parse().ok()).ok_or_else(|| {
                    Reason::new(format!("`{name}` must be an integer, not {}", value.repr()))
                })
            }
        }
    }

    /// Returns the input as a list of items, as Python iterates it (keys of a dictionary, characters of text).
    pub fn items(&self) -> Result<Vec<Value>, Reason> {
        items_of(&self.input)
    }
}

/// Returns what Python's `for` would see in a value.
pub fn items_of(value: &Value) -> Result<Vec<Value>, Reason> {
    match value {
        Value::List(list) | Value::Tuple(list) => Ok(list.to_vec()),
        Value::Map(map) => Ok(map.keys().cloned().collect()),
        Value::Text(text) => {
            Ok(text.as_str().chars().map(|c| Value::text(c.to_string())).collect())
        }
        Value::Object(object) => match object.plain() {
            plain @ (Value::List(_) | Value::Tuple(_) | Value::Map(_)) => items_of(&plain),
            _ => Err(Reason::new(format!("'{}' object is not iterable", object.type_name()))),
        },
        other => Err(Reason::new(format!("'{}' object is not iterable", other.type_name()))),
    }
}
