//! Methods of text.

use std::sync::Arc;

use super::arguments::Arguments;
use super::format;
use crate::base::{Flags, Map, Text, Value};
use crate::template::{Reason, items_of};

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

/// Widest text that padding makes.
const WIDEST: usize = 10_000_000;

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
            search(text, given)
        }
        "partition" | "rpartition" | "rsplit" | "split" | "splitlines" => split(text, given),
        "center" | "expandtabs" | "ljust" | "rjust" | "zfill" => pad(text, given).map(Value::from),
        name if name.starts_with("is") => {
            given.count(0, 0)?;
            Ok(Value::Bool(is(text, name)))
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
        "capitalize" => unary(capitalize),
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
        "maketrans" => make_translation(given),
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
            Ok(Value::from(match usize::try_from(count) {
                Ok(count) => text.replacen(old, new, count),
                Err(_) => text.replace(old, new),
            }))
        }
        "swapcase" => unary(swap_case),
        "title" => unary(title),
        "translate" => translate(text, given),
        "upper" => unary(str::to_uppercase),
        other => Err(Reason::new(format!("'str' object has no attribute '{other}'"))),
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

fn swap_case(text: &str) -> String {
    let swap = |c: char| -> String {
        if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
    };
    text.chars().map(swap).collect()
}

fn title(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

fn is(text: &str, name: &str) -> bool {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let cased = |test: fn(char) -> bool, against: fn(char) -> bool| {
        text.chars().any(test) && !text.chars().any(against)
    };
    match name {
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => text.is_ascii(),
        "isdecimal" => all(|c| c.is_ascii_digit()),
        "isdigit" => all(|c| c.is_ascii_digit() || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹')),
        "isidentifier" => {
            !text.starts_with(|c: char| c.is_numeric()) && all(|c| c == '_' || c.is_alphanumeric())
        }
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "isnumeric" => all(char::is_numeric),
        "isprintable" => text.chars().all(|c| !c.is_control() && (c == ' ' || !c.is_whitespace())),
        "isspace" => all(char::is_whitespace),
        "istitle" => text.chars().any(char::is_alphabetic) && title(text) == text,
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        _ => false,
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

fn search(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
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

fn split(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    match given.method {
        "splitlines" => {
            let keep = given.get(0, "keepends").is_some_and(Value::truth);
            return Ok(lines(text, keep));
        }
        "partition" | "rpartition" => {
            given.count(1, 1)?;
            let between = given.text(0, "sep")?;
            if between.is_empty() {
                return Err(Reason::new("empty separator"));
            }
            let last = given.method == "rpartition";
            let found = if last { text.rsplit_once(between) } else { text.split_once(between) };
            let parts = match found {
                Some((before, after)) => [before, between, after],
                None if last => ["", "", text],
                None => [text, "", ""],
            };
            return Ok(Value::Tuple(Arc::new(parts.into_iter().map(Value::from).collect())));
        }
        _ => {}
    }
    given.count(0, 2)?;
    let between = given.optional_text(0, "sep")?;
    let most = usize::try_from(given.integer(1, "maxsplit", -1)?).ok();
    let right = given.method == "rsplit";
    let parts: Vec<&str> = match between {
        Some("") => return Err(Reason::new("empty separator")),
        Some(between) => match (most, right) {
            (None, _) => text.split(between).collect(),
            (Some(most), false) => text.splitn(most + 1, between).collect(),
            (Some(most), true) => {
                let mut parts: Vec<&str> = text.rsplitn(most + 1, between).collect();
                parts.reverse();
                parts
            }
        },
        None => blanks(text, most, right),
    };
    Ok(Value::list(parts.into_iter().map(Value::from)))
}

/// Splits at runs of white space, at most so many times; what is left keeps the white space inside of it.
fn blanks(text: &str, most: Option<usize>, right: bool) -> Vec<&str> {
    let Some(most) = most else { return text.split_whitespace().collect() };
    let mut parts = Vec::new();
    // Only the end at which splitting starts loses its white space before the last part is reached.
    let mut rest = if right { text.trim_end() } else { text.trim_start() };
    while parts.len() < most {
        let cut =
            if right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(cut) = cut else { break };
        let wide = rest[cut..].chars().next().map_or(1, char::len_utf8);
        if right {
            parts.push(&rest[cut + wide..]);
            rest = rest[..cut].trim_end();
        } else {
            parts.push(&rest[..cut]);
            rest = rest[cut + wide..].trim_start();
        }
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    if right {
        parts.reverse();
    }
    parts
}

/// Returns the lines of a text; Python ends a line at more marks than the newline.
fn lines(text: &str, keep: bool) -> Value {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(end) = rest.find(is_end) else {
            lines.push(Value::from(rest));
            break;
        };
        let mark = if rest[end..].starts_with("\r\n") {
            2
        } else {
            rest[end..].chars().next().map_or(1, char::len_utf8)
        };
        lines.push(Value::from(&rest[..if keep { end + mark } else { end }]));
        rest = &rest[end + mark..];
    }
    Value::list(lines)
}

fn pad(text: &str, given: Arguments<'_>) -> Result<String, Reason> {
    if given.method == "expandtabs" {
        return Ok(expand(text, given.integer(0, "tabsize", 8)?.min(1000)));
    }
    given.count(1, 2)?;
    let width = usize::try_from(given.integer(0, "width", 0)?).unwrap_or(0);
    if width > WIDEST {
        return Err(Reason::new(format!("the width {width} is larger than {WIDEST}")));
    }
    let missing = width.saturating_sub(text.chars().count());
    if given.method == "zfill" {
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => text.split_at(text.len() - digits.len()),
            None => ("", text),
        };
        return Ok(format!("{sign}{}{digits}", "0".repeat(missing)));
    }
    let fill = given.optional_text(1, "fillchar")?.unwrap_or(" ");
    if fill.chars().count() != 1 {
        return Err(Reason::new("The fill character must be exactly one character long"));
    }
    let (before, after) = match given.method {
        "ljust" => (0, missing),
        "rjust" => (missing, 0),
        // Python puts the odd one to the left when the width is odd.
        _ => {
            let before = missing / 2 + (missing & width & 1);
            (before, missing - before)
        }
    };
    Ok(format!("{}{text}{}", fill.repeat(before), fill.repeat(after)))
}

fn expand(text: &str, size: i64) -> String {
    let size = usize::try_from(size).unwrap_or(0);
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let blanks = if size == 0 { 0 } else { size - column % size };
                out.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

fn make_translation(given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 3)?;
    let code = |c: char| Value::Int(i64::from(u32::from(c)));
    if let Some(map) = given.args[0].as_map() {
        let pairs = map.iter().map(|(key, value)| {
            let key =
                key.as_str().and_then(|text| text.chars().next()).map_or_else(|| key.clone(), code);
            (key, value.clone())
        });
        return Ok(Value::map(pairs));
    }
    let (from, to) = (given.text(0, "x")?, given.text(1, "y")?);
    if from.chars().count() != to.chars().count() {
        return Err(Reason::new("the first two maketrans arguments must have equal length"));
    }
    let removed = given.optional_text(2, "z")?.unwrap_or_default();
    let pairs = from.chars().zip(to.chars()).map(|(a, b)| (code(a), code(b)));
    Ok(Value::map(pairs.chain(removed.chars().map(|c| (code(c), Value::Null)))))
}

fn translate(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 1)?;
    let table =
        given.args[0].as_map().ok_or_else(|| Reason::new("translate() needs a dictionary"))?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match table.get_value(&Value::Int(i64::from(u32::from(c)))) {
            None => out.push(c),
            Some(Value::Null) => {}
            Some(Value::Text(text)) => out.push_str(text.as_str()),
            Some(other) => {
                let code = other.as_int().and_then(|code| u32::try_from(code).ok());
                out.extend(code.and_then(char::from_u32));
            }
        }
    }
    Ok(Value::from(out))
}
