//! A node: a value with its place, its raw text and its style.

use std::sync::{Arc, OnceLock};

use crate::base::{List, Map, Mistake, Position, Value};

/// A node of a document. Cloning is cheap: content is shared, and so are anchors and their aliases.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it starts.
    pub at: Position,
    /// The line and column just behind it.
    pub end: (u32, u32),
    /// How it is written.
    pub style: Style,
    /// Its tag when one is written, as `!vault` or `!!str`.
    pub tag: Option<Arc<str>>,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A scalar: its value, and the text it was resolved from (`1.10` beside the number 1.1).
    Scalar(Value, Arc<str>),
    /// A list.
    List(Arc<Items<Node>>),
    /// A map with merge keys applied; of equal keys the last value stays, at the first one's place.
    Map(Arc<Items<(Node, Node)>>),
}

/// The content of a list or map, with its value once somebody asked for it.
#[derive(Debug)]
pub struct Items<T> {
    items: Vec<T>,
    value: OnceLock<Value>,
}

impl<T> Items<T> {
    pub(super) fn new(items: Vec<T>) -> Arc<Self> {
        Arc::new(Self { items, value: OnceLock::new() })
    }
}

impl Kind {
    /// Returns a list of nodes.
    pub fn list(items: Vec<Node>) -> Self {
        Self::List(Items::new(items))
    }

    /// Returns a map of nodes; its keys must be different.
    pub fn map(pairs: Vec<(Node, Node)>) -> Self {
        Self::Map(Items::new(pairs))
    }
}

/// How a node is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Style {
    /// A list or map by indentation.
    Block,
    /// A scalar in double quotes.
    Double,
    /// A list or map in brackets.
    Flow,
    /// A scalar after `>`.
    Folded,
    /// A scalar after `|`.
    Literal,
    /// A scalar without quotes.
    Plain,
    /// A scalar in single quotes.
    Single,
}

impl Node {
    /// Returns a node made elsewhere than from YAML, as of another format.
    pub fn new(at: Position, end: (u32, u32), kind: Kind) -> Self {
        Self { at, end, style: Style::Flow, tag: None, kind }
    }

    /// Returns the value of the node and everything below; built once and shared.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value, _) => value.clone(),
            Kind::List(content) => content
                .value
                .get_or_init(|| {
                    Value::List(Arc::new(
                        content.items.iter().map(Self::to_value).collect::<List>(),
                    ))
                })
                .clone(),
            Kind::Map(content) => content
                .value
                .get_or_init(|| {
                    let pairs =
                        content.items.iter().map(|(key, item)| (key.to_value(), item.to_value()));
                    Value::Map(Arc::new(pairs.collect::<Map>()))
                })
                .clone(),
        }
    }

    /// Returns the value below a text key, when this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Returns the key node and the value below a text key, when this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        let (key, value) = self.entries().iter().find(|(name, _)| name.as_str() == Some(key))?;
        Some((key, value))
    }

    /// Returns the pairs of a map; nothing for other nodes.
    pub fn entries(&self) -> &[(Self, Self)] {
        match &self.kind {
            Kind::Map(content) => &content.items,
            Kind::Scalar(..) | Kind::List(_) => &[],
        }
    }

    /// Returns the items of a list; nothing for other nodes.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(content) => &content.items,
            Kind::Scalar(..) | Kind::Map(_) => &[],
        }
    }

    /// Returns the characters of a text or template; nothing for numbers, booleans, null and vaulted text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(Value::Text(text), _) => Some(text.as_str()),
            Kind::Scalar(Value::Lazy(lazy), _) if !self.is_vault() => Some(lazy.source()),
            Kind::Scalar(..) | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Returns the text of a scalar as it is written, before it became a number or a boolean.
    pub fn raw(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::Scalar(_, raw) => Some(raw),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Returns whether this is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// Returns whether this is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Returns whether this is `null` or empty.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Scalar(Value::Null, _))
    }

    /// Returns whether this is a vaulted text.
    pub fn is_vault(&self) -> bool {
        matches!(self.tag.as_deref(), Some("!vault" | "!vault-encrypted"))
    }

    /// Returns what this is, for messages: `a list`, `a map`, `text`, `a number` …
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Scalar(value, _) => match value {
                Value::Null => "nothing",
                Value::Bool(_) => "a boolean",
                Value::Int(_) | Value::Big(_) | Value::Float(_) => "a number",
                Value::Bytes(_) => "bytes",
                Value::Object(_) => "a date",
                Value::Lazy(_) if self.is_vault() => "a vaulted text",
                Value::Text(_) | Value::Lazy(_) => "text",
                Value::List(_) | Value::Tuple(_) => "a list",
                Value::Map(_) => "a map",
            },
        }
    }

    /// Returns a mistake at this node; the caret underlines what stands on its first line.
    pub fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake::new(what, &self.at).width(self.width())
    }

    /// Returns how many characters the node takes on its first line; one when it goes on below.
    pub fn width(&self) -> usize {
        let (line, column) = self.end;
        if line == self.at.line { column.saturating_sub(self.at.column).max(1) as usize } else { 1 }
    }
}
