//! The system: kernel settings, host name.

mod hostname;
mod sysctl;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&hostname::Hostname, &sysctl::Sysctl];
