//! Methods that cut a text into parts.

use std::sync::Arc;

use super::Arguments;
use crate::base::Value;
use crate::template::Reason;

/// Answers `partition`, `rpartition`, `rsplit`, `split` and `splitlines`.
pub(super) fn split(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
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
