//! Facts: what a host is.

mod gather;
mod getent;
mod package_facts;
mod service_facts;
mod setup;

use crate::module::AnyModule;
use crate::system::Look;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&getent::Getent, &package_facts::PackageFacts, &service_facts::ServiceFacts, &setup::Setup];

/// Returns the full name of a host with this name.
pub(super) fn full_name(look: &dyn Look, node: &str) -> String {
    gather::full_name(look, node)
}
