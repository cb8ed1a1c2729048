//! Calls: of functions, macros, methods and loops.

use super::objects::{BoundMethod, Callable, Cycler, Joiner};
use super::run::{Run, is_cell};
use super::{Eval, Mode, access, cells, globals, loops, macros};
use crate::base::{Map, Value};
use crate::template::ir::{Args, Call, Expr, Method, Starred};
use crate::template::undefined::is_undefined;
use crate::template::{Error, items_of, methods, moment};

/// The arguments of a call, evaluated.
#[derive(Default)]
pub(super) struct Given {
    pub(super) args: Vec<Value>,
    pub(super) kwargs: Map,
}

impl Given {
    /// Returns the first undefined argument.
    pub(super) fn undefined(&self) -> Option<&Value> {
        self.args.iter().chain(self.kwargs.values()).find(|value| is_undefined(value))
    }
}

impl<'r> Eval<'r> {
    /// Evaluates arguments.
    pub(super) fn given(&mut self, args: &'r Args) -> Result<Given, Error> {
        let mut given = Given::default();
        for (starred, expr) in &args.positional {
            let value = self.expr(expr)?;
            match starred {
                Starred::No => given.args.push(value),
                Starred::Yes => {
                    let value = self.run.settle(self.run.defined(value)?)?;
                    given.args.extend(items_of(&value)?);
                }
            }
        }
        for (name, expr) in &args.named {
            let value = self.expr(expr)?;
            match name {
                Some(name) => {
                    given.kwargs.insert(&**name, value);
                }
                None => {
                    let value = self.run.settle(self.run.defined(value)?)?;
                    let map = value.as_map().ok_or_else(|| {
                        Error::invalid(format!(
                            "argument after ** must be a mapping, not {}",
                            value.type_name()
                        ))
                    })?;
                    given.kwargs.extend(map.iter().map(|(key, item)| (key.clone(), item.clone())));
                }
            }
        }
        Ok(given)
    }

    pub(super) fn call(&mut self, call: &'r Call, caller: Option<Value>) -> Result<Value, Error> {
        if let Expr::Name(name, _) = &call.callee
            && &**name == "super"
            && self.block.is_some()
        {
            return self.super_block().map_err(|error| self.at(error, call.span));
        }
        let callee = self.expr(&call.callee)?;
        if is_undefined(&callee) {
            return Ok(callee);
        }
        let mut given = self.given(&call.args)?;
        if let Some(caller) = caller {
            given.kwargs.insert("caller", caller);
        }
        self.invoke(&callee, given).map_err(|error| self.at(error, call.span))
    }

    /// Calls a value.
    fn invoke(&mut self, callee: &Value, given: Given) -> Result<Value, Error> {
        if let Some(level) = loops::level(callee) {
            return self.recurse(level, given);
        }
        if let Some(method) = callee.as_object::<BoundMethod>() {
            let (base, name) = (method.base().clone(), method.name().to_owned());
            return self.invoke_method(&base, &name, given);
        }
        let thawed = self.mode == Mode::Thawed;
        if macros::is_macro(callee) {
            let value = macros::invoke(&self.run, callee, given)?;
            return Ok(if thawed { value } else { cells::freeze(&value) });
        }
        // What becomes a part of something new stays shared.
        let keeps = callee.as_object::<Callable>().is_some_and(|callable| callable.0.keeps());
        let given = if thawed && !keeps { frozen(given) } else { given };
        self.run.call(callee, given)
    }

    pub(super) fn method(
        &mut self,
        method: &'r Method,
        caller: Option<Value>,
    ) -> Result<Value, Error> {
        if let Expr::Name(name, _) = &method.base
            && &**name == "self"
            && self.blocks.is_some()
        {
            return self.named_block(&method.name).map_err(|error| self.at(error, method.span));
        }
        let base = self.expr(&method.base)?;
        if is_undefined(&base) {
            return Ok(base);
        }
        let mut given = self.given(&method.args)?;
        if let Some(caller) = caller {
            given.kwargs.insert("caller", caller);
        }
        if methods::exists(&base, &method.name) {
            let result = self.invoke_method(&base, &method.name, given);
            return result.map_err(|error| self.at(error, method.span));
        }
        let found = access::attribute(&self.run, &base, &method.name)
            .map_err(|error| self.at(error, method.span))?;
        match found {
            Some(callee) => {
                self.invoke(&callee, given).map_err(|error| self.at(error, method.span))
            }
            None => Ok(self.absent(&base, Value::text(&*method.name), method.span)),
        }
    }

    /// Calls a method of a value.
    fn invoke_method(&mut self, base: &Value, name: &str, given: Given) -> Result<Value, Error> {
        if let Some(undefined) = given.undefined() {
            // A default of `get`, an item of `append`: what is only kept may be undefined.
            if !matches!(name, "append" | "get" | "insert" | "pop" | "setdefault" | "update") {
                return Ok(undefined.clone());
            }
        }
        if is_cell(base) {
            return methods_of_cell(&self.run, base, name, &given);
        }
        if self.mode == Mode::Thawed && matches!(base, Value::List(_) | Value::Map(_)) {
            // A list that was just made is changed and gone; what the method gives back stays.
            return methods_of_cell(&self.run, &cells::thaw(base.clone()), name, &given);
        }
        self.run.method(base, name, given)
    }

    /// Evaluates the call of a `{% call %}` block.
    pub(super) fn call_with_caller(
        &mut self,
        expr: &'r Expr,
        caller: Value,
    ) -> Result<Value, Error> {
        match expr {
            Expr::Call(call) => self.call(call, Some(caller)),
            Expr::Method(method) => self.method(method, Some(caller)),
            other => self.expr(other),
        }
    }
}

fn frozen(given: Given) -> Given {
    Given {
        args: given.args.iter().map(cells::freeze).collect(),
        kwargs: given
            .kwargs
            .iter()
            .map(|(key, value)| (key.clone(), cells::freeze(value)))
            .collect(),
    }
}

fn methods_of_cell(run: &Run<'_>, base: &Value, name: &str, given: &Given) -> Result<Value, Error> {
    let args: Vec<Value> = given.args.clone();
    if let Some(result) = methods::cell::call(base, name, &args, &given.kwargs) {
        return Ok(result?);
    }
    let plain = run.settle(cells::freeze(base))?;
    run.method(&plain, name, Given { args, kwargs: given.kwargs.clone() })
}

impl Run<'_> {
    /// Calls a function or a macro.
    pub(super) fn call(&self, callee: &Value, given: Given) -> Result<Value, Error> {
        if macros::is_macro(callee) {
            return macros::invoke(self, callee, given).map(|value| cells::freeze(&value));
        }
        if let Some(undefined) = given.undefined() {
            return Ok(undefined.clone());
        }
        if let Some(method) = callee.as_object::<BoundMethod>() {
            return self.method(method.base(), method.name(), given);
        }
        if let Some(Callable(function)) = callee.as_object::<Callable>() {
            return globals::call(self, *function, given);
        }
        if let Some(joiner) = callee.as_object::<Joiner>() {
            return Ok(joiner.next());
        }
        Err(Error::invalid(format!("'{}' object is not callable", callee.type_name())))
    }

    /// Calls a method of a plain value.
    pub(super) fn method(&self, base: &Value, name: &str, given: Given) -> Result<Value, Error> {
        if let Some(cycler) = base.as_object::<Cycler>() {
            return Ok(match name {
                "next" => cycler.next(),
                _ => {
                    cycler.reset();
                    Value::Null
                }
            });
        }
        if let Some(result) = moment::method(base, name, &given.args) {
            return Ok(result?);
        }
        if let Some(result) = loops::method(base, name, &given.args) {
            return Ok(result?);
        }
        let base = match self.unfold(base)? {
            Some(map) if name != "get" => map,
            Some(_) => return self.entry_or(base, &given),
            None => base.clone(),
        };
        let args = given.args.into_iter().map(|value| self.settle_defined(value));
        let args = args.collect::<Result<Vec<_>, _>>()?;
        if matches!(base, Value::Text(_)) {
            args.iter().chain(given.kwargs.values()).try_for_each(|arg| self.all_defined(arg))?;
        }
        let result = methods::call(&base, name, &args, &given.kwargs)?;
        self.top(result)
    }

    /// Resolves an argument; undefined ones stay.
    fn settle_defined(&self, value: Value) -> Result<Value, Error> {
        if is_undefined(&value) { Ok(value) } else { self.settle(value) }
    }

    /// `get` of a dictionary made on demand.
    fn entry_or(&self, base: &Value, given: &Given) -> Result<Value, Error> {
        let name = given.args.first().and_then(Value::as_str).unwrap_or_default();
        match access::entry(self, base, name)? {
            Some(value) => Ok(value),
            None => Ok(given.args.get(1).cloned().unwrap_or_default()),
        }
    }
}
