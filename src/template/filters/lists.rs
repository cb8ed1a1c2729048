//! Lists: ends, length, joining, grouping into rows, flattening, sums, products.

use std::sync::Arc;

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::order;
use crate::template::undefined::undefined;
use crate::template::{Call, Entry, Reason, attributes, size};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["batch"], batch),
    builtin(&["first"], first),
    builtin(&["flatten"], flatten),
    builtin(&["join"], join),
    builtin(&["last"], last),
    builtin(&["length", "count"], length),
    builtin(&["list"], list),
    builtin(&["reverse"], reverse),
    builtin(&["slice"], slice),
    builtin(&["sum"], sum),
];

fn first(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let first = call.items()?.into_iter().next();
    Ok(first.unwrap_or_else(|| undefined("No first item, sequence was empty.")))
}

fn last(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let last = call.items()?.pop();
    Ok(last.unwrap_or_else(|| undefined("No last item, sequence was empty.")))
}

fn length(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let length = match &call.input {
        Value::Text(text) => text.as_str().chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Map(map) => map.len(),
        other => match call.items() {
            Ok(items) => items.len(),
            Err(_) => return Err(Reason::new(format!("{} has no length", described(other)))),
        },
    };
    Ok(length.into())
}

fn list(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    match &call.input {
        Value::List(_) => Ok(call.input.clone()),
        _ => call.items().map(Value::list),
    }
}

fn join(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["d", "attribute"])?;
    let separator = call.text(0, "d", "");
    let mut items = call.items()?;
    if let Some(attribute) = call.given(1, "attribute").cloned() {
        items = items
            .iter()
            .map(|item| attributes::get(call.cx, item, &attribute))
            .collect::<Result<_, _>>()?;
    }
    let mut out = String::new();
    for (place, item) in items.iter().enumerate() {
        attributes::defined(item)?;
        if place > 0 {
            out.push_str(&separator);
        }
        out.push_str(&item.to_string());
        size::text(out.len())?;
    }
    Ok(out.into())
}

fn reverse(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    if let Value::Text(text) = &call.input {
        return Ok(text.as_str().chars().rev().collect::<String>().into());
    }
    let mut items = call.items()?;
    items.reverse();
    Ok(Value::list(items))
}

fn batch(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["linecount", "fill_with"])?;
    call.need(0, "linecount")?;
    let wide = call.size(0, "linecount", 1)?;
    let fill = call.given(1, "fill_with");
    let items = call.items()?;
    if wide == 0 {
        return Ok(Value::list([Value::list(items)]));
    }
    if fill.is_some() {
        size::items(wide)?;
    }
    let rows = items.chunks(wide).map(|chunk| {
        let missing = fill.map(|fill| std::iter::repeat_n(fill.clone(), wide - chunk.len()));
        Value::list(chunk.iter().cloned().chain(missing.into_iter().flatten()))
    });
    Ok(Value::list(rows))
}

fn slice(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["slices", "fill_with"])?;
    call.need(0, "slices")?;
    let slices = call.size(0, "slices", 1)?;
    if slices == 0 {
        return Err(Reason::new("`slices` must be above zero"));
    }
    size::items(slices)?;
    let fill = call.given(1, "fill_with");
    let items = call.items()?;
    let (each, longer) = (items.len() / slices, items.len() % slices);
    let mut start = 0;
    let mut columns = Vec::with_capacity(slices);
    for number in 0..slices {
        let end = start + each + usize::from(number < longer);
        let mut column = items[start..end].to_vec();
        if let Some(fill) = fill.filter(|_| number >= longer) {
            column.push(fill.clone());
        }
        columns.push(Value::list(column));
        start = end;
    }
    Ok(Value::list(columns))
}

fn sum(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["attribute", "start"])?;
    let attribute = call.given(0, "attribute").cloned();
    let mut total = call.arg(1, "start").cloned().unwrap_or(Value::Int(0));
    for item in call.items()? {
        let item = match &attribute {
            Some(attribute) => attributes::get(call.cx, &item, attribute)?,
            None => item,
        };
        attributes::defined(&item)?;
        total = order::add(&total, &item)?;
    }
    Ok(total)
}

fn flatten(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["levels", "skip_nulls"])?;
    let levels = match call.given(0, "levels") {
        Some(_) => Some(call.int(0, "levels", 0)?),
        None => None,
    };
    let mut out = Vec::new();
    flatten_into(&call.items()?, levels, call.flag(1, "skip_nulls", true), &mut out);
    Ok(Value::list(out))
}

/// Adds the items, those of lists in place of the lists; «null» texts count as null, as in Ansible.
pub(super) fn flatten_into(items: &[Value], levels: Option<i64>, skip: bool, out: &mut Vec<Value>) {
    for item in items {
        match item {
            item if skip && (item.is_null() || matches!(item.as_str(), Some("None" | "null"))) => {}
            Value::List(inner) | Value::Tuple(inner) => match levels {
                None => flatten_into(&Arc::clone(inner), None, skip, out),
                Some(levels) if levels >= 1 => {
                    flatten_into(&Arc::clone(inner), Some(levels - 1), skip, out);
                }
                Some(_) => out.push(item.clone()),
            },
            item => out.push(item.clone()),
        }
    }
}
