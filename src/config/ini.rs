//! The syntax of `ansible.cfg`: what Python's `configparser` reads.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{Mistake, Position, SourceFile};

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: String,
    pub(super) at: Position,
}

/// All keys of a file by section.
#[derive(Debug, Default)]
pub(super) struct Entries(HashMap<(String, String), Entry>);

impl Entries {
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        // Keys of the section DEFAULT hold in every section.
        let find = |section: &str| self.0.get(&(section.to_owned(), key.to_owned()));
        find(section).or_else(|| find("DEFAULT"))
    }
}

/// Parses a configuration file.
pub(super) fn parse(file: &Arc<SourceFile>) -> Result<Entries, Mistake> {
    let mut entries: HashMap<(String, String), Entry> = HashMap::new();
    let mut section: Option<String> = None;
    let mut last: Option<((String, String), usize)> = None;
    for (number, line) in (1..).zip(file.text.lines()) {
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let text = without_comment(line).trim();
        if text.is_empty() {
            continue;
        }
        // A line that is indented deeper than its key goes on with the value.
        if let Some((key, depth)) = &last
            && indent > *depth
            && let Some(entry) = entries.get_mut(key)
        {
            entry.value.push('\n');
            entry.value.push_str(text);
            continue;
        }
        let at = Position::new(file, number, u32::try_from(indent).unwrap_or(0) + 1);
        if let Some(name) = text.strip_prefix('[') {
            let Some((name, _)) = name.split_once(']') else {
                return Err(Mistake::new("a section needs a `]`", &at).width(text.len()));
            };
            section = Some(name.to_owned());
            last = None;
            continue;
        }
        let Some(section) = &section else {
            return Err(Mistake::new("this stands before the first section", &at)
                .width(text.len())
                .hint("start the file with `[defaults]`"));
        };
        let Some((key, value)) = text.split_once(['=', ':']) else {
            return Err(Mistake::new("this is no `key = value`", &at).width(text.len()));
        };
        let key = (section.clone(), key.trim().to_lowercase());
        let entry = Entry { value: value.trim().to_owned(), at: at.clone() };
        if let Some(first) = entries.insert(key.clone(), entry) {
            return Err(Mistake::new(format!("`{}` stands twice in `[{section}]`", key.1), &at)
                .width(key.1.len())
                .label(format!("first in line {}", first.at.line)));
        }
        last = Some((key, indent));
    }
    Ok(Entries(entries))
}

/// Cuts a comment: a whole line after `#` or `;`, or the rest of one after ` ;`.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    let mut previous = None;
    for (place, c) in line.char_indices() {
        if c == ';' && previous.is_some_and(char::is_whitespace) {
            return &line[..place];
        }
        previous = Some(c);
    }
    line
}
