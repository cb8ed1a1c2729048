//! Order: `sort`, `dictsort`, `groupby`, `min`, `max`.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::base::Value;
use crate::template::group::Group;
use crate::template::table::builtin;
use crate::template::text::order::{compare, folded, sort_by_key};
use crate::template::undefined::undefined;
use crate::template::{Call, Entry, Reason, attributes};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["dictsort"], dictsort),
    builtin(&["groupby"], groupby),
    builtin(&["max"], max),
    builtin(&["min"], min),
    builtin(&["sort"], sort),
];

/// Returns what an item is sorted by: itself or one attribute, with lower-case text unless case counts.
pub(in crate::template) fn key(
    call: &Call<'_>,
    item: &Value,
    attribute: Option<&Value>,
    case_sensitive: bool,
) -> Result<Value, Reason> {
    let key = match attribute {
        Some(attribute) => attributes::get(call.cx, item, attribute)?,
        None => item.clone(),
    };
    attributes::defined(&key)?;
    Ok(if case_sensitive { key } else { folded(&key) })
}

fn sort(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["reverse", "case_sensitive", "attribute"])?;
    let reverse = call.flag(0, "reverse", false);
    let case_sensitive = call.flag(1, "case_sensitive", false);
    // Several attributes are written as one text: `'last,first'`.
    let attributes: Vec<Option<Value>> = match call.given(2, "attribute") {
        None => vec![None],
        Some(Value::Text(text)) => text.as_str().split(',').map(|part| Some(part.into())).collect(),
        Some(other) => vec![Some(other.clone())],
    };
    let mut keyed = Vec::new();
    for item in call.items()? {
        let mut keys = Vec::with_capacity(attributes.len());
        for attribute in &attributes {
            keys.push(key(call, &item, attribute.as_ref(), case_sensitive)?);
        }
        let key = if keys.len() == 1 { keys.remove(0) } else { Value::list(keys) };
        keyed.push((key, item));
    }
    sort_by_key(keyed, reverse).map(Value::list)
}

fn dictsort(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["case_sensitive", "by", "reverse"])?;
    let case_sensitive = call.flag(0, "case_sensitive", false);
    let by_value = call.choice(1, "by", false, &[("key", false), ("value", true)])?;
    let map = call.input_map()?;
    let keyed = map.iter().map(|(key, value)| {
        let by = if by_value { value } else { key };
        let by = if case_sensitive { by.clone() } else { folded(by) };
        (by, Value::list([key.clone(), value.clone()]))
    });
    sort_by_key(keyed.collect(), call.flag(2, "reverse", false)).map(Value::list)
}

fn groupby(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["attribute", "default", "case_sensitive"])?;
    let attribute = call.need(0, "attribute")?.clone();
    let default = call.given(1, "default").cloned();
    let case_sensitive = call.flag(2, "case_sensitive", false);
    let mut keyed = Vec::new();
    for item in call.items()? {
        let key = attributes::get_or(call.cx, &item, &attribute, default.as_ref())?;
        attributes::defined(&key)?;
        let by = if case_sensitive { key.clone() } else { folded(&key) };
        keyed.push((by.clone(), Value::list([by, key, item])));
    }
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for row in sort_by_key(keyed, false)? {
        let row = row.as_list().map(|row| row.to_vec()).unwrap_or_default();
        let [by, key, item] =
            <[Value; 3]>::try_from(row).expect("each row was made with three items");
        match groups.last_mut() {
            Some((last, _, items)) if *last == by => items.push(item),
            _ => groups.push((by, key, vec![item])),
        }
    }
    let groups =
        groups.into_iter().map(|(_, key, items)| Value::Object(Arc::new(Group::new(key, items))));
    Ok(Value::list(groups))
}

fn min(call: &mut Call<'_>) -> Result<Value, Reason> {
    extreme(call, Ordering::Less)
}

fn max(call: &mut Call<'_>) -> Result<Value, Reason> {
    extreme(call, Ordering::Greater)
}

fn extreme(call: &mut Call<'_>, wanted: Ordering) -> Result<Value, Reason> {
    call.accept(&["case_sensitive", "attribute"])?;
    let case_sensitive = call.flag(0, "case_sensitive", false);
    let attribute = call.given(1, "attribute").cloned();
    let mut best: Option<(Value, Value)> = None;
    for item in call.items()? {
        let key = key(call, &item, attribute.as_ref(), case_sensitive)?;
        let better = match &best {
            Some((best, _)) => compare(&key, best)? == wanted,
            None => true,
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or_else(|| undefined("No aggregated item, sequence was empty."), |(_, item)| item))
}
