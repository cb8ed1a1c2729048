//! Macros, and the bodies of `{% call %}` blocks.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::call::Given;
use super::output::Output;
use super::run::Run;
use super::{Eval, Mode, Module, Names, cells};
use crate::base::{Map, Object, Value};
use crate::template::ir::{Macro, Program};
use crate::template::{Error, Scope, stack, undefined::undefined};

/// A macro with what it sees: the names of its template, and those of the bodies around it.
struct MacroValue {
    declared: Arc<Macro>,
    program: Arc<Program>,
    scope: Arc<dyn Scope>,
    module: Arc<Module>,
    captured: Names,
}

impl fmt::Debug for MacroValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Macro({})", self.declared.name)
    }
}

impl Object for MacroValue {
    fn type_name(&self) -> &'static str {
        "Macro"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        // The body of `{% call %}` has no name of its own.
        Value::text(match &*self.declared.name {
            "caller" => "<Macro anonymous>".to_owned(),
            name => format!("<Macro '{name}'>"),
        })
    }
}

/// Returns whether a value is a macro.
pub(super) fn is_macro(value: &Value) -> bool {
    value.as_object::<MacroValue>().is_some()
}

/// Returns an attribute of a macro.
pub(super) fn field(value: &Value, name: &str) -> Option<Value> {
    let declared = &value.as_object::<MacroValue>()?.declared;
    match name {
        "arguments" => {
            let names = declared.params.iter().map(|(name, _)| Value::text(Arc::clone(name)));
            Some(Value::Tuple(Arc::new(names.collect())))
        }
        "caller" => Some(Value::Bool(declared.uses.caller)),
        "catch_kwargs" => Some(Value::Bool(declared.uses.kwargs)),
        "catch_varargs" => Some(Value::Bool(declared.uses.varargs)),
        "name" => Some(Value::text(Arc::clone(&declared.name))),
        _ => None,
    }
}

impl Eval<'_> {
    /// Returns a macro that sees what is seen here.
    pub(super) fn macro_value(&mut self, declared: &Arc<Macro>) -> Value {
        if self.mode == Mode::Thawed {
            for (_, value) in &mut self.locals {
                if matches!(value, Value::List(_) | Value::Map(_)) {
                    *value = cells::thaw(std::mem::take(value));
                }
            }
        }
        Value::Object(Arc::new(MacroValue {
            declared: Arc::clone(declared),
            program: Arc::clone(self.program),
            scope: Arc::clone(self.run.scope),
            module: Arc::clone(self.module()),
            captured: self.locals.clone(),
        }))
    }
}

/// Calls a macro and returns what it puts out.
pub(super) fn invoke(run: &Run<'_>, callee: &Value, given: Given) -> Result<Value, Error> {
    let Some(value) = callee.as_object::<MacroValue>() else { return Ok(Value::Null) };
    if stack::is_exhausted() {
        return Err(super::run::too_deep());
    }
    let declared = &value.declared;
    let mut eval = Eval::new(run.within(&value.scope), &value.program);
    eval.module = Some(Arc::clone(&value.module));
    eval.locals.clone_from(&value.captured);
    eval.inner = Some(eval.locals.len());
    // A macro inside of a loop or macro is not among the names of the template: it sees itself all the same.
    eval.locals.push((Arc::clone(&declared.name), callee.clone()));
    eval.inner = Some(eval.locals.len());
    if !value.program.blocks.is_empty() {
        eval.add_blocks(&value.program);
    }
    bind(&mut eval, declared, given)?;
    let mut out = Output::default();
    let result = eval.body(&declared.body, &mut out);
    super::statement::undefined_or(result.and_then(|_| out.finish(run)))
}

/// Gives the parameters their values.
fn bind<'r>(eval: &mut Eval<'r>, declared: &'r Macro, given: Given) -> Result<(), Error> {
    let name = &declared.name;
    let mut args = given.args.into_iter();
    let mut kwargs = given.kwargs;
    let is_param = |name: &str| declared.params.iter().any(|(param, _)| &**param == name);
    let caller = if is_param("caller") { None } else { kwargs.remove("caller") };
    for (param, default) in &declared.params {
        let value = match args.next().or_else(|| kwargs.remove(param)) {
            Some(value) => value,
            None => match default {
                Some(default) => eval.expr(default)?,
                None => undefined(format!("parameter '{param}' was not provided")),
            },
        };
        eval.locals.push((Arc::clone(param), value));
    }
    let rest: Vec<Value> = args.collect();
    if declared.uses.varargs {
        let value = Value::Tuple(Arc::new(rest.into()));
        eval.locals.push((Arc::from("varargs"), value));
    } else if !rest.is_empty() {
        return Err(Error::invalid(format!(
            "macro '{name}' takes not more than {} argument(s)",
            declared.params.len()
        )));
    }
    if declared.uses.caller {
        let value = caller.unwrap_or_else(|| undefined("No caller defined"));
        eval.locals.push((Arc::from("caller"), value));
    } else if let Some(caller) = caller {
        if !declared.uses.kwargs {
            return Err(Error::invalid(format!(
                "macro '{name}' was invoked with two values for the special caller argument: it does not use `caller()`"
            )));
        }
        kwargs.insert("caller", caller);
    }
    if declared.uses.kwargs {
        let value = Value::from(kwargs.into_iter().collect::<Map>());
        eval.locals.push((Arc::from("kwargs"), value));
    } else if let Some((key, _)) = kwargs.iter().next() {
        return Err(Error::invalid(format!("macro '{name}' takes no keyword argument '{key}'")));
    }
    Ok(())
}
