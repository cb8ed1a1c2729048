//! Statements about other templates: blocks, extending, including, importing.

use std::sync::Arc;

use super::token::{Kind, Token};
use super::{Parsed, Parser};
use crate::template::ir::{Block, FromImport, Import, Include, Sight, Stmt};

impl<'a> Parser<'a> {
    pub(super) fn block(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let named = self.expect_kind(Kind::Word)?;
        if self.blocks.iter().any(|block| &*block.name == named.text) {
            return Err(named.unexpected(format!("block '{}' defined twice", named.text)));
        }
        let scoped = self.skip_word("scoped")?;
        let required = self.skip_word("required")?;
        let span = self.since(token.span.start);
        let loops = std::mem::take(&mut self.loops);
        let body = self.body("endblock")?;
        self.loops = loops;
        let is_blank = |stmt: &Stmt| match stmt {
            Stmt::Text(text) => text.as_str().is_some_and(|text| text.trim().is_empty()),
            _ => false,
        };
        if required && !body.iter().all(is_blank) {
            let said = "Required blocks can only contain comments or whitespace";
            return Err(named.unexpected(said));
        }
        self.skip_word(named.text)?;
        let name = self.name(named.text);
        self.blocks.push(Arc::new(Block { name, scoped, required, body, span }));
        Ok(Stmt::Block(self.blocks.len() - 1))
    }

    pub(super) fn include(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let name = self.expression()?;
        let ignore_missing = self.token.is_word("ignore") && self.ahead()?.is_word("missing");
        if ignore_missing {
            self.advance()?;
            self.advance()?;
        }
        let sight = self.sight()?.unwrap_or(Sight::With);
        let span = self.since(token.span.start);
        Ok(Stmt::Include(Box::new(Include { name, ignore_missing, sight, span })))
    }

    pub(super) fn import(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let name = self.expression()?;
        self.expect_word("as")?;
        let alias = self.new_name()?;
        let sight = self.sight()?.unwrap_or(Sight::Without);
        let span = self.since(token.span.start);
        Ok(Stmt::Import(Box::new(Import { name, alias, sight, span })))
    }

    pub(super) fn from(&mut self, token: &Token<'a>) -> Parsed<Stmt> {
        let name = self.expression()?;
        self.expect_word("import")?;
        let mut names = Vec::new();
        let sight = loop {
            if self.token.kind != Kind::Word {
                return Err(self.token.instead_of("name"));
            }
            // `with context` may follow the last comma.
            if let Some(sight) = self.sight()? {
                break sight;
            }
            let at = self.token;
            let there = self.new_name()?;
            if there.starts_with('_') {
                let said = "names starting with an underline can not be imported";
                return Err(at.unexpected(said));
            }
            let here = if self.skip_word("as")? { self.new_name()? } else { Arc::clone(&there) };
            names.push((there, here));
            if let Some(sight) = self.sight()? {
                break sight;
            }
            if !self.skip(",")? {
                break Sight::Without;
            }
        };
        let span = self.since(token.span.start);
        Ok(Stmt::FromImport(Box::new(FromImport { name, names, sight, span })))
    }

    /// Reads `with context` or `without context`.
    fn sight(&mut self) -> Parsed<Option<Sight>> {
        if !self.token.is_any(&["with", "without"]) || !self.ahead()?.is_word("context") {
            return Ok(None);
        }
        let sight = if self.token.is_word("with") { Sight::With } else { Sight::Without };
        self.advance()?;
        self.advance()?;
        Ok(Some(sight))
    }
}
