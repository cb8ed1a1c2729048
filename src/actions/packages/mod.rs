//! Actions before modules of packages.

mod package;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[&package::PACKAGE];
