//! Choosing items: `map`, `select`, `reject`, `selectattr`, `rejectattr`, `attr`, `extract`.

use crate::base::{Map, Value};
use crate::template::table::{builtin, lenient};
use crate::template::undefined::{is_undefined, undefined};
use crate::template::{Call, Entry, Reason, attributes};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["attr"], attr),
    lenient(&["extract"], extract),
    builtin(&["map"], map),
    builtin(&["reject"], reject),
    builtin(&["rejectattr"], rejectattr),
    builtin(&["select"], select),
    builtin(&["selectattr"], selectattr),
];

/// Returns an attribute; the items of a dictionary are not among them.
fn attr(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["name"])?;
    let name = call.need(0, "name")?;
    match &call.input {
        Value::Object(_) => call.cx.attribute(&call.input, name),
        other => Ok(undefined(format!(
            "object of type '{}' has no attribute {}",
            other.type_name(),
            name.repr()
        ))),
    }
}

/// Returns the item of a container whose key or place is the input, and items of that one for more keys.
fn extract(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["container", "morekeys"])?;
    let mut keys = vec![call.input.clone()];
    match call.given(1, "morekeys") {
        None => {}
        Some(Value::List(more) | Value::Tuple(more)) => keys.extend(more.iter().cloned()),
        Some(one) => keys.push(one.clone()),
    }
    let mut value = call.need(0, "container")?.clone();
    for key in keys {
        attributes::defined(&key)?;
        value = call.cx.attribute(&value, &key)?;
    }
    Ok(value)
}

/// Returns the items to choose from: none of what is nothing, as `none` or zero.
fn sequence(call: &Call<'_>) -> Result<Vec<Value>, Reason> {
    if call.input.truth() { call.items() } else { Ok(Vec::new()) }
}

fn map(call: &mut Call<'_>) -> Result<Value, Reason> {
    let items = sequence(call)?;
    let mut out = Vec::with_capacity(items.len());
    if call.args.is_empty() && call.kwargs.contains_key("attribute") {
        call.accept(&["attribute", "default"])?;
        let attribute = call.need(0, "attribute")?.clone();
        let default = call.kwargs.get("default").cloned();
        for item in items {
            out.push(attributes::get_or(call.cx, &item, &attribute, default.as_ref())?);
        }
        return Ok(Value::list(out));
    }
    let Some(name) = call.args.first().map(ToString::to_string) else {
        return Err(Reason::new("needs the name of a filter or `attribute=`"));
    };
    for item in items {
        out.push(call.cx.filter(&name, item, &call.args[1..], &call.kwargs)?);
    }
    Ok(Value::list(out))
}

fn select(call: &mut Call<'_>) -> Result<Value, Reason> {
    chosen(call, true, false)
}

fn reject(call: &mut Call<'_>) -> Result<Value, Reason> {
    chosen(call, false, false)
}

fn selectattr(call: &mut Call<'_>) -> Result<Value, Reason> {
    chosen(call, true, true)
}

fn rejectattr(call: &mut Call<'_>) -> Result<Value, Reason> {
    chosen(call, false, true)
}

/// Returns the items (or those whose attribute) for which a test says `wanted`; without a test, truth decides.
fn chosen(call: &mut Call<'_>, wanted: bool, by_attribute: bool) -> Result<Value, Reason> {
    let from = usize::from(by_attribute);
    let attribute = if by_attribute {
        let attribute = call.args.first().cloned();
        Some(attribute.ok_or_else(|| Reason::new("needs the name of an attribute"))?)
    } else {
        None
    };
    let test = call.args.get(from).map(ToString::to_string);
    let rest: Vec<Value> = call.args.iter().skip(from + 1).cloned().collect();
    if test.is_none() && !call.kwargs.is_empty() {
        return Err(Reason::new("needs the name of a test before its arguments"));
    }
    let mut out = Vec::new();
    for item in sequence(call)? {
        let subject = match &attribute {
            Some(attribute) => attributes::get(call.cx, &item, attribute)?,
            None => item.clone(),
        };
        if holds(call, test.as_deref(), subject, &rest)? == wanted {
            out.push(item);
        }
    }
    Ok(Value::list(out))
}

fn holds(
    call: &Call<'_>,
    test: Option<&str>,
    subject: Value,
    args: &[Value],
) -> Result<bool, Reason> {
    let Some(test) = test else {
        attributes::defined(&subject)?;
        return Ok(subject.truth());
    };
    if is_undefined(&subject)
        && !crate::template::tests::find(test).is_some_and(|entry| entry.undefined)
    {
        attributes::defined(&subject)?;
    }
    let none = Map::new();
    call.cx.test(test, subject, args, if call.kwargs.is_empty() { &none } else { &call.kwargs })
}
