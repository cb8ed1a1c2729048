//! Reading the arguments of methods, with Python's complaints.

use crate::base::{Map, Value};
use crate::template::Reason;

/// The arguments of one call.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    pub(super) method: &'a str,
    pub(super) args: &'a [Value],
    pub(super) kwargs: &'a Map,
}

impl<'a> Arguments<'a> {
    /// Returns an argument by place or name.
    pub(super) fn get(&self, place: usize, name: &str) -> Option<&'a Value> {
        self.args.get(place).or_else(|| self.kwargs.get(name))
    }

    /// Refuses fewer or more arguments than the method takes.
    pub(super) fn count(&self, least: usize, most: usize) -> Result<(), Reason> {
        let (count, method) = (self.args.len() + self.kwargs.len(), self.method);
        if count < least {
            let plural = if least == 1 { "" } else { "s" };
            let bound = if least == most { "" } else { "at least " };
            return Err(Reason::new(format!(
                "{method} expected {bound}{least} argument{plural}, got {count}"
            )));
        }
        if count > most {
            return Err(Reason::new(if most == 0 {
                format!("{method}() takes no arguments ({count} given)")
            } else {
                let plural = if most == 1 { "" } else { "s" };
                let bound = if least == most { "" } else { "at most " };
                format!("{method} expected {bound}{most} argument{plural}, got {count}")
            }));
        }
        Ok(())
    }

    /// Returns an argument that must be text.
    pub(super) fn text(&self, place: usize, name: &str) -> Result<&'a str, Reason> {
        match self.get(place, name) {
            Some(Value::Text(text)) => Ok(text.as_str()),
            Some(other) => Err(Reason::new(format!(
                "{}() argument {} must be str, not {}",
                self.method,
                place + 1,
                other.type_name()
            ))),
            None => Err(Reason::new(format!("{}() needs the argument `{name}`", self.method))),
        }
    }

    /// Returns an argument that is text, or nothing when it is not given or null.
    pub(super) fn optional_text(
        &self,
        place: usize,
        name: &str,
    ) -> Result<Option<&'a str>, Reason> {
        match self.get(place, name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(place, name).map(Some),
        }
    }

    /// Returns an argument that must be an integer, the default when it is not given.
    pub(super) fn integer(&self, place: usize, name: &str, default: i64) -> Result<i64, Reason> {
        match self.get(place, name) {
            None => Ok(default),
            Some(value) => value.as_int().ok_or_else(|| {
                Reason::new(format!(
                    "'{}' object cannot be interpreted as an integer",
                    value.type_name()
                ))
            }),
        }
    }
}
