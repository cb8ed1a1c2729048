//! Statements.

use std::sync::Arc;

use super::objects::Namespace;
use super::output::Output;
use super::run::too_deep;
use super::{Eval, Flow, cells};
use crate::base::Value;
use crate::template::ir::{Assignment, CallBlock, Expr, SetBlock, Stmt, Target};
use crate::template::undefined::{Missing, is_undefined};
use crate::template::{Error, ErrorKind, Undefined, items_of, stack};

impl<'r> Eval<'r> {
    /// Runs the statements of a body.
    pub(super) fn body(&mut self, body: &'r [Stmt], out: &mut Output) -> Result<Flow, Error> {
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        for stmt in body {
            let flow = self.statement(stmt, out)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, stmt: &'r Stmt, out: &mut Output) -> Result<Flow, Error> {
        match stmt {
            Stmt::Text(text) => self.put(out, text.clone())?,
            Stmt::Emit(expr, span) => {
                let value = self.expr(expr).map_err(|error| self.at(error, *span))?;
                self.emit(out, value)?;
            }
            Stmt::If(branches, otherwise) => {
                for (test, body) in branches {
                    if self.truth(test)? {
                        return self.body(body, out);
                    }
                }
                return self.body(otherwise, out);
            }
            Stmt::For(each) => {
                self.for_loop(each, out)?;
            }
            Stmt::Set(set) => {
                self.set(set)?;
            }
            Stmt::SetBlock(set) => self.set_block(set)?,
            Stmt::FilterBlock(filter) => {
                let (chain, body) = &**filter;
                let captured = self.captured(body)?;
                let value = self.filtered(chain, captured)?;
                self.emit(out, value)?;
            }
            Stmt::With(with) => {
                return self.scoped(|eval| {
                    // All values are those of before the block.
                    let values = with.names.iter().map(|one| eval.expr(&one.value));
                    let values = values.collect::<Result<Vec<_>, _>>()?;
                    for (one, value) in with.names.iter().zip(values) {
                        eval.assign(&one.target, value)
                            .map_err(|error| eval.at(error, one.span))?;
                    }
                    eval.body(&with.body, out)
                });
            }
            Stmt::Scope(body) => return self.scoped(|eval| eval.body(body, out)),
            Stmt::Do(expr) => {
                self.used(expr)?;
            }
            Stmt::Macro(declared) => {
                let value = self.macro_value(declared);
                self.assign_name(&declared.name, value);
            }
            Stmt::CallBlock(block) => self.call_block(block, out)?,
            Stmt::Block(index) => self.block_statement(*index, out)?,
            Stmt::Extends(name, span) => self.extends(name, *span)?,
            Stmt::Include(include) => self.include(include, out)?,
            Stmt::Import(import) => self.import(import)?,
            Stmt::FromImport(import) => self.import_names(import)?,
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    /// Puts out a piece, unless the template extends another: then only blocks put out anything.
    fn put(&mut self, out: &mut Output, piece: Value) -> Result<(), Error> {
        if self.parent.is_some() { Ok(()) } else { out.push(piece, &self.run) }
    }

    /// Puts out a value that was computed.
    pub(super) fn emit(&mut self, out: &mut Output, value: Value) -> Result<(), Error> {
        let value = cells::put_out(value);
        if !crate::template::undefined::is_quiet(&value) {
            let value = self.run.defined(value)?;
            return self.put(out, value);
        }
        self.put(out, value)
    }

    /// Runs something with names of its own.
    pub(super) fn scoped<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (mark, outer) = (self.locals.len(), self.inner);
        self.inner = Some(mark);
        let result = action(self);
        self.locals.truncate(mark);
        self.inner = outer;
        result
    }

    /// Returns what a body puts out.
    pub(super) fn captured(&mut self, body: &'r [Stmt]) -> Result<Value, Error> {
        let parent = self.parent.take();
        let mut out = Output::default();
        let result = self.scoped(|eval| eval.body(body, &mut out));
        self.parent = parent;
        undefined_or(result.and_then(|_| out.finish(&self.run)))
    }

    fn set(&mut self, one: &'r Assignment) -> Result<(), Error> {
        let value = self.expr(&one.value)?;
        self.assign(&one.target, value).map_err(|error| self.at(error, one.span))
    }

    fn set_block(&mut self, set: &'r SetBlock) -> Result<(), Error> {
        let captured = self.captured(&set.body)?;
        let value = match &set.filter {
            Some(chain) => self.filtered(chain, captured)?,
            None => captured,
        };
        self.assign(&set.target, value).map_err(|error| self.at(error, set.span))
    }

    /// Applies the filters of a block to its text.
    fn filtered(&mut self, chain: &'r Expr, captured: Value) -> Result<Value, Error> {
        let outer = std::mem::replace(&mut self.input, captured);
        let value = self.expr(chain);
        self.input = outer;
        value
    }

    fn call_block(&mut self, block: &'r CallBlock, out: &mut Output) -> Result<(), Error> {
        let caller = self.macro_value(&block.body);
        let value = self.call_with_caller(&block.call, caller)?;
        self.emit(out, value)
    }

    /// Gives a value to what is assigned to.
    pub(super) fn assign(&mut self, target: &'r Target, value: Value) -> Result<(), Error> {
        match target {
            Target::Name(name) => self.assign_name(name, value),
            Target::Field(name, field) => {
                let holder = self.name(name, Default::default())?;
                let Some(namespace) = holder.as_object::<Namespace>() else {
                    let holder = self.run.defined(holder)?;
                    return Err(Error::invalid(format!(
                        "cannot assign attribute on non-namespace object of type '{}'",
                        holder.type_name()
                    )));
                };
                namespace.set(field, value);
            }
            Target::Tuple(targets) => {
                let value = self.run.defined(value)?;
                let items = self.unpacked(&value, targets.len())?;
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn assign_name(&mut self, name: &Arc<str>, value: Value) {
        let Some(start) = self.inner else {
            self.module().set(name, value);
            return;
        };
        match self.locals[start..].iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.locals.push((Arc::clone(name), value)),
        }
    }

    /// Returns the items of a value that is assigned to several names.
    fn unpacked(&self, value: &Value, wanted: usize) -> Result<Vec<Value>, Error> {
        let items = match value.as_object::<cells::ListCell>() {
            Some(cell) => cell.thawed(),
            None => items_of(value).map_err(|_| {
                Error::invalid(format!("cannot unpack non-iterable {} object", value.type_name()))
            })?,
        };
        if items.len() < wanted {
            return Err(Error::invalid(format!(
                "not enough values to unpack (expected {wanted}, got {})",
                items.len()
            )));
        }
        if items.len() > wanted {
            return Err(Error::invalid(format!("too many values to unpack (expected {wanted})")));
        }
        let resolve = |item: Value| if is_undefined(&item) { Ok(item) } else { self.run.top(item) };
        items.into_iter().map(resolve).collect()
    }
}

/// Returns what a body puts out; when it met something undefined, that is undefined.
pub(super) fn undefined_or(result: Result<Value, Error>) -> Result<Value, Error> {
    match result {
        Err(error) if error.kind() == ErrorKind::Undefined => {
            Ok(Undefined::value(Missing::Failed(error), None))
        }
        other => other,
    }
}
