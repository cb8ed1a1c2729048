//! What several places of a value share: PyYAML writes it once, with an anchor, and names the anchor elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use super::order;
use crate::base::Value;

/// The anchors of a value, by what is shared.
#[derive(Default)]
pub(in crate::template) struct Anchors(HashMap<*const (), (String, bool)>);

/// How a place uses what is shared.
pub(in crate::template) enum Use {
    /// It is written here.
    First(String),
    /// It was written before.
    Again(String),
}

impl Anchors {
    /// Returns what a value that is written now is; nothing when it stands in one place only.
    pub(in crate::template) fn take(&mut self, value: &Value) -> Option<Use> {
        let (name, written) = self.0.get_mut(&identity(value)?)?;
        Some(if std::mem::replace(written, true) {
            Use::Again(name.clone())
        } else {
            Use::First(name.clone())
        })
    }
}

/// Finds what is shared. Names are given in the order in which something is met again.
pub(in crate::template) fn of(value: &Value) -> Anchors {
    let mut seen = HashMap::new();
    let mut names = 0;
    visit(value, &mut seen, &mut names);
    Anchors(seen.into_iter().filter_map(|(key, name)| Some((key, (name?, false)))).collect())
}

fn visit(value: &Value, seen: &mut HashMap<*const (), Option<String>>, names: &mut usize) {
    let Some(key) = identity(value) else { return };
    if let Some(name) = seen.get_mut(&key) {
        if name.is_none() {
            *names += 1;
            *name = Some(format!("id{names:03}"));
        }
        return;
    }
    seen.insert(key, None);
    match value {
        Value::List(items) | Value::Tuple(items) => {
            items.iter().for_each(|item| visit(item, seen, names));
        }
        Value::Map(map) => {
            let keys: Vec<Value> = map.keys().cloned().collect();
            let keyed = keys.iter().map(|key| (key.clone(), key.clone())).collect();
            for key in order::sort_by_key(keyed, false).unwrap_or(keys) {
                visit(&key, seen, names);
                visit(map.get_value(&key).unwrap_or(&Value::Null), seen, names);
            }
        }
        _ => {}
    }
}

/// Returns what makes two places the same one; nothing for single values.
fn identity(value: &Value) -> Option<*const ()> {
    match value {
        Value::List(items) => Some(Arc::as_ptr(items).cast()),
        Value::Map(map) => Some(Arc::as_ptr(map).cast()),
        _ => None,
    }
}
