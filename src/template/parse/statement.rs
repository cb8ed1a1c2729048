//! Statements.

use std::sync::Arc;

use super::expression::Choice;
use super::failure::Failure;
use super::target::Fields;
use super::token::{Kind, Token};
use super::{Parsed, Parser};
use crate::base::{Value, suggest};
use crate::template::ir::{
    Assignment, CallBlock, Expr, For, Macro, SetBlock, Span, Stmt, Uses, With,
};

/// Statements, sorted.
const STATEMENTS: &[&str] = &[
    "autoescape",
    "block",
    "break",
    "call",
    "continue",
    "do",
    "elif",
    "else",
    "extends",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "include",
    "macro",
    "print",
    "raw",
    "set",
    "with",
];

/// Parameters of a macro with their defaults.
type Parameters = Vec<(Arc<str>, Option<Expr>)>;

impl<'a> Parser<'a> {
    /// Reads a whole template.
    pub(super) fn template(&mut self) -> Parsed<Vec<Stmt>> {
        let body = self.statements(&[])?;
        match self.token.kind {
            Kind::End => Ok(body),
            _ => Err(self.token.astray()),
        }
    }

    /// Reads up to one of the words at the start of a statement, which stays to be read.
    fn statements(&mut self, ends: &[&str]) -> Parsed<Vec<Stmt>> {
        let mut body = Vec::new();
        loop {
            match self.token.kind {
                Kind::Data => {
                    let text = self.advance()?.text;
                    body.push(Stmt::Text(Value::text(match self.newline {
                        "\n" => text.to_owned(),
                        other => text.replace('\n', other),
                    })));
                }
                Kind::PrintStart => {
                    self.advance()?;
                    let start = self.token.span.start;
                    self.printing = true;
                    let expr = self.tuple(Choice::Allowed, None);
                    self.printing = false;
                    body.push(Stmt::Emit(expr?, self.since(start)));
                    self.expect_kind(Kind::PrintEnd)?;
                }
                Kind::BlockStart => {
                    self.advance()?;
                    if self.token.is_any(ends) {
                        return Ok(body);
                    }
                    self.statement(&mut body)?;
                    self.expect_kind(Kind::BlockEnd)?;
                }
                _ => return Ok(body),
            }
        }
    }

    /// Reads the end of a tag and what stands below it, up to one of the words, which stays to be read.
    pub(super) fn below(&mut self, ends: &[&str]) -> Parsed<Vec<Stmt>> {
        self.skip(":")?;
        self.expect_kind(Kind::BlockEnd)?;
        let body = self.statements(ends)?;
        if self.token.kind != Kind::End {
            return Ok(body);
        }
        let (name, span) = self.open.last().copied().unwrap_or(("", self.token.span));
        let said = format!(
            "Unexpected end of template. The innermost block that needs to be closed is '{name}'."
        );
        Err(Failure::new(said, span).hint(format!("add `{{% end{name} %}}`")))
    }

    /// Reads what stands below a tag, and the word that ends it.
    pub(super) fn body(&mut self, end: &str) -> Parsed<Vec<Stmt>> {
        let body = self.below(&[end])?;
        self.advance()?;
        Ok(body)
    }

    fn statement(&mut self, body: &mut Vec<Stmt>) -> Parsed<()> {
        if stack_is_full() {
            return Err(Failure::new("the statements are nested too deeply", self.token.span));
        }
        if self.token.kind != Kind::Word {
            return Err(self.token.unexpected("tag name expected"));
        }
        let token = self.advance()?;
        self.open.push((token.text, token.span));
        let stmt = match token.text {
            "autoescape" => {
                self.expression()?;
                Stmt::Scope(self.body("endautoescape")?)
            }
            "block" => self.block(&token)?,
            "break" | "continue" => self.jump(&token)?,
            "call" => self.call_block()?,
            "do" => Stmt::Do(self.tuple(Choice::Allowed, None)?),
            "extends" => Stmt::Extends(self.expression()?, self.since(token.span.start)),
            "filter" => {
                let start = self.token.span.start;
                let mut filter = self.filter(Expr::Input, start)?;
                while self.skip("|")? {
                    filter = self.filter(filter, start)?;
                }
                Stmt::FilterBlock(Box::new((filter, self.body("endfilter")?)))
            }
            "for" => self.for_loop(&token)?,
            "from" => self.from(&token)?,
            "if" => self.conditions()?,
            "import" => self.import(&token)?,
            "include" => self.include(&token)?,
            "macro" => {
                let name = self.new_name()?;
                let params = self.parameters()?;
                Stmt::Macro(self.macro_body(name, params, "endmacro")?)
            }
            "print" => {
                self.print(body)?;
                self.open.pop();
                return Ok(());
            }
            "set" => self.set(&token)?,
            "with" => self.with()?,
            other => return Err(unknown(other, &token)),
        };
        self.open.pop();
        body.push(stmt);
        Ok(())
    }

    fn print(&mut self, body: &mut Vec<Stmt>) -> Parsed<()> {
        let mut first = true;
        while self.token.kind != Kind::BlockEnd {
            if !std::mem::take(&mut first) {
                self.expect(",")?;
            }
            let start = self.token.span.start;
            let expr = self.expression()?;
            body.push(Stmt::Emit(expr, self.since(start)));
        }
        Ok(())
    }

    fn jump(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        if self.loops == 0 {
            return Err(token.unexpected(format!("'{}' outside of a loop", token.text)));
        }
        Ok(if token.text == "break" { Stmt::Break } else { Stmt::Continue })
    }

    fn for_loop(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let target = self.targets(Fields::No, Some("in"))?;
        self.expect_word("in")?;
        let iter = self.tuple(Choice::Not, Some("recursive"))?;
        let filter = if self.skip_word("if")? { Some(self.expression()?) } else { None };
        let recursive = self.skip_word("recursive")?;
        let span = self.since(token.span.start);
        self.loops += 1;
        let body = self.below(&["else", "endfor"])?;
        self.loops -= 1;
        let otherwise = match self.advance()?.text {
            "else" => self.body("endfor")?,
            _ => Vec::new(),
        };
        let each = For { target, iter, filter, recursive, body, otherwise, span };
        Ok(Stmt::For(Box::new(each)))
    }

    fn conditions(&mut self) -> Parsed<Stmt> {
        let mut branches = Vec::new();
        loop {
            let test = self.tuple(Choice::Not, None)?;
            branches.push((test, self.below(&["elif", "else", "endif"])?));
            match self.advance()?.text {
                "elif" => {}
                "else" => return Ok(Stmt::If(branches, self.body("endif")?)),
                _ => return Ok(Stmt::If(branches, Vec::new())),
            }
        }
    }

    fn with(&mut self) -> Parsed<Stmt> {
        let mut names = Vec::new();
        while self.token.kind != Kind::BlockEnd && !self.token.is_operator(":") {
            if !names.is_empty() {
                self.expect(",")?;
            }
            let start = self.token.span.start;
            let target = self.targets(Fields::No, None)?;
            self.expect("=")?;
            let value = self.expression()?;
            names.push(Assignment { target, value, span: self.since(start) });
        }
        Ok(Stmt::With(Box::new(With { names, body: self.body("endwith")? })))
    }

    fn set(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let start = token.span.start;
        let target = self.targets(Fields::Yes, None)?;
        if self.skip("=")? {
            let value = self.tuple(Choice::Allowed, None)?;
            let span = self.since(start);
            return Ok(Stmt::Set(Box::new(Assignment { target, value, span })));
        }
        let from = self.token.span.start;
        let mut filter = None;
        while self.skip("|")? {
            filter = Some(self.filter(filter.unwrap_or(Expr::Input), from)?);
        }
        let span: Span = self.since(start);
        let body = self.body("endset")?;
        Ok(Stmt::SetBlock(Box::new(SetBlock { target, filter, body, span })))
    }

    /// Reads the parameters of a macro with the parentheses around them.
    fn parameters(&mut self) -> Parsed<Parameters> {
        self.expect("(")?;
        let mut params: Parameters = Vec::new();
        while !self.token.is_operator(")") {
            if !params.is_empty() {
                self.expect(",")?;
            }
            let at = self.token;
            let name = self.new_name()?;
            let default = if self.skip("=")? { Some(self.expression()?) } else { None };
            if default.is_none() && params.last().is_some_and(|(_, default)| default.is_some()) {
                return Err(at.unexpected("non-default argument follows default argument"));
            }
            params.push((name, default));
        }
        self.expect(")")?;
        Ok(params)
    }

    fn call_block(&mut self) -> Parsed<Stmt> {
        let params = if self.token.is_operator("(") { self.parameters()? } else { Vec::new() };
        let at = self.token;
        let call = self.expression()?;
        if !matches!(call, Expr::Call(_) | Expr::Method(_)) {
            return Err(at.unexpected("expected call"));
        }
        let name = self.name("caller");
        let body = self.macro_body(name, params, "endcall")?;
        Ok(Stmt::CallBlock(Box::new(CallBlock { call, body })))
    }

    fn macro_body(&mut self, name: Arc<str>, params: Parameters, end: &str) -> Parsed<Arc<Macro>> {
        let outer = std::mem::take(&mut self.uses);
        let loops = std::mem::take(&mut self.loops);
        let body = self.body(end)?;
        self.loops = loops;
        let used: Uses = std::mem::take(&mut self.uses);
        // What a body inside of a body uses counts for both.
        self.uses = Uses {
            caller: outer.caller || used.caller,
            kwargs: outer.kwargs || used.kwargs,
            varargs: outer.varargs || used.varargs,
        };
        // A name that is a parameter is not the special one.
        let given = |name: &str| params.iter().any(|(param, _)| &**param == name);
        let uses = Uses {
            caller: used.caller && !given("caller"),
            kwargs: used.kwargs && !given("kwargs"),
            varargs: used.varargs && !given("varargs"),
        };
        Ok(Arc::new(Macro { name, params, body, uses }))
    }
}

fn stack_is_full() -> bool {
    crate::template::stack::is_exhausted()
}

/// Returns the complaint about a statement that does not exist, or cannot stand here.
fn unknown(name: &str, token: &Token<'_>) -> Failure {
    let failure = Failure::new(format!("Encountered unknown tag '{name}'."), token.span);
    if name.starts_with("end") || name == "else" || name == "elif" {
        return failure.hint(format!("no block is open that `{name}` could belong to"));
    }
    match suggest::closest(name, STATEMENTS.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure,
    }
}
