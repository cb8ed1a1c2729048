//! Python's `pprint.pformat` as far as Ansible's values let it work: long text is broken, containers are not.

use crate::base::Value;

const WIDTH: usize = 80;

/// Returns the value as `pprint` writes it.
pub(in crate::template) fn format(value: &Value) -> String {
    match value {
        Value::Text(text) if value.repr().chars().count() > WIDTH => string(text.as_str()),
        other => other.repr(),
    }
}

/// Returns long text as several literals, broken after lines and words.
fn string(text: &str) -> String {
    let width = WIDTH - 1;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut chunks = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let last = number + 1 == lines.len();
        let room = if last { width - 1 } else { width };
        let repr = Value::from(*line).repr();
        if repr.chars().count() <= room {
            chunks.push(repr);
            continue;
        }
        let parts = parts(line);
        let mut current = String::new();
        for (place, part) in parts.iter().enumerate() {
            let candidate = format!("{current}{part}");
            let room = if last && place + 1 == parts.len() { room } else { width };
            if Value::from(candidate.as_str()).repr().chars().count() > room {
                if !current.is_empty() {
                    chunks.push(Value::from(current.as_str()).repr());
                }
                current = (*part).to_owned();
            } else {
                current = candidate;
            }
        }
        if !current.is_empty() {
            chunks.push(Value::from(current).repr());
        }
    }
    if chunks.len() == 1 {
        return chunks.remove(0);
    }
    format!("({})", chunks.join("\n "))
}

/// Splits a line into words, each with the white space after it.
fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let end =
            rest[word..].find(|c: char| !c.is_whitespace()).map_or(rest.len(), |at| word + at);
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}
