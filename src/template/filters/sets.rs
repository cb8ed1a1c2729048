//! Lists as sets: `unique`, `union`, `intersect`, `difference`, `symmetric_difference`. The order of the input stays.

use std::collections::HashSet;

use crate::base::Value;
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason, call};

use super::sorting;

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["difference"], difference),
    builtin(&["intersect"], intersect),
    builtin(&["symmetric_difference"], symmetric_difference),
    builtin(&["union"], union),
    builtin(&["unique"], unique),
];

fn unique(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["case_sensitive", "attribute"])?;
    let case_sensitive = call.flag(0, "case_sensitive", false);
    let attribute = call.given(1, "attribute").cloned();
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for item in call.items()? {
        if seen.insert(sorting::key(call, &item, attribute.as_ref(), case_sensitive)?) {
            out.push(item);
        }
    }
    Ok(Value::list(out))
}

/// Returns the items of the input and of the argument.
fn both(call: &Call<'_>) -> Result<(Vec<Value>, Vec<Value>), Reason> {
    call.accept(&["b"])?;
    Ok((call.items()?, call::items_of(call.need(0, "b")?)?))
}

fn distinct(items: impl IntoIterator<Item = Value>) -> Value {
    let mut seen = HashSet::new();
    Value::list(items.into_iter().filter(|item| seen.insert(item.clone())).collect::<Vec<_>>())
}

fn union(call: &mut Call<'_>) -> Result<Value, Reason> {
    let (a, b) = both(call)?;
    Ok(distinct(a.into_iter().chain(b)))
}

fn intersect(call: &mut Call<'_>) -> Result<Value, Reason> {
    let (a, b) = both(call)?;
    let b: HashSet<Value> = b.into_iter().collect();
    Ok(distinct(a.into_iter().filter(|item| b.contains(item))))
}

fn difference(call: &mut Call<'_>) -> Result<Value, Reason> {
    let (a, b) = both(call)?;
    let b: HashSet<Value> = b.into_iter().collect();
    Ok(distinct(a.into_iter().filter(|item| !b.contains(item))))
}

fn symmetric_difference(call: &mut Call<'_>) -> Result<Value, Reason> {
    let (a, b) = both(call)?;
    let in_a: HashSet<Value> = a.iter().cloned().collect();
    let in_b: HashSet<Value> = b.iter().cloned().collect();
    let a = a.into_iter().filter(|item| !in_b.contains(item));
    Ok(distinct(a.chain(b.into_iter().filter(|item| !in_a.contains(item)))))
}
