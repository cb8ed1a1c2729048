//! The system: sysctl, host name, mounts, kernel modules.

mod sysctl;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&sysctl::Sysctl];
