//! What can be seen to be wrong without evaluating: filters, tests and lookups that do not exist.

use std::sync::Arc;

use super::ir::{Args, Expr, Place, Program, Span, Stmt};
use super::{filters, lookups, tests};
use crate::base::{Lazy, Mistake, suggest};

/// Returns the mistakes of a compiled template.
pub(super) fn mistakes(program: &Arc<Program>) -> Vec<Mistake> {
    let mut check = Check { program, mistakes: Vec::new() };
    check.body(&program.body);
    for block in &program.blocks {
        check.body(&block.body);
    }
    check.mistakes
}

struct Check<'a> {
    program: &'a Arc<Program>,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Block(_) | Stmt::Break | Stmt::Continue | Stmt::Text(_) => {}
            Stmt::CallBlock(block) => {
                self.expr(&block.call);
                self.body(&block.body.body);
            }
            Stmt::Do(expr) | Stmt::Emit(expr, _) | Stmt::Extends(expr, _) => self.expr(expr),
            Stmt::FilterBlock(filter) => {
                self.expr(&filter.0);
                self.body(&filter.1);
            }
            Stmt::For(each) => {
                self.expr(&each.iter);
                self.optional(each.filter.as_ref());
                self.body(&each.body);
                self.body(&each.otherwise);
            }
            Stmt::FromImport(import) => self.expr(&import.name),
            Stmt::If(branches, otherwise) => {
                for (test, body) in branches {
                    self.expr(test);
                    self.body(body);
                }
                self.body(otherwise);
            }
            Stmt::Import(import) => self.expr(&import.name),
            Stmt::Include(include) => self.expr(&include.name),
            Stmt::Macro(declared) => {
                for (_, default) in &declared.params {
                    self.optional(default.as_ref());
                }
                self.body(&declared.body);
            }
            Stmt::Scope(body) => self.body(body),
            Stmt::Set(set) => self.expr(&set.value),
            Stmt::SetBlock(set) => {
                self.optional(set.filter.as_ref());
                self.body(&set.body);
            }
            Stmt::With(with) => {
                with.names.iter().for_each(|one| self.expr(&one.value));
                self.body(&with.body);
            }
        }
    }

    fn optional(&mut self, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Const(_) | Expr::Input | Expr::Name(..) => {}
            Expr::And(pair) | Expr::Or(pair) => {
                self.expr(&pair.0);
                self.expr(&pair.1);
            }
            Expr::Attribute(get) => self.expr(&get.base),
            Expr::Binary(binary) => {
                self.expr(&binary.left);
                self.expr(&binary.right);
            }
            Expr::Call(call) => {
                self.lookup(&call.callee, &call.args, call.span);
                self.expr(&call.callee);
                self.args(&call.args);
            }
            Expr::Compare(compare) => {
                self.expr(&compare.first);
                compare.rest.iter().for_each(|(_, expr)| self.expr(expr));
            }
            Expr::Concat(items, _) | Expr::List(items) | Expr::Tuple(items) => {
                items.iter().for_each(|item| self.expr(item));
            }
            Expr::Embedded(lazy) => self.embedded(lazy),
            Expr::Filter(apply) => {
                self.expr(&apply.input);
                self.args(&apply.args);
                if apply.entry.is_none() {
                    self.unknown("filter", &apply.name, &filters::names(), apply.span);
                }
            }
            Expr::If(inline) => {
                self.expr(&inline.test);
                self.expr(&inline.yes);
                self.optional(inline.no.as_ref());
            }
            Expr::Item(get) => {
                self.expr(&get.base);
                self.expr(&get.key);
            }
            Expr::Map(pairs, _) => {
                for (key, value) in pairs {
                    self.expr(key);
                    self.expr(value);
                }
            }
            Expr::Method(method) => {
                self.expr(&method.base);
                self.args(&method.args);
            }
            Expr::Negate(inner) | Expr::Plus(inner) => self.expr(&inner.0),
            Expr::Not(inner) => self.expr(inner),
            Expr::Slice(slice) => {
                self.expr(&slice.base);
                for bound in [&slice.start, &slice.stop, &slice.step] {
                    self.optional(bound.as_ref());
                }
            }
            Expr::Test(apply) => {
                self.expr(&apply.input);
                self.args(&apply.args);
                if apply.entry.is_none() {
                    self.unknown("test", &apply.name, &tests::names(), apply.span);
                }
            }
        }
    }

    fn args(&mut self, args: &Args) {
        args.positional.iter().for_each(|(_, expr)| self.expr(expr));
        args.named.iter().for_each(|(_, expr)| self.expr(expr));
    }

    fn embedded(&mut self, lazy: &Lazy) {
        let decrypt = |_: &str| Ok(Vec::new());
        match super::compile::compile(lazy, &decrypt) {
            super::compile::Compiled::Program(program) => self.mistakes.extend(mistakes(&program)),
            super::compile::Compiled::Failed(error) => self.mistakes.push(error.mistake()),
            super::compile::Compiled::Plain(_) => {}
        }
    }

    fn lookup(&mut self, callee: &Expr, args: &Args, span: Span) {
        let Expr::Name(function, _) = callee else { return };
        if !matches!(&**function, "lookup" | "q" | "query") {
            return;
        }
        if let Some((_, Expr::Const(name))) = args.positional.first()
            && let Some(name) = name.as_str()
            && lookups::find(name).is_none()
        {
            self.unknown("lookup", name, &lookups::names(), span);
        }
    }

    /// Adds a name that no table has, underlined where it is written.
    fn unknown(&mut self, kind: &str, name: &str, known: &[&str], span: Span) {
        let source = &self.program.source;
        let text = source.get(span.start as usize..span.end as usize).unwrap_or_default();
        // The span ends with the name or its arguments: the last one written is the one that is meant.
        let found = text.rfind(name).unwrap_or(0);
        let start = span.start + u32::try_from(found).unwrap_or(0);
        let end = start + u32::try_from(name.len()).unwrap_or(0);
        let place = Place { program: Arc::clone(self.program), span: Span { start, end } };
        let (at, width) = place.locate();
        let mistake = Mistake::new(format!("there is no {kind} `{name}`"), &at).width(width);
        self.mistakes.push(match suggest::closest(name, known.iter().copied()) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }
}
