//! Methods that look for a part of a text, in a window of it.

use super::Arguments;
use crate::base::Value;
use crate::template::Reason;

/// Returns the part of a text between two places counted in characters, and where it starts.
fn window<'t>(text: &'t str, given: Arguments<'_>) -> Result<Option<(usize, &'t str)>, Reason> {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let bound = |place: usize, default: i64| -> Result<i64, Reason> {
        match given.args.get(place) {
            None | Some(Value::Null) => Ok(default),
            Some(_) => {
                let at = given.integer(place, "", default)?;
                Ok(if at < 0 { (at + length).max(0) } else { at })
            }
        }
    };
    let (start, stop) = (bound(1, 0)?, bound(2, length)?.min(length));
    if start > stop {
        return Ok(None);
    }
    let offset = |at: i64| {
        let at = usize::try_from(at).unwrap_or(0);
        text.char_indices().nth(at).map_or(text.len(), |(offset, _)| offset)
    };
    Ok(Some((usize::try_from(start).unwrap_or(0), &text[offset(start)..offset(stop)])))
}

/// Answers `count`, `endswith`, `find`, `index`, `rfind`, `rindex` and `startswith`.
pub(super) fn search(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 3)?;
    let part = window(text, given)?;
    if matches!(given.method, "startswith" | "endswith") {
        let wanted: Vec<&str> = match &given.args[0] {
            Value::Tuple(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => vec![given.text(0, "prefix")?],
        };
        let holds = part.is_some_and(|(_, part)| {
            wanted.iter().any(|wanted| {
                if given.method == "startswith" {
                    part.starts_with(wanted)
                } else {
                    part.ends_with(wanted)
                }
            })
        });
        return Ok(Value::Bool(holds));
    }
    let wanted = given.text(0, "sub")?;
    let Some((start, part)) = part else {
        return if given.method.ends_with("index") {
            Err(Reason::new("substring not found"))
        } else {
            Ok(Value::Int(if given.method == "count" { 0 } else { -1 }))
        };
    };
    if given.method == "count" {
        let count =
            if wanted.is_empty() { part.chars().count() + 1 } else { part.matches(wanted).count() };
        return Ok(count.into());
    }
    let found = if given.method.starts_with('r') { part.rfind(wanted) } else { part.find(wanted) };
    match found {
        Some(offset) => Ok((start + part[..offset].chars().count()).into()),
        None if given.method.ends_with("index") => Err(Reason::new("substring not found")),
        None => Ok(Value::Int(-1)),
    }
}
