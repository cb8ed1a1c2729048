//! What a template is compiled to: an owned tree over our own values, shared by all hosts that use the text.
//!
//! Every node that can fail keeps the span of the text it came from; positions are computed only when it does fail.

use std::sync::Arc;

use super::Entry;
use crate::base::{Lazy, Position, Value};

/// A part of the source, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Where the text of a program stands.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The text is a whole file.
    File(Position),
    /// The text is a scalar of a YAML file, which starts there.
    Scalar(Position),
}

impl Origin {
    /// Returns where the text begins: the scalar, or the file as a whole.
    pub(super) fn start(&self) -> Position {
        match self {
            Self::File(at) => Position::new(&at.file, 0, 0),
            Self::Scalar(at) => at.clone(),
        }
    }
}

/// A compiled template or expression.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) source: Arc<str>,
    pub(super) origin: Origin,
    pub(super) body: Vec<Stmt>,
    pub(super) blocks: Vec<Arc<Block>>,
    /// Whether it calls a method that changes a list or a dictionary.
    pub(super) mutates: bool,
}

/// A place in a program.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) program: Arc<Program>,
    pub(super) span: Span,
}

/// A statement.
#[derive(Debug)]
pub(super) enum Stmt {
    Block(usize),
    Break,
    CallBlock(Box<CallBlock>),
    Continue,
    Do(Expr),
    Emit(Expr, Span),
    Extends(Expr, Span),
    FilterBlock(Box<(Expr, Vec<Self>)>),
    For(Box<For>),
    FromImport(Box<FromImport>),
    /// Conditions with their bodies, and the body of `else`.
    If(Vec<(Expr, Vec<Self>)>, Vec<Self>),
    Import(Box<Import>),
    Include(Box<Include>),
    Macro(Arc<Macro>),
    /// A body with names of its own (`autoescape`).
    Scope(Vec<Self>),
    Set(Box<Assignment>),
    SetBlock(Box<SetBlock>),
    Text(Value),
    With(Box<With>),
}

/// One `name = value`.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) target: Target,
    pub(super) value: Expr,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct With {
    pub(super) names: Vec<Assignment>,
    pub(super) body: Vec<Stmt>,
}

/// What is assigned to.
#[derive(Debug)]
pub(super) enum Target {
    /// An attribute of a namespace.
    Field(Arc<str>, Arc<str>),
    Name(Arc<str>),
    Tuple(Vec<Self>),
}

#[derive(Debug)]
pub(super) struct For {
    pub(super) target: Target,
    pub(super) iter: Expr,
    pub(super) filter: Option<Expr>,
    pub(super) recursive: bool,
    pub(super) body: Vec<Stmt>,
    pub(super) otherwise: Vec<Stmt>,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct SetBlock {
    pub(super) target: Target,
    pub(super) filter: Option<Expr>,
    pub(super) body: Vec<Stmt>,
    pub(super) span: Span,
}

/// Whether an included template sees the variables of the one that includes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sight {
    With,
    Without,
}

#[derive(Debug)]
pub(super) struct Include {
    pub(super) name: Expr,
    pub(super) ignore_missing: bool,
    pub(super) sight: Sight,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Import {
    pub(super) name: Expr,
    pub(super) alias: Arc<str>,
    pub(super) sight: Sight,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct FromImport {
    pub(super) name: Expr,
    /// Names there and here.
    pub(super) names: Vec<(Arc<str>, Arc<str>)>,
    pub(super) sight: Sight,
    pub(super) span: Span,
}

/// A `{% block %}`.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: Arc<str>,
    pub(super) scoped: bool,
    pub(super) required: bool,
    pub(super) body: Vec<Stmt>,
    pub(super) span: Span,
}

/// A `{% macro %}`, or the body of a `{% call %}`.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Arc<str>,
    pub(super) params: Vec<(Arc<str>, Option<Expr>)>,
    pub(super) body: Vec<Stmt>,
    /// Which of the names that a macro is given the body uses.
    pub(super) uses: Uses,
}

/// The names that macros are given when their bodies use them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    pub(super) caller: bool,
    pub(super) kwargs: bool,
    pub(super) varargs: bool,
}

#[derive(Debug)]
pub(super) struct CallBlock {
    pub(super) call: Expr,
    pub(super) body: Arc<Macro>,
}

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    And(Box<(Self, Self)>),
    Attribute(Box<Attribute>),
    Binary(Box<Binary>),
    Call(Box<Call>),
    Compare(Box<Compare>),
    /// Pieces joined by `~`.
    Concat(Vec<Self>, Span),
    Const(Value),
    /// A constant text with a template in it, where Ansible reads such.
    Embedded(Arc<Lazy>),
    Filter(Box<Apply>),
    If(Box<Inline>),
    /// The text of the block that a filter is applied to.
    Input,
    Item(Box<Item>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>, Span),
    Method(Box<Method>),
    Name(Arc<str>, Span),
    Negate(Box<(Self, Span)>),
    Not(Box<Self>),
    Or(Box<(Self, Self)>),
    /// A sign that changes nothing but truth: it makes a number of it.
    Plus(Box<(Self, Span)>),
    Slice(Box<Slice>),
    Test(Box<Apply>),
    Tuple(Vec<Self>),
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) base: Expr,
    pub(super) name: Arc<str>,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) base: Expr,
    pub(super) key: Expr,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Slice {
    pub(super) base: Expr,
    pub(super) start: Option<Expr>,
    pub(super) stop: Option<Expr>,
    pub(super) step: Option<Expr>,
    pub(super) span: Span,
}

/// An operator of two numbers, texts or lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Add,
    Divide,
    FloorDivide,
    Modulo,
    Multiply,
    Power,
    Subtract,
}

#[derive(Debug)]
pub(super) struct Binary {
    pub(super) operator: Operator,
    pub(super) left: Expr,
    pub(super) right: Expr,
    pub(super) span: Span,
}

/// A comparison.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterEqual,
    In,
    Less,
    LessEqual,
    NotEqual,
    NotIn,
}

#[derive(Debug)]
pub(super) struct Compare {
    pub(super) first: Expr,
    pub(super) rest: Vec<(Comparison, Expr)>,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Inline {
    pub(super) test: Expr,
    pub(super) yes: Expr,
    pub(super) no: Option<Expr>,
    pub(super) line: u32,
}

/// A filter or a test.
#[derive(Debug)]
pub(super) struct Apply {
    pub(super) name: Arc<str>,
    /// The row of the table, when there is such a filter or test.
    pub(super) entry: Option<&'static Entry>,
    pub(super) input: Expr,
    pub(super) args: Args,
    pub(super) span: Span,
}

/// Arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Args {
    /// Positional ones; a starred one gives several.
    pub(super) positional: Vec<(Starred, Expr)>,
    /// Named ones; a starred one has no name.
    pub(super) named: Vec<(Option<Arc<str>>, Expr)>,
}

/// Whether an argument stands for several (`*list`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Starred {
    No,
    Yes,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) callee: Expr,
    pub(super) args: Args,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) struct Method {
    pub(super) base: Expr,
    pub(super) name: Arc<str>,
    pub(super) args: Args,
    pub(super) span: Span,
}
