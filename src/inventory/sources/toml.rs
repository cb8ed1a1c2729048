//! TOML inventories: the same shape as YAML ones, but `children` is a list. Turned into nodes and read as those.

use std::ops::Range;
use std::sync::Arc;

use num_bigint::BigInt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Reading, Text, yaml};
use crate::base::{Lazy, Mistake, Position, SourceFile, Text as Chars, Value};
use crate::yaml::{Kind, Node, is_template};

pub(super) fn read(text: &Text<'_>, reading: &mut Reading<'_>) {
    if !reading.may_read(&["toml"], text) {
        return;
    }
    let starts = text.text.match_indices('\n').map(|(place, _)| place + 1);
    let places = Places {
        text: text.text,
        file: text.file,
        starts: std::iter::once(0).chain(starts).collect(),
        secret: text.secret,
    };
    match DeTable::parse(text.text) {
        Ok(table) => {
            let groups = table.get_ref().iter().map(|(name, group)| {
                let pairs = group.get_ref().as_table().map(|table| places.group(table));
                let value = match pairs {
                    Some(kind) => places.node(&group.span(), kind),
                    None => places.value(group),
                };
                (places.key(name), value)
            });
            let top = Node::new(places.at(0), (1, 1), Kind::map(groups.collect()));
            yaml::groups(&top, reading);
        }
        Err(error) => {
            let at = places.at(error.span().map_or(0, |span| span.start));
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            reading.push(Mistake::new(format!("this is not valid TOML: {what}"), &at));
        }
    }
}

struct Places<'a> {
    text: &'a str,
    file: &'a Arc<SourceFile>,
    /// Where lines start, in bytes.
    starts: Vec<usize>,
    secret: bool,
}

impl Places<'_> {
    fn at(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let column =
            self.text.get(self.starts[line - 1]..offset).map_or(0, |text| text.chars().count());
        let small = |number: usize| u32::try_from(number).unwrap_or(0);
        Position::new(self.file, small(line), small(column) + 1)
    }

    fn node(&self, span: &Range<usize>, kind: Kind) -> Node {
        let end = self.at(span.end);
        Node::new(self.at(span.start), (end.line, end.column), kind)
    }

    fn key(&self, key: &Spanned<toml::de::DeString<'_>>) -> Node {
        let name: Arc<str> = Arc::from(&**key.get_ref());
        let value = Value::Text(Chars::plain(Arc::clone(&name)));
        self.node(&key.span(), Kind::Scalar(value, name))
    }

    /// Returns a group, in which a list of children becomes a map of names.
    fn group(&self, table: &DeTable<'_>) -> Kind {
        let pairs = table.iter().map(|(key, value)| {
            let node = match (&**key.get_ref(), value.get_ref()) {
                ("children", DeValue::Array(items)) => {
                    let names = items.iter().map(|item| {
                        let name = self.value(item);
                        let null = Kind::Scalar(Value::Null, Arc::from(""));
                        (name, self.node(&item.span(), null))
                    });
                    self.node(&value.span(), Kind::map(names.collect()))
                }
                _ => self.value(value),
            };
            (self.key(key), node)
        });
        Kind::map(pairs.collect())
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let span = value.span();
        let raw: Arc<str> = Arc::from(self.text.get(span.clone()).unwrap_or_default());
        let scalar = |value: Value| Kind::Scalar(value, Arc::clone(&raw));
        let kind = match value.get_ref() {
            DeValue::String(text) => {
                let chars: Arc<str> = Arc::from(&**text);
                Kind::Scalar(self.text_value(&chars, span.start), chars)
            }
            DeValue::Integer(number) => {
                let digits = number.as_str().replace('_', "");
                let number = BigInt::parse_bytes(digits.as_bytes(), number.radix());
                scalar(number.map_or(Value::Null, Value::integer))
            }
            DeValue::Float(number) => {
                scalar(Value::Float(number.as_str().replace('_', "").parse().unwrap_or(f64::NAN)))
            }
            DeValue::Boolean(truth) => scalar(Value::Bool(*truth)),
            DeValue::Datetime(time) => {
                let zone = |text: String| match text.strip_suffix(['Z', 'z']) {
                    Some(time) => format!("{time}+00:00"),
                    None => text,
                };
                scalar(Value::written(zone(time.to_string())))
            }
            DeValue::Array(items) => {
                Kind::list(items.iter().map(|item| self.value(item)).collect())
            }
            DeValue::Table(table) => Kind::map(
                table.iter().map(|(key, value)| (self.key(key), self.value(value))).collect(),
            ),
        };
        self.node(&span, kind)
    }

    fn text_value(&self, chars: &Arc<str>, offset: usize) -> Value {
        if is_template(chars) {
            Value::Lazy(Arc::new(Lazy::template(Arc::clone(chars), self.at(offset))))
        } else if self.secret {
            Value::Text(Chars::secret(Arc::clone(chars)).into_written())
        } else {
            Value::written(Arc::clone(chars))
        }
    }
}
