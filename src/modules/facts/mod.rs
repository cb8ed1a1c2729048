//! Facts: what a host is.

mod gather;
mod getent;
mod package_facts;
mod service_facts;
mod setup;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&getent::Getent, &package_facts::PackageFacts, &service_facts::ServiceFacts, &setup::Setup];
