//! Actions that bring files of the controller to a module on the host, or files of the host to the controller.

mod assemble;
mod copy;
mod fetch;
mod script;
mod template;
mod twin;
mod unarchive;

use super::Action;

pub(super) use twin::Twin;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[
    &assemble::ASSEMBLE,
    &copy::COPY,
    &fetch::Fetch,
    &script::SCRIPT,
    &template::Template,
    &unarchive::UNARCHIVE,
];
