//! The one value type: what YAML holds, what templates compute, what modules take and give back.
//!
//! Values are immutable and cheap to clone (everything large sits behind an `Arc`), so a variable of the inventory is
//! shared by all hosts. Two things make it Ansible's and not JSON:
//!
//! - [`Value::Lazy`] is text that stands for something else: a template or a vaulted text. It is resolved where it is
//!   used, in the context of the host that uses it, and its compiled form is kept in the value itself.
//! - [`Flags`] are known in constant time for any value, containers included: whether something below is lazy, and
//!   whether something below is secret.

mod compare;
mod list;
mod map;
mod object;
mod repr;
mod text;

use std::sync::Arc;

use num_bigint::BigInt;

pub use list::List;
pub use map::Map;
pub use object::{Lazy, LazyKind, Object};
pub use repr::float_repr;
pub use text::{Flags, Text};

/// The most decimal digits that Python reads as an integer.
pub const DIGITS: usize = 4300;

/// A value of the playbook language.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// YAML's `null`, Python's `None`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// An integer that does not.
    Big(Arc<BigInt>),
    /// A floating point number.
    Float(f64),
    /// Text that is not a template.
    Text(Text),
    /// Text still to be resolved: a template or a vaulted text.
    Lazy(Arc<Lazy>),
    /// Raw bytes (YAML `!!binary`, file contents).
    Bytes(Arc<[u8]>),
    /// A list.
    List(Arc<List>),
    /// A Python tuple: a list that prints with parentheses.
    Tuple(Arc<List>),
    /// A dictionary, in insertion order.
    Map(Arc<Map>),
    /// Something only one layer knows: undefined, a macro, a namespace, `hostvars`, a point in time.
    Object(Arc<dyn Object>),
}

impl Value {
    /// Reads a decimal integer; nothing for one of more digits than Python reads.
    pub fn decimal(digits: &str) -> Option<Self> {
        let length = digits.bytes().filter(u8::is_ascii_digit).count();
        let number = if length <= DIGITS { digits.parse::<BigInt>().ok() } else { None };
        number.map(Self::integer)
    }

    /// Returns a text value without marks.
    pub fn text(chars: impl Into<Arc<str>>) -> Self {
        Self::Text(Text::plain(chars))
    }

    /// Returns a text value that is masked wherever it is shown.
    pub fn secret(chars: impl Into<Arc<str>>) -> Self {
        Self::Text(Text::secret(chars))
    }

    /// Returns text that stands so in a file of the operator (see [`Text::into_written`]).
    pub fn written(chars: impl Into<Arc<str>>) -> Self {
        Self::Text(Text::plain(chars).into_written())
    }

    /// Returns an integer, big when it must be.
    pub fn integer(number: BigInt) -> Self {
        i64::try_from(&number).map_or_else(|_| Self::Big(Arc::new(number)), Self::Int)
    }

    /// Returns what is known of everything below this value.
    pub fn flags(&self) -> Flags {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Big(_) | Self::Float(_) => {
                Flags::NONE
            }
            Self::Bytes(_) => Flags::NONE,
            Self::Text(text) => text.flags(),
            Self::Lazy(_) => Flags::LAZY,
            Self::List(list) | Self::Tuple(list) => list.flags(),
            Self::Map(map) => map.flags(),
            Self::Object(object) => object.flags(),
        }
    }

    /// Returns whether nothing below has to be resolved any more.
    pub fn is_final(&self) -> bool {
        !self.flags().contains(Flags::LAZY)
    }

    /// Returns whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the text, when this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Returns the number, when this is an integer of 64 bits or a boolean (as Python counts them).
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(truth) => Some(i64::from(*truth)),
            _ => None,
        }
    }

    /// Returns the boolean, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Returns the number as a float, when this is a number.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Self::Big(number) => number.to_string().parse().ok(),
            _ => None,
        }
    }

    /// Returns the items, when this is a list or a tuple.
    pub fn as_list(&self) -> Option<&Arc<List>> {
        match self {
            Self::List(list) | Self::Tuple(list) => Some(list),
            _ => None,
        }
    }

    /// Returns the dictionary, when this is one.
    pub fn as_map(&self) -> Option<&Arc<Map>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the layer's own object of type `T`, when this is one.
    pub fn as_object<T: Object>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Returns the value of a key, when this is a dictionary that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// Returns Python's name of the type, as `type_debug` and error messages give it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Big(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) | Self::Lazy(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Map(_) => "dict",
            Self::Object(object) => object.type_name(),
        }
    }

    /// Returns Python's truth of the value: empty and zero are false.
    pub fn truth(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::Big(_) => true,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.as_str().is_empty(),
            Self::Lazy(lazy) => !lazy.source().is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(list) | Self::Tuple(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => object.truth(),
        }
    }

    /// Returns the value with every text below it marked as secret.
    pub fn into_secret(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.into_secret()),
            Self::List(list) => Self::list(list.iter().cloned().map(Self::into_secret)),
            Self::Tuple(list) => {
                Self::Tuple(Arc::new(list.iter().cloned().map(Self::into_secret).collect()))
            }
            Self::Map(map) => {
                Self::map(map.iter().map(|(key, value)| (key.clone(), value.clone().into_secret())))
            }
            other => other,
        }
    }

    /// Returns a list of the items.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(Arc::new(items.into_iter().collect()))
    }

    /// Returns a dictionary of the pairs; of equal keys the last value stays, at the first one's place.
    pub fn map<K: Into<Self>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(Arc::new(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }
}

impl From<&str> for Value {
    fn from(chars: &str) -> Self {
        Self::text(chars)
    }
}

impl From<String> for Value {
    fn from(chars: String) -> Self {
        Self::text(chars)
    }
}

impl From<&String> for Value {
    fn from(chars: &String) -> Self {
        Self::text(chars.as_str())
    }
}

impl From<Arc<str>> for Value {
    fn from(chars: Arc<str>) -> Self {
        Self::text(chars)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::integer(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::integer(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::list(items.into_iter().map(Into::into))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(item: Option<T>) -> Self {
        item.map_or(Self::Null, Into::into)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(Arc::new(map))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(Arc::new(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_containers_are_those_of_their_content() {
        let lazy = Value::Lazy(Arc::new(Lazy::template("{{ a }}", Default::default())));
        let plain = Value::list([Value::Int(1), Value::text("x")]);
        assert!(plain.is_final());
        let nested = Value::map([("k", Value::list([lazy]))]);
        assert!(!nested.is_final());
        assert!(Value::map([("k", Value::secret("x"))]).flags().contains(Flags::SECRET));
    }

    #[test]
    fn integers_grow_without_becoming_floats() {
        let big = BigInt::from(i64::MAX) + 1;
        assert_eq!(Value::integer(big).to_string(), "9223372036854775808");
        assert!(matches!(Value::integer(BigInt::from(7)), Value::Int(7)));
    }
}
