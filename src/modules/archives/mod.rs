//! Archives: unpack and pack.

mod unarchive;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&unarchive::Unarchive];
