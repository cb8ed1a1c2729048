//! Expressions, from what binds loosest to what binds tightest.

use std::sync::Arc;

use super::failure::Failure;
use super::token::Kind;
use super::{Parsed, Parser};
use crate::base::{Lazy, Value};
use crate::template::engine::Engine;
use crate::template::ir::{Binary, Compare, Comparison, Expr, Inline, Operator, Span};
use crate::template::{place, stack};

/// How tightly operators bind, the loosest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Rank {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Concat,
    Product,
    Power,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug)]
enum Infix {
    And,
    Binary(Operator),
    Compare(Comparison),
    Concat,
    Or,
}

const INFIXES: &[(&str, Infix)] = &[
    ("!=", Infix::Compare(Comparison::NotEqual)),
    ("%", Infix::Binary(Operator::Modulo)),
    ("*", Infix::Binary(Operator::Multiply)),
    ("**", Infix::Binary(Operator::Power)),
    ("+", Infix::Binary(Operator::Add)),
    ("-", Infix::Binary(Operator::Subtract)),
    ("/", Infix::Binary(Operator::Divide)),
    ("//", Infix::Binary(Operator::FloorDivide)),
    ("<", Infix::Compare(Comparison::Less)),
    ("<=", Infix::Compare(Comparison::LessEqual)),
    ("==", Infix::Compare(Comparison::Equal)),
    (">", Infix::Compare(Comparison::Greater)),
    (">=", Infix::Compare(Comparison::GreaterEqual)),
    ("and", Infix::And),
    ("in", Infix::Compare(Comparison::In)),
    ("or", Infix::Or),
    ("~", Infix::Concat),
];

impl Infix {
    fn rank(self) -> Rank {
        match self {
            Self::Or => Rank::Or,
            Self::And => Rank::And,
            Self::Compare(_) => Rank::Compare,
            Self::Concat => Rank::Concat,
            Self::Binary(Operator::Add | Operator::Subtract) => Rank::Sum,
            Self::Binary(Operator::Power) => Rank::Power,
            Self::Binary(_) => Rank::Product,
        }
    }
}

/// Whether `a if b else c` may stand somewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Choice {
    Allowed,
    /// `if` belongs to what is around.
    Not,
}

impl<'a> Parser<'a> {
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.deep()?;
        let start = self.token.span.start;
        let mut expr = self.ranked(Rank::Or)?;
        while self.token.is_word("if") {
            let line = self.line(start);
            self.advance()?;
            let test = self.ranked(Rank::Or)?;
            let no = if self.skip_word("else")? { Some(self.expression()?) } else { None };
            expr = Expr::If(Box::new(Inline { test, yes: expr, no, line }));
        }
        Ok(expr)
    }

    pub(super) fn choice(&mut self, choice: Choice) -> Parsed<Expr> {
        if choice == Choice::Allowed { self.expression() } else { self.ranked(Rank::Or) }
    }

    /// Reads an expression, or several with commas between them: a tuple. Nothing at all is one only in parentheses.
    pub(super) fn tuple(&mut self, choice: Choice, end: Option<&str>) -> Parsed<Expr> {
        match self.items(choice, end)? {
            (mut items, false) => items.pop().ok_or_else(|| {
                let got = self.token.described();
                self.token.unexpected(format!("Expected an expression, got '{got}'"))
            }),
            (items, true) => Ok(constant_list(items, tuple_value, Expr::Tuple)),
        }
    }

    /// Returns the expressions with commas between them, and whether there is a comma.
    fn items(&mut self, choice: Choice, end: Option<&str>) -> Parsed<(Vec<Expr>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        while !self.ends_tuple(end) {
            items.push(self.choice(choice)?);
            if !self.skip(",")? {
                break;
            }
            comma = true;
        }
        Ok((items, comma))
    }

    pub(super) fn ends_tuple(&self, end: Option<&str>) -> bool {
        matches!(self.token.kind, Kind::PrintEnd | Kind::BlockEnd)
            || self.token.is_operator(")")
            || end.is_some_and(|word| self.token.is_word(word))
    }

    /// Reads operators that bind at least that tightly; those of one rank bind from the left.
    fn ranked(&mut self, rank: Rank) -> Parsed<Expr> {
        let start = self.token.span.start;
        let mut left = if rank <= Rank::Not && self.token.is_word("not") {
            self.negation()?
        } else {
            self.unary()?
        };
        while let Some(infix) = self.infix()?
            && infix.rank() >= rank
        {
            left = self.operation(infix, left, start)?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed<Expr> {
        self.deep()?;
        self.advance()?;
        Ok(Expr::Not(Box::new(self.ranked(Rank::Not)?)))
    }

    /// Returns the operator that comes.
    fn infix(&mut self) -> Parsed<Option<Infix>> {
        let token = self.token;
        Ok(match token.kind {
            Kind::Operator | Kind::Word if token.text == "not" => {
                self.ahead()?.is_word("in").then_some(Infix::Compare(Comparison::NotIn))
            }
            Kind::Operator | Kind::Word => {
                let known = INFIXES.iter().find(|(text, _)| *text == token.text);
                known.map(|(_, infix)| *infix)
            }
            _ => None,
        })
    }

    /// Reads an operator and what stands behind it.
    fn operation(&mut self, infix: Infix, left: Expr, start: u32) -> Parsed<Expr> {
        self.advance()?;
        Ok(match infix {
            Infix::Or => Expr::Or(Box::new((left, self.ranked(Rank::And)?))),
            Infix::And => Expr::And(Box::new((left, self.ranked(Rank::Not)?))),
            Infix::Compare(comparison) => self.comparisons(comparison, left, start)?,
            Infix::Concat => {
                let mut pieces = vec![left, self.ranked(Rank::Product)?];
                while self.skip("~")? {
                    pieces.push(self.ranked(Rank::Product)?);
                }
                Expr::Concat(pieces, self.since(start))
            }
            Infix::Binary(operator) => {
                let right = match infix.rank() {
                    Rank::Sum => self.ranked(Rank::Concat)?,
                    Rank::Product => self.ranked(Rank::Power)?,
                    _ => self.unary()?,
                };
                let span = self.since(start);
                Expr::Binary(Box::new(Binary { operator, left, right, span }))
            }
        })
    }

    /// Reads a chain of comparisons behind its first sign.
    fn comparisons(&mut self, first: Comparison, left: Expr, start: u32) -> Parsed<Expr> {
        let mut next = Some(first);
        let mut rest = Vec::new();
        while let Some(comparison) = next {
            if comparison == Comparison::NotIn {
                self.expect_word("in")?;
            }
            rest.push((comparison, self.ranked(Rank::Sum)?));
            next = match self.infix()? {
                Some(Infix::Compare(comparison)) => {
                    self.advance()?;
                    Some(comparison)
                }
                _ => None,
            };
        }
        Ok(Expr::Compare(Box::new(Compare { first: left, rest, span: self.since(start) })))
    }

    /// Refuses what would need more stack than there is.
    fn deep(&self) -> Parsed<()> {
        if !stack::is_exhausted() {
            return Ok(());
        }
        Err(Failure::new("the expression is nested too deeply", self.token.span))
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.token.span.start;
        let expr = self.signed()?;
        self.filters(expr, start)
    }

    /// Reads a value with its signs; filters apply to all of it.
    fn signed(&mut self) -> Parsed<Expr> {
        let start = self.token.span.start;
        self.deep()?;
        if self.skip("-")? {
            let inner = self.signed()?;
            return Ok(Expr::Negate(Box::new((inner, self.since(start)))));
        }
        if self.skip("+")? {
            let inner = self.signed()?;
            return Ok(Expr::Plus(Box::new((inner, self.since(start)))));
        }
        let primary = self.primary()?;
        self.postfix(primary, start)
    }

    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        let at = self.token.span;
        match self.token.kind {
            Kind::Word => {
                let token = self.advance()?;
                Ok(match token.text {
                    "true" | "True" => Expr::Const(Value::Bool(true)),
                    "false" | "False" => Expr::Const(Value::Bool(false)),
                    "none" | "None" => Expr::Const(Value::Null),
                    name => self.variable(name, at),
                })
            }
            Kind::Text => {
                let constant = Expr::Const(self.text()?);
                Ok(if self.embedded { self.embed(constant, at) } else { constant })
            }
            Kind::Float | Kind::Integer => Ok(Expr::Const(self.number()?)),
            Kind::Operator => match self.token.text {
                "(" => self.parenthesized(),
                "[" => self.list(),
                "{" => self.dictionary(),
                _ => Err(self.token.astray()),
            },
            _ => Err(self.token.astray()),
        }
    }

    fn parenthesized(&mut self) -> Parsed<Expr> {
        self.advance()?;
        let (mut items, comma) = self.items(Choice::Allowed, None)?;
        self.expect(")")?;
        match items.pop() {
            Some(only) if !comma => Ok(only),
            last => {
                items.extend(last);
                Ok(constant_list(items, tuple_value, Expr::Tuple))
            }
        }
    }

    fn list(&mut self) -> Parsed<Expr> {
        self.advance()?;
        let mut items = Vec::new();
        while !self.token.is_operator("]") {
            if !items.is_empty() {
                self.expect(",")?;
                if self.token.is_operator("]") {
                    break;
                }
            }
            items.push(self.expression()?);
        }
        self.expect("]")?;
        Ok(constant_list(items, Value::list, Expr::List))
    }

    fn dictionary(&mut self) -> Parsed<Expr> {
        let start = self.token.span.start;
        self.advance()?;
        let mut pairs = Vec::new();
        while !self.token.is_operator("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
                if self.token.is_operator("}") {
                    break;
                }
            }
            let key = self.expression()?;
            self.expect(":")?;
            pairs.push((key, self.expression()?));
        }
        self.expect("}")?;
        Ok(Expr::Map(pairs, self.since(start)))
    }

    /// Makes a constant with a template in it a template, wherever its value comes out as it is.
    pub(super) fn embed(&self, expr: Expr, at: Span) -> Expr {
        let all = |items: Vec<Expr>| items.into_iter().map(|item| self.embed(item, at)).collect();
        match expr {
            Expr::Const(Value::Text(text)) if Engine::is_template(text.as_str()) => {
                let (at, _) = place::locate(self.source, self.origin, at);
                Expr::Embedded(Arc::new(Lazy::template(Arc::clone(text.shared()), at)))
            }
            Expr::Const(Value::List(list)) => {
                let items = list.iter().cloned().map(|item| self.embed(Expr::Const(item), at));
                constant_list(items.collect(), Value::list, Expr::List)
            }
            Expr::List(items) => Expr::List(all(items)),
            Expr::Tuple(items) => Expr::Tuple(all(items)),
            Expr::Map(pairs, span) => {
                let pairs = pairs.into_iter().map(|(key, value)| (key, self.embed(value, at)));
                Expr::Map(pairs.collect(), span)
            }
            Expr::If(inline) => {
                let Inline { test, yes, no, line } = *inline;
                let (yes, no) = (self.embed(yes, at), no.map(|no| self.embed(no, at)));
                Expr::If(Box::new(Inline { test, yes, no, line }))
            }
            Expr::And(pair) => Expr::And(Box::new((pair.0, self.embed(pair.1, at)))),
            Expr::Or(pair) => Expr::Or(Box::new((self.embed(pair.0, at), self.embed(pair.1, at)))),
            Expr::Filter(mut apply) if matches!(&*apply.name, "d" | "default" | "ternary") => {
                let given = std::mem::take(&mut apply.args.positional);
                let given = given.into_iter().map(|(star, arg)| (star, self.embed(arg, at)));
                apply.args.positional = given.collect();
                apply.input = self.embed(apply.input, at);
                Expr::Filter(apply)
            }
            other => other,
        }
    }

    /// Returns the number of the line a place is in.
    pub(super) fn line(&self, place: u32) -> u32 {
        let before = self.source.get(..place as usize).unwrap_or_default();
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    }
}

fn tuple_value(items: Vec<Value>) -> Value {
    Value::Tuple(Arc::new(items.into_iter().collect()))
}

/// Returns a constant when all items are constants, so that it is made once.
fn constant_list(
    items: Vec<Expr>,
    constant: impl FnOnce(Vec<Value>) -> Value,
    dynamic: impl FnOnce(Vec<Expr>) -> Expr,
) -> Expr {
    if !items.iter().all(|item| matches!(item, Expr::Const(_))) {
        return dynamic(items);
    }
    let values = items.into_iter().filter_map(|item| match item {
        Expr::Const(value) => Some(value),
        _ => None,
    });
    Expr::Const(constant(values.collect()))
}
