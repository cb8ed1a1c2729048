//! `sequence`: numbers from one to another, formatted.

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::template::table::builtin;
use crate::template::text::{number, order, printf};
use crate::template::{Call, Entry, Reason};

use super::options::pairs;

pub(super) const ENTRIES: &[Entry] = &[builtin(&["sequence"], sequence)];

const NAMES: [&str; 5] = ["count", "end", "format", "start", "stride"];

/// Most numbers of one sequence; more would only fill the memory.
const MOST: i128 = 10_000_000;

fn sequence(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&NAMES)?;
    let mut out = Vec::new();
    if call.args.is_empty() {
        numbers(&call.kwargs, &mut out)?;
    }
    for term in call.terms() {
        let mut options = match shortcut(&term)? {
            Some(options) => options,
            None => pairs(&term, &NAMES)?,
        };
        for name in NAMES {
            if let Some(value) = call.option_value(name).filter(|_| !options.contains_key(name)) {
                options.insert(name, value.clone());
            }
        }
        numbers(&options, &mut out)?;
    }
    Ok(Value::list(out))
}

/// Reads `4`, `2-10`, `2-10/2` and `2-10/2:host%02d`.
fn shortcut(term: &str) -> Result<Option<Map>, Reason> {
    let pattern =
        Pattern::kept(r"(?:(\w+)\s*-)?\s*(\w+)(?:\s*/\s*(\w+))?(?:\s*:\s*(.+))?", Flags::DOTALL)?;
    let Some(found) = pattern.fullmatch(term.trim())? else {
        return Ok(None);
    };
    let named = [("start", 1), ("end", 2), ("stride", 3), ("format", 4)];
    let parts = named
        .into_iter()
        .filter_map(|(name, group)| Some((name, Value::from(found.group(group)?))));
    Ok(Some(parts.collect()))
}

fn integer(options: &Map, name: &str) -> Result<Option<i64>, Reason> {
    let Some(value) = options.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let read = match value {
        Value::Text(text) => {
            number::parse_int(text.as_str(), 10).or_else(|| number::parse_int(text.as_str(), 0))
        }
        other => order::integer(other),
    };
    let number = read.and_then(|number| i64::try_from(number).ok());
    number
        .map(Some)
        .ok_or_else(|| Reason::new(format!("`{name}` must be an integer, not `{value}`")))
}

fn numbers(options: &Map, out: &mut Vec<Value>) -> Result<(), Reason> {
    let (start, stride) =
        (integer(options, "start")?.unwrap_or(1), integer(options, "stride")?.unwrap_or(1));
    let end = match (integer(options, "end")?, integer(options, "count")?) {
        (Some(_), Some(_)) => return Err(Reason::new("takes `count` or `end`, not both")),
        (None, None) => return Err(Reason::new("needs `count` or `end`")),
        (None, Some(0)) => return Ok(()),
        (None, Some(count)) => start.saturating_add((count - 1).saturating_mul(stride)),
        (Some(end), None) => end,
    };
    if stride > 0 && end < start {
        return Err(Reason::new(format!(
            "cannot count up from {start} to {end}; make `stride` negative"
        )));
    }
    if stride < 0 && end > start {
        return Err(Reason::new(format!(
            "cannot count down from {start} to {end}; make `stride` positive"
        )));
    }
    if stride == 0 {
        return Ok(());
    }
    if (i128::from(end) - i128::from(start)) / i128::from(stride) > MOST {
        return Err(Reason::new(format!("gives more than {MOST} numbers")));
    }
    let format = options.get("format").map_or_else(|| "%d".to_owned(), ToString::to_string);
    if format.matches('%').count() != 1 {
        return Err(Reason::new(format!(
            "`format` must have one `%`, as in `host%02d`, not `{format}`"
        )));
    }
    let mut number = start;
    while if stride > 0 { number <= end } else { number >= end } {
        out.push(printf::format(&format, &Value::Int(number))?.into());
        match number.checked_add(stride) {
            Some(next) => number = next,
            None => break,
        }
    }
    Ok(())
}
