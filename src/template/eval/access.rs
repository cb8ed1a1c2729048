//! Attributes and items, in Jinja2's order: `a.b` prefers the attribute, `a['b']` the item.

use super::cells::{ListCell, MapCell};
use super::objects::{self, BoundMethod, Cycler, Namespace};
use super::run::Run;
use super::{Module, loops, macros};
use crate::base::Value;
use crate::template::{Dynamic, Error, Reason, ScopeObject, group, methods, moment};

/// Returns `base.name`; nothing where there is no such thing.
pub(super) fn attribute(run: &Run<'_>, base: &Value, name: &str) -> Result<Option<Value>, Error> {
    if let Value::Object(_) = base
        && let Some(found) = of_object(run, base, name)?
    {
        return Ok(Some(found));
    }
    if methods::exists(base, name) {
        return Ok(Some(BoundMethod::value(base.clone(), name)));
    }
    match base {
        Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) => {
            Ok(methods::number::field(base, name))
        }
        Value::Map(map) => map.get(name).cloned().map(|value| run.top(value)).transpose(),
        _ => Ok(None),
    }
}

/// Returns `base[key]`; nothing where there is no such thing.
pub(super) fn item(run: &Run<'_>, base: &Value, key: &Value) -> Result<Option<Value>, Error> {
    let found = match base {
        Value::Map(map) => match key {
            Value::Text(name) => map.get(name.as_str()).cloned(),
            key if hashable(key).is_ok() => map.get_value(key).cloned(),
            _ => None,
        },
        Value::List(list) | Value::Tuple(list) => {
            place(key, list.len()).and_then(|index| list.get(index).cloned())
        }
        Value::Text(text) => {
            let chars = text.as_str();
            let picked = if chars.is_ascii() {
                place(key, chars.len()).and_then(|index| chars.get(index..=index).map(Value::text))
            } else {
                let all: Vec<char> = chars.chars().collect();
                place(key, all.len()).map(|index| Value::text(all[index].to_string()))
            };
            picked.map(|one| if text.is_secret() { one.into_secret() } else { one })
        }
        Value::Bytes(bytes) => {
            place(key, bytes.len()).map(|index| Value::Int(i64::from(bytes[index])))
        }
        Value::Object(_) => return item_of_object(run, base, key),
        _ => None,
    };
    match (found, key) {
        (Some(value), _) => run.top(value).map(Some),
        (None, Value::Text(name)) => attribute(run, base, name.as_str()),
        (None, _) => Ok(None),
    }
}

/// Returns the index that a key stands for in a sequence of that length.
fn place(key: &Value, length: usize) -> Option<usize> {
    let index = key.as_int()?;
    let index = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < length)
}

fn of_object(run: &Run<'_>, base: &Value, name: &str) -> Result<Option<Value>, Error> {
    if let Some(cell) = base.as_object::<MapCell>() {
        if methods::exists(base, name) {
            return Ok(None);
        }
        return cell.value(&Value::text(name)).map(|value| run.top(value)).transpose();
    }
    if base.as_object::<ScopeObject>().is_some() || base.as_object::<Dynamic>().is_some() {
        if methods::exists(base, name) {
            return Ok(None);
        }
        return entry(run, base, name);
    }
    if let Some(namespace) = base.as_object::<Namespace>() {
        return Ok(namespace.get(name));
    }
    if let Some(group) = base.as_object::<group::Group>() {
        return Ok(group.attribute(name));
    }
    if let Some(found) = loops::field(base, name).or_else(|| macros::field(base, name)) {
        return Ok(Some(found));
    }
    if let Some(module) = base.as_object::<objects::Imported>() {
        if name.starts_with('_') {
            return Ok(None);
        }
        return Ok(Module::get(module.module(), name));
    }
    if let Some(cycler) = base.as_object::<Cycler>() {
        return Ok((name == "current").then(|| cycler.current()));
    }
    Ok(moment::field(base, name))
}

fn item_of_object(run: &Run<'_>, base: &Value, key: &Value) -> Result<Option<Value>, Error> {
    if let Some(cell) = base.as_object::<ListCell>() {
        let length = cell.items().len();
        return match place(key, length).and_then(|index| cell.item(index)) {
            Some(value) => run.top(value).map(Some),
            None => Ok(None),
        };
    }
    if let Some(cell) = base.as_object::<MapCell>() {
        if hashable(key).is_err() {
            return Ok(None);
        }
        if let Some(value) = cell.value(key) {
            return run.top(value).map(Some);
        }
    }
    if let Value::Text(name) = key {
        if let Some(found) = entry(run, base, name.as_str())? {
            return Ok(Some(found));
        }
        return attribute(run, base, name.as_str());
    }
    let Value::Object(object) = base else { return Ok(None) };
    match object.plain() {
        plain @ (Value::List(_) | Value::Tuple(_) | Value::Map(_)) => item(run, &plain, key),
        _ => Ok(None),
    }
}

/// Returns an entry of a dictionary made on demand, resolved where it belongs.
pub(super) fn entry(run: &Run<'_>, base: &Value, name: &str) -> Result<Option<Value>, Error> {
    if let Some(object) = base.as_object::<ScopeObject>() {
        let inner = run.within(object.scope());
        return match inner.variable(name)? {
            Some(value) => inner.settle(value).map(Some),
            None => Ok(None),
        };
    }
    if let Some(dynamic) = base.as_object::<Dynamic>() {
        return dynamic.mapping().get(name).map(|value| run.top(value)).transpose();
    }
    Ok(None)
}

/// Refuses what cannot be a key.
pub(in crate::template) fn hashable(key: &Value) -> Result<(), Reason> {
    let unhashable = match key {
        Value::List(_) | Value::Map(_) => true,
        Value::Object(_) => super::run::is_cell(key),
        Value::Tuple(items) => return items.iter().try_for_each(hashable),
        _ => false,
    };
    if unhashable {
        Err(Reason::new(format!("unhashable type: '{}'", key.type_name())))
    } else {
        Ok(())
    }
}

/// Returns a cell as a plain container whose content is still shared.
pub(super) fn shallow(cell: &Value) -> Value {
    if let Some(list) = cell.as_object::<ListCell>() {
        return Value::list(list.thawed());
    }
    match cell.as_object::<MapCell>() {
        Some(map) => Value::map(map.thawed()),
        None => cell.clone(),
    }
}

/// Returns whether a value is of use inside a template only.
pub(super) fn is_internal(value: &Value) -> bool {
    objects::is_internal(value) || loops::is_loop(value) || macros::is_macro(value)
}

/// Returns the failure of a template whose value is not data.
pub(super) fn unsupported(value: &Value) -> Error {
    let error = Error::invalid(format!(
        "a template gave a {}, which cannot be the value of a variable",
        value.type_name()
    ));
    match value.as_object::<BoundMethod>() {
        Some(method) => {
            let (name, is_map) = (method.name(), method.base().as_map().is_some());
            let error = error.hint(format!("call it: `.{name}()`"));
            if is_map { error.hint(format!("or name the key: `['{name}']`")) } else { error }
        }
        None => error,
    }
}
