//! From events to nodes: anchors, tags, templates, limits.

use std::collections::HashMap;
use std::sync::Arc;

use libyaml_safer::{Event, EventData, MappingStyle, Mark, ScalarStyle, SequenceStyle};

use super::events::{Events, place};
use super::node::Items;
use super::scalar::{self, Look};
use super::tag::{self, Tag};
use super::{Document, Kind, Node, Style, Trust, is_template, map, number};
use crate::base::{Lazy, Mistake, Position, SourceFile, Text, Value};

/// Deepest nesting that is read.
const DEPTH: usize = 200;
/// How many nodes may exist through aliases alone: more is an attack, not a playbook.
const ALIASED: usize = 1_000_000;

/// Parses all documents of a text.
pub(super) fn documents(
    text: &str,
    file: &Arc<SourceFile>,
    trust: Trust,
) -> Result<Document, Mistake> {
    let mut composer = Composer {
        events: Events::new(text, file),
        file,
        templates: trust != Trust::Nothing,
        secret: trust == Trust::Secrets,
        anchors: HashMap::new(),
        warnings: Vec::new(),
        depth: 0,
        count: 0,
        aliased: 0,
    };
    let mut nodes = Vec::new();
    loop {
        let event = composer.events.next()?;
        match event.data {
            EventData::StreamEnd => break,
            EventData::StreamStart { .. } | EventData::DocumentEnd { .. } => {}
            EventData::DocumentStart { .. } => composer.anchors.clear(),
            EventData::Alias { .. }
            | EventData::Scalar { .. }
            | EventData::SequenceStart { .. }
            | EventData::SequenceEnd
            | EventData::MappingStart { .. }
            | EventData::MappingEnd => nodes.push(composer.node(event, Role::Value)?),
        }
    }
    let mut warnings = composer.warnings;
    warnings.sort_by_key(|warning| (warning.at.line, warning.at.column));
    Ok(Document { nodes, warnings })
}

/// What a node is for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Role {
    /// The key of a map: never a template.
    Key,
    /// What `<<` merges: only its entries count, whatever its tag says.
    Merged,
    Value,
}

/// A node under its anchor, with the number of nodes in it; no node while it is being read.
struct Anchor {
    node: Option<Node>,
    size: usize,
}

struct Composer<'t> {
    events: Events<'t>,
    file: &'t Arc<SourceFile>,
    templates: bool,
    secret: bool,
    anchors: HashMap<String, Anchor>,
    warnings: Vec<Mistake>,
    depth: usize,
    count: usize,
    aliased: usize,
}

impl Composer<'_> {
    fn node(&mut self, event: Event, role: Role) -> Result<Node, Mistake> {
        let at = place(self.file, event.start_mark);
        self.count += 1;
        if self.depth >= DEPTH {
            return Err(Mistake::new(format!("nested deeper than {DEPTH} levels"), &at));
        }
        let before = self.count;
        let (anchor, tag) = match &event.data {
            EventData::Scalar { anchor, tag, .. }
            | EventData::SequenceStart { anchor, tag, .. }
            | EventData::MappingStart { anchor, tag, .. } => {
                (anchor.clone(), tag.as_deref().map(tag::short))
            }
            EventData::Alias { anchor } => return self.alias(anchor, &at),
            EventData::StreamStart { .. }
            | EventData::StreamEnd
            | EventData::DocumentStart { .. }
            | EventData::DocumentEnd { .. }
            | EventData::SequenceEnd
            | EventData::MappingEnd => return Err(Mistake::new("this is not valid YAML", &at)),
        };
        if let Some(name) = &anchor {
            let known = self.anchors.insert(name.clone(), Anchor { node: None, size: 0 });
            if known.is_some() {
                return Err(Mistake::new(
                    format!("there is an anchor `&{name}` above already"),
                    &at,
                )
                .width(name.chars().count() + 1));
            }
        }
        let asked = match &tag {
            Some(_) if role == Role::Merged => None,
            Some(name) if role == Role::Key && &**name == map::MERGE => None,
            Some(name) if role == Role::Key && &**name == map::VALUE => Some(Tag::Str),
            Some(name) if &**name != "!" => {
                Some(tag::known(name).ok_or_else(|| unknown_tag(name, &at))?)
            }
            Some(_) | None => None,
        };
        let (templates, depth) = (self.templates, self.depth);
        self.templates &= asked != Some(Tag::Unsafe);
        self.depth += 1;
        let mut node = self.content(event, asked, role, at)?;
        (self.templates, self.depth) = (templates, depth);
        node.tag = tag;
        if let Some(anchor) = anchor.and_then(|name| self.anchors.get_mut(&name)) {
            anchor.size = self.count - before + 1;
            anchor.node = Some(node.clone());
        }
        Ok(node)
    }

    fn content(
        &mut self,
        event: Event,
        asked: Option<Tag>,
        role: Role,
        at: Position,
    ) -> Result<Node, Mistake> {
        let file = self.file;
        let node = |style, kind, end: Mark| {
            let end = place(file, end);
            Node { at: at.clone(), end: (end.line, end.column), style, tag: None, kind }
        };
        match event.data {
            EventData::Scalar { value, plain_implicit, style, .. } => {
                let style = scalar_style(style);
                let raw = Kind::Scalar(Value::Null, Arc::from(value));
                let blank = node(style, raw, event.end_mark);
                // A lone `!` makes what is quoted as good as plain.
                self.scalar(blank, asked, plain_implicit, role)
            }
            EventData::SequenceStart { style, .. } => {
                let style = if style == SequenceStyle::Flow { Style::Flow } else { Style::Block };
                let (items, end) = self.items(role)?;
                let kind = match asked {
                    Some(Tag::Pairs) => {
                        let value = tag::pairs(&items)
                            .map_err(|item| item.mistake("this must be a map with one key"))?;
                        Kind::Scalar(value, Arc::from(""))
                    }
                    None | Some(Tag::Seq | Tag::Unsafe) => Kind::List(Items::new(items)),
                    Some(_) => return Err(misplaced("a list", &at)),
                };
                Ok(node(style, kind, end))
            }
            EventData::MappingStart { style, .. } => {
                let style = if style == MappingStyle::Flow { Style::Flow } else { Style::Block };
                let (pairs, end) = self.pairs()?;
                let entries = map::entries(pairs, &at, &mut self.warnings)?;
                let kind = match asked {
                    // Python's set has no twin among the values; a list of its members is nearest.
                    Some(Tag::Set) => {
                        Kind::List(Items::new(entries.into_iter().map(|(key, _)| key).collect()))
                    }
                    None | Some(Tag::Map | Tag::Unsafe) => Kind::Map(Items::new(entries)),
                    Some(_) => return Err(misplaced("a map", &at)),
                };
                Ok(node(style, kind, end))
            }
            EventData::Alias { .. }
            | EventData::StreamStart { .. }
            | EventData::StreamEnd
            | EventData::DocumentStart { .. }
            | EventData::DocumentEnd { .. }
            | EventData::SequenceEnd
            | EventData::MappingEnd => Err(Mistake::new("this is not valid YAML", &at)),
        }
    }

    fn items(&mut self, role: Role) -> Result<(Vec<Node>, Mark), Mistake> {
        let role = if role == Role::Merged { role } else { Role::Value };
        let mut items = Vec::new();
        loop {
            let event = self.events.next()?;
            if event.data == EventData::SequenceEnd {
                return Ok((items, event.end_mark));
            }
            items.push(self.node(event, role)?);
        }
    }

    fn pairs(&mut self) -> Result<(Vec<(Node, Node)>, Mark), Mistake> {
        let mut pairs = Vec::new();
        loop {
            let event = self.events.next()?;
            if event.data == EventData::MappingEnd {
                return Ok((pairs, event.end_mark));
            }
            let key = self.node(event, Role::Key)?;
            let event = self.events.next()?;
            let role = if map::is_merge(&key) { Role::Merged } else { Role::Value };
            pairs.push((key, self.node(event, role)?));
        }
    }

    fn scalar(
        &mut self,
        mut node: Node,
        asked: Option<Tag>,
        plain: bool,
        role: Role,
    ) -> Result<Node, Mistake> {
        let Some(raw) = node.raw().cloned() else { return Ok(node) };
        let value = match asked {
            Some(Tag::Vault) => {
                Value::Lazy(Arc::new(Lazy::vault(Arc::clone(&raw), node.at.clone())))
            }
            Some(Tag::Str) => self.text(&raw, &node.at, role),
            // `!unsafe 1` is still the number one: the tag is about templates.
            None | Some(Tag::Unsafe) => {
                match if plain { scalar::resolve(&raw) } else { Look::Text } {
                    Look::Text => self.text(&raw, &node.at, role),
                    Look::Reserved if role == Role::Key => self.text(&raw, &node.at, role),
                    Look::Reserved => return Err(node.mistake(format!("`{raw}` must be quoted"))),
                    Look::Broken(what) => {
                        return Err(node
                            .mistake(format!("`{raw}` looks like {what} but is none"))
                            .hint(format!("quote it if it is text: \"{raw}\"")));
                    }
                    Look::Value(value) => {
                        self.warn_of_base_60(&node, &raw, &value);
                        value
                    }
                }
            }
            Some(asked) => tag::scalar(asked, &raw)
                .map_err(|wanted| node.mistake(format!("its tag asks for {wanted}")))?,
        };
        node.kind = Kind::Scalar(value, raw);
        Ok(node)
    }

    fn text(&self, raw: &Arc<str>, at: &Position, role: Role) -> Value {
        if role == Role::Key {
            Value::Text(Text::plain(Arc::clone(raw)))
        } else if self.templates && is_template(raw) {
            Value::Lazy(Arc::new(Lazy::template(Arc::clone(raw), at.clone())))
        } else {
            let text = if self.secret { Text::secret } else { Text::plain }(Arc::clone(raw));
            Value::Text(if self.templates { text.into_written() } else { text })
        }
    }

    fn warn_of_base_60(&mut self, node: &Node, raw: &str, value: &Value) {
        if self.templates && matches!(value, Value::Int(_)) && number::is_sexagesimal(raw) {
            self.warnings.push(
                node.mistake(format!("YAML reads `{raw}` as the number {value} (base 60)"))
                    .hint(format!("quote it if it is a pair of ports or a time: \"{raw}\"")),
            );
        }
    }

    fn alias(&mut self, name: &str, at: &Position) -> Result<Node, Mistake> {
        let Some(anchor) = self.anchors.get(name) else {
            return Err(Mistake::new(format!("there is no anchor `&{name}` above"), at)
                .width(name.chars().count() + 1)
                .hint("a text that starts with `*` must be quoted"));
        };
        let Some(node) = &anchor.node else {
            return Err(Mistake::new(format!("`*{name}` stands inside what `&{name}` names"), at)
                .width(name.chars().count() + 1));
        };
        self.count += anchor.size;
        self.aliased += anchor.size;
        if self.aliased > ALIASED {
            return Err(Mistake::new(
                format!("aliases make more than {ALIASED} nodes of this file"),
                at,
            ));
        }
        Ok(node.clone())
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}

fn unknown_tag(name: &str, at: &Position) -> Mistake {
    let mistake = Mistake::new(format!("unknown tag `{name}`"), at).width(name.chars().count());
    match tag::nearest(name) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => mistake.hint("a text that starts with `!` must be quoted"),
    }
}

fn misplaced(what: &str, at: &Position) -> Mistake {
    Mistake::new(format!("this tag does not fit {what}"), at)
}
