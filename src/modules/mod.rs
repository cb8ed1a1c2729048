//! The modules that run on the target: one file each, found by area.
//!
//! A module is registered by one row in its area's table; everything else (preflight, reference, tests) reads the tables.
#![forbid(unsafe_code)]

mod archives;
mod commands;
mod containers;
mod facts;
mod files;
mod network;
mod packages;
mod services;
mod system;
mod users;

use crate::module::AnyModule;

/// The tables of all areas.
const AREAS: [&[&dyn AnyModule]; 10] = [
    archives::MODULES,
    commands::MODULES,
    containers::MODULES,
    facts::MODULES,
    files::MODULES,
    network::MODULES,
    packages::MODULES,
    services::MODULES,
    system::MODULES,
    users::MODULES,
];

/// Returns all modules.
pub fn all() -> impl Iterator<Item = &'static dyn AnyModule> {
    AREAS.iter().flat_map(|area| area.iter().copied())
}

/// Returns the module that answers to a word of a playbook.
pub fn find(word: &str) -> Option<&'static dyn AnyModule> {
    all().find(|module| module.spec().answers_to(word))
}
