//! Several lists at once: `zip`, `zip_longest`, `product`, `permutations`, `combinations`; chance: `random`, `shuffle`.

use std::sync::Arc;

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::twister::Twister;
use crate::template::{Call, Entry, Reason, call, size};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["combinations"], combinations),
    builtin(&["permutations"], permutations),
    builtin(&["product"], product),
    builtin(&["random"], random),
    builtin(&["shuffle"], shuffle),
    builtin(&["zip"], zip),
    builtin(&["zip_longest"], zip_longest),
];

/// Returns the items of the input and of each positional argument.
fn all_items(call: &Call<'_>) -> Result<Vec<Vec<Value>>, Reason> {
    std::iter::once(&call.input).chain(&call.args).map(call::items_of).collect()
}

fn only_kwargs(call: &Call<'_>, names: &[&str]) -> Result<(), Reason> {
    match call.kwargs.keys().filter_map(Value::as_str).find(|name| !names.contains(name)) {
        Some(name) => Err(Reason::new(format!("unknown argument `{name}`"))),
        None => Ok(()),
    }
}

fn zip(call: &mut Call<'_>) -> Result<Value, Reason> {
    only_kwargs(call, &["strict"])?;
    let lists = all_items(call)?;
    let shortest = lists.iter().map(Vec::len).min().unwrap_or(0);
    if call.kwargs.get("strict").is_some_and(Value::truth)
        && lists.iter().any(|list| list.len() != shortest)
    {
        return Err(Reason::new("the lists are not of the same length"));
    }
    let row = |place: usize| tuple(lists.iter().map(|list| list[place].clone()));
    Ok(Value::list((0..shortest).map(row)))
}

fn zip_longest(call: &mut Call<'_>) -> Result<Value, Reason> {
    only_kwargs(call, &["fillvalue"])?;
    let lists = all_items(call)?;
    let fill = call.kwargs.get("fillvalue").cloned().unwrap_or_default();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row =
        |place: usize| tuple(lists.iter().map(|list| list.get(place).unwrap_or(&fill).clone()));
    Ok(Value::list((0..longest).map(row)))
}

fn product(call: &mut Call<'_>) -> Result<Value, Reason> {
    only_kwargs(call, &["repeat"])?;
    let repeat = call.size(usize::MAX, "repeat", 1)?;
    let lists = all_items(call)?;
    size::items(lists.len().saturating_mul(repeat))?;
    let lists: Vec<&Vec<Value>> = std::iter::repeat_n(&lists, repeat).flatten().collect();
    let rows_made = lists.iter().try_fold(1_usize, |size, list| size.checked_mul(list.len()));
    too_many(rows_made, lists.len())?;
    let row = |number: usize| {
        // The last list turns fastest, as the digits of a number do.
        let mut rest = number;
        let mut row: Vec<Value> = Vec::with_capacity(lists.len());
        for list in lists.iter().rev() {
            row.push(list[rest % list.len()].clone());
            rest /= list.len();
        }
        tuple(row.into_iter().rev())
    };
    Ok(Value::list((0..rows_made.unwrap_or(0)).map(row)))
}

fn tuple(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Tuple(Arc::new(items.into_iter().collect()))
}

/// Refuses so many rows of a length.
fn too_many(rows: Option<usize>, length: usize) -> Result<(), Reason> {
    let cells = rows.and_then(|rows| rows.checked_mul(length.max(1)));
    size::items(cells.unwrap_or(usize::MAX))
}

fn permutations(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["r"])?;
    let items = call.items()?;
    let length = call.size(0, "r", items.len())?;
    let rows_made = (0..length)
        .try_fold(1_usize, |size, taken| size.checked_mul(items.len().saturating_sub(taken)));
    too_many(rows_made, length)?;
    let mut rows = Vec::new();
    permute(&items, length, &mut Vec::new(), &mut rows);
    Ok(Value::list(rows))
}

fn permute(items: &[Value], length: usize, taken: &mut Vec<usize>, rows: &mut Vec<Value>) {
    if taken.len() == length {
        rows.push(tuple(taken.iter().map(|place| items[*place].clone())));
        return;
    }
    for place in 0..items.len() {
        if !taken.contains(&place) {
            taken.push(place);
            permute(items, length, taken, rows);
            taken.pop();
        }
    }
}

fn combinations(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["r"])?;
    call.need(0, "r")?;
    let items = call.items()?;
    let length = call.size(0, "r", 0)?;
    let shorter = length.min(items.len().saturating_sub(length));
    let rows_made = (0..shorter).try_fold(1_usize, |size, taken| {
        size.checked_mul(items.len() - taken).map(|size| size / (taken + 1))
    });
    too_many(rows_made, length)?;
    let mut rows = Vec::new();
    combine(&items, length, 0, &mut Vec::new(), &mut rows);
    Ok(Value::list(rows))
}

fn combine(
    items: &[Value],
    length: usize,
    from: usize,
    taken: &mut Vec<usize>,
    rows: &mut Vec<Value>,
) {
    if taken.len() == length {
        rows.push(tuple(taken.iter().map(|place| items[*place].clone())));
        return;
    }
    for place in from..items.len() {
        taken.push(place);
        combine(items, length, place + 1, taken, rows);
        taken.pop();
    }
}

/// Returns a number below the input (of a list: one of its items), the same one for the same seed as in Ansible.
fn random(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["start", "step", "seed"])?;
    let mut seeded = call.given(2, "seed").map(Twister::seeded).transpose()?;
    if let Some(end) = call.input.as_int() {
        let (start, step) = (call.int(0, "start", 0)?, call.int(1, "step", 1)?);
        let span = end.saturating_sub(start);
        let count = if step > 0 { span.saturating_add(step - 1) / step } else { 0 };
        if count <= 0 {
            return Err(Reason::new(format!(
                "there is no number from {start} to below {end} in steps of {step}"
            )));
        }
        let turn = match &mut seeded {
            Some(twister) => twister.below(count as u64) as i64,
            None => rand::rng().random_range(0..count),
        };
        return Ok(Value::Int(start + step * turn));
    }
    if call.given(0, "start").is_some() || call.given(1, "step").is_some() {
        return Err(Reason::new("start and step can only be used with integer values"));
    }
    let items = match &call.input {
        Value::List(_) | Value::Tuple(_) | Value::Text(_) => call.items()?,
        other => {
            return Err(Reason::new(format!(
                "random can only be used on sequences and integers, not on {}",
                described(other)
            )));
        }
    };
    let chosen = match &mut seeded {
        Some(twister) if !items.is_empty() => items.get(twister.below(items.len() as u64) as usize),
        _ => items.choose(&mut rand::rng()),
    };
    chosen.cloned().ok_or_else(|| Reason::new("cannot choose from an empty list"))
}

fn shuffle(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["seed"])?;
    // What has nothing to shuffle stays as it is.
    let Ok(mut items) = call.items() else { return Ok(call.input.clone()) };
    match call.given(0, "seed").filter(|seed| seed.truth()) {
        Some(seed) => {
            let mut twister = Twister::seeded(seed)?;
            for place in (1..items.len()).rev() {
                items.swap(place, twister.below(place as u64 + 1) as usize);
            }
        }
        None => items.shuffle(&mut rand::rng()),
    }
    Ok(Value::list(items))
}
