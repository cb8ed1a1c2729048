//! Files, folders, links and their content.

pub(super) mod attributes;
mod copy;
pub(super) mod edit;
mod fetch;
mod file;
mod slurp;
mod stat;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&copy::Copy, &fetch::Fetch, &file::File, &slurp::Slurp, &stat::Stat];
