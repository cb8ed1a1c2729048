//! Blocks and the templates that extend others.

use std::collections::HashMap;
use std::sync::Arc;

use super::output::Output;
use super::run::too_deep;
use super::{Eval, Names};
use crate::base::Value;
use crate::template::ir::{Block, Expr, Program, Span};
use crate::template::{Error, ErrorKind, stack};

/// The blocks of a template and of those it extends, the most derived first.
pub(super) type Blocks = Arc<HashMap<Arc<str>, Vec<(Arc<Program>, Arc<Block>)>>>;

impl<'r> Eval<'r> {
    /// Adds the blocks of a template below those of the templates that extend it.
    pub(super) fn add_blocks(&mut self, program: &Arc<Program>) {
        let mut blocks = self.blocks.take().unwrap_or_default();
        let known = Arc::make_mut(&mut blocks);
        for block in &program.blocks {
            let levels = known.entry(Arc::clone(&block.name)).or_default();
            levels.push((Arc::clone(program), Arc::clone(block)));
        }
        self.blocks = Some(blocks);
    }

    pub(super) fn extends(&mut self, name: &'r Expr, span: Span) -> Result<(), Error> {
        if self.parent.is_some() {
            return Err(self.at(Error::invalid("extended multiple times"), span));
        }
        let name = self.used(name)?;
        let parent = self.load(&name).map_err(|error| self.at(error, span))?;
        self.parent = Some(parent);
        Ok(())
    }

    /// Runs the template that this one extends, with the blocks and names of this one.
    pub(super) fn extended(
        &mut self,
        parent: &Arc<Program>,
        mut output: Output,
    ) -> Result<Output, Error> {
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        let module = Arc::clone(self.module());
        self.blocks.get_or_insert_default();
        let mut eval = Eval::new(self.run, parent);
        eval.module = Some(module);
        eval.blocks.clone_from(&self.blocks);
        match eval.output()? {
            Output::Nothing => {}
            whole => output.push(whole.finish(&self.run)?, &self.run)?,
        }
        Ok(output)
    }

    /// Puts out a block where it stands in the template.
    pub(super) fn block_statement(&mut self, index: usize, out: &mut Output) -> Result<(), Error> {
        if self.parent.is_some() {
            return Ok(());
        }
        let Some(block) = self.program.blocks.get(index) else { return Ok(()) };
        let names = if block.scoped { self.locals.clone() } else { Names::new() };
        let value = self.run_block(&block.name, 0, names)?;
        self.emit(out, value)
    }

    /// Returns what a block puts out: `self.name()`.
    pub(super) fn named_block(&mut self, name: &Arc<str>) -> Result<Value, Error> {
        self.run_block(name, 0, Names::new())
    }

    /// Returns what the block of the same name one template up puts out.
    pub(super) fn super_block(&mut self) -> Result<Value, Error> {
        let Some((name, level)) = self.block.clone() else { return Ok(Value::Null) };
        self.run_block(&name, level + 1, Names::new())
    }

    fn run_block(&mut self, name: &Arc<str>, level: usize, names: Names) -> Result<Value, Error> {
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        let module = Arc::clone(self.module());
        let found = self.blocks.as_ref().and_then(|blocks| blocks.get(name)?.get(level).cloned());
        let Some((program, block)) = found else {
            return Err(Error::new(
                ErrorKind::Undefined,
                if level == 0 {
                    format!("there is no block named '{name}'")
                } else {
                    format!("there is no parent block called '{name}'")
                },
            ));
        };
        if block.required && level == 0 {
            return Err(
                self.at(Error::invalid(format!("Required block '{name}' not found")), block.span)
            );
        }
        let mut eval = Eval::new(self.run, &program);
        eval.module = Some(module);
        eval.locals = names;
        eval.inner = Some(eval.locals.len());
        eval.blocks.clone_from(&self.blocks);
        eval.block = Some((Arc::clone(name), level));
        let mut out = Output::default();
        eval.body(&block.body, &mut out)?;
        out.finish(&self.run)
    }
}
