//! Nodes with a tag: YAML's own (`!!int`, `!!binary` …) and Ansible's `!vault` and `!unsafe`.

use std::sync::Arc;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Node, number, scalar, timestamp};
use crate::base::{Value, suggest};

/// The prefix that `!!` stands for.
const STANDARD_PREFIX: &str = "tag:yaml.org,2002:";

/// What a tag asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tag {
    Binary,
    Bool,
    Float,
    Int,
    Map,
    Null,
    Pairs,
    Seq,
    Set,
    Str,
    Timestamp,
    Unsafe,
    Vault,
}

const TAGS: [(&str, Tag); 15] = [
    ("!!binary", Tag::Binary),
    ("!!bool", Tag::Bool),
    ("!!float", Tag::Float),
    ("!!int", Tag::Int),
    ("!!map", Tag::Map),
    ("!!null", Tag::Null),
    ("!!omap", Tag::Pairs),
    ("!!pairs", Tag::Pairs),
    ("!!seq", Tag::Seq),
    ("!!set", Tag::Set),
    ("!!str", Tag::Str),
    ("!!timestamp", Tag::Timestamp),
    ("!unsafe", Tag::Unsafe),
    ("!vault", Tag::Vault),
    ("!vault-encrypted", Tag::Vault),
];

/// Returns the tag as it is written: `!!int` for `tag:yaml.org,2002:int`.
pub(super) fn short(tag: &str) -> Arc<str> {
    match tag.strip_prefix(STANDARD_PREFIX) {
        Some(name) => Arc::from(format!("!!{name}")),
        None => Arc::from(tag),
    }
}

/// Returns what a tag asks for; nothing for one that nobody knows.
pub(super) fn known(short: &str) -> Option<Tag> {
    TAGS.iter().find(|(name, _)| *name == short).map(|(_, tag)| *tag)
}

/// Returns the known tag that an unknown one was meant to be.
pub(super) fn nearest(short: &str) -> Option<&'static str> {
    suggest::closest(short, TAGS.iter().map(|(name, _)| *name))
}

/// Returns the value of a scalar with one of YAML's tags, or what it should have been.
pub(super) fn scalar(tag: Tag, text: &str) -> Result<Value, &'static str> {
    match tag {
        Tag::Binary => binary(text).ok_or("base64 text"),
        Tag::Bool => match text.to_lowercase().as_str() {
            "yes" | "true" | "on" => Ok(Value::Bool(true)),
            "no" | "false" | "off" => Ok(Value::Bool(false)),
            _ => Err("a boolean (`true`, `false`, `yes`, `no`, `on`, `off`)"),
        },
        Tag::Float => number::float(text).map(Value::Float).ok_or("a number"),
        Tag::Int => number::int(text).ok_or("an integer"),
        Tag::Null => Ok(Value::Null),
        Tag::Timestamp => timestamp::timestamp(text).map(scalar::object).ok_or("a date"),
        Tag::Map => Err("a map"),
        Tag::Set => Err("a map of keys"),
        Tag::Pairs | Tag::Seq => Err("a list"),
        Tag::Str | Tag::Unsafe | Tag::Vault => Ok(Value::text(text)),
    }
}

/// Returns the value of an `!!omap` or `!!pairs` list: tuples of key and value.
pub(super) fn pairs(items: &[Node]) -> Result<Value, &Node> {
    let mut tuples = Vec::with_capacity(items.len());
    for item in items {
        let [(key, value)] = item.entries() else { return Err(item) };
        let tuple = [key.to_value(), value.to_value()].into_iter().collect();
        tuples.push(Value::Tuple(Arc::new(tuple)));
    }
    Ok(Value::list(tuples))
}

/// Decodes base64 as Python does: other characters of ASCII are skipped.
fn binary(text: &str) -> Option<Value> {
    if !text.is_ascii() {
        return None;
    }
    let letters: Vec<u8> = text
        .bytes()
        .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        .collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    let bytes = GeneralPurpose::new(&STANDARD, config).decode(letters).ok()?;
    Some(Value::Bytes(bytes.into()))
}
