//! Maps: merge keys as PyYAML flattens them, and keys that stand there twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Kind, Node, Style};
use crate::base::{Mistake, Position, Value};

/// Below this size comparing keys one by one is faster than hashing them.
const SMALL: usize = 8;

/// Returns the entries of a map after merging, and a warning for each key written twice.
pub(super) fn entries(
    pairs: Vec<(Node, Node)>,
    at: &Position,
    warnings: &mut Vec<Mistake>,
) -> Result<Vec<(Node, Node)>, Mistake> {
    for (key, _) in pairs.iter().filter(|(key, _)| !is_merge(key)) {
        check_key(key, at)?;
    }
    if !pairs.iter().any(|(key, _)| is_merge(key)) {
        return Ok(unique(pairs, Some(warnings)));
    }
    let mut merged = Vec::new();
    let mut own = Vec::new();
    for (key, value) in pairs {
        if is_merge(&key) { merge(&value, &mut merged)? } else { own.push((key, value)) }
    }
    // What is merged stands first and yields, silently, to what the map says itself.
    merged.extend(unique(own, Some(warnings)));
    Ok(unique(merged, None))
}

/// The tag of keys that merge.
pub(super) const MERGE: &str = "!!merge";
/// The tag of the key `=`, which means nothing else than its text.
pub(super) const VALUE: &str = "!!value";

/// Returns whether a key merges maps.
pub(super) fn is_merge(key: &Node) -> bool {
    match &key.tag {
        Some(tag) => &**tag == MERGE,
        None => key.style == Style::Plain && key.raw().is_some_and(|text| &**text == "<<"),
    }
}

/// Adds what a merge key brings. Of a list of maps the first one wins, so it is added last.
fn merge(value: &Node, merged: &mut Vec<(Node, Node)>) -> Result<(), Mistake> {
    let wrong = |node: &Node| {
        node.mistake(format!("`<<` merges maps, but this is {}", node.describe()))
            .hint("give an alias of a map (`<<: *name`) or a list of such aliases")
    };
    if let Some(entries) = brought(value) {
        merged.extend(entries);
        return Ok(());
    }
    if !value.is_list() {
        return Err(wrong(value));
    }
    for item in value.items().iter().rev() {
        // What was a list of pairs is no map inside of a list.
        let entries = brought(item).filter(|_| !matches!(item.kind, Kind::Scalar(..)));
        merged.extend(entries.ok_or_else(|| wrong(item))?);
    }
    Ok(())
}

/// Returns the entries of what is a map, or was one before its tag made something else of it.
fn brought(node: &Node) -> Option<Vec<(Node, Node)>> {
    let scalar = |value: &Value| {
        Node::new(node.at.clone(), node.end, Kind::Scalar(value.clone(), "".into()))
    };
    match (&node.kind, node.tag.as_deref()) {
        (Kind::Map(_), _) => Some(node.entries().to_vec()),
        (Kind::List(_), Some("!!set")) => {
            Some(node.items().iter().map(|key| (key.clone(), scalar(&Value::Null))).collect())
        }
        (Kind::Scalar(Value::List(pairs), _), _) => {
            let pairs = pairs.iter().rev().filter_map(Value::as_list);
            Some(pairs.map(|pair| (scalar(&pair[0]), scalar(&pair[1]))).collect())
        }
        (Kind::List(_) | Kind::Scalar(..), _) => None,
    }
}

/// Keeps of equal keys the last value at the first one's place.
fn unique(pairs: Vec<(Node, Node)>, mut warnings: Option<&mut Vec<Mistake>>) -> Vec<(Node, Node)> {
    let mut kept: Vec<(Node, Node)> = Vec::with_capacity(pairs.len());
    let mut places: HashMap<Value, usize> = HashMap::new();
    let small = pairs.len() <= SMALL;
    for pair in pairs {
        let key = pair.0.to_value();
        let found = if small {
            kept.iter().position(|(known, _)| known.to_value() == key)
        } else {
            match places.entry(key) {
                Entry::Occupied(entry) => Some(*entry.get()),
                Entry::Vacant(entry) => {
                    entry.insert(kept.len());
                    None
                }
            }
        };
        match found {
            Some(place) => {
                if let Some(warnings) = warnings.as_deref_mut() {
                    warnings.push(twice(&kept[place].0, &pair.0));
                }
                // As in Python the first key stays: it may be 1 where this one is 1.0.
                if kept[place].0.raw() == pair.0.raw() {
                    kept[place].0 = pair.0;
                }
                kept[place].1 = pair.1;
            }
            None => kept.push(pair),
        }
    }
    kept
}

fn twice(first: &Node, second: &Node) -> Mistake {
    let name = second.raw().map_or("", |raw| raw);
    second
        .mistake(format!("Found duplicate mapping key '{name}'; the last value is used"))
        .label(format!("first at {}:{}", first.at.line, first.at.column))
}

/// Refuses keys that Python cannot hash, the usual reason being a template without quotes.
fn check_key(key: &Node, map: &Position) -> Result<(), Mistake> {
    if let Kind::Scalar(value, _) = &key.kind {
        return match value {
            Value::List(_) => Err(key.mistake("a list cannot be the key of a map")),
            _ => Ok(()),
        };
    }
    if key.is_map() && key.at.line == map.line && key.at.column == map.column + 1 {
        return Err(unquoted(map));
    }
    Err(key
        .mistake(format!("{} cannot be the key of a map", key.describe()))
        .hint("a template must be quoted: \"{{ name }}\""))
}

/// Returns the mistake of a value that starts with `{{` and has no quotes.
pub(super) fn unquoted(at: &Position) -> Mistake {
    let mistake = Mistake::new("a template that starts a value must be quoted", at).width(2);
    let rest: Option<String> =
        at.file.line(at.line).map(|line| line.chars().skip(at.column as usize - 1).collect());
    let rest = rest.as_deref().map(str::trim_end).unwrap_or_default();
    let balanced = rest.starts_with('{') && rest.matches('{').count() == rest.matches('}').count();
    match (balanced, rest.contains('"'), rest.contains('\'')) {
        (false, _, _) | (true, true, true) => mistake.hint("put the whole value in quotes"),
        (true, false, _) => mistake.hint(format!("write it as \"{rest}\"")),
        (true, true, false) => mistake.hint(format!("write it as '{rest}'")),
    }
}
