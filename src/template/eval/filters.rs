//! Filters and tests: what they are given, and what becomes of their results.

use super::call::Given;
use super::cells::Frozen;
use super::run::{Run, Use};
use super::{Eval, Mode, text};
use crate::base::{Value, suggest};
use crate::template::ir::Apply;
use crate::template::undefined::{is_undefined, undefined};
use crate::template::{Call, Entry, Error, ErrorKind, Reason, filters, tests};

/// Filters that look at the value as a whole: nothing inside of it is resolved for them.
const SHALLOW: &[&str] = &["count", "d", "default", "extract", "length", "mandatory", "type_debug"];

/// Filters that pass on what they are given, with something undefined in it.
const PASSING: &[&str] =
    &["first", "last", "map", "reject", "rejectattr", "select", "selectattr", "ternary", "zip"];

/// Filters whose arguments may be undefined.
const LENIENT: &[&str] = &["ternary"];

/// Filters that give back what they were given, so that it is still the same list or dictionary.
const SAME: &[&str] = &[
    "attr",
    "d",
    "default",
    "extract",
    "first",
    "last",
    "mandatory",
    "max",
    "min",
    "random",
    "ternary",
];

/// Tests that look at the value as a whole.
const SHALLOW_TESTS: &[&str] = &[
    "boolean",
    "callable",
    "defined",
    "falsy",
    "float",
    "integer",
    "iterable",
    "mapping",
    "none",
    "number",
    "sequence",
    "string",
    "truthy",
    "undefined",
];

impl<'r> Eval<'r> {
    pub(super) fn filter(&mut self, apply: &'r Apply) -> Result<Value, Error> {
        let input = self.expr(&apply.input)?;
        let Some(entry) = apply.entry else {
            return Err(self.at(unknown("filter", &apply.name, &filters::names()), apply.span));
        };
        let given = self.given(&apply.args)?;
        let result = if self.mode == Mode::Thawed {
            self.filter_thawed(entry, input, &given)
        } else {
            self.run.filter(entry, input, given)
        };
        result.map_err(|error| self.at(error, apply.span))
    }

    /// Applies a filter to values that may be cells; what it gives back of them is still the same.
    fn filter_thawed(
        &self,
        entry: &'static Entry,
        input: Value,
        given: &Given,
    ) -> Result<Value, Error> {
        let mut frozen = Frozen::default();
        let input = frozen.freeze(&input);
        let args = given.args.iter().map(|value| frozen.freeze(value)).collect();
        let kwargs = given.kwargs.iter();
        let kwargs = kwargs.map(|(key, value)| (key.clone(), frozen.freeze(value))).collect();
        let result = self.run.filter(entry, input, Given { args, kwargs })?;
        Ok(if is(entry, SAME) { frozen.original(result) } else { frozen.original_items(result) })
    }

    pub(super) fn test(&mut self, apply: &'r Apply) -> Result<Value, Error> {
        let input = self.expr(&apply.input)?;
        let Some(entry) = apply.entry else {
            return Err(self.at(unknown("test", &apply.name, &tests::names()), apply.span));
        };
        let mut given = self.given(&apply.args)?;
        let input = if self.mode == Mode::Thawed {
            given.args = given.args.iter().map(super::cells::freeze).collect();
            super::cells::freeze(&input)
        } else {
            input
        };
        self.run.test(entry, input, given).map_err(|error| self.at(error, apply.span))
    }
}

impl Run<'_> {
    /// Applies a filter.
    pub(super) fn filter(
        &self,
        entry: &'static Entry,
        input: Value,
        given: Given,
    ) -> Result<Value, Error> {
        if !entry.undefined {
            if is_undefined(&input) {
                return Ok(input);
            }
            if let Some(undefined) = given.undefined().filter(|_| !is(entry, LENIENT)) {
                return Ok(undefined.clone());
            }
        }
        let input = if is(entry, SHALLOW) { input } else { self.settle(input)? };
        let input = match self.unfold(&input)? {
            Some(map) if !is(entry, SHALLOW) => map,
            _ => input,
        };
        if !input.is_final() && !entry.undefined && !is(entry, SHALLOW) && !is(entry, PASSING) {
            // Something inside is undefined: using it is what fails.
            if let Err(error) = self.finalize(&input, Use::Print) {
                return if error.kind() == ErrorKind::Undefined {
                    Ok(undefined(error.message()))
                } else {
                    Err(error)
                };
            }
        }
        let given = self.settled(given)?;
        let secret = text::is_secret(&input) || has_secret(&given);
        let mut call = Call { input, args: given.args, kwargs: given.kwargs, cx: self };
        match (entry.run)(&mut call) {
            Ok(value) if secret => Ok(self.top(value)?.into_secret()),
            Ok(value) => self.top(value),
            Err(reason) => self.failure("filter", entry, reason),
        }
    }

    /// Applies a test.
    pub(super) fn test(
        &self,
        entry: &'static Entry,
        input: Value,
        given: Given,
    ) -> Result<Value, Error> {
        if !entry.undefined {
            if is_undefined(&input) {
                return Ok(input);
            }
            if let Some(undefined) = given.undefined() {
                return Ok(undefined.clone());
            }
        }
        let input = if is(entry, SHALLOW_TESTS) { input } else { self.settle(input)? };
        let given = self.settled(given)?;
        let mut call = Call { input, args: given.args, kwargs: given.kwargs, cx: self };
        match (entry.run)(&mut call) {
            Ok(value) => Ok(Value::Bool(value.truth())),
            Err(reason) => self.failure("test", entry, reason),
        }
    }

    fn settled(&self, given: Given) -> Result<Given, Error> {
        let args = given.args.into_iter().map(|value| self.settle(value));
        let args = args.collect::<Result<_, _>>()?;
        if given.kwargs.flags() == crate::base::Flags::NONE {
            return Ok(Given { args, kwargs: given.kwargs });
        }
        let mut kwargs = crate::base::Map::new();
        for (key, value) in given.kwargs {
            kwargs.insert(key, self.settle(value)?);
        }
        Ok(Given { args, kwargs })
    }

    /// Returns what a failed filter or test leaves: something undefined stays undefined.
    fn failure(&self, kind: &str, entry: &Entry, reason: Reason) -> Result<Value, Error> {
        let stashed = self.shared.stash.borrow_mut().take();
        match reason {
            Reason::Undefined(text) => Ok(undefined(text)),
            Reason::Invalid(text) => {
                if let Some(error) = stashed.filter(|error| error.message() == text) {
                    return Err(error);
                }
                let name = format!("{}.{}", entry.collection, entry.names[0]);
                Err(Error::invalid(format!("The {kind} plugin '{name}' failed: {text}")))
            }
        }
    }
}

fn is(entry: &Entry, names: &[&str]) -> bool {
    entry.collection == "ansible.builtin" && names.contains(&entry.names[0])
}

fn has_secret(given: &Given) -> bool {
    given.args.iter().any(text::is_secret)
        || given.kwargs.flags().contains(crate::base::Flags::SECRET)
}

/// Returns the failure of a name that no table has.
pub(super) fn unknown(kind: &str, name: &str, known: &[&str]) -> Error {
    let error = Error::new(
        ErrorKind::Syntax,
        format!("Syntax error in template: No {kind} named '{name}'."),
    );
    match suggest::closest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
