//! Settings that would change what a run does or shows, and that fcplay does not follow: setting one is worth a warning.

use super::convert::{at_origin, convert};
use super::{Config, Origin, Row, settings};
use crate::base::Mistake;

/// The rows, each with what happens instead.
pub(super) static ROWS: &[(&Row, &str)] = &[
    (&settings::ERROR_ON_UNDEFINED_VARS.row, "an undefined variable is always an error"),
    (&settings::ENABLE_TASK_DEBUGGER.row, "there is no debugger of tasks"),
    (&settings::DISPLAY_ARGS_TO_STDOUT.row, "arguments are shown with -vvv only"),
    (&settings::INVALID_TASK_ATTRIBUTE_FAILED.row, "an unknown keyword is always an error"),
    (&settings::LOG_VERBOSITY.row, "the log has as much detail as the screen"),
    (&settings::MANAGED_STR.row, "define a variable `ansible_managed` instead"),
    (
        &settings::PLAYBOOK_VARS_ROOT.row,
        "variables beside the playbook that was named are read, as with `top`",
    ),
    (&settings::VERBOSE_TO_STDERR.row, "verbose messages go where all others go"),
];

/// Returns a warning for each of them that has another value than when nobody sets it.
pub(super) fn warnings(config: &Config) -> Vec<Mistake> {
    let is_set = |row: &Row| {
        let default = convert(row, row.default, &Origin::Default, config.environment());
        *config.origin(row) != Origin::Default
            && !default.is_ok_and(|usual| usual == *config.stored(row))
    };
    let set = ROWS.iter().filter(|(row, _)| is_set(row));
    let warning = |(row, instead): &(&Row, &str)| {
        at_origin(row, config.origin(row), |name| format!("`{name}` is not followed: {instead}"))
    };
    set.map(warning).collect()
}
