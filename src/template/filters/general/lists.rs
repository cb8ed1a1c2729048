//! Lists and dictionaries: `counter`, `dict`, `lists_*`, `version_sort`.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::filters::{LIST_MERGES, ListMerge, Merge, merged};
use crate::template::text::order;
use crate::template::text::version::{self, Rules};
use crate::template::undefined::is_undefined;
use crate::template::{Call, Reason, call};

pub(super) fn accumulate(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let mut out: Vec<Value> = Vec::new();
    for item in call.items()? {
        let next = match (out.last(), &item) {
            (None, _) => item,
            (Some(Value::Text(total)), Value::Text(text)) => {
                format!("{}{}", total.as_str(), text.as_str()).into()
            }
            (Some(total), _) => order::add(total, &item)?,
        };
        out.push(next);
    }
    Ok(Value::list(out))
}

pub(super) fn counter(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let mut out = Map::new();
    for item in call.items()? {
        if matches!(item, Value::List(_) | Value::Map(_)) {
            return Err(Reason::new(format!("cannot count {}", described(&item))));
        }
        let count = out.get_value(&item).and_then(Value::as_int).unwrap_or(0);
        out.insert(item, Value::Int(count + 1));
    }
    Ok(out.into())
}

/// Returns the dictionary of a list of pairs.
pub(super) fn dict(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let mut out = Map::new();
    for item in call.items()? {
        match &call::items_of(&item)?[..] {
            [key, value] => out.insert(key.clone(), value.clone()),
            _ => {
                return Err(Reason::new(format!(
                    "needs pairs, found {} in the list",
                    described(&item)
                )));
            }
        };
    }
    Ok(out.into())
}

pub(super) fn dict_kv(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["key"])?;
    let key = call.need(0, "key")?.clone();
    Ok(Value::map([(key, call.input.clone())]))
}

pub(super) fn groupby_as_dict(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["attribute"])?;
    let attribute = call.need(0, "attribute")?.clone();
    let mut out = Map::new();
    for item in call.input_list()? {
        let found = plain_map(&item).and_then(|map| map.get_value(&attribute).cloned());
        let key = found.filter(|key| !is_undefined(key)).ok_or_else(|| {
            Reason::new(format!(
                "the attribute {} is missing in {}",
                attribute.repr(),
                described(&item)
            ))
        })?;
        if out.insert(key.clone(), item).is_some() {
            return Err(Reason::new(format!(
                "Multiple sequence entries have attribute value {}",
                key.repr()
            )));
        }
    }
    Ok(out.into())
}

/// Returns the lists that a `lists_*` filter works on: input and arguments, opened once with `flatten`.
fn lists(call: &Call<'_>) -> Result<Vec<Vec<Value>>, Reason> {
    if let Some(name) = call.kwargs.keys().find(|name| name.as_str() != Some("flatten")) {
        return Err(Reason::new(format!("unknown argument `{name}`; it takes `flatten`")));
    }
    let all: Vec<&Value> = std::iter::once(&call.input).chain(&call.args).collect();
    let list = |value: &Value| {
        let items = value.as_list().map(|list| list.to_vec());
        items.ok_or_else(|| Reason::new(format!("needs lists, got {}", described(value))))
    };
    if !call.kwargs.get("flatten").is_some_and(Value::truth) {
        return all.into_iter().map(list).collect();
    }
    let mut out = Vec::new();
    for value in all {
        let items = list(value)?;
        if items.iter().all(|item| item.as_list().is_some()) {
            out.extend(items.iter().map(list).collect::<Result<Vec<_>, _>>()?);
        } else {
            out.push(items);
        }
    }
    Ok(out)
}

fn distinct(items: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for item in items {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

fn folded(
    call: &Call<'_>,
    join: impl Fn(Vec<Value>, Vec<Value>) -> Vec<Value>,
) -> Result<Value, Reason> {
    let joined = lists(call)?.into_iter().reduce(join).unwrap_or_default();
    Ok(Value::list(distinct(joined)))
}

pub(super) fn lists_union(call: &mut Call<'_>) -> Result<Value, Reason> {
    folded(call, |a, b| a.into_iter().chain(b).collect())
}

pub(super) fn lists_intersect(call: &mut Call<'_>) -> Result<Value, Reason> {
    folded(call, |a, b| a.into_iter().filter(|item| b.contains(item)).collect())
}

pub(super) fn lists_difference(call: &mut Call<'_>) -> Result<Value, Reason> {
    folded(call, |a, b| a.into_iter().filter(|item| !b.contains(item)).collect())
}

pub(super) fn lists_symmetric_difference(call: &mut Call<'_>) -> Result<Value, Reason> {
    folded(call, |a, b| {
        let only_b: Vec<Value> = b.iter().filter(|item| !a.contains(item)).cloned().collect();
        a.into_iter().filter(|item| !b.contains(item)).chain(only_b).collect()
    })
}

/// Joins lists of dictionaries: those with the same value of a key become one. Sorted by that key.
pub(super) fn lists_mergeby(call: &mut Call<'_>) -> Result<Value, Reason> {
    let merge = Merge {
        recursive: call.kwargs.remove("recursive").is_some_and(|value| value.truth()),
        lists: call.choice(usize::MAX, "list_merge", ListMerge::Replace, &LIST_MERGES)?,
    };
    call.kwargs.remove("list_merge");
    let index = match call.kwargs.remove("index") {
        Some(index) => index,
        None => call.args.pop().ok_or_else(|| Reason::new("missing the argument `index`"))?,
    };
    if !matches!(index, Value::Text(_)) {
        return Err(Reason::new(format!("`index` must be text, not {}", described(&index))));
    }
    call.kwargs.insert("flatten", true.into());
    let mut found: Vec<(Value, Arc<Map>)> = Vec::new();
    for item in lists(call)?.into_iter().flatten() {
        let map = plain_map(&item).ok_or_else(|| {
            Reason::new(format!("needs lists of dictionaries, found {} in one", described(&item)))
        })?;
        let Some(key) = map.get_value(&index).cloned() else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = merged(known, &map, merge),
            None => found.push((key, map)),
        }
    }
    let keyed = found.into_iter().map(|(key, map)| (key, Value::Map(map))).collect();
    order::sort_by_key(keyed, false).map(Value::list)
}

pub(super) fn version_sort(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["reverse"])?;
    let reverse = call.flag(0, "reverse", false);
    let mut items = call.items()?;
    let mut failed = None;
    items.sort_by(|a, b| {
        let order = version::compare(&a.to_string(), &b.to_string(), Rules::Loose).unwrap_or_else(
            |reason| {
                failed.get_or_insert(reason);
                std::cmp::Ordering::Equal
            },
        );
        if reverse { order.reverse() } else { order }
    });
    match failed {
        Some(reason) => Err(reason),
        None => Ok(Value::list(items)),
    }
}
