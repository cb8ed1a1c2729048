//! Dictionaries: `combine`, `dict2items`, `items2dict`, `items`.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

use super::lists::flatten_into;

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["combine"], combine),
    builtin(&["dict2items"], dict2items),
    builtin(&["items"], items),
    builtin(&["items2dict"], items2dict),
];

/// What becomes of two lists under the same key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum ListMerge {
    /// The later one stays.
    Replace,
    /// The earlier one stays.
    Keep,
    /// The later one follows the earlier one.
    Append,
    /// The later one comes first.
    Prepend,
    /// As append, without items of the earlier one that the later one has too.
    AppendUnique,
    /// As prepend, without items of the earlier one that the later one has too.
    PrependUnique,
}

/// How dictionaries are merged.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Merge {
    /// Whether dictionaries inside of them are merged too.
    pub(in crate::template) recursive: bool,
    /// What becomes of lists.
    pub(in crate::template) lists: ListMerge,
}

/// The ways by the words that arguments use.
pub(in crate::template) const LIST_MERGES: [(&str, ListMerge); 6] = [
    ("append", ListMerge::Append),
    ("append_rp", ListMerge::AppendUnique),
    ("keep", ListMerge::Keep),
    ("prepend", ListMerge::Prepend),
    ("prepend_rp", ListMerge::PrependUnique),
    ("replace", ListMerge::Replace),
];

fn combine(call: &mut Call<'_>) -> Result<Value, Reason> {
    let terms = std::mem::take(&mut call.args);
    let known = |key: &Value| matches!(key.as_str(), Some("recursive" | "list_merge"));
    if !call.kwargs.keys().all(known) {
        let what = "'recursive' and 'list_merge' are the only valid keyword arguments";
        return Err(Reason::new(what));
    }
    let merge = Merge {
        recursive: call.flag(0, "recursive", false),
        lists: call.choice(1, "list_merge", ListMerge::Replace, &LIST_MERGES)?,
    };
    let mut all = vec![call.input.clone()];
    all.extend(terms);
    let mut flat = Vec::new();
    flatten_into(&all, Some(1), true, &mut flat);
    let mut result = Arc::new(Map::new());
    for term in &flat {
        let map = plain_map(term).ok_or_else(|| {
            Reason::new(format!(
                "failed to combine variables, expected dicts but got {}",
                described(term)
            ))
        })?;
        result = merged(&result, &map, merge);
    }
    Ok(Value::Map(result))
}

/// Returns both dictionaries as one; the second one wins.
pub(in crate::template) fn merged(a: &Arc<Map>, b: &Arc<Map>, merge: Merge) -> Arc<Map> {
    if a.is_empty() || a == b {
        return Arc::clone(b);
    }
    let mut out = Map::clone(a);
    for (key, value) in b.iter() {
        let both = match (out.get_value(key), value) {
            (Some(Value::Map(x)), Value::Map(y)) if merge.recursive => {
                Value::Map(merged(x, y, merge))
            }
            (Some(Value::List(x)), Value::List(y)) => merged_lists(x, y, merge.lists),
            _ => value.clone(),
        };
        out.insert(key.clone(), both);
    }
    Arc::new(out)
}

fn merged_lists(a: &[Value], b: &[Value], merge: ListMerge) -> Value {
    let fresh = || a.iter().filter(|item| !b.contains(item));
    match merge {
        ListMerge::Replace => Value::list(b.iter().cloned()),
        ListMerge::Keep => Value::list(a.iter().cloned()),
        ListMerge::Append => Value::list(a.iter().chain(b).cloned()),
        ListMerge::Prepend => Value::list(b.iter().chain(a).cloned()),
        ListMerge::AppendUnique => Value::list(fresh().chain(b).cloned()),
        ListMerge::PrependUnique => Value::list(b.iter().chain(fresh()).cloned()),
    }
}

fn dict2items(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["key_name", "value_name"])?;
    let (key_name, value_name) =
        (call.text(0, "key_name", "key"), call.text(1, "value_name", "value"));
    let map = plain_map(&call.input).ok_or_else(|| {
        Reason::new(format!("dict2items requires a dictionary, got {}", described(&call.input)))
    })?;
    Ok(Value::list(map.iter().map(|(key, value)| {
        Value::map([(key_name.as_str(), key.clone()), (value_name.as_str(), value.clone())])
    })))
}

fn items2dict(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["key_name", "value_name"])?;
    let (key_name, value_name) =
        (call.text(0, "key_name", "key"), call.text(1, "value_name", "value"));
    let mut out = Map::new();
    let items = call.input.as_list().ok_or_else(|| {
        Reason::new(format!("items2dict requires a list, got {}", described(&call.input)))
    })?;
    for item in items.iter() {
        let map = plain_map(item).ok_or_else(|| {
            let item = described(item);
            Reason::new(format!("items2dict requires a list of dictionaries, found {item} in it"))
        })?;
        let part = |name: &str| {
            map.get(name).cloned().ok_or_else(|| {
                let item = described(item);
                Reason::new(format!(
                    "items2dict requires each dictionary in the list to contain the keys '{key_name}' and '{value_name}', got {item}"
                ))
            })
        };
        out.insert(part(&key_name)?, part(&value_name)?);
    }
    Ok(out.into())
}

fn items(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let map = plain_map(&call.input)
        .ok_or_else(|| Reason::new("Can only get item pairs from a mapping."))?;
    Ok(Value::list(map.iter().map(|(key, value)| Value::list([key.clone(), value.clone()]))))
}
