//! Settings that would change what a run does or shows, and that fcplay does not follow: setting one is worth a warning.

use super::convert::convert;
use super::{Config, Origin, Row, settings};
use crate::base::{Mistake, Position};

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
    let mut warnings = Vec::new();
    for (row, instead) in ROWS {
        let default = convert(row, row.default, &Origin::Default, config.environment());
        if default.is_ok_and(|usual| usual == *config.stored(row)) {
            continue;
        }
        let (name, at) = match config.origin(row) {
            Origin::File(at) => {
                let line = at.file.line(at.line).unwrap_or_default();
                (line.split(['=', ':']).next().unwrap_or_default().trim(), at.clone())
            }
            Origin::Environment(name) | Origin::Flag(name) => (*name, Position::default()),
            Origin::Default => continue,
        };
        let what = format!("`{name}` is not followed: {instead}");
        warnings.push(Mistake::new(what, &at).width(name.len()));
    }
    warnings
}
