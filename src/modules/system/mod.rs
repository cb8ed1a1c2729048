//! The system: kernel settings, host name.

mod cron;
mod hostname;
mod sysctl;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&cron::Cron, &hostname::Hostname, &sysctl::Sysctl];
