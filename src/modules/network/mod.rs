//! Network: waiting for ports and files.

mod wait_for;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&wait_for::WaitFor];
