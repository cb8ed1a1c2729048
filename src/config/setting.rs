//! What a setting is: a row of the table, with a type that its readers get.

use std::marker::PhantomData;
use std::path::PathBuf;

use crate::base::Position;

/// What a setting holds, and how its text is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `yes` or `no`.
    Flag,
    /// Words between commas.
    List,
    /// An integer.
    Number,
    /// An integer or nothing.
    NumberOrNone,
    /// A path or nothing.
    Path,
    /// Paths between commas.
    PathsByComma,
    /// Paths between colons.
    PathsByColon,
    /// Text.
    Text,
    /// Text or nothing.
    TextOrNone,
}

/// One setting: where it may be set and what it is otherwise.
#[derive(Debug)]
pub struct Row {
    /// Its name, as `ansible-config` calls it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is when nobody sets it; `{home}` stands for the setting `ANSIBLE_HOME`.
    pub default: Option<&'static str>,
    /// Environment variables; the last that is set counts.
    pub env: &'static [&'static str],
    /// Sections and keys of `ansible.cfg`; the last that is set counts.
    pub ini: &'static [(&'static str, &'static str)],
    /// The only words it may be; none means any.
    pub choices: &'static [&'static str],
    /// What it is for, in one sentence.
    pub about: &'static str,
}

/// A row whose value is a `T`.
#[derive(Debug)]
pub struct Setting<T> {
    /// The row.
    pub row: Row,
    marker: PhantomData<fn() -> T>,
}

impl<T: Typed> Setting<T> {
    /// Returns a setting without default and without places where it may be set.
    pub(super) const fn new(name: &'static str, about: &'static str) -> Self {
        let row =
            Row { name, kind: T::KIND, default: None, env: &[], ini: &[], choices: &[], about };
        Self { row, marker: PhantomData }
    }

    /// Names the environment variables.
    pub(super) const fn env(mut self, names: &'static [&'static str]) -> Self {
        self.row.env = names;
        self
    }

    /// Names the sections and keys.
    pub(super) const fn ini(mut self, keys: &'static [(&'static str, &'static str)]) -> Self {
        self.row.ini = keys;
        self
    }

    /// Gives the default.
    pub(super) const fn default(mut self, text: &'static str) -> Self {
        self.row.default = Some(text);
        self
    }

    /// Gives the only words it may be.
    pub(super) const fn choices(mut self, words: &'static [&'static str]) -> Self {
        self.row.choices = words;
        self
    }
}

impl Setting<Vec<PathBuf>> {
    /// Separates the paths by commas instead of colons.
    pub(super) const fn by_comma(mut self) -> Self {
        self.row.kind = Kind::PathsByComma;
        self
    }
}

/// Who set a setting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Nobody.
    Default,
    /// A line of `ansible.cfg`.
    File(Position),
    /// An environment variable.
    Environment(&'static str),
    /// A command-line flag.
    Flag(&'static str),
}

/// A value of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// A boolean.
    Flag(bool),
    /// Words.
    List(Vec<String>),
    /// An integer.
    Number(Option<i64>),
    /// A path.
    Path(Option<PathBuf>),
    /// Paths.
    Paths(Vec<PathBuf>),
    /// Text.
    Text(Option<String>),
}

impl Kind {
    /// Returns the value that stands in for one that could not be read.
    pub(super) fn empty(self) -> Stored {
        match self {
            Self::Flag => Stored::Flag(false),
            Self::List => Stored::List(Vec::new()),
            Self::Number => Stored::Number(Some(0)),
            Self::NumberOrNone => Stored::Number(None),
            Self::Path => Stored::Path(None),
            Self::PathsByColon | Self::PathsByComma => Stored::Paths(Vec::new()),
            Self::Text => Stored::Text(Some(String::new())),
            Self::TextOrNone => Stored::Text(None),
        }
    }
}

/// A type that settings may have.
pub trait Typed: Sized {
    /// How its text is read.
    const KIND: Kind;

    /// Takes the value out of what is stored.
    fn read(stored: &Stored) -> Option<Self>;

    /// Returns what is stored for it.
    fn store(self) -> Stored;
}

macro_rules! typed {
    ($type:ty, $kind:ident, $stored:ident, $read:expr, $store:expr) => {
        impl Typed for $type {
            const KIND: Kind = Kind::$kind;

            fn read(stored: &Stored) -> Option<Self> {
                match stored {
                    Stored::$stored(value) => $read(value.clone()),
                    _ => None,
                }
            }

            fn store(self) -> Stored {
                Stored::$stored($store(self))
            }
        }
    };
}

typed!(bool, Flag, Flag, Some, std::convert::identity);
typed!(i64, Number, Number, std::convert::identity, Some);
typed!(Option<i64>, NumberOrNone, Number, Some, std::convert::identity);
typed!(Option<PathBuf>, Path, Path, Some, std::convert::identity);
typed!(Option<String>, TextOrNone, Text, Some, std::convert::identity);
typed!(String, Text, Text, std::convert::identity, Some);
typed!(Vec<PathBuf>, PathsByColon, Paths, Some, std::convert::identity);
typed!(Vec<String>, List, List, Some, std::convert::identity);
