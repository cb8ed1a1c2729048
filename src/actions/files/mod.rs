//! Actions that bring files of the controller to a module on the host, or files of the host to the controller.

mod assemble;
mod copy;
mod fetch;
mod script;
mod template;
mod unarchive;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[
    &assemble::Assemble,
    &copy::Copy,
    &fetch::Fetch,
    &script::Script,
    &template::Template,
    &unarchive::Unarchive,
];
