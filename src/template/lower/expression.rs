//! Lowering of expressions.

use std::sync::Arc;

use minijinja::machinery::ast;

use super::{Failure, Lowerer, MUTATING, is_name, span};
use crate::base::{Lazy, Value};
use crate::template::engine::Engine;
use crate::template::ir::{
    Apply, Args, Attribute, Binary, Call, Compare, Comparison, Expr, Inline, Item, Method,
    Operator, Slice, Span, Starred,
};
use crate::template::{filters, place, stack, tests};

/// Functions whose constant arguments may hold templates themselves.
const LOOKUPS: &[&str] = &["lookup", "q", "query"];

impl Lowerer<'_> {
    pub(super) fn expression(&mut self, expr: &ast::Expr<'_>) -> Result<Expr, Failure> {
        if stack::is_exhausted() {
            let message =
                "Syntax error in template: the expression is nested too deeply".to_owned();
            return Err(Failure { message, span: span(expr.span()) });
        }
        self.expression_inner(expr)
    }

    fn expression_inner(&mut self, expr: &ast::Expr<'_>) -> Result<Expr, Failure> {
        let at = span(expr.span());
        Ok(match expr {
            ast::Expr::Var(var) => self.variable(var.id, at),
            ast::Expr::Const(value) => {
                let constant = self.constant(&value.value, at);
                if self.embedded { self.embed(constant, at) } else { constant }
            }
            ast::Expr::Slice(slice) => Expr::Slice(Box::new(Slice {
                base: self.expression(&slice.expr)?,
                start: self.optional(slice.start.as_ref())?,
                stop: self.optional(slice.stop.as_ref())?,
                step: self.optional(slice.step.as_ref())?,
                span: at,
            })),
            ast::Expr::UnaryOp(unary) => {
                let inner = self.expression(&unary.expr)?;
                match unary.op {
                    ast::UnaryOpKind::Not => Expr::Not(Box::new(inner)),
                    ast::UnaryOpKind::Neg => Expr::Negate(Box::new((inner, at))),
                }
            }
            ast::Expr::BinOp(binary) => self.binary(binary, at)?,
            ast::Expr::Compare(compare) => {
                let first = self.expression(&compare.expr)?;
                let rest = compare
                    .ops
                    .iter()
                    .map(|op| Ok((comparison(op.op), self.expression(&op.expr)?)))
                    .collect::<Result<_, Failure>>()?;
                Expr::Compare(Box::new(Compare { first, rest, span: at }))
            }
            ast::Expr::IfExpr(inline) => Expr::If(Box::new(Inline {
                test: self.expression(&inline.test_expr)?,
                yes: self.expression(&inline.true_expr)?,
                no: self.optional(inline.false_expr.as_ref())?,
                line: u32::from(inline.span().start_line),
            })),
            ast::Expr::Filter(filter) => self.filter(filter, at)?,
            ast::Expr::Test(test) => Expr::Test(Box::new(Apply {
                name: self.name(test.name),
                entry: tests::find(test.name),
                input: self.expression(&test.expr)?,
                args: self.args(&test.args)?,
                span: at,
            })),
            ast::Expr::GetAttr(get) => Expr::Attribute(Box::new(Attribute {
                base: self.expression(&get.expr)?,
                name: self.name(get.name),
                span: at,
            })),
            ast::Expr::GetItem(get) => Expr::Item(Box::new(Item {
                base: self.expression(&get.expr)?,
                key: self.expression(&get.subscript_expr)?,
                span: at,
            })),
            ast::Expr::Call(call) => self.call(call, at)?,
            ast::Expr::List(list) => constant_list(self.all(&list.items)?, Value::list, Expr::List),
            ast::Expr::Tuple(tuple) => constant_list(
                self.all(&tuple.items)?,
                |items| Value::Tuple(Arc::new(items.into_iter().collect())),
                Expr::Tuple,
            ),
            ast::Expr::Map(map) => {
                let keys = self.all(&map.keys)?;
                let values = self.all(&map.values)?;
                Expr::Map(keys.into_iter().zip(values).collect(), at)
            }
        })
    }

    fn variable(&mut self, name: &str, at: Span) -> Expr {
        match name {
            "caller" => self.uses.caller = true,
            "kwargs" => self.uses.kwargs = true,
            "varargs" => self.uses.varargs = true,
            _ => {}
        }
        Expr::Name(self.name(name), at)
    }

    fn optional(&mut self, expr: Option<&ast::Expr<'_>>) -> Result<Option<Expr>, Failure> {
        expr.map(|expr| self.expression(expr)).transpose()
    }

    fn all(&mut self, exprs: &[ast::Expr<'_>]) -> Result<Vec<Expr>, Failure> {
        exprs.iter().map(|expr| self.expression(expr)).collect()
    }

    /// Makes a constant with a template in it a template.
    fn embed(&self, expr: Expr, at: Span) -> Expr {
        match &expr {
            Expr::Const(Value::Text(text)) if Engine::is_template(text.as_str()) => {
                let (at, _) = place::locate(self.source, self.origin, at);
                Expr::Embedded(Arc::new(Lazy::template(Arc::clone(text.shared()), at)))
            }
            _ => expr,
        }
    }

    fn binary(&mut self, binary: &ast::BinOp<'_>, at: Span) -> Result<Expr, Failure> {
        if matches!(binary.op, ast::BinOpKind::Concat) {
            return self.concat(binary, at);
        }
        let left = self.expression(&binary.left)?;
        let right = self.expression(&binary.right)?;
        let compare = |comparison| {
            move |left, right| {
                let rest = vec![(comparison, right)];
                Expr::Compare(Box::new(Compare { first: left, rest, span: at }))
            }
        };
        let operate = |operator| {
            move |left, right| Expr::Binary(Box::new(Binary { operator, left, right, span: at }))
        };
        Ok(match binary.op {
            ast::BinOpKind::ScAnd => Expr::And(Box::new((left, right))),
            ast::BinOpKind::ScOr => Expr::Or(Box::new((left, right))),
            ast::BinOpKind::Eq => compare(Comparison::Equal)(left, right),
            ast::BinOpKind::Ne => compare(Comparison::NotEqual)(left, right),
            ast::BinOpKind::Lt => compare(Comparison::Less)(left, right),
            ast::BinOpKind::Lte => compare(Comparison::LessEqual)(left, right),
            ast::BinOpKind::Gt => compare(Comparison::Greater)(left, right),
            ast::BinOpKind::Gte => compare(Comparison::GreaterEqual)(left, right),
            ast::BinOpKind::In => compare(Comparison::In)(left, right),
            ast::BinOpKind::Add => operate(Operator::Add)(left, right),
            ast::BinOpKind::Sub => operate(Operator::Subtract)(left, right),
            ast::BinOpKind::Mul => operate(Operator::Multiply)(left, right),
            ast::BinOpKind::Div => operate(Operator::Divide)(left, right),
            ast::BinOpKind::FloorDiv => operate(Operator::FloorDivide)(left, right),
            ast::BinOpKind::Rem => operate(Operator::Modulo)(left, right),
            ast::BinOpKind::Pow => operate(Operator::Power)(left, right),
            ast::BinOpKind::Concat => Expr::Concat(vec![left, right], at),
        })
    }

    /// Lowers a chain of `~` to one list, however long it is.
    fn concat(&mut self, binary: &ast::BinOp<'_>, at: Span) -> Result<Expr, Failure> {
        let mut pieces = vec![&binary.right];
        let mut rest = &binary.left;
        while let ast::Expr::BinOp(inner) = rest
            && matches!(inner.op, ast::BinOpKind::Concat)
        {
            pieces.push(&inner.right);
            rest = &inner.left;
        }
        pieces.push(rest);
        let pieces = pieces.into_iter().rev().map(|piece| self.expression(piece));
        Ok(Expr::Concat(pieces.collect::<Result<_, _>>()?, at))
    }

    pub(super) fn filter(&mut self, filter: &ast::Filter<'_>, at: Span) -> Result<Expr, Failure> {
        let input = match &filter.expr {
            Some(expr) => self.expression(expr)?,
            None => Expr::Input,
        };
        Ok(Expr::Filter(Box::new(Apply {
            name: self.name(filter.name),
            entry: filters::find(filter.name),
            input,
            args: self.args(&filter.args)?,
            span: at,
        })))
    }

    pub(super) fn call(&mut self, call: &ast::Call<'_>, at: Span) -> Result<Expr, Failure> {
        if let ast::Expr::GetAttr(get) = &call.expr {
            self.mutates |= MUTATING.contains(&get.name);
            return Ok(Expr::Method(Box::new(Method {
                base: self.expression(&get.expr)?,
                name: self.name(get.name),
                args: self.args(&call.args)?,
                span: at,
            })));
        }
        let callee = self.expression(&call.expr)?;
        let outer = self.embedded;
        self.embedded |= is_name(&callee, LOOKUPS);
        let args = self.args(&call.args);
        self.embedded = outer;
        Ok(Expr::Call(Box::new(Call { callee, args: args?, span: at })))
    }

    fn args(&mut self, args: &[ast::CallArg<'_>]) -> Result<Args, Failure> {
        let mut lowered = Args::default();
        for arg in args {
            match arg {
                ast::CallArg::Pos(expr) => {
                    lowered.positional.push((Starred::No, self.expression(expr)?));
                }
                ast::CallArg::PosSplat(expr) => {
                    lowered.positional.push((Starred::Yes, self.expression(expr)?));
                }
                ast::CallArg::Kwarg(name, expr) => {
                    let name = self.name(name);
                    lowered.named.push((Some(name), self.expression(expr)?));
                }
                ast::CallArg::KwargSplat(expr) => {
                    lowered.named.push((None, self.expression(expr)?));
                }
            }
        }
        Ok(lowered)
    }
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

fn comparison(op: ast::CompareOpKind) -> Comparison {
    match op {
        ast::CompareOpKind::Eq => Comparison::Equal,
        ast::CompareOpKind::Ne => Comparison::NotEqual,
        ast::CompareOpKind::Lt => Comparison::Less,
        ast::CompareOpKind::Lte => Comparison::LessEqual,
        ast::CompareOpKind::Gt => Comparison::Greater,
        ast::CompareOpKind::Gte => Comparison::GreaterEqual,
        ast::CompareOpKind::In => Comparison::In,
        ast::CompareOpKind::NotIn => Comparison::NotIn,
    }
}
