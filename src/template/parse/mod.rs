//! From text to program: Jinja2's syntax, read straight into our own tree.
//!
//! [`lexer`] cuts the text into tokens, white space control included; [`Parser`] reads them with one token of lookahead,
//! with Jinja2's precedence (`+` binds looser than `~`, `**` from the left, filters tighter than `-`).
#![forbid(unsafe_code)]

mod arguments;
mod expression;
mod failure;
mod lexer;
mod literal;
mod marks;
mod postfix;
mod statement;
mod target;
mod templates;
mod token;

use std::collections::HashMap;
use std::sync::Arc;

use self::failure::Failure;
use self::lexer::{Lexer, State};
use self::token::{Kind, Token};
use super::ir::{Block, Expr, Origin, Program, Span, Stmt, Uses};
use super::{Error, RenderOptions, TextKind};

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

type Parsed<T> = Result<T, Failure>;

/// Reads one text.
struct Parser<'a> {
    source: &'a str,
    origin: &'a Origin,
    lexer: Lexer<'a>,
    /// The token to be read next.
    token: Token<'a>,
    /// The one after it, once it was asked for.
    ahead: Option<Token<'a>>,
    /// Where the token before ends.
    before: u32,
    names: HashMap<&'a str, Arc<str>>,
    backslashes: Backslashes,
    /// Whether what is read stands between `{{` and `}}`.
    printing: bool,
    /// Whether all text constants may hold templates themselves.
    embedded: bool,
    newline: &'a str,
    blocks: Vec<Arc<Block>>,
    mutates: bool,
    uses: Uses,
    /// Statements whose end is still to come.
    open: Vec<(&'a str, Span)>,
    /// Loops that `break` and `continue` could belong to.
    loops: usize,
}

/// Compiles a template.
pub(super) fn template(
    source: &str,
    origin: Origin,
    reading: &Reading<'_>,
) -> Result<Arc<Program>, Error> {
    let source = newlines(source);
    let body = Parser::new(&source, &origin, reading, State::Data)
        .and_then(|mut parser| Ok((parser.template()?, parser.blocks, parser.mutates)));
    finish(body, &source, origin, TextKind::Template)
}

/// Compiles an expression.
pub(super) fn expression(source: &str, origin: Origin) -> Result<Arc<Program>, Error> {
    let source = newlines(source);
    let options = RenderOptions::default();
    let reading = Reading { options: &options, backslashes: Backslashes::Read };
    let body = Parser::new(&source, &origin, &reading, State::Print).and_then(|mut parser| {
        parser.embedded = true;
        let expr = parser.expression()?;
        if parser.token.kind != Kind::End {
            return Err(parser.token.unexpected("chunk after expression"));
        }
        let end = u32::try_from(source.len()).unwrap_or(u32::MAX);
        let body = vec![Stmt::Emit(expr, Span { start: 0, end })];
        Ok((body, parser.blocks, parser.mutates))
    });
    finish(body, &source, origin, TextKind::Condition)
}

type Body = (Vec<Stmt>, Vec<Arc<Block>>, bool);

fn finish(
    body: Parsed<Body>,
    source: &Arc<str>,
    origin: Origin,
    kind: TextKind,
) -> Result<Arc<Program>, Error> {
    match body {
        Ok((body, blocks, mutates)) => {
            let source = Arc::clone(source);
            Ok(Arc::new(Program { source, origin, body, blocks, mutates }))
        }
        Err(failure) => Err(failure.error(source, &origin, kind)),
    }
}

impl<'a> Parser<'a> {
    fn new(
        source: &'a str,
        origin: &'a Origin,
        reading: &Reading<'a>,
        state: State,
    ) -> Parsed<Self> {
        let mut lexer = Lexer::new(source, reading.options, state);
        Ok(Self {
            source,
            origin,
            token: lexer.token()?,
            lexer,
            ahead: None,
            before: 0,
            names: HashMap::new(),
            backslashes: reading.backslashes,
            printing: false,
            embedded: false,
            newline: &reading.options.newline_sequence,
            blocks: Vec::new(),
            mutates: false,
            uses: Uses::default(),
            open: Vec::new(),
            loops: 0,
        })
    }

    /// Takes the token and returns it.
    fn advance(&mut self) -> Parsed<Token<'a>> {
        let next = match self.ahead.take() {
            Some(token) => token,
            None => self.lexer.token()?,
        };
        self.before = self.token.span.end;
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// Returns the token after the one to be read.
    fn ahead(&mut self) -> Parsed<Token<'a>> {
        if let Some(token) = self.ahead {
            return Ok(token);
        }
        let token = self.lexer.token()?;
        self.ahead = Some(token);
        Ok(token)
    }

    /// Takes the operator when it comes.
    fn skip(&mut self, operator: &str) -> Parsed<bool> {
        let comes = self.token.is_operator(operator);
        if comes {
            self.advance()?;
        }
        Ok(comes)
    }

    /// Takes the word when it comes.
    fn skip_word(&mut self, word: &str) -> Parsed<bool> {
        let comes = self.token.is_word(word);
        if comes {
            self.advance()?;
        }
        Ok(comes)
    }

    fn expect(&mut self, operator: &str) -> Parsed<()> {
        if self.skip(operator)? { Ok(()) } else { Err(self.token.instead_of(operator)) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.skip_word(word)? { Ok(()) } else { Err(self.token.instead_of(word)) }
    }

    fn expect_kind(&mut self, kind: Kind) -> Parsed<Token<'a>> {
        if self.token.kind == kind {
            self.advance()
        } else {
            Err(self.token.instead_of(kind.name()))
        }
    }

    /// Returns the span from a place to the end of the last token.
    fn since(&self, start: u32) -> Span {
        Span { start, end: self.before.max(start) }
    }

    /// Returns the shared text of a name.
    fn name(&mut self, name: &'a str) -> Arc<str> {
        Arc::clone(self.names.entry(name).or_insert_with(|| Arc::from(name)))
    }

    fn variable(&mut self, name: &'a str, at: Span) -> Expr {
        match name {
            "caller" => self.uses.caller = true,
            "kwargs" => self.uses.kwargs = true,
            "varargs" => self.uses.varargs = true,
            _ => {}
        }
        Expr::Name(self.name(name), at)
    }
}

/// Returns the text with `\n` alone as the end of lines, as Jinja2 reads it.
fn newlines(source: &str) -> Arc<str> {
    if source.contains('\r') {
        Arc::from(source.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Arc::from(source)
    }
}
