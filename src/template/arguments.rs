//! Reading the arguments of filters, tests and lookups, with sentences that say which one is wrong.

use crate::base::{Map, Value, words};
use crate::template::{Call, Reason};

impl Call<'_> {
    /// Refuses arguments that are not among `names`, and ones given twice.
    pub(super) fn accept(&self, names: &[&str]) -> Result<(), Reason> {
        if self.args.len() > names.len() {
            let most = words::count(names.len(), "argument");
            return Err(Reason::new(format!("takes at most {most}, got {}", self.args.len())));
        }
        for key in self.kwargs.keys().filter_map(Value::as_str) {
            match names.iter().position(|name| *name == key) {
                None if names.is_empty() => {
                    return Err(Reason::new(format!("unknown argument `{key}`; it takes none")));
                }
                None => {
                    let known = words::ticked(names);
                    return Err(Reason::new(format!("unknown argument `{key}`; it takes {known}")));
                }
                Some(place) if place < self.args.len() => {
                    return Err(Reason::new(format!("got the argument `{key}` twice")));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Refuses any argument.
    pub(super) fn accept_none(&self) -> Result<(), Reason> {
        self.accept(&[])
    }

    /// Returns the argument at a place or of a name, unless it is `none`.
    pub(super) fn given(&self, place: usize, name: &str) -> Option<&Value> {
        self.arg(place, name).filter(|value| !value.is_null())
    }

    /// Returns the argument as text, nothing when it is absent or `none`.
    pub(super) fn text_given(&self, place: usize, name: &str) -> Option<String> {
        self.given(place, name).map(ToString::to_string)
    }

    /// Returns the argument as text, or says that it is missing.
    pub(super) fn need_text(&self, place: usize, name: &str) -> Result<String, Reason> {
        self.need(place, name).map(ToString::to_string)
    }

    /// Returns the argument as a number of things, `default` when it is absent.
    pub(super) fn size(&self, place: usize, name: &str, default: usize) -> Result<usize, Reason> {
        if self.given(place, name).is_none() {
            return Ok(default);
        }
        let number = self.int(place, name, 0)?;
        usize::try_from(number)
            .map_err(|_| Reason::new(format!("`{name}` must not be negative, got {number}")))
    }

    /// Returns one of the words an argument may be.
    pub(super) fn choice<T: Copy>(
        &self,
        place: usize,
        name: &str,
        default: T,
        choices: &[(&str, T)],
    ) -> Result<T, Reason> {
        let Some(text) = self.text_given(place, name) else {
            return Ok(default);
        };
        choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice).ok_or_else(|| {
            let known = words::ticked(choices.iter().map(|(word, _)| word));
            Reason::new(format!("`{name}` must be one of {known}, not `{text}`"))
        })
    }

    /// Returns the input as text.
    pub(super) fn input_text(&self) -> String {
        self.input.to_string()
    }

    /// Returns the input when it is text, or says what it is instead.
    pub(super) fn need_input_text(&self) -> Result<String, Reason> {
        match &self.input {
            Value::Text(text) => Ok(text.as_str().to_owned()),
            other => Err(Reason::new(format!("needs text, got {}", described(other)))),
        }
    }

    /// Returns the input as a dictionary, or says what it is instead.
    pub(super) fn input_map(&self) -> Result<std::sync::Arc<Map>, Reason> {
        plain_map(&self.input).ok_or_else(|| {
            Reason::new(format!("needs a dictionary, got {}", described(&self.input)))
        })
    }

    /// Returns the input's items, or says that it must be a list; text is not split into its letters.
    pub(super) fn input_list(&self) -> Result<Vec<Value>, Reason> {
        match &self.input {
            Value::Text(_) => {
                Err(Reason::new(format!("needs a list, got {}", described(&self.input))))
            }
            _ => self.items(),
        }
    }
}

/// Returns a dictionary, also that of an object which is one underneath.
pub(super) fn plain_map(value: &Value) -> Option<std::sync::Arc<Map>> {
    match value {
        Value::Map(map) => Some(std::sync::Arc::clone(map)),
        Value::Object(object) => match object.plain() {
            Value::Map(map) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the type and a short form of a value, for messages: `the str 'abc'`.
pub(super) fn described(value: &Value) -> String {
    const MOST: usize = 60;
    let secret = value.flags().contains(crate::base::Flags::SECRET);
    let repr = if secret { "****".to_owned() } else { value.repr() };
    let short = match repr.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &repr[..end]),
        None => repr,
    };
    format!("the {} {short}", value.type_name())
}
