//! What is assigned to.

use std::sync::Arc;

use super::token::{Kind, Token};
use super::{Parsed, Parser};
use crate::template::ir::Target;

/// Names of constants, which nothing can be assigned to.
const CONSTANTS: &[&str] = &["False", "None", "True", "false", "none", "true"];

/// Whether attributes of namespaces can be assigned to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fields {
    No,
    Yes,
}

impl Parser<'_> {
    /// Reads a name that is assigned to.
    pub(super) fn new_name(&mut self) -> Parsed<Arc<str>> {
        let token = self.expect_kind(Kind::Word)?;
        self.assignable(&token)?;
        Ok(self.name(token.text))
    }

    fn assignable(&self, token: &Token<'_>) -> Parsed<()> {
        if CONSTANTS.contains(&token.text) {
            return Err(token.unexpected("can't assign to 'const'"));
        }
        Ok(())
    }

    /// Reads a target, or several with commas between them.
    pub(super) fn targets(&mut self, fields: Fields, end: Option<&str>) -> Parsed<Target> {
        let mut targets = Vec::new();
        let mut comma = false;
        while !self.ends_tuple(end) {
            targets.push(self.target(fields)?);
            if !self.skip(",")? {
                break;
            }
            comma = true;
        }
        match targets.pop() {
            Some(only) if !comma => Ok(only),
            None => Err(self.token.instead_of("name")),
            last => {
                targets.extend(last);
                Ok(Target::Tuple(targets))
            }
        }
    }

    fn target(&mut self, fields: Fields) -> Parsed<Target> {
        if self.skip("(")? {
            let inner = self.targets(Fields::No, None)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.token.is_operator("[") {
            return Err(self.token.unexpected("can't assign to 'list'"));
        }
        let token = self.expect_kind(Kind::Word)?;
        if fields == Fields::Yes && self.skip(".")? {
            let field = self.expect_kind(Kind::Word)?;
            return Ok(Target::Field(self.name(token.text), self.name(field.text)));
        }
        self.assignable(&token)?;
        Ok(Target::Name(self.name(token.text)))
    }
}
