//! `subelements` and `rekey_on_member`: lists inside of dictionaries.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::builtin;
use crate::template::undefined::is_undefined;
use crate::template::{Call, Context, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[builtin(&["rekey_on_member"], rekey_on_member), builtin(&["subelements"], subelements)];

fn subelements(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["subelements", "skip_missing"])?;
    let key = call.need(0, "subelements")?;
    subelements_of(call.cx, &call.input, key, call.flag(1, "skip_missing", false))
}

/// Returns a pair of each element and each item of its sub-list. `key` is a path (`'a.b'`) or a list of keys.
pub(in crate::template) fn subelements_of(
    cx: &dyn Context,
    subject: &Value,
    key: &Value,
    skip_missing: bool,
) -> Result<Value, Reason> {
    let elements = match plain_map(subject) {
        Some(map) => map.values().cloned().collect(),
        None => subject.as_list().map(|list| list.to_vec()).ok_or_else(|| {
            Reason::new(format!(
                "obj must be a list of dicts or a nested dict, not {}",
                described(subject)
            ))
        })?,
    };
    let keys: Vec<Value> = match key {
        Value::Text(path) => path.as_str().split('.').map(Value::from).collect(),
        Value::List(keys) | Value::Tuple(keys) => keys.to_vec(),
        other => {
            return Err(Reason::new(format!(
                "subelements must be a list or a string, not {}",
                described(other)
            )));
        }
    };
    let mut out = Vec::new();
    for element in &elements {
        // With `skip_missing`, elements that a condition of the author's left out may say so themselves.
        if skip_missing && element.get("skipped").is_some_and(Value::truth) {
            continue;
        }
        for item in sub_list(cx, element, &keys, skip_missing)? {
            out.push(Value::Tuple(Arc::new(vec![element.clone(), item].into())));
        }
    }
    Ok(Value::list(out))
}

fn sub_list(
    cx: &dyn Context,
    element: &Value,
    keys: &[Value],
    skip_missing: bool,
) -> Result<Vec<Value>, Reason> {
    let mut value = element.clone();
    for key in keys {
        if plain_map(&value).is_none() {
            return Err(Reason::new(format!(
                "the key '{key}' should point to a dictionary, got {}",
                described(&value)
            )));
        }
        let next = cx.attribute(&value, key)?;
        if is_undefined(&next) {
            if skip_missing {
                return Ok(Vec::new());
            }
            return Err(Reason::new(format!(
                "could not find '{key}' key in iterated item {}",
                described(&value)
            )));
        }
        value = next;
    }
    match &value {
        Value::List(items) | Value::Tuple(items) => Ok(items.to_vec()),
        other => {
            let path: Vec<String> = keys.iter().map(ToString::to_string).collect();
            Err(Reason::new(format!(
                "the key '{}' should point to a list, got {}",
                path.join("."),
                described(other)
            )))
        }
    }
}

/// Returns the dictionaries under the value that each has for a key.
fn rekey_on_member(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["key", "duplicates"])?;
    let key = call.need(0, "key")?.clone();
    let overwrite =
        call.choice(1, "duplicates", false, &[("error", false), ("overwrite", true)])?;
    let elements = match plain_map(&call.input) {
        Some(map) => map.values().cloned().collect(),
        None => call.input_list()?,
    };
    let mut out = Map::new();
    for element in elements {
        let map = plain_map(&element).ok_or_else(|| {
            Reason::new(format!(
                "needs a list of dictionaries, found {} in it",
                described(&element)
            ))
        })?;
        let name = map.get_value(&key).ok_or_else(|| {
            Reason::new(format!("the key '{key}' is missing in {}", described(&element)))
        })?;
        if out.insert(name.clone(), element.clone()).is_some() && !overwrite {
            return Err(Reason::new(format!(
                "the key '{name}' is not unique; `duplicates='overwrite'` keeps the last"
            )));
        }
    }
    Ok(out.into())
}
