//! From text to program: minijinja's parser reads it, and its tree is lowered to our own.
#![forbid(unsafe_code)]

mod complaint;
mod expression;
mod literal;
mod statement;

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::machinery::{self, ast};
use minijinja::syntax::SyntaxConfig;

use super::ir::{Block, Expr, Origin, Place, Program, Span, Stmt, Uses};
use super::{Delimiters, Error, ErrorKind, RenderOptions, TextKind};

/// What happens to backslashes in text constants inside `{{ }}`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Backslashes {
    /// They stay as they are written: templates in YAML.
    Keep,
    /// They are Python's escapes: template files, conditions, expressions.
    Read,
}

/// How text is compiled.
pub(super) struct Reading<'a> {
    pub(super) options: &'a RenderOptions,
    pub(super) backslashes: Backslashes,
}

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

struct Lowerer<'a> {
    source: &'a str,
    names: HashMap<String, Arc<str>>,
    backslashes: Backslashes,
    /// Whether what is lowered stands between `{{` and `}}`.
    printing: bool,
    /// Whether text constants may hold templates themselves.
    embedded: bool,
    origin: &'a Origin,
    newline: &'a str,
    blocks: Vec<Arc<Block>>,
    mutates: bool,
    uses: Uses,
}

/// Compiles a template.
pub(super) fn template(
    source: &str,
    origin: Origin,
    reading: &Reading<'_>,
) -> Result<Arc<Program>, Error> {
    let source = newlines(source);
    let syntax = syntax(reading.options)?;
    let tree = machinery::parse(&source, "template", syntax)
        .map_err(|error| complaint::of(&error, &source, &origin, TextKind::Template))?;
    let mut lowerer = Lowerer::new(&source, &origin, reading);
    let body = match &tree {
        ast::Stmt::Template(template) => lowerer.statements(&template.children),
        other => lowerer.statement(other).map(|one| vec![one]),
    };
    lowerer.finish(body, Arc::clone(&source), origin.clone())
}

/// Compiles an expression.
pub(super) fn expression(source: &str, origin: Origin) -> Result<Arc<Program>, Error> {
    let source = newlines(source);
    let tree = machinery::parse_expr(&source)
        .map_err(|error| complaint::of(&error, &source, &origin, TextKind::Condition))?;
    let options = RenderOptions::default();
    let reading = Reading { options: &options, backslashes: Backslashes::Read };
    let mut lowerer = Lowerer::new(&source, &origin, &reading);
    lowerer.embedded = true;
    let end = u32::try_from(source.len()).unwrap_or(u32::MAX);
    let body = lowerer.expression(&tree).map(|expr| vec![Stmt::Emit(expr, Span { start: 0, end })]);
    lowerer.finish(body, Arc::clone(&source), origin.clone())
}

impl<'a> Lowerer<'a> {
    fn new(source: &'a str, origin: &'a Origin, reading: &Reading<'a>) -> Self {
        Self {
            source,
            names: HashMap::new(),
            backslashes: reading.backslashes,
            printing: false,
            embedded: false,
            origin,
            newline: &reading.options.newline_sequence,
            blocks: Vec::new(),
            mutates: false,
            uses: Uses::default(),
        }
    }

    fn finish(
        self,
        body: Result<Vec<Stmt>, Failure>,
        source: Arc<str>,
        origin: Origin,
    ) -> Result<Arc<Program>, Error> {
        let (blocks, mutates) = (self.blocks, self.mutates);
        let (body, failure) = match body {
            Ok(body) => (body, None),
            Err(failure) => (Vec::new(), Some(failure)),
        };
        let program = Arc::new(Program { source, origin, body, blocks, mutates });
        match failure {
            None => Ok(program),
            Some(Failure { message, span }) => {
                let error = Error::new(ErrorKind::Syntax, message);
                Err(error.placed(&Place { program, span }))
            }
        }
    }

    /// Returns the shared text of a name.
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(name);
        self.names.insert(name.to_owned(), Arc::clone(&shared));
        shared
    }

    fn slice(&self, span: Span) -> &'a str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// Why a tree could not be lowered.
struct Failure {
    message: String,
    span: Span,
}

fn span(span: machinery::Span) -> Span {
    Span { start: span.start_offset, end: span.end_offset.max(span.start_offset) }
}

/// Returns the text with `\n` alone as the end of lines, as Jinja2 reads it.
fn newlines(source: &str) -> Arc<str> {
    if source.contains('\r') {
        Arc::from(source.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Arc::from(source)
    }
}

fn syntax(options: &RenderOptions) -> Result<SyntaxConfig, Error> {
    let mut builder = SyntaxConfig::builder();
    builder
        .trim_blocks(options.trim_blocks)
        .lstrip_blocks(options.lstrip_blocks)
        .keep_trailing_newline(options.keep_trailing_newline);
    let marks = &options.delimiters;
    if *marks != Delimiters::default() {
        builder
            .block_delimiters(marks.block.0.clone(), marks.block.1.clone())
            .variable_delimiters(marks.variable.0.clone(), marks.variable.1.clone())
            .comment_delimiters(marks.comment.0.clone(), marks.comment.1.clone());
        if !marks.line_statement.is_empty() {
            builder.line_statement_prefix(marks.line_statement.clone());
        }
        if !marks.line_comment.is_empty() {
            builder.line_comment_prefix(marks.line_comment.clone());
        }
    }
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Syntax, format!("these delimiters cannot be used: {error}"))
    })
}

/// Returns whether an expression is a name of those.
fn is_name(expr: &Expr, names: &[&str]) -> bool {
    matches!(expr, Expr::Name(name, _) if names.contains(&&**name))
}
