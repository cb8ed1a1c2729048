//! Network: waiting for ports, programs that fetch.

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[];
