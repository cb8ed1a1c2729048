//! The evaluator: runs a program over the variables of a scope.
//!
//! A [`Run`] is one evaluation, whatever templates and scopes it passes through; an [`Eval`] is one template in it, with
//! the names it has set. Names set at the top of a template live in its [`Module`], where macros and blocks see them;
//! those of loops and macros live on a stack.
#![forbid(unsafe_code)]

mod access;
mod arithmetic;
mod call;
mod cells;
mod compare;
mod context;
mod expression;
mod filters;
mod globals;
mod inherit;
mod loops;
mod macros;
mod modules;
mod objects;
mod output;
mod run;
mod slice;
mod statement;
mod text;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use self::access::hashable;
pub(super) use self::cells::{ListCell, MapCell, freeze};
pub(super) use self::run::{Run, Shared};

use self::inherit::Blocks;
use self::output::Output;
use super::Error;
use super::ir::{Expr, Place, Program, Span, Stmt};
use crate::base::Value;

/// Names with their values, the latest last.
type Names = Vec<(Arc<str>, Value)>;

/// What a template has set at its top.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Names that were set, seen by macros and blocks and by who imports the template.
    names: Mutex<Names>,
    /// Variables of the scope that the template may have changed.
    cells: Mutex<HashMap<Arc<str>, Value>>,
}

impl Module {
    fn get(&self, name: &str) -> Option<Value> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().rev().find(|(known, _)| &**known == name).map(|(_, value)| value.clone())
    }

    fn set(&self, name: &Arc<str>, value: Value) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => names.push((Arc::clone(name), value)),
        }
    }

    fn snapshot(&self) -> Names {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with(names: Names) -> Arc<Self> {
        Arc::new(Self { names: Mutex::new(names), cells: Mutex::default() })
    }
}

/// What a statement says about the ones after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flow {
    Break,
    Continue,
    Next,
}

/// Whether lists and dictionaries can be changed here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    /// Values are values.
    Frozen,
    /// Containers are cells.
    Thawed,
}

/// One template in an evaluation.
pub(super) struct Eval<'r> {
    run: Run<'r>,
    program: &'r Arc<Program>,
    module: Option<Arc<Module>>,
    locals: Names,
    /// Where the names of the innermost body start; none at the top of the template.
    inner: Option<usize>,
    mode: Mode,
    /// What the filter of a block is applied to.
    input: Value,
    blocks: Option<Blocks>,
    /// The block that runs: its name and how many templates up it stands.
    block: Option<(Arc<str>, usize)>,
    /// The template this one extends.
    parent: Option<Arc<Program>>,
    /// Recursive loops that run.
    recursive: Vec<loops::Recursive<'r>>,
}

impl<'r> Eval<'r> {
    fn new(run: Run<'r>, program: &'r Arc<Program>) -> Self {
        Self {
            run,
            program,
            module: None,
            locals: Vec::new(),
            inner: None,
            mode: if program.mutates { Mode::Thawed } else { Mode::Frozen },
            input: Value::Null,
            blocks: None,
            block: None,
            parent: None,
            recursive: Vec::new(),
        }
    }

    /// Returns the value of a template; what is inside of it may still be lazy.
    pub(super) fn template(run: Run<'_>, program: &Arc<Program>) -> Result<Value, Error> {
        let mut eval = Eval::new(run, program);
        let value = match program.body.as_slice() {
            [Stmt::Emit(expr, _)] => eval.expr(expr)?,
            _ => eval.output()?.finish(&run)?,
        };
        let value = if eval.mode == Mode::Thawed { cells::freeze(&value) } else { value };
        Ok(with_newlines(value, &program.source, "\n"))
    }

    /// Returns the text of a template file, and whether it is secret.
    pub(super) fn file(
        run: Run<'_>,
        program: &Arc<Program>,
        newline: &str,
    ) -> Result<(String, bool), Error> {
        let value = Eval::new(run, program).output()?.finish(&run)?;
        let value = with_newlines(value, &program.source, newline);
        let mut chars = String::new();
        let secret = output::write(&run.defined(value)?, &mut chars, &run)?;
        Ok((chars, secret))
    }

    /// Returns the value of an expression.
    pub(super) fn expression(run: Run<'_>, program: &Arc<Program>) -> Result<Value, Error> {
        let mut eval = Eval::new(run, program);
        let value = match program.body.as_slice() {
            [Stmt::Emit(expr, _)] => eval.expr(expr)?,
            _ => Value::Null,
        };
        Ok(if eval.mode == Mode::Thawed { cells::freeze(&value) } else { value })
    }

    /// Runs the whole template.
    fn output(&mut self) -> Result<Output, Error> {
        let program = self.program;
        if !program.blocks.is_empty() {
            self.add_blocks(program);
        }
        let mut output = Output::default();
        self.body(&program.body, &mut output)?;
        match self.parent.take() {
            Some(parent) => self.extended(&parent, output),
            None => Ok(output),
        }
    }

    /// Returns the names that the template has set, made when they are needed first.
    fn module(&mut self) -> &Arc<Module> {
        self.module.get_or_insert_with(Arc::default)
    }

    /// Returns a failure with its place.
    fn at(&self, error: Error, span: Span) -> Error {
        error.placed(&self.place(span))
    }

    fn place(&self, span: Span) -> Place {
        Place { program: Arc::clone(self.program), span }
    }

    /// Evaluates an expression and refuses something undefined.
    fn used(&mut self, expr: &'r Expr) -> Result<Value, Error> {
        let value = self.expr(expr)?;
        self.run.defined(value)
    }
}

/// Gives text the newlines at its end that the template has there; the parser takes the last one, statements may too.
fn with_newlines(value: Value, source: &str, newline: &str) -> Value {
    if !source.ends_with('\n') || newline.is_empty() {
        return value;
    }
    let Value::Text(text) = &value else { return value };
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let missing = count(source).saturating_sub(count(text.as_str()));
    if missing == 0 {
        return value;
    }
    text::marked(text.as_str().to_owned() + &newline.repeat(missing), text.is_secret()).into()
}

/// Returns whether a value is a `loop` object that has such a method.
pub(super) fn is_loop_method(value: &Value, name: &str) -> bool {
    loops::is_loop(value) && matches!(name, "changed" | "cycle")
}
