//! Declares the arguments of a module once: `arguments!` for a structure, `choices!` for a choice.

use crate::base::{Map, Value, suggest};

use super::{Argument, BadArgument, Kind};

/// What is known of one argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentSpec {
    /// Its name.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// What it takes.
    pub kind: Kind,
    /// Whether it has to be given.
    pub required: bool,
    /// What it is when it is not given.
    pub default: Option<fn() -> Value>,
    /// What it means, in full sentences; the helper, which shows no pages, has none.
    pub doc: &'static str,
    /// Says why a value cannot be one of it; the helper parses them.
    #[cfg(feature = "controller")]
    pub check: fn(&Value) -> Result<(), BadArgument>,
    /// Returns a value as the module understands it, secrets marked; one that cannot be it is returned as it is.
    #[cfg(feature = "controller")]
    pub shown: fn(&Value) -> Value,
}

impl ArgumentSpec {
    /// Returns whether the argument answers to a name.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// A structure of arguments; made by `arguments!`.
pub trait Arguments: Sized {
    /// Returns what is known of each, those of shared structures included.
    fn specs() -> Vec<ArgumentSpec>;

    /// Parses the values; names that are not its own are left alone.
    fn parse(args: &Map) -> Result<Self, BadArgument>;
}

/// Refuses names that no argument answers to, with what was probably meant.
pub fn check_names(module: &str, specs: &[ArgumentSpec], args: &Map) -> Result<(), BadArgument> {
    for key in args.keys() {
        let name = key.to_string();
        if specs.iter().any(|spec| spec.answers_to(&name)) {
            continue;
        }
        let known = specs.iter().flat_map(|spec| spec.aliases.iter().copied().chain([spec.name]));
        let hint = suggest::closest(&name, known).map(|near| format!(" Did you mean '{near}'?"));
        let mut names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        names.sort_unstable();
        return Err(BadArgument {
            message: format!(
                "Unsupported parameters for ({module}) module: {name}. Supported parameters include: {}.{}",
                names.join(", "),
                hint.unwrap_or_default()
            ),
            name,
            details: None,
        });
    }
    Ok(())
}

/// Takes the value of an argument under any of its names; of several the own name counts.
#[doc(hidden)]
pub fn find<'a>(args: &'a Map, name: &str, aliases: &[&str]) -> Option<&'a Value> {
    std::iter::once(name)
        .chain(aliases.iter().copied())
        .find_map(|name| args.get(name).filter(|value| !value.is_null()))
}

/// Parses the value of an argument, if it is given. One copy for each type, not for each argument, keeps the helper small.
#[doc(hidden)]
#[inline(never)]
pub fn take<T: Argument>(
    args: &Map,
    name: &str,
    aliases: &[&str],
) -> Result<Option<T>, BadArgument> {
    let null = || args.get(name).filter(|_| T::TAKES_NULL);
    let value = find(args, name, aliases).or_else(null).map(T::from_value).transpose();
    value.map_err(|error| error.of(name))
}

/// Returns a value as an argument of its type has it.
#[doc(hidden)]
#[cfg(feature = "controller")]
pub fn shown<T: Argument>(value: &Value) -> Value {
    T::from_value(value).map_or_else(|_| value.clone(), |value| value.to_value())
}

/// Returns the error of an argument that has to be given and is not.
#[doc(hidden)]
#[cold]
pub fn missing(name: &str) -> BadArgument {
    BadArgument {
        name: name.into(),
        message: format!("missing required arguments: {name}"),
        details: None,
    }
}

/// Returns an identifier without Rust's `r#`.
#[doc(hidden)]
pub const fn plain_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Declares a structure of arguments.
///
/// ```text
/// arguments! {
///     /// Arguments of `lineinfile`.
///     pub(super) struct Args {
///         /// The file to edit.
///         path ["dest", "name"]: PathBuf,            // required: neither Option nor default
///         /// The line to write.
///         line: Option<String>,                      // may be missing
///         /// Whether the line should be there.
///         state: State = State::Present;             // default
///         ..attributes: FileAttributes,              // after the semicolon: arguments shared with other modules
///     }
/// }
/// ```
#[macro_export]
macro_rules! arguments {
    (
        $(#[$outer:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $field:ident $([$($alias:literal),* $(,)?])? : $kind:ty $(= $default:expr)?
            ),* $(,)?
            $(; $( ..$shared:ident : $shared_kind:ty ),* $(,)?)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Debug)]
        $visibility struct $name {
            $(
                $(#[doc = $doc])*
                pub $field: $kind,
            )*
            $($(
                /// Arguments shared with other modules.
                pub $shared: $shared_kind,
            )*)?
        }

        impl $crate::module::Arguments for $name {
            fn specs() -> Vec<$crate::module::ArgumentSpec> {
                const OWN: &[$crate::module::ArgumentSpec] = &[$(
                    $crate::module::ArgumentSpec {
                        name: $crate::module::plain_name(stringify!($field)),
                        aliases: &[$($($alias),*)?],
                        kind: <$kind as $crate::module::Argument>::KIND,
                        required: $crate::arguments!(@required $kind $(, $default)?),
                        default: $crate::arguments!(@default $kind $(, $default)?),
                        doc: if cfg!(feature = "controller") { concat!($($doc, "\n"),*) } else { "" },
                        #[cfg(feature = "controller")]
                        check: |value| {
                            <$kind as $crate::module::Argument>::from_value(value).map(drop)
                        },
                        #[cfg(feature = "controller")]
                        shown: $crate::module::shown::<$kind>,
                    },
                )*];
                #[allow(unused_mut, reason = "a structure may have no shared arguments")]
                let mut specs = OWN.to_vec();
                $($( specs.extend(<$shared_kind as $crate::module::Arguments>::specs()); )*)?
                specs
            }

            #[allow(unused_variables, reason = "a structure may have no arguments")]
            fn parse(args: &$crate::base::Map) -> Result<Self, $crate::module::BadArgument> {
                Ok(Self {
                    $(
                        $field: {
                            const NAME: &str = $crate::module::plain_name(stringify!($field));
                            match $crate::module::take::<$kind>(args, NAME, &[$($($alias),*)?])? {
                                Some(value) => value,
                                None => $crate::arguments!(@missing NAME, $kind $(, $default)?),
                            }
                        },
                    )*
                    $($( $shared: <$shared_kind as $crate::module::Arguments>::parse(args)?, )*)?
                })
            }
        }

        impl $crate::module::Argument for $name {
            const KIND: $crate::module::Kind =
                $crate::module::Kind::Struct(<Self as $crate::module::Arguments>::specs);

            fn from_value(value: &$crate::base::Value) -> Result<Self, $crate::module::BadArgument> {
                match value.as_map() {
                    Some(map) => {
                        $crate::module::check_names(
                            stringify!($name),
                            &<Self as $crate::module::Arguments>::specs(),
                            map,
                        )?;
                        <Self as $crate::module::Arguments>::parse(map)
                    }
                    None => Err($crate::module::BadArgument::new(format!(
                        "must be a dictionary, not {}",
                        value.type_name()
                    ))),
                }
            }

            fn to_value(&self) -> $crate::base::Value {
                $crate::base::Value::map([$(
                    (
                        $crate::module::plain_name(stringify!($field)),
                        $crate::module::Argument::to_value(&self.$field),
                    )
                ),*] as [(&str, $crate::base::Value); _])
            }
        }
    };
    (@required $kind:ty) => { <$kind as $crate::module::Argument>::REQUIRED };
    (@required $kind:ty, $default:expr) => { false };
    (@default $kind:ty) => { None };
    (@default $kind:ty, $default:expr) => {
        Some(|| $crate::module::Argument::to_value(&{ let default: $kind = $default; default }))
    };
    (@missing $name:expr, $kind:ty) => {
        match <$kind as $crate::module::Argument>::missing() {
            Some(value) => value,
            None => return Err($crate::module::missing($name)),
        }
    };
    (@missing $name:expr, $kind:ty, $default:expr) => { $default };
}

/// Declares a choice: an enum with the words it is written with, the first word of each being the one shown.
///
/// ```text
/// choices! {
///     /// Whether the package is there.
///     pub(super) enum State { Present = "present" | "installed", Absent = "absent" | "removed" }
/// }
/// ```
#[macro_export]
macro_rules! choices {
    (
        $(#[$outer:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$inner:meta])* $variant:ident = $word:literal $(| $other:literal)* ),* $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        $visibility enum $name {
            $(
                $(#[$inner])*
                #[doc = concat!("`", $word, "`.")]
                $variant,
            )*
        }

        impl $name {
            /// Returns the word it is written with.
            #[allow(dead_code, reason = "not every choice is printed")]
            $visibility fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl $crate::module::Argument for $name {
            const KIND: $crate::module::Kind = $crate::module::Kind::Choice(&[$($word, $($other,)*)*]);

            fn from_value(value: &$crate::base::Value) -> Result<Self, $crate::module::BadArgument> {
                let words = $crate::module::spellings(value);
                let known = |word: &&str| words.iter().any(|given| given == word);
                $( if [$word, $($other),*].iter().any(known) { return Ok(Self::$variant); } )*
                Err($crate::module::not_a_choice(&[$($word, $($other,)*)*], value))
            }

            fn to_value(&self) -> $crate::base::Value {
                self.word().into()
            }
        }
    };
}

/// Returns the words a value may stand for as a choice: YAML has turned `yes`, `on` and `true` into a boolean.
#[doc(hidden)]
pub fn spellings(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(true) => ["yes", "on", "true", "True"].map(String::from).to_vec(),
        Value::Bool(false) => ["no", "off", "false", "False"].map(String::from).to_vec(),
        other => vec![other.to_string()],
    }
}

/// Returns the error of a value that is no choice.
#[doc(hidden)]
pub fn not_a_choice(words: &[&str], value: &Value) -> BadArgument {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    BadArgument::new(format!("must be one of: {}, got: {value}", sorted.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    choices! {
        /// A state.
        enum State { Present = "present" | "installed", Absent = "absent", Off = "no" }
    }

    arguments! {
        /// Shared arguments.
        struct Shared {
            /// The owner.
            owner: Option<String>,
        }
    }

    arguments! {
        /// Arguments of a test.
        struct Args {
            /// The file.
            path ["dest", "name"]: PathBuf,
            /// What kind.
            r#type: Option<String>,
            /// The state.
            state: State = State::Present,
            /// The numbers.
            numbers: Vec<u16> = vec![1];
            ..shared: Shared,
        }
    }

    fn map(pairs: &[(&str, Value)]) -> Map {
        pairs.iter().cloned().collect()
    }

    #[test]
    fn values_come_from_names_aliases_and_defaults() {
        let args = Args::parse(&map(&[
            ("dest", "/x".into()),
            ("owner", "root".into()),
            ("state", false.into()),
        ]))
        .unwrap();
        assert_eq!(args.path, PathBuf::from("/x"));
        assert_eq!(args.shared.owner.as_deref(), Some("root"));
        assert_eq!(args.state, State::Off);
        assert_eq!(args.numbers, [1]);
        assert_eq!(args.r#type, None);
    }

    #[test]
    fn the_table_says_what_the_parser_does() {
        let specs = Args::specs();
        let path = &specs[0];
        assert!(path.required && path.answers_to("name"));
        assert_eq!(specs[1].name, "type");
        assert_eq!(specs[2].default.map(|default| default()), Some("present".into()));
        assert!(!specs[2].required);
        assert_eq!(specs.last().map(|spec| spec.name), Some("owner"));
        assert_eq!(path.doc.trim(), "The file.");
    }

    #[test]
    fn mistakes() {
        let missing = Args::parse(&map(&[])).unwrap_err();
        assert_eq!(missing.to_string(), "missing required arguments: path");
        let wrong =
            Args::parse(&map(&[("path", "/x".into()), ("state", "there".into())])).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "argument 'state' must be one of: absent, installed, no, present, got: there"
        );
        let unknown =
            check_names("test", &Args::specs(), &map(&[("pathh", "/x".into())])).unwrap_err();
        assert!(unknown.to_string().ends_with("Did you mean 'path'?"), "{unknown}");
    }
}
