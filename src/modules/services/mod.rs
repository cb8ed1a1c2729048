//! Services: systemd, SysV init, OpenRC.

mod common;
mod initd;
mod service;
mod systemd_service;
mod unit;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&service::Service, &systemd_service::SystemdService];
