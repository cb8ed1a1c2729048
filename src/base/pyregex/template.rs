//! What a match is replaced by: Python's replacement texts (`\1`, `\g<name>`, `\n`).

use super::{Match, Pattern, PatternError};

/// A replacement, read once and filled for each match.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Eq, PartialEq)]
enum Part {
    Literal(String),
    Group(usize),
}

impl Template {
    /// Reads a replacement for the groups of a pattern.
    pub fn new(source: &str, pattern: &Pattern) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = source;
        while let Some(at) = rest.find('\\') {
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let (part, used) = escape(rest, pattern)
                .map_err(|why| PatternError::Replacement { replacement: source.to_owned(), why })?;
            rest = &rest[used..];
            match part {
                Part::Literal(text) => literal.push_str(&text),
                group => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(group);
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }

    /// Returns the text for a match; groups that took no part are empty.
    pub fn expand(&self, found: &Match<'_>) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Group(number) => found.group(*number).unwrap_or_default(),
            })
            .collect()
    }
}

/// Reads what follows a backslash, and returns it with the number of bytes used.
fn escape(rest: &str, pattern: &Pattern) -> Result<(Part, usize), String> {
    let one = |c: char| Ok((Part::Literal(c.to_string()), 1));
    let mut chars = rest.chars();
    match chars.next() {
        None => Err("bad escape (end of pattern)".into()),
        Some('g') => named(&rest[1..], pattern).map(|(group, used)| (Part::Group(group), used + 1)),
        Some('n') => one('\n'),
        Some('t') => one('\t'),
        Some('r') => one('\r'),
        Some('a') => one('\u{7}'),
        Some('b') => one('\u{8}'),
        Some('f') => one('\u{c}'),
        Some('v') => one('\u{b}'),
        Some('\\') => one('\\'),
        Some(c) if c.is_ascii_digit() => numbered(rest, pattern),
        Some(c) if c.is_ascii_alphabetic() => Err(format!("bad escape \\{c}")),
        Some(c) => Ok((Part::Literal(format!("\\{c}")), c.len_utf8())),
    }
}

/// Reads `<name>` or `<1>`.
fn named(rest: &str, pattern: &Pattern) -> Result<(usize, usize), String> {
    let inner = rest.strip_prefix('<').ok_or("missing <")?;
    let (name, _) = inner.split_once('>').ok_or("missing >, unterminated name")?;
    let group = match name.parse::<usize>() {
        Ok(number) if number <= pattern.groups() => number,
        Ok(number) => return Err(format!("invalid group reference {number}")),
        Err(_) if name.is_empty() => return Err("missing group name".into()),
        Err(_) => pattern.group_of(name).ok_or_else(|| format!("unknown group name '{name}'"))?,
    };
    Ok((group, name.len() + 2))
}

/// Reads `\1`, `\12`, or an octal code (`\0`, `\012`, `\123`).
fn numbered(rest: &str, pattern: &Pattern) -> Result<(Part, usize), String> {
    let digits: String = rest.chars().take(3).take_while(char::is_ascii_digit).collect();
    let octal = |text: &str| text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    if digits.starts_with('0') || (digits.len() == 3 && octal(&digits)) {
        let most = if digits.starts_with('0') { 3.min(digits.len()) } else { 3 };
        let used = digits.bytes().take(most).take_while(|b| (b'0'..=b'7').contains(b)).count();
        let code = u32::from_str_radix(&digits[..used], 8).unwrap_or(0);
        if code > 0o377 {
            return Err(format!(
                "octal escape value \\{} outside of range 0-0o377",
                &digits[..used]
            ));
        }
        return Ok((Part::Literal(char::from_u32(code).unwrap_or('\0').to_string()), used));
    }
    let used = digits.len().min(2);
    let group: usize = digits[..used].parse().unwrap_or(0);
    if group > pattern.groups() {
        return Err(format!("invalid group reference {group}"));
    }
    Ok((Part::Group(group), used))
}
