//! Ways through data (ansible.utils): `get_path`, `to_paths`, `index_of`.

use crate::base::{Map, Value};
use crate::template::{Call, Reason};

/// Splits `a.b[0]['x.y']` into its steps.
fn steps(path: &str) -> Result<Vec<Value>, Reason> {
    let wrong = || Reason::new(format!("`{path}` is no path; write it as `a.b[0]['c d']`"));
    let mut out = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let quote = inner.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let (step, tail) = match quote {
                Some(quote) => {
                    let (step, tail) = inner[1..].split_once(quote).ok_or_else(wrong)?;
                    (Value::from(step), tail.strip_prefix(']').ok_or_else(wrong)?)
                }
                None => {
                    let (step, tail) = inner.split_once(']').ok_or_else(wrong)?;
                    (step.parse().map_or_else(|_| Value::from(step), Value::Int), tail)
                }
            };
            out.push(step);
            rest = tail;
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(wrong());
            }
            let step = &rest[..end];
            let place =
                step.bytes().all(|b| b.is_ascii_digit()).then(|| step.parse().ok()).flatten();
            out.push(place.map_or_else(|| Value::from(step), Value::Int));
            rest = &rest[end..];
        }
    }
    Ok(out)
}

pub(super) fn get_path(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["path", "wantlist"])?;
    let mut value = call.input.clone();
    for step in steps(&call.need_text(0, "path")?)? {
        value = call.cx.attribute(&value, &step)?;
    }
    Ok(if call.flag(1, "wantlist", false) { Value::list([value]) } else { value })
}

pub(super) fn to_paths(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["prepend", "wantlist"])?;
    let mut out = Map::new();
    leaves(&call.input, &call.text(0, "prepend", ""), &mut out);
    let map = Value::from(out);
    Ok(if call.flag(1, "wantlist", false) { Value::list([map]) } else { map })
}

/// Adds the paths of all single values below a value.
fn leaves(value: &Value, path: &str, out: &mut Map) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (key, value) in map.iter() {
                let name = key.to_string();
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let step = match (key, plain, path.is_empty()) {
                    (Value::Text(_), true, true) => name,
                    (Value::Text(_), true, false) => format!(".{name}"),
                    (Value::Text(_), false, _) => format!("['{name}']"),
                    _ => format!("[{name}]"),
                };
                leaves(value, &format!("{path}{step}"), out);
            }
        }
        Value::List(items) | Value::Tuple(items) if !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{place}]"), out);
            }
        }
        leaf => {
            out.insert(path, leaf.clone());
        }
    }
}

/// Returns the places of the items for which a test holds: one number, or a list of several.
pub(super) fn index_of(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["test", "value", "key", "fail_on_missing", "wantlist"])?;
    let test = call.need_text(0, "test")?;
    let args: Vec<Value> = call.given(1, "value").cloned().into_iter().collect();
    let key = call.given(2, "key").cloned();
    let mut found = Vec::new();
    for (place, item) in call.input_list()?.into_iter().enumerate() {
        let subject = match &key {
            None => item,
            Some(key) => match crate::template::arguments::plain_map(&item)
                .and_then(|map| map.get_value(key).cloned())
            {
                Some(value) => value,
                None if call.flag(3, "fail_on_missing", false) => {
                    return Err(Reason::new(format!("the item {place} has no key {}", key.repr())));
                }
                None => continue,
            },
        };
        if call.cx.test(&test, subject, &args, &Map::new())? {
            found.push(Value::from(place));
        }
    }
    if found.len() == 1 && !call.flag(4, "wantlist", false) {
        return Ok(found.remove(0));
    }
    Ok(Value::list(found))
}
