//! Arguments of calls, filters and tests.

use super::token::Kind;
use super::{Parsed, Parser};
use crate::template::ir::{Args, Expr, Starred};

impl Args {
    /// Returns a single argument.
    pub(super) fn one(expr: Expr) -> Self {
        Self { positional: vec![(Starred::No, expr)], named: Vec::new() }
    }

    fn has_star(&self) -> bool {
        self.positional.iter().any(|(starred, _)| *starred == Starred::Yes)
    }

    fn has_stars(&self) -> bool {
        self.named.iter().any(|(name, _)| name.is_none())
    }
}

impl Parser<'_> {
    /// Reads arguments with the parentheses around them.
    pub(super) fn arguments(&mut self) -> Parsed<Args> {
        self.expect("(")?;
        let mut args = Args::default();
        let mut first = true;
        while !self.token.is_operator(")") {
            if !std::mem::take(&mut first) {
                self.expect(",")?;
                if self.token.is_operator(")") {
                    break;
                }
            }
            self.argument(&mut args)?;
        }
        self.expect(")")?;
        Ok(args)
    }

    fn argument(&mut self, args: &mut Args) -> Parsed<()> {
        let misplaced = self.token.unexpected("invalid syntax for function call expression");
        if self.skip("*")? {
            if args.has_star() || args.has_stars() {
                return Err(misplaced);
            }
            args.positional.push((Starred::Yes, self.expression()?));
        } else if self.skip("**")? {
            if args.has_stars() {
                return Err(misplaced);
            }
            args.named.push((None, self.expression()?));
        } else if self.token.kind == Kind::Word && self.ahead()?.is_operator("=") {
            if args.has_stars() {
                return Err(misplaced);
            }
            let token = self.advance()?;
            let name = self.name(token.text);
            self.advance()?;
            args.named.push((Some(name), self.expression()?));
        } else {
            if args.has_star() || !args.named.is_empty() {
                return Err(misplaced);
            }
            args.positional.push((Starred::No, self.expression()?));
        }
        Ok(())
    }
}
