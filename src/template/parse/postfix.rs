//! What follows a value: attributes, items, slices, calls, filters and tests.

use std::sync::Arc;

use super::token::Kind;
use super::{Parsed, Parser};
use crate::base::Value;
use crate::template::ir::{Apply, Args, Attribute, Call, Expr, Item, Method, Slice};
use crate::template::{filters, tests};

/// Functions whose constant arguments may hold templates themselves.
const LOOKUPS: &[&str] = &["lookup", "q", "query"];

/// Methods that change what they are called on.
const MUTATING: &[&str] = &[
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

/// The bounds of a slice.
type Bounds = [Option<Expr>; 3];

impl<'a> Parser<'a> {
    /// Reads attributes, items and calls.
    pub(super) fn postfix(&mut self, mut expr: Expr, start: u32) -> Parsed<Expr> {
        loop {
            expr = match (self.token.kind, self.token.text) {
                (Kind::Operator, ".") => self.attribute(expr, start)?,
                (Kind::Operator, "[") => self.item(expr, start)?,
                (Kind::Operator, "(") => self.call(expr, start)?,
                _ => return Ok(expr),
            };
        }
    }

    /// Reads filters and tests, and calls of what they give.
    pub(super) fn filters(&mut self, mut expr: Expr, start: u32) -> Parsed<Expr> {
        loop {
            expr = match (self.token.kind, self.token.text) {
                (Kind::Operator, "|") => {
                    self.advance()?;
                    self.filter(expr, start)?
                }
                (Kind::Word, "is") => self.test(expr, start)?,
                (Kind::Operator, "(") => self.call(expr, start)?,
                _ => return Ok(expr),
            };
        }
    }

    fn attribute(&mut self, base: Expr, start: u32) -> Parsed<Expr> {
        self.advance()?;
        match self.token.kind {
            Kind::Word => {
                let token = self.advance()?;
                let name = self.name(token.text);
                let span = self.since(start);
                Ok(Expr::Attribute(Box::new(Attribute { base, name, span })))
            }
            Kind::Integer => {
                let key = Expr::Const(self.number()?);
                Ok(Expr::Item(Box::new(Item { base, key, span: self.since(start) })))
            }
            _ => Err(self.token.unexpected("expected name or number")),
        }
    }

    fn item(&mut self, base: Expr, start: u32) -> Parsed<Expr> {
        self.advance()?;
        let mut keys = Vec::new();
        let mut comma = false;
        while !self.token.is_operator("]") {
            if !keys.is_empty() {
                self.expect(",")?;
                comma = true;
            }
            let at = self.token;
            match self.subscript()? {
                Ok(key) => keys.push(key),
                Err(bounds) => {
                    if !keys.is_empty() || self.token.is_operator(",") {
                        return Err(at.unexpected("a slice cannot be one of several keys"));
                    }
                    self.expect("]")?;
                    let [lower, upper, step] = bounds;
                    let span = self.since(start);
                    let slice = Slice { base, start: lower, stop: upper, step, span };
                    return Ok(Expr::Slice(Box::new(slice)));
                }
            }
        }
        self.expect("]")?;
        let key = match keys.pop() {
            Some(only) if !comma => only,
            last => {
                keys.extend(last);
                Expr::Tuple(keys)
            }
        };
        Ok(Expr::Item(Box::new(Item { base, key, span: self.since(start) })))
    }

    /// Reads a key, or else the bounds of a slice.
    fn subscript(&mut self) -> Parsed<Result<Expr, Bounds>> {
        let first = if self.token.is_operator(":") { None } else { Some(self.expression()?) };
        if !self.skip(":")? {
            return match first {
                Some(key) => Ok(Ok(key)),
                None => Err(self.token.astray()),
            };
        }
        let ends = |parser: &Self| parser.token.is_operator("]") || parser.token.is_operator(",");
        let mut bounds = [first, None, None];
        if !ends(self) && !self.token.is_operator(":") {
            bounds[1] = Some(self.expression()?);
        }
        if self.skip(":")? && !ends(self) {
            bounds[2] = Some(self.expression()?);
        }
        Ok(Err(bounds))
    }

    fn call(&mut self, callee: Expr, start: u32) -> Parsed<Expr> {
        let mut args = self.arguments()?;
        let span = self.since(start);
        if let Expr::Attribute(get) = callee {
            self.mutates |= MUTATING.contains(&&*get.name);
            let Attribute { base, name, span: _ } = *get;
            return Ok(Expr::Method(Box::new(Method { base, name, args, span })));
        }
        if matches!(&callee, Expr::Name(name, _) if LOOKUPS.contains(&&**name)) {
            // The first is the name of the lookup.
            for (_, arg) in args.positional.iter_mut().skip(1) {
                let whole = std::mem::replace(arg, Expr::Const(Value::Null));
                *arg = self.embed(whole, span);
            }
        }
        Ok(Expr::Call(Box::new(Call { callee, args, span })))
    }

    /// Reads a filter behind its `|`.
    pub(super) fn filter(&mut self, input: Expr, start: u32) -> Parsed<Expr> {
        let name = self.dotted()?;
        let args = if self.token.is_operator("(") { self.arguments()? } else { Args::default() };
        let (entry, span) = (filters::find(&name), self.since(start));
        Ok(Expr::Filter(Box::new(Apply { name, entry, input, args, span })))
    }

    fn test(&mut self, input: Expr, start: u32) -> Parsed<Expr> {
        self.advance()?;
        let negated = self.skip_word("not")?;
        let name = self.dotted()?;
        let args = if self.token.is_operator("(") {
            self.arguments()?
        } else if self.starts_argument() {
            if self.token.is_word("is") {
                return Err(self.token.unexpected("You cannot chain multiple tests with is"));
            }
            let from = self.token.span.start;
            let primary = self.primary()?;
            Args::one(self.postfix(primary, from)?)
        } else {
            Args::default()
        };
        let (entry, span) = (tests::find(&name), self.since(start));
        let test = Expr::Test(Box::new(Apply { name, entry, input, args, span }));
        Ok(if negated { Expr::Not(Box::new(test)) } else { test })
    }

    /// Returns whether an argument of a test comes, without parentheses around it.
    fn starts_argument(&self) -> bool {
        match self.token.kind {
            Kind::Word => !self.token.is_any(&["and", "else", "or"]),
            Kind::Float | Kind::Integer | Kind::Text => true,
            Kind::Operator => matches!(self.token.text, "(" | "[" | "{"),
            _ => false,
        }
    }

    /// Reads a name with dots in it.
    fn dotted(&mut self) -> Parsed<Arc<str>> {
        let first = self.expect_kind(Kind::Word)?;
        if !self.token.is_operator(".") {
            return Ok(self.name(first.text));
        }
        let mut name = first.text.to_owned();
        while self.skip(".")? {
            name.push('.');
            name.push_str(self.expect_kind(Kind::Word)?.text);
        }
        Ok(Arc::from(name))
    }
}
