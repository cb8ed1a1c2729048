//! Commands: programs, shells, and asking whether anybody is there.

mod ping;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&ping::Ping];
