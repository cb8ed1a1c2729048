//! Argument types: how a value of the playbook becomes a plain Rust type, with Ansible's leniency.

use std::path::PathBuf;

use crate::base::{Map, Mode, NotAMode, Secret, Value, fold};

/// What kind of value an argument takes, in Ansible's words.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `str`.
    Text,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `path`: text with `~` and environment variables.
    Path,
    /// `raw`: anything.
    Raw,
    /// `dict`.
    Map,
    /// `list` of something.
    List(&'static Self),
    /// `str` out of these.
    Choice(&'static [&'static str]),
    /// `dict` with arguments of its own.
    Struct(fn() -> Vec<super::ArgumentSpec>),
}

impl Kind {
    /// Returns Ansible's name of the type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) => "str",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Path => "path",
            Self::Raw => "raw",
            Self::Map | Self::Struct(_) => "dict",
            Self::List(_) => "list",
        }
    }
}

/// An argument that is not what the module takes.
#[derive(Clone, Debug, Default, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct BadArgument {
    /// The argument's name, with the names above it when it is nested (`networks.name`); empty for all of them.
    pub name: String,
    /// What is wrong.
    pub message: String,
    /// What Ansible registers beside the message, where it does.
    pub details: Option<String>,
}

impl BadArgument {
    /// Returns an error that does not know its argument yet; [`BadArgument::of`] adds the name.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Puts a name in front, and into the message when it is the first.
    #[must_use]
    pub fn of(self, name: &str) -> Self {
        if self.name.is_empty() {
            let message = match &self.details {
                Some(_) => self.message,
                None => format!("argument '{name}' {}", self.message),
            };
            Self { message, name: name.into(), details: self.details }
        } else {
            Self { name: format!("{name}.{}", self.name), ..self }
        }
    }
}

/// A type that an argument may have.
pub trait Argument: Sized {
    /// What it takes.
    const KIND: Kind;
    /// Whether the argument has to be given when it has no default.
    const REQUIRED: bool = true;
    /// Whether null is a value, and not the same as leaving the argument out.
    const TAKES_NULL: bool = false;

    /// Converts a value, or says why not, continuing a sentence that begins with the argument's name.
    fn from_value(value: &Value) -> Result<Self, BadArgument>;

    /// Returns what stands for a missing argument without a default.
    fn missing() -> Option<Self> {
        None
    }

    /// Returns the value for pages and comparisons.
    fn to_value(&self) -> Value;
}

fn unable<T>(value: &Value, name: &str) -> Result<T, BadArgument> {
    let shown = if value.flags().contains(crate::base::Flags::SECRET) {
        "****".into()
    } else {
        value.repr()
    };
    Err(BadArgument::new(format!(
        "is of type {} and we were unable to convert to {name}: {shown} is not {}",
        value.type_name(),
        match name {
            "int" => "an integer",
            "float" => "a number",
            "bool" => "a valid boolean",
            "dict" => "a dictionary",
            "list" => "a list",
            _ => "text",
        }
    )))
}

impl Argument for String {
    const KIND: Kind = Kind::Text;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::Bytes(bytes) => Ok(Self::from_utf8_lossy(bytes).into_owned()),
            Value::Null => Ok(Self::new()),
            other => Ok(other.to_string()),
        }
    }

    fn to_value(&self) -> Value {
        self.as_str().into()
    }
}

impl Argument for bool {
    const KIND: Kind = Kind::Bool;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::Bool(truth) => Ok(*truth),
            Value::Text(text) => {
                fold::truth(text.as_str()).map_or_else(|| unable(value, "bool"), Ok)
            }
            Value::Int(0 | 1) => Ok(value.truth()),
            Value::Float(number) if *number == 0.0 || *number == 1.0 => Ok(value.truth()),
            _ => unable(value, "bool"),
        }
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }
}

macro_rules! integers {
    ($($kind:ty),*) => {$(
        impl Argument for $kind {
            const KIND: Kind = Kind::Int;

            fn from_value(value: &Value) -> Result<Self, BadArgument> {
                let number = match value {
                    Value::Int(number) => Some(*number),
                    Value::Text(text) => text.as_str().trim().replace('_', "").parse().ok(),
                    Value::Float(number) if number.fract() == 0.0 => Some(*number as i64),
                    _ => None,
                };
                number.and_then(|number| Self::try_from(number).ok()).map_or_else(|| unable(value, "int"), Ok)
            }

            fn to_value(&self) -> Value {
                i64::try_from(*self).map_or(Value::Null, Value::Int)
            }
        }
    )*};
}

integers!(i64, i32, u64, u32, u16);

impl Argument for f64 {
    const KIND: Kind = Kind::Float;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::Int(_) | Value::Float(_) | Value::Big(_) => {
                value.as_float().map_or_else(|| unable(value, "float"), Ok)
            }
            Value::Text(text) => text.as_str().trim().parse().or_else(|_| unable(value, "float")),
            _ => unable(value, "float"),
        }
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }
}

/// A path. `~` and variables in it are replaced where the module runs, before it sees its arguments.
impl Argument for PathBuf {
    const KIND: Kind = Kind::Path;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        String::from_value(value).map(Self::from)
    }

    fn to_value(&self) -> Value {
        self.to_string_lossy().into_owned().into()
    }
}

impl Argument for Secret {
    const KIND: Kind = Kind::Text;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        String::from_value(value).map(Self::new)
    }

    fn to_value(&self) -> Value {
        Value::secret(self.reveal())
    }
}

impl Argument for Mode {
    const KIND: Kind = Kind::Raw;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            // YAML has read `0644` as octal already; `644` without the zero is the classic trap and means what it says.
            Value::Int(bits) => u32::try_from(*bits)
                .ok()
                .filter(|bits| *bits <= 0o7777)
                .map(Self::Octal)
                .ok_or_else(|| {
                    BadArgument::new(format!("is no file mode: {bits}; quote it, as in \"0644\""))
                }),
            other => other.to_string().parse().map_err(|error| {
                let NotAMode(text) = &error;
                BadArgument {
                    details: Some(format!("bad symbolic permission for mode: {text}")),
                    ..BadArgument::new(format!("mode must be in octal or symbolic form: {error}"))
                }
            }),
        }
    }

    fn to_value(&self) -> Value {
        self.to_string().into()
    }
}

impl Argument for Value {
    const KIND: Kind = Kind::Raw;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        Ok(value.clone())
    }

    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl Argument for Map {
    const KIND: Kind = Kind::Map;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::Map(map) => Ok((**map).clone()),
            Value::Text(text) => pairs(text.as_str()).map_or_else(|| unable(value, "dict"), Ok),
            _ => unable(value, "dict"),
        }
    }

    fn to_value(&self) -> Value {
        self.clone().into()
    }
}

/// Reads `a=1, b=2` or `a=1 b=2`, the short form of a dictionary.
fn pairs(text: &str) -> Option<Map> {
    let words = text.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let map: Option<Map> = words
        .map(|word| word.split_once('=').map(|(key, value)| (key, Value::from(value.trim()))))
        .collect();
    map.filter(|map| !map.is_empty())
}

impl<T: Argument> Argument for Option<T> {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = false;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: Argument> Argument for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::List(list) | Value::Tuple(list) => list.iter().map(T::from_value).collect(),
            Value::Text(text) => {
                let words = text.as_str().split(',').map(|word| Value::text(word.trim()));
                words.map(|word| T::from_value(&word)).collect()
            }
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                Ok(vec![T::from_value(&Value::text(value.to_string()))?])
            }
            Value::Map(_) if matches!(T::KIND, Kind::Map | Kind::Struct(_) | Kind::Raw) => {
                Ok(vec![T::from_value(value)?])
            }
            _ => unable(value, "list"),
        }
    }

    fn to_value(&self) -> Value {
        Value::list(self.iter().map(T::to_value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_where_ansible_is() {
        assert_eq!(bool::from_value(&"yes".into()), Ok(true));
        assert_eq!(i64::from_value(&" 42 ".into()), Ok(42));
        assert_eq!(String::from_value(&Value::Bool(true)).as_deref(), Ok("True"));
        assert_eq!(Vec::<String>::from_value(&"a, b".into()), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(Vec::<u16>::from_value(&Value::Int(80)), Ok(vec![80]));
        assert_eq!(Mode::from_value(&Value::Int(0o644)), Ok(Mode::Octal(0o644)));
        let map = Map::from_value(&"a=1, b=2".into()).unwrap();
        assert_eq!(map.get("b"), Some(&"2".into()));
    }

    #[test]
    fn mistakes_name_the_argument() {
        let error = bool::from_value(&"maybe".into()).unwrap_err().of("force");
        assert_eq!(
            error.to_string(),
            "argument 'force' is of type str and we were unable to convert to bool: 'maybe' is not a valid boolean"
        );
    }
}
