//! Packages: install, upgrade, remove; repositories and keys.

mod apk;
mod apt;
mod apt_key;
mod apt_repository;
mod common;
mod deb822_repository;
mod debconf;
mod dnf;
mod dpkg_selections;
mod package;
mod pacman;
mod pip;
mod rpm;

use crate::module::{AnyModule, Failure};
use crate::system::Look;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] = &[
    &apt::Apt,
    &apt_key::AptKey,
    &apt_repository::AptRepository,
    &deb822_repository::Deb822Repository,
    &debconf::Debconf,
    &dnf::Package,
    &dpkg_selections::DpkgSelections,
    &package::Package,
    &pip::Pip,
];

/// Returns the word for the package manager that a host uses, for the fact `ansible_pkg_mgr`.
pub(super) fn manager_word(look: &dyn Look) -> Result<Option<&'static str>, Failure> {
    common::detect(look)
}
