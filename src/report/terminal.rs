//! What standard output is: a terminal or a stream, how wide, which characters it can show.

use std::io::IsTerminal;

use super::settings::Place;
use crate::config::Environment;

/// What standard output is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Terminal {
    pub(super) place: Place,
    pub(super) width: usize,
    pub(super) unicode: bool,
}

/// The width of what has none.
const WIDTH: usize = 80;

/// Returns what standard output is.
pub(super) fn stdout(environment: &Environment) -> Terminal {
    let dumb = environment.var("TERM") == Some("dumb");
    let place =
        if std::io::stdout().is_terminal() && !dumb { Place::Terminal } else { Place::Stream };
    Terminal { place, width: width(), unicode: speaks_unicode(environment) }
}

/// Returns the columns of the terminal now.
pub(super) fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map(|(terminal_size::Width(columns), _)| usize::from(columns))
        .filter(|columns| *columns > 0)
        .unwrap_or(WIDTH)
}

/// Returns the rows of the terminal now.
pub(super) fn height() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map(|(_, terminal_size::Height(rows))| usize::from(rows))
        .filter(|rows| *rows > 0)
        .unwrap_or(24)
}

/// Returns whether the locale speaks UTF-8; one that is not set at all is taken for a modern machine without locales.
fn speaks_unicode(environment: &Environment) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale =
        names.iter().find_map(|name| environment.var(name).filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(vars: &[(&str, &str)], expected: bool) {
        assert_eq!(speaks_unicode(&Environment::new("/", vars)), expected);
    }

    #[test]
    fn locales() {
        case(&[], true);
        case(&[("LANG", "C")], false);
        case(&[("LANG", "en_US.UTF-8")], true);
        case(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], false);
        case(&[("LC_ALL", "C.utf8")], true);
    }
}
