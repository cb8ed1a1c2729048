//! Lookups over data: `items`, `dict`, `nested`, `together`, `subelements`, `sequence` and the like.

use std::sync::Arc;

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::filters::subelements_of;
use crate::template::table::{builtin, from_collection};
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["dict"], dict),
    builtin(&["indexed_items"], indexed_items),
    builtin(&["items"], items),
    builtin(&["list"], list),
    builtin(&["nested"], nested),
    builtin(&["random_choice"], random_choice),
    builtin(&["subelements"], subelements),
    builtin(&["together"], together),
    from_collection("community.general", &["cartesian"], nested),
    from_collection("community.general", &["flattened"], flattened),
];

/// Returns the items with those of lists in place of the lists, one level deep.
fn flat(items: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Value::List(inner) | Value::Tuple(inner) => out.extend(inner.iter().cloned()),
            other => out.push(other.clone()),
        }
    }
    out
}

fn items(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    Ok(Value::list(flat(&call.args)))
}

fn list(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    Ok(Value::list(std::mem::take(&mut call.args)))
}

fn indexed_items(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let items = flat(&call.args).into_iter().enumerate();
    Ok(Value::list(items.map(|(place, item)| Value::list([place.into(), item]))))
}

fn flattened(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    flatten(&call.args, &mut out);
    Ok(Value::list(out))
}

/// Adds the items of lists in lists. As in Ansible the words `None` and `null` end the list they stand in.
fn flatten(items: &[Value], out: &mut Vec<Value>) {
    for item in items {
        let mut item = item;
        while let Value::List(inner) | Value::Tuple(inner) = item
            && let [only] = &***inner
        {
            item = only;
        }
        match item {
            Value::Text(text) if matches!(text.as_str(), "None" | "null") => return,
            Value::List(inner) | Value::Tuple(inner) => flatten(inner, out),
            other => out.push(other.clone()),
        }
    }
}

fn dict(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    for term in &call.args {
        let map = plain_map(term)
            .ok_or_else(|| Reason::new(format!("needs a dictionary, got {}", described(term))))?;
        out.extend(
            map.iter()
                .map(|(key, value)| Value::map([("key", key.clone()), ("value", value.clone())])),
        );
    }
    Ok(Value::list(out))
}

/// Returns the lists of a call; `empty` says what it means that there is none.
fn lists(call: &Call<'_>, empty: &str) -> Result<Vec<Vec<Value>>, Reason> {
    call.accept_options(&[])?;
    if call.args.is_empty() {
        return Err(Reason::new(empty));
    }
    call.args.iter().map(call::items_of).collect()
}

/// Returns all combinations with one item of each list; the last list turns fastest.
fn nested(call: &mut Call<'_>) -> Result<Value, Reason> {
    let mut lists =
        lists(call, "with_nested requires at least one element in the nested list")?.into_iter();
    let first = lists.next().unwrap_or_default();
    // Each step joins two items and opens what is a list in them, so a deeper list is opened further.
    let rows = lists.fold(first, |rows, list| {
        rows.iter()
            .flat_map(|row| {
                list.iter().map(move |item| Value::list(flat(&[row.clone(), item.clone()])))
            })
            .collect()
    });
    let open =
        |row: &Value| Value::list(flat(row.as_list().map_or(std::slice::from_ref(row), |row| row)));
    Ok(Value::list(rows.iter().map(open)))
}

fn together(call: &mut Call<'_>) -> Result<Value, Reason> {
    let lists = lists(call, "with_together requires at least one element in each list")?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |place: usize| {
        let items: Vec<Value> =
            lists.iter().map(|list| list.get(place).cloned().unwrap_or_default()).collect();
        Value::list(flat(&items))
    };
    Ok(Value::list((0..longest).map(row)))
}

fn random_choice(call: &mut Call<'_>) -> Result<Value, Reason> {
    use rand::seq::IndexedRandom;
    call.accept_options(&[])?;
    Ok(Value::list(call.args.choose(&mut rand::rng()).cloned()))
}

fn subelements(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let [subject, key, flags @ ..] = call.args.as_slice() else {
        return Err(Reason::new(
            "needs a list or dictionary and the name of the key with the sub-list",
        ));
    };
    let skip = match flags.first() {
        None => false,
        Some(flags) => {
            let none = Arc::new(Map::new());
            let map = plain_map(flags).unwrap_or(none);
            let known =
                !map.is_empty() && map.keys().all(|key| key.as_str() == Some("skip_missing"));
            if !known {
                let got = described(flags);
                return Err(Reason::new(format!(
                    "the third term must be `{{'skip_missing': true}}`, not {got}"
                )));
            }
            map.get("skip_missing").is_some_and(truth)
        }
    };
    let pairs = subelements_of(call.cx, subject, key, skip)?;
    let path: Vec<Value> = key.to_string().split('.').map(Value::from).collect();
    // Unlike the filter's, the elements come without the list that the items are of.
    let bare = call::items_of(&pairs)?.into_iter().map(|pair| {
        match pair.as_list().map(|pair| &pair[..]) {
            Some([element, item]) => Value::list([without(element, &path), item.clone()]),
            _ => pair.clone(),
        }
    });
    Ok(Value::list(bare))
}

/// Returns a dictionary without what stands at a path.
fn without(element: &Value, path: &[Value]) -> Value {
    let (Value::Map(map), [key, rest @ ..]) = (element, path) else {
        return element.clone();
    };
    let mut map = Map::clone(map);
    if rest.is_empty() {
        map.remove_value(key);
    } else if let Some(inner) = map.get_value(key).cloned() {
        map.insert(key.clone(), without(&inner, rest));
    }
    map.into()
}

fn truth(value: &Value) -> bool {
    value.as_str().and_then(crate::base::fold::truth).unwrap_or_else(|| value.truth())
}
