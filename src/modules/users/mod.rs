//! Users, groups and their SSH keys.

mod authorized_key;
mod common;
mod group;
mod user;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&authorized_key::AuthorizedKey, &group::Group, &user::User];
