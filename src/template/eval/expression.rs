//! Expressions. Values are never lazy themselves once they are returned; what is inside of them may be.

use std::sync::{Arc, PoisonError};

use super::objects::Namespace;
use super::run::too_deep;
use super::{Eval, Mode, access, arithmetic, cells, globals, output, slice, text};
use crate::base::{Map, Value};
use crate::template::ir::{
    Attribute, Binary, Compare, Comparison, Expr, Inline, Item, Operator, Slice, Span,
};
use crate::template::undefined::{Missing, is_quiet, is_undefined};
use crate::template::{Error, Undefined, is_omit, stack};

impl<'r> Eval<'r> {
    /// Returns the value of an expression.
    pub(super) fn expr(&mut self, expr: &'r Expr) -> Result<Value, Error> {
        match expr {
            Expr::Const(value) => Ok(value.clone()),
            Expr::Name(name, span) => self.name(name, *span),
            _ if stack::is_exhausted() => Err(too_deep()),
            Expr::Attribute(get) => self.attribute(get),
            Expr::Item(get) => self.item(get),
            Expr::Compare(compare) => {
                self.compare(compare).map_err(|error| self.at(error, compare.span))
            }
            Expr::Binary(binary) => {
                self.binary(binary).map_err(|error| self.at(error, binary.span))
            }
            Expr::Filter(apply) => self.filter(apply),
            Expr::Test(apply) => self.test(apply),
            Expr::Call(call) => self.call(call, None),
            Expr::Method(method) => self.method(method, None),
            Expr::And(pair) => {
                let left = self.judged(&pair.0)?;
                if left.truth() { self.expr(&pair.1) } else { Ok(left) }
            }
            Expr::Or(pair) => {
                let left = self.judged(&pair.0)?;
                if left.truth() { Ok(left) } else { self.expr(&pair.1) }
            }
            Expr::Not(inner) => Ok(Value::Bool(!self.truth(inner)?)),
            Expr::Negate(inner) => {
                let value = self.used(&inner.0)?;
                arithmetic::negate(&value).map_err(|reason| self.at(reason.into(), inner.1))
            }
            Expr::Plus(inner) => {
                let value = self.used(&inner.0)?;
                arithmetic::plus(&value).map_err(|reason| self.at(reason.into(), inner.1))
            }
            Expr::If(inline) => self.inline(inline),
            Expr::Concat(pieces, span) => self.concat(pieces, *span),
            Expr::List(items) => Ok(Value::List(Arc::new(self.all(items)?.into()))),
            Expr::Tuple(items) => Ok(Value::Tuple(Arc::new(self.all(items)?.into()))),
            Expr::Map(pairs, span) => self.map(pairs, *span),
            Expr::Slice(slice) => self.slice(slice),
            Expr::Embedded(lazy) => self.run.lazy(lazy, ""),
            Expr::Input => Ok(self.input.clone()),
        }
    }

    /// Returns a value whose truth is asked for: an inline `if` without `else` is false.
    fn judged(&mut self, expr: &'r Expr) -> Result<Value, Error> {
        let value = self.expr(expr)?;
        if is_quiet(&value) { Ok(value) } else { self.run.defined(value) }
    }

    /// Returns the truth of a value.
    pub(super) fn truth(&mut self, expr: &'r Expr) -> Result<bool, Error> {
        Ok(self.judged(expr)?.truth())
    }

    fn all(&mut self, items: &'r [Expr]) -> Result<Vec<Value>, Error> {
        items.iter().map(|item| self.expr(item)).collect()
    }

    /// Returns the value of a name: of the template, of the scope, a function, or something undefined.
    pub(super) fn name(&mut self, name: &Arc<str>, span: Span) -> Result<Value, Error> {
        let thaw = self.mode == Mode::Thawed;
        if let Some((_, value)) = self.locals.iter_mut().rev().find(|(known, _)| known == name) {
            if thaw && matches!(value, Value::List(_) | Value::Map(_)) {
                *value = cells::thaw(std::mem::take(value));
            }
            return Ok(value.clone());
        }
        if let Some(module) = &self.module {
            if let Some(value) = module.get(name) {
                if thaw && matches!(value, Value::List(_) | Value::Map(_)) {
                    let value = cells::thaw(value);
                    module.set(name, value.clone());
                    return Ok(value);
                }
                return Ok(value);
            }
            let known = module.cells.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = known.get(name) {
                return Ok(value.clone());
            }
        }
        let found = self.run.variable(name).map_err(|error| self.at(error, span))?;
        if let Some(value) = found {
            return if thaw { self.thawed_variable(name, value) } else { Ok(value) };
        }
        if let Some(function) = globals::find(name) {
            return Ok(function);
        }
        Ok(Undefined::value(Missing::Name(Arc::clone(name)), Some(self.place(span))))
    }

    /// Returns a variable of the scope as a cell of this template, the same one each time.
    fn thawed_variable(&mut self, name: &Arc<str>, value: Value) -> Result<Value, Error> {
        if !matches!(value, Value::List(_) | Value::Map(_)) {
            return Ok(value);
        }
        let value = cells::thaw_of(self.run.settle(value)?, cells::Home::Variable);
        let mut known = self.module().cells.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(Arc::clone(name), value.clone());
        Ok(value)
    }

    fn attribute(&mut self, get: &'r Attribute) -> Result<Value, Error> {
        let base = self.expr(&get.base)?;
        if self.mode == Mode::Thawed
            && let Some(namespace) = base.as_object::<Namespace>()
            && let Some(value) = namespace.thawed(&get.name)
        {
            return Ok(value);
        }
        let found = access::attribute(&self.run, &base, &get.name);
        let found = found.map_err(|error| self.at(error, get.span))?;
        Ok(found
            .unwrap_or_else(|| self.absent(&base, Value::text(Arc::clone(&get.name)), get.span)))
    }

    fn item(&mut self, get: &'r Item) -> Result<Value, Error> {
        let base = self.expr(&get.base)?;
        let key = self.expr(&get.key)?;
        if is_undefined(&base) {
            return Ok(base);
        }
        if is_undefined(&key) {
            return Ok(key);
        }
        let found = access::item(&self.run, &base, &key);
        let found = found.map_err(|error| self.at(error, get.span))?;
        Ok(found.unwrap_or_else(|| self.absent(&base, key, get.span)))
    }

    /// Returns what an attribute or item that is not there evaluates to.
    pub(super) fn absent(&self, base: &Value, key: Value, span: Span) -> Value {
        if is_undefined(base) {
            return base.clone();
        }
        let missing = Missing::Attribute { of: base.type_name(), key };
        Undefined::value(missing, Some(self.place(span)))
    }

    fn slice(&mut self, cut: &'r Slice) -> Result<Value, Error> {
        let base = self.expr(&cut.base)?;
        if is_undefined(&base) {
            return Ok(base);
        }
        let mut bound = |expr: &'r Option<Expr>| match expr {
            Some(expr) => self.used(expr),
            None => Ok(Value::Null),
        };
        let bounds = [bound(&cut.start)?, bound(&cut.stop)?, bound(&cut.step)?];
        let base = if super::run::is_cell(&base) { access::shallow(&base) } else { base };
        slice::slice(&base, &bounds).map_err(|reason| self.at(reason.into(), cut.span))
    }

    fn inline(&mut self, inline: &'r Inline) -> Result<Value, Error> {
        if self.truth(&inline.test)? {
            return self.expr(&inline.yes);
        }
        match &inline.no {
            Some(no) => self.expr(no),
            None => Ok(Undefined::value(Missing::NoElse(inline.line), None)),
        }
    }

    fn concat(&mut self, pieces: &'r [Expr], span: Span) -> Result<Value, Error> {
        let mut chars = String::new();
        let mut secret = false;
        for piece in pieces {
            let value = self.expr(piece)?;
            match &value {
                Value::Null => chars.push_str("None"),
                // Joined values print as they are, a tuple with its parentheses.
                Value::Tuple(_) => {
                    let value = self.run.settle(value)?;
                    secret |= text::is_secret(&value);
                    chars.push_str(&value.to_string());
                }
                value if is_omit(value) => chars.push_str(&value.to_string()),
                value => {
                    secret |= output::write(value, &mut chars, &self.run)
                        .map_err(|error| self.at(error, span))?;
                }
            }
        }
        Ok(text::marked(chars, secret).into())
    }

    fn map(&mut self, pairs: &'r [(Expr, Expr)], span: Span) -> Result<Value, Error> {
        let mut map = Map::new();
        for (key, value) in pairs {
            let key = self.used(key)?;
            let key = self.run.settle(key)?;
            access::hashable(&key).map_err(|reason| self.at(reason.into(), span))?;
            map.insert(key, self.expr(value)?);
        }
        Ok(map.into())
    }

    /// Returns a value ready for an operator: defined, resolved, without cells.
    fn operand(&mut self, expr: &'r Expr) -> Result<Value, Error> {
        let value = self.used(expr)?;
        self.operand_value(value)
    }

    fn operand_value(&self, value: Value) -> Result<Value, Error> {
        if super::run::is_cell(&value) {
            return self.run.settle(cells::freeze(&value));
        }
        let value = self.run.settle(value)?;
        match self.run.unfold(&value)? {
            Some(map) => Ok(map),
            None => Ok(value),
        }
    }

    fn binary(&mut self, binary: &'r Binary) -> Result<Value, Error> {
        let left = self.used(&binary.left)?;
        let right = self.used(&binary.right)?;
        let operand = |value: Value| -> Result<Value, Error> {
            // Adding lists keeps what is inside of them shared.
            if super::run::is_cell(&value) {
                Ok(access::shallow(&value))
            } else {
                self.run.settle(value)
            }
        };
        let (mut left, mut right) = (operand(left)?, operand(right)?);
        if self.mode == Mode::Thawed && binary.operator == Operator::Multiply {
            // What is repeated is one thing, however often it is there.
            (left, right) = (cells::thaw_items(left), cells::thaw_items(right));
        }
        if binary.operator == Operator::Modulo && matches!(left, Value::Text(_)) {
            self.run.all_defined(&right)?;
        }
        if let Some(value) = crate::template::moment::binary(binary.operator, &left, &right) {
            return Ok(value);
        }
        Ok(arithmetic::binary(binary.operator, &left, &right)?)
    }

    fn compare(&mut self, compare: &'r Compare) -> Result<Value, Error> {
        let mut left = self.operand(&compare.first)?;
        for (comparison, expr) in &compare.rest {
            let right = match comparison {
                // What is searched may be large and partly lazy: it is resolved as far as it has to be.
                Comparison::In | Comparison::NotIn => self.used(expr)?,
                _ => self.operand(expr)?,
            };
            if !super::compare::holds(&self.run, *comparison, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }
}
