//! Packages: install, upgrade, remove; repositories and keys.

mod apt;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[&apt::Apt];
