//! Network: waiting for ports, programs that fetch.

mod wait_for;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&wait_for::WaitFor];
