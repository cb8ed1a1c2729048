//! What filters, tests and lookups may ask of the evaluator.

use std::sync::Arc;

use super::call::Given;
use super::run::Run;
use super::{access, globals};
use crate::base::{Map, Value};
use crate::template::undefined::{Missing, Undefined, is_undefined};
use crate::template::{Context, Error, ErrorKind, Reason, filters, lookups, tests};

impl Context for Run<'_> {
    fn filter(
        &self,
        name: &str,
        input: Value,
        args: &[Value],
        kwargs: &Map,
    ) -> Result<Value, Reason> {
        let entry =
            filters::find(name).ok_or_else(|| Reason::new(format!("No filter named '{name}'.")))?;
        let given = Given { args: args.to_vec(), kwargs: kwargs.clone() };
        let value = Run::filter(self, entry, input, given).map_err(|error| self.reason(error))?;
        self.checked(value)
    }

    fn test(&self, name: &str, input: Value, args: &[Value], kwargs: &Map) -> Result<bool, Reason> {
        let entry =
            tests::find(name).ok_or_else(|| Reason::new(format!("No test named '{name}'.")))?;
        let given = Given { args: args.to_vec(), kwargs: kwargs.clone() };
        let value = Run::test(self, entry, input, given).map_err(|error| self.reason(error))?;
        Ok(self.checked(value)?.truth())
    }

    fn lookup(&self, name: &str, terms: &[Value], kwargs: &Map) -> Result<Value, Reason> {
        let entry = lookups::find(name)
            .ok_or_else(|| Reason::new(format!("The lookup plugin '{name}' was not found.")))?;
        let given = Given { args: terms.to_vec(), kwargs: kwargs.clone() };
        let value = globals::run_lookup(self, entry, given).map_err(|error| self.reason(error))?;
        self.checked(value)
    }

    fn encrypt(&self, plain: &str) -> Result<String, String> {
        self.engine.services().encrypt(plain)
    }

    fn attribute(&self, value: &Value, name: &Value) -> Result<Value, Reason> {
        if is_undefined(value) {
            return Ok(value.clone());
        }
        let found = access::item(self, value, name).map_err(|error| self.reason(error))?;
        match found {
            Some(found) => self.settle(found).map_err(|error| self.reason(error)),
            None => {
                let missing = Missing::Attribute { of: value.type_name(), key: name.clone() };
                Ok(Undefined::value(missing, None))
            }
        }
    }

    fn variable(&self, name: &str) -> Result<Option<Value>, Reason> {
        let found = Run::variable(self, name).map_err(|error| self.reason(error))?;
        found.map(|value| self.settle(value).map_err(|error| self.reason(error))).transpose()
    }

    fn variable_names(&self) -> Vec<Arc<str>> {
        self.scope.names()
    }

    fn resolve(&self, value: &Value) -> Result<Value, Reason> {
        let value = self.settle(value.clone()).map_err(|error| self.reason(error))?;
        self.checked(value)
    }

    fn render(&self, source: &str, path: &str, more: &Map) -> Result<Value, Reason> {
        super::modules::render(self, source, path, more).map_err(|error| self.reason(error))
    }

    fn call(&self, callee: &Value, args: &[Value], kwargs: &Map) -> Result<Value, Reason> {
        let given = Given { args: args.to_vec(), kwargs: kwargs.clone() };
        let value = Run::call(self, callee, given).map_err(|error| self.reason(error))?;
        self.checked(value)
    }
}

impl Run<'_> {
    /// Returns a failure as a reason, and keeps the failure for when the reason comes back.
    pub(super) fn reason(&self, error: Error) -> Reason {
        let text = error.message().to_owned();
        if error.kind() == ErrorKind::Undefined {
            return Reason::Undefined(text);
        }
        *self.shared.stash.borrow_mut() = Some(error);
        Reason::Invalid(text)
    }

    fn checked(&self, value: Value) -> Result<Value, Reason> {
        match value.as_object::<Undefined>() {
            Some(undefined) => Err(Reason::Undefined(undefined.hint().to_owned())),
            None => Ok(value),
        }
    }
}
