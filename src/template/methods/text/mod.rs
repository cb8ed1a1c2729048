//! Methods of text.

mod case;
mod pad;
mod search;
mod split;
mod translate;

use std::sync::Arc;

use super::arguments::Arguments;
use super::format;
use crate::base::{Flags, Map, Text, Value};
use crate::template::{Reason, items_of, size};

/// Methods of text, sorted.
pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// Calls a method. What is made of secret text is secret.
pub(super) fn call(text: &Text, name: &str, args: &[Value], kwargs: &Map) -> Result<Value, Reason> {
    let given = Arguments { method: name, args, kwargs };
    let secret = text.is_secret()
        || args.iter().any(|value| value.flags().contains(Flags::SECRET))
        || kwargs.flags().contains(Flags::SECRET);
    let value = apply(text.as_str(), given)?;
    Ok(if secret { value.into_secret() } else { value })
}

fn apply(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    match given.method {
        "count" | "endswith" | "find" | "index" | "rfind" | "rindex" | "startswith" => {
            search::search(text, given)
        }
        "partition" | "rpartition" | "rsplit" | "split" | "splitlines" => split::split(text, given),
        "center" | "expandtabs" | "ljust" | "rjust" | "zfill" => {
            pad::pad(text, given).map(Value::from)
        }
        name if name.starts_with("is") => {
            given.count(0, 0)?;
            Ok(Value::Bool(case::is(text, name)))
        }
        _ => change(text, given),
    }
}

fn change(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    let unary = |made: fn(&str) -> String| {
        given.count(0, 0)?;
        Ok(Value::from(made(text)))
    };
    match given.method {
        "capitalize" => unary(case::capitalize),
        "casefold" => unary(|text| text.replace('ß', "ss").to_lowercase()),
        "encode" => {
            given.count(0, 2)?;
            encode(text, given)
        }
        "format" => format::format(text, given.args, given.kwargs).map(Value::from),
        "format_map" => {
            given.count(1, 1)?;
            let map = given.args[0]
                .as_map()
                .ok_or_else(|| Reason::new("format_map() needs a dictionary"))?;
            format::format_map(text, map).map(Value::from)
        }
        "join" => join(text, given),
        "lower" => unary(str::to_lowercase),
        "lstrip" | "rstrip" | "strip" => strip(text, given).map(Value::from),
        "maketrans" => translate::make_translation(given),
        "removeprefix" => {
            let prefix = given.text(0, "prefix")?;
            Ok(Value::from(text.strip_prefix(prefix).unwrap_or(text)))
        }
        "removesuffix" => {
            let suffix = given.text(0, "suffix")?;
            Ok(Value::from(text.strip_suffix(suffix).unwrap_or(text)))
        }
        "replace" => {
            given.count(2, 3)?;
            let (old, new) = (given.text(0, "old")?, given.text(1, "new")?);
            let count = given.integer(2, "count", -1)?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            size::replaced(text, old, new, count).map(Value::from)
        }
        "swapcase" => unary(case::swap_case),
        "title" => unary(case::title),
        "translate" => translate::translate(text, given),
        "upper" => unary(str::to_uppercase),
        other => Err(Reason::new(format!("'str' object has no attribute '{other}'"))),
    }
}

fn encode(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    let encoding = given.optional_text(0, "encoding")?.unwrap_or("utf-8");
    let bytes: Vec<u8> = match encoding.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => text.as_bytes().to_vec(),
        "ascii" | "us-ascii" if text.is_ascii() => text.as_bytes().to_vec(),
        "latin-1" | "iso-8859-1" | "latin1" if text.chars().all(|c| u32::from(c) < 256) => {
            text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
        }
        "utf-16-le" | "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16-be" | "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        other => return Err(Reason::new(format!("cannot encode the text as '{other}'"))),
    };
    Ok(Value::Bytes(Arc::from(bytes)))
}

fn join(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 1)?;
    let items = items_of(&given.args[0]).map_err(|_| Reason::new("can only join an iterable"))?;
    let mut parts = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        parts.push(item.as_str().ok_or_else(|| {
            let found = item.type_name();
            Reason::new(format!("sequence item {place}: expected str instance, {found} found"))
        })?);
    }
    let length: usize = parts.iter().map(|part| part.len()).sum();
    size::text(length.saturating_add(text.len().saturating_mul(parts.len())))?;
    Ok(Value::from(parts.join(text)))
}

fn strip(text: &str, given: Arguments<'_>) -> Result<String, Reason> {
    given.count(0, 1)?;
    let set = given.optional_text(0, "chars")?;
    let matches = |c: char| set.map_or_else(|| c.is_whitespace(), |set| set.contains(c));
    Ok(match given.method {
        "lstrip" => text.trim_start_matches(matches),
        "rstrip" => text.trim_end_matches(matches),
        _ => text.trim_matches(matches),
    }
    .to_owned())
}
