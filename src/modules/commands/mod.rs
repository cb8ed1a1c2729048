//! Commands: programs, shells, and asking whether anybody is there.

mod command;
mod common;
mod ping;
mod raw;
mod script;
mod shell;

use crate::module::AnyModule;

/// The modules of this area.
pub(super) const MODULES: &[&dyn AnyModule] =
    &[&command::Run, &ping::Ping, &raw::Raw, &script::Script, &shell::Shell];
