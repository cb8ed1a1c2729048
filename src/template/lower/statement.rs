//! Lowering of statements.

use std::sync::Arc;

use minijinja::machinery::ast;

use super::{Failure, Lowerer, span};
use crate::base::Value;
use crate::template::ir::{
    Assignment, Block, CallBlock, For, FromImport, Import, Include, Macro, SetBlock, Sight, Span,
    Stmt, Target, Uses, With,
};

impl Lowerer<'_> {
    pub(super) fn statements(&mut self, list: &[ast::Stmt<'_>]) -> Result<Vec<Stmt>, Failure> {
        list.iter().map(|stmt| self.statement(stmt)).collect()
    }

    pub(super) fn statement(&mut self, stmt: &ast::Stmt<'_>) -> Result<Stmt, Failure> {
        Ok(match stmt {
            ast::Stmt::Template(template) => Stmt::Scope(self.statements(&template.children)?),
            ast::Stmt::EmitExpr(emit) => {
                self.printing = true;
                let lowered = self.expression(&emit.expr);
                self.printing = false;
                Stmt::Emit(lowered?, span(emit.span()))
            }
            ast::Stmt::EmitRaw(raw) => Stmt::Text(Value::text(match self.newline {
                "\n" => raw.raw.to_owned(),
                other => raw.raw.replace('\n', other),
            })),
            ast::Stmt::ForLoop(each) => self.for_loop(each, span(each.span()))?,
            ast::Stmt::IfCond(cond) => self.if_cond(cond)?,
            ast::Stmt::WithBlock(with) => {
                let mut names = Vec::with_capacity(with.assignments.len());
                for (target, expr) in &with.assignments {
                    let span = span(with.span());
                    let (target, value) = (self.target(target)?, self.expression(expr)?);
                    names.push(Assignment { target, value, span });
                }
                Stmt::With(Box::new(With { names, body: self.statements(&with.body)? }))
            }
            ast::Stmt::Set(set) => {
                let value = self.expression(&set.expr)?;
                let target = self.target(&set.target)?;
                Stmt::Set(Box::new(Assignment { target, value, span: span(set.span()) }))
            }
            ast::Stmt::SetBlock(set) => Stmt::SetBlock(Box::new(SetBlock {
                target: self.target(&set.target)?,
                filter: match &set.filter {
                    Some(filter) => Some(self.expression(filter)?),
                    None => None,
                },
                body: self.statements(&set.body)?,
                span: span(set.span()),
            })),
            ast::Stmt::AutoEscape(escape) => Stmt::Scope(self.statements(&escape.body)?),
            ast::Stmt::FilterBlock(filter) => {
                let chain = self.expression(&filter.filter)?;
                Stmt::FilterBlock(Box::new((chain, self.statements(&filter.body)?)))
            }
            ast::Stmt::Block(block) => self.block(block, span(block.span()))?,
            ast::Stmt::Import(import) => {
                let at = span(import.span());
                let sight = self.sight(at, Sight::Without);
                let alias = self.plain_name(&import.name)?;
                let name = self.expression(&import.expr)?;
                Stmt::Import(Box::new(Import { name, alias, sight, span: at }))
            }
            ast::Stmt::FromImport(import) => self.import_names(import, span(import.span()))?,
            ast::Stmt::Extends(extends) => {
                Stmt::Extends(self.expression(&extends.name)?, span(extends.span()))
            }
            ast::Stmt::Include(include) => {
                let at = span(include.span());
                Stmt::Include(Box::new(Include {
                    name: self.expression(&include.name)?,
                    ignore_missing: include.ignore_missing,
                    sight: self.sight(at, Sight::With),
                    span: at,
                }))
            }
            ast::Stmt::Macro(declared) => Stmt::Macro(self.macro_body(declared)?),
            ast::Stmt::CallBlock(block) => Stmt::CallBlock(Box::new(CallBlock {
                call: self.call(&block.call, span(block.call.span()))?,
                body: self.macro_body(&block.macro_decl)?,
            })),
            ast::Stmt::Continue(_) => Stmt::Continue,
            ast::Stmt::Break(_) => Stmt::Break,
            ast::Stmt::Do(call) => Stmt::Do(self.call(&call.call, span(call.call.span()))?),
        })
    }

    fn for_loop(&mut self, each: &ast::ForLoop<'_>, at: Span) -> Result<Stmt, Failure> {
        Ok(Stmt::For(Box::new(For {
            target: self.target(&each.target)?,
            iter: self.expression(&each.iter)?,
            filter: match &each.filter_expr {
                Some(filter) => Some(self.expression(filter)?),
                None => None,
            },
            recursive: each.recursive,
            body: self.statements(&each.body)?,
            otherwise: self.statements(&each.else_body)?,
            span: at,
        })))
    }

    /// Lowers a chain of `elif` to one list, however long it is.
    fn if_cond(&mut self, cond: &ast::IfCond<'_>) -> Result<Stmt, Failure> {
        let mut branches = vec![(self.expression(&cond.expr)?, self.statements(&cond.true_body)?)];
        let mut rest = &cond.false_body;
        while let [ast::Stmt::IfCond(next)] = rest.as_slice() {
            branches.push((self.expression(&next.expr)?, self.statements(&next.true_body)?));
            rest = &next.false_body;
        }
        Ok(Stmt::If(branches, self.statements(rest)?))
    }

    fn block(&mut self, block: &ast::Block<'_>, at: Span) -> Result<Stmt, Failure> {
        // The parser drops the word `scoped`; the text still has it.
        let head = self.slice(at).split("%}").next().unwrap_or_default();
        let scoped = head.split_whitespace().any(|word| word == "scoped");
        let lowered = Block {
            name: self.name(block.name),
            scoped,
            required: block.required,
            body: self.statements(&block.body)?,
            span: at,
        };
        self.blocks.push(Arc::new(lowered));
        Ok(Stmt::Block(self.blocks.len() - 1))
    }

    fn import_names(&mut self, import: &ast::FromImport<'_>, at: Span) -> Result<Stmt, Failure> {
        let mut names = Vec::with_capacity(import.names.len());
        for (name, alias) in &import.names {
            let name = self.plain_name(name)?;
            let alias = match alias {
                Some(alias) => self.plain_name(alias)?,
                None => Arc::clone(&name),
            };
            names.push((name, alias));
        }
        let sight = self.sight(at, Sight::Without);
        let name = self.expression(&import.expr)?;
        Ok(Stmt::FromImport(Box::new(FromImport { name, names, sight, span: at })))
    }

    /// Returns what `with context` or `without context` says; the parser drops the words, the text still has them.
    fn sight(&self, at: Span, default: Sight) -> Sight {
        let words: Vec<&str> = self.slice(at).split_whitespace().collect();
        let said = words.windows(2).rev().find_map(|pair| match pair {
            ["with", "context"] => Some(Sight::With),
            ["without", "context"] => Some(Sight::Without),
            _ => None,
        });
        said.unwrap_or(default)
    }

    fn macro_body(&mut self, declared: &ast::Macro<'_>) -> Result<Arc<Macro>, Failure> {
        let outer = std::mem::take(&mut self.uses);
        let required = declared.args.len() - declared.defaults.len();
        let mut params = Vec::with_capacity(declared.args.len());
        for (place, arg) in declared.args.iter().enumerate() {
            let default = match place.checked_sub(required) {
                Some(place) => Some(self.expression(&declared.defaults[place])?),
                None => None,
            };
            params.push((self.plain_name(arg)?, default));
        }
        let body = self.statements(&declared.body)?;
        let uses: Uses = std::mem::replace(&mut self.uses, outer);
        // A name that is a parameter is not the special one.
        let given = |name: &str| params.iter().any(|(param, _)| &**param == name);
        let uses = Uses {
            caller: uses.caller && !given("caller"),
            kwargs: uses.kwargs && !given("kwargs"),
            varargs: uses.varargs && !given("varargs"),
        };
        Ok(Arc::new(Macro { name: self.name(declared.name), params, body, uses }))
    }

    fn plain_name(&mut self, expr: &ast::Expr<'_>) -> Result<Arc<str>, Failure> {
        match expr {
            ast::Expr::Var(var) => Ok(self.name(var.id)),
            other => Err(Failure {
                message: format!(
                    "Syntax error in template: expected a name, got a {}",
                    other.description()
                ),
                span: span(other.span()),
            }),
        }
    }

    fn target(&mut self, expr: &ast::Expr<'_>) -> Result<Target, Failure> {
        Ok(match expr {
            ast::Expr::Var(var) => Target::Name(self.name(var.id)),
            ast::Expr::GetAttr(get) => {
                Target::Field(self.plain_name(&get.expr)?, self.name(get.name))
            }
            ast::Expr::List(list) => Target::Tuple(
                list.items.iter().map(|item| self.target(item)).collect::<Result<_, _>>()?,
            ),
            ast::Expr::Tuple(tuple) => Target::Tuple(
                tuple.items.iter().map(|item| self.target(item)).collect::<Result<_, _>>()?,
            ),
            other => {
                return Err(Failure {
                    message: format!(
                        "Syntax error in template: cannot assign to a {}",
                        other.description()
                    ),
                    span: span(other.span()),
                });
            }
        })
    }
}
