//! YAML 1.1 as PyYAML reads it, with the place of every node. Controller only.
//!
//! libyaml's event parser (in Rust) reads the text, so whatever Ansible accepts is accepted here; the composer is ours:
//! it resolves plain scalars by PyYAML's rules (`yes` is a boolean, `0644` is 420, `12:30` is 750), applies merge keys,
//! understands `!vault` and `!unsafe`, keeps raw text and position beside each value, and says what is wrong in words
//! that help. JSON is read by JSON's own rules first, as Ansible does.
#![forbid(unsafe_code)]

mod compose;
mod events;
mod hint;
mod json;
mod map;
mod node;
mod number;
mod scalar;
mod tag;
#[cfg(test)]
mod tests;
mod timestamp;

use std::path::Path;
use std::sync::Arc;

pub use node::{Kind, Node, Style};
pub use timestamp::Timestamp;

use crate::base::{Mistake, Position, SourceFile, Value};

/// How far the author of a text is trusted, and whether the text may be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Playbooks, inventories, files of variables: text with `{{`, `{%` or `{#` is a template.
    Templates,
    /// The same, out of an encrypted file: texts are secret as well.
    Secrets,
    /// Output of programs, `from_yaml`: text is text.
    Nothing,
}

/// What stands in a file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The top node of each document; an empty file has none.
    pub nodes: Vec<Node>,
    /// What is suspicious but allowed, such as a key that stands there twice.
    pub warnings: Vec<Mistake>,
}

impl Document {
    /// Returns the one top node, nothing for an empty file; a second document is a mistake.
    pub fn single(&self) -> Result<Option<&Node>, Mistake> {
        match self.nodes.as_slice() {
            [] => Ok(None),
            [node] => Ok(Some(node)),
            [_, second, ..] => Err(Mistake::new("a second YAML document starts here", &second.at)
                .hint("only one document is allowed in this file; remove the `---` before it")),
        }
    }
}

/// Parses the text of a file.
pub fn parse(file: &Arc<SourceFile>, trust: Trust) -> Result<Document, Mistake> {
    parse_text(&file.text, file, trust)
}

/// Parses a text that is not kept for excerpts (a decrypted file): positions name `file`.
pub fn parse_text(text: &str, file: &Arc<SourceFile>, trust: Trust) -> Result<Document, Mistake> {
    if let Some(node) = json::parse(text, file, trust) {
        return Ok(Document { nodes: vec![node], warnings: Vec::new() });
    }
    compose::documents(text, file, trust)
}

/// Reads and parses a file.
pub fn load_file(path: &Path, trust: Trust) -> Result<Document, Mistake> {
    let name = path.display().to_string();
    let failed = |why: String| {
        let file = SourceFile::new(name.clone(), "");
        Mistake::new(format!("cannot read `{name}`: {why}"), &Position::new(&file, 0, 0))
    };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(not_utf8(&error)))?;
    parse(&SourceFile::new(name.clone(), text), trust)
}

/// Returns the value of a text with one document and no templates, as `from_yaml` does.
pub fn value_of(text: &str) -> Result<Value, Mistake> {
    let file = SourceFile::new("<text>", text);
    let document = compose::documents(text, &file, Trust::Nothing)?;
    Ok(document.single()?.map_or(Value::Null, Node::to_value))
}

/// Returns the values of all documents of a text, as `from_yaml_all` does.
pub fn values_of(text: &str) -> Result<Vec<Value>, Mistake> {
    let file = SourceFile::new("<text>", text);
    let document = compose::documents(text, &file, Trust::Nothing)?;
    Ok(document.nodes.iter().map(Node::to_value).collect())
}

/// Returns whether a plain scalar with this text is read as text, and not as a number, a date, `yes` or `null`.
pub fn reads_as_text(text: &str) -> bool {
    matches!(scalar::resolve(text), scalar::Look::Text)
}

/// Returns whether trusted text is a template.
pub fn is_template(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| matches!(pair, b"{{" | b"{%" | b"{#"))
        || text.starts_with("#jinja2:")
}

fn not_utf8(error: &std::string::FromUtf8Error) -> String {
    let start = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("line {line} is not UTF-8 text; save the file as UTF-8")
}
