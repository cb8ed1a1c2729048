//! One evaluation: the scope, what was resolved already, and the chain of variables that are being resolved.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::cells::{self, ListCell, MapCell};
use super::{Eval, access};
use crate::base::{Lazy, Map, Position, Value, suggest};
use crate::template::engine::{Compiled, Engine};
use crate::template::undefined::{Missing, is_undefined};
use crate::template::{
    Dynamic, Error, ErrorKind, RenderOptions, Scope, ScopeObject, Undefined, is_omit, stack,
};

/// What one evaluation remembers, whatever scopes it passes through.
#[derive(Default)]
pub(in crate::template) struct Shared {
    memo: RefCell<HashMap<(usize, usize), Memo>>,
    chain: RefCell<Vec<Link>>,
    /// The failure behind the last reason that was given to a filter.
    pub(super) stash: RefCell<Option<Error>>,
    /// How included files are read.
    pub(super) options: Option<RenderOptions>,
    /// The folder of the template file, for what it includes.
    pub(super) folder: Option<std::path::PathBuf>,
}

impl Shared {
    /// Returns the memory for rendering a file in a folder.
    pub(in crate::template) fn for_file(
        options: RenderOptions,
        folder: std::path::PathBuf,
    ) -> Self {
        Self { options: Some(options), folder: Some(folder), ..Self::default() }
    }
}

/// A resolved value; the scope and the text are kept so that their addresses stay theirs.
struct Memo {
    value: Value,
    _scope: Arc<dyn Scope>,
    _lazy: Arc<Lazy>,
}

struct Link {
    key: (usize, usize),
    name: String,
}

/// What a value is wanted for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Use {
    /// To be printed: functions and macros print too.
    Print,
    /// To be kept as the value of a variable or argument.
    Store,
}

/// The evaluator in one scope.
#[derive(Clone, Copy)]
pub(in crate::template) struct Run<'s> {
    pub(super) engine: &'s Engine,
    pub(super) scope: &'s Arc<dyn Scope>,
    pub(super) shared: &'s Shared,
}

impl<'s> Run<'s> {
    pub(in crate::template) fn new(
        engine: &'s Engine,
        scope: &'s Arc<dyn Scope>,
        shared: &'s Shared,
    ) -> Self {
        Self { engine, scope, shared }
    }

    /// Returns the evaluator in another scope.
    pub(super) fn within<'t>(&self, scope: &'t Arc<dyn Scope>) -> Run<'t>
    where
        's: 't,
    {
        Run { engine: self.engine, scope, shared: self.shared }
    }

    /// Returns a variable; what is inside of it may still be lazy.
    pub(super) fn variable(&self, name: &str) -> Result<Option<Value>, Error> {
        match self.scope.get(name) {
            Some(Value::Lazy(lazy)) => self.lazy(&lazy, name).map(Some),
            None if name == "vars" => Ok(Some(ScopeObject::value(Arc::clone(self.scope)))),
            other => Ok(other),
        }
    }

    /// Returns the value itself resolved; what is inside of it may still be lazy.
    pub(in crate::template) fn top(&self, value: Value) -> Result<Value, Error> {
        match value {
            Value::Lazy(lazy) => self.lazy(&lazy, ""),
            other => Ok(other),
        }
    }

    /// Resolves lazy text, once per evaluation. What met something undefined is undefined.
    pub(super) fn lazy(&self, lazy: &Arc<Lazy>, name: &str) -> Result<Value, Error> {
        let key = (Arc::as_ptr(self.scope).cast::<()>() as usize, Arc::as_ptr(lazy) as usize);
        if let Some(memo) = self.shared.memo.borrow().get(&key) {
            return Ok(memo.value.clone());
        }
        self.begin(key, lazy, name)?;
        let result = self.lazy_value(lazy);
        self.shared.chain.borrow_mut().pop();
        let value = match result {
            Ok(value) => match value.as_object::<Undefined>() {
                Some(undefined) if !undefined.is_quiet() => {
                    let error = self.undefined_error(undefined);
                    failed(error, lazy, name)
                }
                _ => value,
            },
            Err(error) if error.kind() == ErrorKind::Undefined => failed(error, lazy, name),
            Err(error) => return Err(through(error, lazy, name)),
        };
        let memo =
            Memo { value: value.clone(), _scope: Arc::clone(self.scope), _lazy: Arc::clone(lazy) };
        self.shared.memo.borrow_mut().insert(key, memo);
        Ok(value)
    }

    /// Notes that a text is being resolved, unless it already is.
    fn begin(&self, key: (usize, usize), lazy: &Lazy, name: &str) -> Result<(), Error> {
        let mut chain = self.shared.chain.borrow_mut();
        if let Some(start) = chain.iter().position(|link| link.key == key) {
            let mut names: Vec<&str> = chain[start..].iter().map(|link| &*link.name).collect();
            names.push(names[0]);
            let message = format!("Recursive loop detected in template: {}", names.join(" → "));
            let mut error = Error::new(ErrorKind::Recursion, message);
            error.0.placed = true;
            error.0.at = lazy.at().clone();
            return Err(error);
        }
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        chain.push(Link { key, name: label(lazy, name) });
        Ok(())
    }

    fn lazy_value(&self, lazy: &Lazy) -> Result<Value, Error> {
        let compiled = self.engine.compiled(lazy);
        match compiled {
            Compiled::Plain(value) => Ok(value.clone()),
            Compiled::Program(program) => Eval::template(*self, program),
            Compiled::Failed(error) => Err(error.clone()),
        }
    }

    /// Resolves everything lazy below a value; what is undefined stays in it.
    pub(super) fn settle(&self, value: Value) -> Result<Value, Error> {
        if value.is_final() {
            return Ok(value);
        }
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        Ok(match value {
            Value::Lazy(lazy) => {
                let value = self.lazy(&lazy, "")?;
                if matches!(value, Value::Lazy(_)) { value } else { self.settle(value)? }
            }
            Value::List(list) => Value::List(Arc::new(self.settle_items(&list)?.into())),
            Value::Tuple(list) => Value::Tuple(Arc::new(self.settle_items(&list)?.into())),
            Value::Map(map) => {
                let mut out = Map::new();
                for (key, item) in map.iter() {
                    out.insert(key.clone(), self.settle(item.clone())?);
                }
                out.into()
            }
            cell if is_cell(&cell) => self.settle(cells::freeze(&cell))?,
            other => other,
        })
    }

    fn settle_items(&self, items: &[Value]) -> Result<Vec<Value>, Error> {
        items.iter().map(|item| self.settle(item.clone())).collect()
    }

    /// Returns the value as it leaves the template: resolved, without tuples, cells and `omit`, nothing undefined in it.
    pub(super) fn finalize(&self, value: &Value, usage: Use) -> Result<Value, Error> {
        if is_plain(value) {
            return Ok(value.clone());
        }
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        Ok(match value {
            Value::Lazy(lazy) => self.finalize(&self.lazy(lazy, "")?, usage)?,
            Value::List(list) | Value::Tuple(list) => {
                let mut items = Vec::with_capacity(list.len());
                for item in list.iter() {
                    let item = self.finalize(item, usage)?;
                    if !is_omit(&item) {
                        items.push(item);
                    }
                }
                Value::list(items)
            }
            Value::Map(map) => {
                let mut out = Map::new();
                for (key, item) in map.iter() {
                    let item = self.finalize(item, usage)?;
                    if !is_omit(&item) {
                        out.insert(key.clone(), item);
                    }
                }
                out.into()
            }
            Value::Object(_) => self.finalize_object(value, usage)?,
            other => other.clone(),
        })
    }

    fn finalize_object(&self, value: &Value, usage: Use) -> Result<Value, Error> {
        if let Some(undefined) = value.as_object::<Undefined>() {
            return Err(self.undefined_error(undefined));
        }
        if is_cell(value) {
            return self.finalize(&cells::freeze(value), usage);
        }
        if let Some(map) = self.unfold(value)? {
            return self.finalize(&map, usage);
        }
        if usage == Use::Store && access::is_internal(value) {
            return Err(access::unsupported(value));
        }
        // What is a list or a dictionary with more to it leaves as that.
        match value {
            Value::Object(object) => match object.plain() {
                plain @ (Value::List(_) | Value::Tuple(_) | Value::Map(_)) => {
                    self.finalize(&plain, usage)
                }
                _ => Ok(value.clone()),
            },
            other => Ok(other.clone()),
        }
    }

    /// Returns the value as it leaves the folder.
    pub(in crate::template) fn resolved(&self, value: &Value) -> Result<Value, Error> {
        self.finalize(value, Use::Store)
    }

    /// Returns a dictionary made on demand as a plain one, nothing of other values. The hosts in `hostvars` stay what
    /// they are; of the variables of a host, what cannot be resolved stays as it is written.
    pub(super) fn unfold(&self, value: &Value) -> Result<Option<Value>, Error> {
        if let Some(object) = value.as_object::<ScopeObject>() {
            let inner = self.within(object.scope());
            let mut out = Map::new();
            for name in object.scope().names() {
                match object.scope().get(&name) {
                    // A host's variables are also among its variables.
                    None | Some(Value::Object(_)) => {}
                    Some(found) => {
                        out.insert(name, inner.settle_or_source(&found)?);
                    }
                }
            }
            return Ok(Some(out.into()));
        }
        let Some(dynamic) = value.as_object::<Dynamic>() else { return Ok(None) };
        let mut out = Map::new();
        for key in dynamic.mapping().keys() {
            if let Some(item) = dynamic.mapping().get(&key) {
                out.insert(key, self.top(item)?);
            }
        }
        Ok(Some(out.into()))
    }

    /// Resolves everything below a value; what is undefined or fails stays as it is written.
    fn settle_or_source(&self, value: &Value) -> Result<Value, Error> {
        if value.is_final() {
            return Ok(value.clone());
        }
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        Ok(match value {
            Value::Lazy(lazy) => match self.lazy(lazy, "") {
                Ok(found) if !is_undefined(&found) => self.settle_or_source(&found)?,
                _ => Value::text(Arc::clone(lazy.source())),
            },
            Value::List(list) => {
                let items = list.iter().map(|item| self.settle_or_source(item));
                Value::List(Arc::new(items.collect::<Result<Vec<_>, _>>()?.into()))
            }
            Value::Map(map) => {
                let mut out = Map::new();
                for (key, item) in map.iter() {
                    out.insert(key.clone(), self.settle_or_source(item)?);
                }
                out.into()
            }
            other if is_undefined(other) => Value::text(""),
            other => self.settle(other.clone())?,
        })
    }

    /// Returns what the use of something undefined says.
    pub(super) fn undefined_error(&self, undefined: &Undefined) -> Error {
        let error = match &undefined.missing {
            Missing::Failed(error) => return error.clone(),
            Missing::Name(name) => {
                let mut error = Error::new(ErrorKind::Undefined, undefined.hint());
                error.0.name = Some(name.to_string());
                let names = self.scope.names();
                match suggest::closest(name, names.iter().map(|name| &**name)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                }
            }
            _ => Error::new(ErrorKind::Undefined, undefined.hint()),
        };
        match &undefined.place {
            Some(place) => error.placed(place),
            None => error,
        }
    }

    /// Refuses a value that is undefined, or holds something that is.
    pub(super) fn all_defined(&self, value: &Value) -> Result<(), Error> {
        match value {
            Value::List(list) | Value::Tuple(list) => {
                list.iter().try_for_each(|item| self.all_defined(item))
            }
            Value::Map(map) => map.values().try_for_each(|item| self.all_defined(item)),
            Value::Object(_) => self.defined(value.clone()).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Returns the value, or what its use says when it is undefined.
    pub(super) fn defined(&self, value: Value) -> Result<Value, Error> {
        match value.as_object::<Undefined>() {
            Some(undefined) => Err(self.undefined_error(undefined)),
            None => Ok(value),
        }
    }
}

/// Returns the failure of text nested too deeply.
pub(super) fn too_deep() -> Error {
    Error::new(ErrorKind::Recursion, "Recursive loop detected in template: it is nested too deeply")
}

/// Returns whether a value is a list or dictionary that changes.
pub(super) fn is_cell(value: &Value) -> bool {
    value.as_object::<ListCell>().is_some() || value.as_object::<MapCell>().is_some()
}

/// Returns whether a value is data as it is: nothing to resolve, no tuple, no object.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Tuple(_) | Value::Object(_) | Value::Lazy(_) => false,
        Value::List(list) => list.iter().all(is_plain),
        Value::Map(map) => map.values().all(is_plain),
        _ => true,
    }
}

fn failed(error: Error, lazy: &Lazy, name: &str) -> Value {
    Undefined::value(Missing::Failed(through(error, lazy, name)), None)
}

fn through(mut error: Error, lazy: &Lazy, name: &str) -> Error {
    if !name.is_empty() {
        let at: Position = lazy.at().clone();
        error.0.through.push((name.to_owned(), at));
    }
    error
}

/// Returns what a text is called in a chain: its variable, else how it begins.
fn label(lazy: &Lazy, name: &str) -> String {
    if !name.is_empty() {
        return name.to_owned();
    }
    let line = lazy.source().lines().next().unwrap_or_default();
    let short: String = line.chars().take(40).collect();
    if short.len() < lazy.source().len() { format!("{short}…") } else { short }
}
