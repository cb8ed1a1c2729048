//! Differences: what a change would do, shown in check mode and with `--diff`.

use crate::base::{List, Value};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Diff {
    /// Nothing worth showing.
    None,
    /// Text before and after, with the headers of both sides.
    Text {
        /// What the left side is, mostly a path.
        before_header: String,
        /// What the right side is.
        after_header: String,
        /// The left side.
        before: String,
        /// The right side.
        after: String,
    },
    /// Values before and after (`{mode: '0644'}`).
    Values {
        /// What it is about, mostly a path.
        header: String,
        /// The left side.
        before: Value,
        /// The right side.
        after: Value,
    },
    /// Text that is a difference already.
    Prepared(String),
}

/// The largest text that is shown; Ansible's `max_diff_size` in bytes.
const LARGEST: usize = 104_448;

impl Diff {
    /// Returns the difference of two texts of one file; a side that is not there is empty and has no name.
    pub fn text(path: &std::path::Path, before: Option<&str>, after: &str) -> Self {
        let header = path.to_string_lossy().into_owned();
        Self::Text {
            before_header: before.map(|_| header.clone()).unwrap_or_default(),
            after_header: header,
            before: before.unwrap_or_default().into(),
            after: after.into(),
        }
    }

    /// Returns the difference of two contents, which may be binary or large and are then only named.
    pub fn content(path: &std::path::Path, before: Option<&[u8]>, after: &[u8]) -> Self {
        let shown = |content: &[u8]| match std::str::from_utf8(content) {
            _ if content.len() > LARGEST => "(the file is too large to show)\n".to_owned(),
            Ok(text) if !text.contains('\0') => text.to_owned(),
            _ => "(the file is binary)\n".to_owned(),
        };
        Self::text(path, before.map(shown).as_deref(), &shown(after))
    }

    /// Returns the difference of named states.
    pub fn values(header: impl Into<String>, before: Value, after: Value) -> Self {
        Self::Values { header: header.into(), before, after }
    }
}

/// Returns differences as Ansible registers them.
pub fn diff_values(diffs: &[Diff]) -> Value {
    let all: List = diffs
        .iter()
        .filter_map(|diff| match diff {
            Diff::None => None,
            Diff::Text { before_header, after_header, before, after } => {
                let all = [
                    ("before_header", before_header),
                    ("after_header", after_header),
                    ("before", before),
                    ("after", after),
                ];
                let named = all
                    .into_iter()
                    .filter(|(key, text)| !key.ends_with("header") || !text.is_empty());
                Some(Value::map(named.map(|(key, text)| (key, Value::from(text)))))
            }
            Diff::Values { before, after, .. } => {
                Some(Value::map([("before", before.clone()), ("after", after.clone())]))
            }
            Diff::Prepared(text) => Some(Value::map([("prepared", Value::from(text))])),
        })
        .collect();
    match &all[..] {
        [one] => one.clone(),
        _ => all.into(),
    }
}

/// Returns the differences that were registered so.
pub fn diffs_of(value: &Value) -> Vec<Diff> {
    let one = |value: &Value| {
        let text = |name: &str| value.get(name).map(|text| text.to_string()).unwrap_or_default();
        let side = |name: &str| value.get(name).cloned().unwrap_or_default();
        if value.get("prepared").is_some() {
            return Diff::Prepared(text("prepared"));
        }
        match (side("before"), side("after")) {
            (Value::Text(_), _) | (_, Value::Text(_)) => Diff::Text {
                before_header: text("before_header"),
                after_header: text("after_header"),
                before: text("before"),
                after: text("after"),
            },
            (before, after) => Diff::Values { header: text("before_header"), before, after },
        }
    };
    match value {
        Value::List(items) => items.iter().map(one).collect(),
        Value::Map(_) => vec![one(value)],
        _ => Vec::new(),
    }
}
