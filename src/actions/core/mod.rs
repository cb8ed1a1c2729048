//! Actions of the language itself: they need no host.

mod add_host;
mod assert;
mod debug;
mod fail;
mod group_by;
mod include_vars;
mod pause;
mod set_fact;
mod set_stats;
mod validate_argument_spec;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[
    &add_host::AddHost,
    &assert::Assert,
    &debug::Debug,
    &fail::Fail,
    &group_by::GroupBy,
    &include_vars::IncludeVars,
    &pause::Pause,
    &set_fact::SetFact,
    &set_stats::SetStats,
    &validate_argument_spec::ValidateArgumentSpec,
];
