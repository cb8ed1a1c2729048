//! Choosing and renaming keys: `keep_keys`, `remove_keys`, `replace_keys`, flat (community.general) and deep (ansible.utils).

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::{Call, Reason, call};

#[derive(Clone, Copy)]
enum How {
    Equal,
    StartsWith,
    EndsWith,
    Regex,
}

const HOW: [(&str, How); 5] = [
    ("ends_with", How::EndsWith),
    ("equal", How::Equal),
    ("equality", How::Equal),
    ("regex", How::Regex),
    ("starts_with", How::StartsWith),
];

/// Which keys are meant.
struct Target {
    words: Vec<String>,
    how: How,
}

impl Target {
    fn read(call: &Call<'_>) -> Result<Self, Reason> {
        call.accept(&["target", "matching_parameter"])?;
        let words = match call.need(0, "target")? {
            Value::Text(text) => vec![text.as_str().to_owned()],
            list => call::items_of(list)?.iter().map(ToString::to_string).collect(),
        };
        if words.is_empty() {
            return Err(Reason::new("`target` names no key"));
        }
        Ok(Self { words, how: call.choice(1, "matching_parameter", How::Equal, &HOW)? })
    }

    fn fits(&self, key: &Value) -> Result<bool, Reason> {
        for word in &self.words {
            if fits(word, &key.to_string(), self.how)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn fits(word: &str, key: &str, how: How) -> Result<bool, Reason> {
    Ok(match how {
        How::Equal => key == word,
        How::StartsWith => key.starts_with(word),
        How::EndsWith => key.ends_with(word),
        How::Regex => Pattern::kept(word, Flags::NONE)?.match_(key)?.is_some(),
    })
}

/// Works on each dictionary of the list that the flat filters take.
fn each(call: &Call<'_>, change: impl Fn(&Map) -> Result<Map, Reason>) -> Result<Value, Reason> {
    let items = call
        .input
        .as_list()
        .ok_or_else(|| Reason::new(format!("needs a list, got {}", described(&call.input))))?;
    let changed = items.iter().map(|item| {
        let map = plain_map(item).ok_or_else(|| {
            Reason::new(format!("needs a list of dictionaries, found {} in it", described(item)))
        })?;
        change(&map).map(Value::from)
    });
    changed.collect::<Result<Vec<_>, _>>().map(Value::list)
}

fn chosen(map: &Map, keep: impl Fn(&Value) -> Result<bool, Reason>) -> Result<Map, Reason> {
    let mut out = Map::new();
    for (key, value) in map {
        if keep(key)? {
            out.insert(key.clone(), value.clone());
        }
    }
    Ok(out)
}

pub(super) fn keep_keys(call: &mut Call<'_>) -> Result<Value, Reason> {
    let target = Target::read(call)?;
    each(call, |map| chosen(map, |key| target.fits(key)))
}

pub(super) fn remove_keys(call: &mut Call<'_>) -> Result<Value, Reason> {
    let target = Target::read(call)?;
    each(call, |map| chosen(map, |key| target.fits(key).map(|fits| !fits)))
}

/// Which keys get which new names.
struct Renaming {
    pairs: Vec<(String, String)>,
    how: How,
}

impl Renaming {
    fn read(call: &Call<'_>) -> Result<Self, Reason> {
        call.accept(&["target", "matching_parameter"])?;
        let wrong = |item: &Value| {
            Reason::new(format!(
                "`target` must be a list of dictionaries with `before` and `after`, not {}",
                described(item)
            ))
        };
        let mut pairs = Vec::new();
        for item in call::items_of(call.need(0, "target")?)? {
            let part =
                |name: &str| item.get(name).map(ToString::to_string).ok_or_else(|| wrong(&item));
            pairs.push((part("before")?, part("after")?));
        }
        Ok(Self { pairs, how: call.choice(1, "matching_parameter", How::Equal, &HOW)? })
    }

    fn renamed(&self, key: &Value) -> Result<Option<Value>, Reason> {
        for (before, after) in &self.pairs {
            if fits(before, &key.to_string(), self.how)? {
                return Ok(Some(after.as_str().into()));
            }
        }
        Ok(None)
    }
}

pub(super) fn replace_keys(call: &mut Call<'_>) -> Result<Value, Reason> {
    let renaming = Renaming::read(call)?;
    each(call, |map| {
        let pairs = map.iter().map(|(key, value)| {
            Ok((renaming.renamed(key)?.unwrap_or_else(|| key.clone()), value.clone()))
        });
        pairs.collect::<Result<Vec<_>, Reason>>().map(Map::from_iter)
    })
}

pub(super) fn keep_keys_deep(call: &mut Call<'_>) -> Result<Value, Reason> {
    let target = Target::read(call)?;
    kept_deep(&call.input, &target).map(|kept| kept.unwrap_or_default())
}

/// Returns what is left of a value when only some keys stay, at any depth; nothing when none does.
fn kept_deep(value: &Value, target: &Target) -> Result<Option<Value>, Reason> {
    match value {
        Value::List(items) | Value::Tuple(items) => {
            let mut out = Vec::new();
            for item in items.iter() {
                out.extend(kept_deep(item, target)?);
            }
            Ok((!out.is_empty()).then(|| Value::list(out)))
        }
        Value::Map(map) => {
            let mut out = Map::new();
            for (key, value) in map.iter() {
                if target.fits(key)? {
                    out.insert(key.clone(), value.clone());
                } else if let Some(kept) = kept_deep(value, target)? {
                    out.insert(key.clone(), kept);
                }
            }
            Ok((!out.is_empty()).then(|| out.into()))
        }
        _ => Ok(None),
    }
}

pub(super) fn remove_keys_deep(call: &mut Call<'_>) -> Result<Value, Reason> {
    let target = Target::read(call)?;
    removed_deep(&call.input, &target)
}

fn removed_deep(value: &Value, target: &Target) -> Result<Value, Reason> {
    match value {
        Value::List(items) | Value::Tuple(items) => items
            .iter()
            .map(|item| removed_deep(item, target))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::list),
        Value::Map(map) => {
            let mut out = Map::new();
            for (key, value) in map.iter() {
                if !target.fits(key)? {
                    out.insert(key.clone(), removed_deep(value, target)?);
                }
            }
            Ok(out.into())
        }
        other => Ok(other.clone()),
    }
}

pub(super) fn replace_keys_deep(call: &mut Call<'_>) -> Result<Value, Reason> {
    let renaming = Renaming::read(call)?;
    replaced_deep(&call.input, &renaming)
}

fn replaced_deep(value: &Value, renaming: &Renaming) -> Result<Value, Reason> {
    match value {
        Value::List(items) | Value::Tuple(items) => items
            .iter()
            .map(|item| replaced_deep(item, renaming))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::list),
        Value::Map(map) => {
            // Renamed keys come last, as with ansible.utils.
            let (mut out, mut renamed) = (Map::new(), Map::new());
            for (key, value) in map.iter() {
                let value = replaced_deep(value, renaming)?;
                match renaming.renamed(key)? {
                    Some(name) => renamed.insert(name, value),
                    None => out.insert(key.clone(), value),
                };
            }
            out.extend(renamed);
            Ok(out.into())
        }
        other => Ok(other.clone()),
    }
}
