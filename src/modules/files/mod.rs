//! Files, folders, links and their content.

mod assemble;
pub(super) mod attributes;
mod blockinfile;
mod copy;
pub(super) mod edit;
mod fetch;
mod file;
mod find;
mod known;
mod lineinfile;
mod replace;
mod slurp;
mod stat;
mod tempfile;
mod text;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[
    &assemble::Assemble,
    &blockinfile::Blockinfile,
    &copy::Copy,
    &fetch::Fetch,
    &file::File,
    &find::Find,
    &lineinfile::Lineinfile,
    &replace::Replace,
    &slurp::Slurp,
    &stat::Stat,
    &tempfile::Tempfile,
];
