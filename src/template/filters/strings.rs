//! Text: case, trimming, replacing, splitting, formatting.

use std::sync::Arc;

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::{printf, words};
use crate::template::{Call, Entry, Reason, size};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["capitalize"], capitalize),
    builtin(&["center"], center),
    builtin(&["format"], format_text),
    builtin(&["lower"], lower),
    builtin(&["replace"], replace),
    builtin(&["split"], split),
    builtin(&["string"], string),
    builtin(&["title"], title),
    builtin(&["trim"], trim),
    builtin(&["upper"], upper),
];

fn string(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(match &call.input {
        Value::Text(_) => call.input.clone(),
        other => other.to_string().into(),
    })
}

fn lower(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.input_text().to_lowercase().into())
}

fn upper(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.input_text().to_uppercase().into())
}

fn capitalize(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(words::capitalized(&call.input_text()).into())
}

/// Starts words with a capital; words begin after white space, `-` and opening brackets.
fn title(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let begins = |c: char| c.is_whitespace() || "-({[<".contains(c);
    let mut out = String::new();
    let mut start = true;
    for c in call.input_text().chars() {
        if start && !begins(c) {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = begins(c);
    }
    Ok(out.into())
}

fn trim(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["chars"])?;
    let text = call.input_text();
    Ok(match call.text_given(0, "chars") {
        Some(chars) => text.trim_matches(|c| chars.contains(c)).into(),
        None => words::stripped(&text).into(),
    })
}

fn replace(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["old", "new", "count"])?;
    let (old, new) = (call.need_text(0, "old")?, call.need_text(1, "new")?);
    let text = call.input_text();
    let count = match call.given(2, "count") {
        Some(_) => usize::try_from(call.int(2, "count", -1)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    // `replacen` puts the new text around every character when the old one is empty, as Python does.
    Ok(size::replaced(&text, &old, &new, count)?.into())
}

fn center(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["width"])?;
    Ok(words::centered(&call.input_text(), call.size(0, "width", 80)?)?.into())
}

fn split(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["sep", "maxsplit"])?;
    let Value::Text(text) = &call.input else {
        return Err(Reason::new(format!("needs text, got {}", described(&call.input))));
    };
    let most = usize::try_from(call.int(1, "maxsplit", -1)?).unwrap_or(usize::MAX);
    let parts = match call.text_given(0, "sep") {
        Some(separator) if separator.is_empty() => {
            return Err(Reason::new("`sep` must not be empty"));
        }
        Some(separator) => text
            .as_str()
            .splitn(most.saturating_add(1), separator.as_str())
            .map(Value::from)
            .collect(),
        None => words::split(text.as_str(), most).into_iter().map(Value::from).collect::<Vec<_>>(),
    };
    Ok(Value::list(parts))
}

fn format_text(call: &mut Call<'_>) -> Result<Value, Reason> {
    if !call.args.is_empty() && !call.kwargs.is_empty() {
        return Err(Reason::new("takes positional arguments or keyword arguments, not both"));
    }
    let values = if call.kwargs.is_empty() {
        Value::Tuple(Arc::new(call.args.iter().cloned().collect()))
    } else {
        Value::from(call.kwargs.clone())
    };
    printf::format(&call.input_text(), &values).map(Value::from)
}
