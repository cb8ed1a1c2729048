//! Which role has which color. Colors underline what the words say; nothing is said by color alone.

use crate::config::{Config, Setting, settings};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// A change.
    Changed,
    /// A detail for whoever looks closely.
    Debug,
    /// Something that will go away.
    Deprecated,
    /// A line that a difference adds.
    DiffAdd,
    /// A line that says where a difference is.
    DiffLines,
    /// A line that a difference removes.
    DiffRemove,
    /// Text that matters less.
    Dim,
    /// A failure.
    Error,
    /// A heading.
    Heading,
    /// A file that was included.
    Included,
    /// Something in order.
    Ok,
    /// Something that did not apply.
    Skipped,
    /// A host that cannot be reached.
    Unreachable,
    /// What `-v` adds.
    Verbose,
    /// A warning.
    Warning,
}

/// All roles, in the order of the palette.
const ROLES: [Role; 15] = [
    Role::Changed,
    Role::Debug,
    Role::Deprecated,
    Role::DiffAdd,
    Role::DiffLines,
    Role::DiffRemove,
    Role::Dim,
    Role::Error,
    Role::Heading,
    Role::Included,
    Role::Ok,
    Role::Skipped,
    Role::Unreachable,
    Role::Verbose,
    Role::Warning,
];

impl Role {
    /// Returns the setting that names its color.
    fn setting(self) -> Option<&'static Setting<String>> {
        Some(match self {
            Self::Changed => &settings::COLOR_CHANGED,
            Self::Debug => &settings::COLOR_DEBUG,
            Self::Deprecated => &settings::COLOR_DEPRECATE,
            Self::DiffAdd => &settings::COLOR_DIFF_ADD,
            Self::DiffLines => &settings::COLOR_DIFF_LINES,
            Self::DiffRemove => &settings::COLOR_DIFF_REMOVE,
            Self::Error => &settings::COLOR_ERROR,
            Self::Included => &settings::COLOR_INCLUDED,
            Self::Ok => &settings::COLOR_OK,
            Self::Skipped => &settings::COLOR_SKIP,
            Self::Unreachable => &settings::COLOR_UNREACHABLE,
            Self::Verbose => &settings::COLOR_VERBOSE,
            Self::Warning => &settings::COLOR_WARN,
            Self::Dim | Self::Heading => return None,
        })
    }
}

/// The colors that Ansible has names for, and the codes of terminals for them.
const NAMES: &[(&str, &str)] = &[
    ("black", "0;30"),
    ("blue", "0;34"),
    ("bright blue", "1;34"),
    ("bright cyan", "1;36"),
    ("bright gray", "0;37"),
    ("bright green", "1;32"),
    ("bright magenta", "1;35"),
    ("bright purple", "1;35"),
    ("bright red", "1;31"),
    ("bright yellow", "1;33"),
    ("cyan", "0;36"),
    ("dark gray", "1;30"),
    ("green", "0;32"),
    ("magenta", "0;35"),
    ("normal", "0"),
    ("purple", "0;35"),
    ("red", "0;31"),
    ("white", "1;37"),
    ("yellow", "0;33"),
];

/// Returns the code of a color: one of the names, `color123`, `rgb123` (0 to 5 each) or `gray12`.
fn code(name: &str) -> Option<String> {
    if let Some((_, code)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*code).to_owned());
    }
    let number = if let Some(digits) = name.strip_prefix("color") {
        digits.parse::<u8>().ok()?
    } else if let Some(digits) = name.strip_prefix("gray") {
        232 + digits.parse::<u8>().ok().filter(|gray| *gray < 24)?
    } else {
        let digits: Vec<u8> =
            name.strip_prefix("rgb")?.bytes().map(|b| b.wrapping_sub(b'0')).collect();
        let [red, green, blue] = digits[..] else { return None };
        if red.max(green).max(blue) > 5 {
            return None;
        }
        16 + 36 * red + 6 * green + blue
    };
    Some(format!("38;5;{number}"))
}

/// The code of each role; none of a palette without colors.
#[derive(Clone, Debug, Default)]
pub struct Palette(Option<Vec<String>>);

impl Palette {
    /// Returns the palette without colors.
    pub fn plain() -> Self {
        Self(None)
    }

    /// Returns the colors that the settings name.
    pub fn load(config: &Config) -> Self {
        let code = |role: Role| match role.setting() {
            Some(setting) => code(&config.get(setting)).unwrap_or_else(|| "0".to_owned()),
            None if role == Role::Dim => "2".to_owned(),
            None => "1".to_owned(),
        };
        Self(Some(ROLES.into_iter().map(code).collect()))
    }

    /// Returns the text in the color of its role. Each line has its own codes, so that lines can be cut out of a log.
    pub fn paint(&self, role: Role, text: &str) -> String {
        let place = ROLES.iter().position(|known| *known == role);
        match (&self.0, place) {
            (Some(codes), Some(place)) if !text.is_empty() => {
                let code = &codes[place];
                let lines: Vec<String> =
                    text.split('\n').map(|line| format!("\x1b[{code}m{line}\x1b[0m")).collect();
                lines.join("\n")
            }
            (None | Some(_), _) => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[track_caller]
    fn case(name: &str, expected: Option<&str>) {
        assert_eq!(code(name).as_deref(), expected);
    }

    #[test]
    fn names_of_colors() {
        case("red", Some("0;31"));
        case("color208", Some("38;5;208"));
        case("rgb505", Some("38;5;201"));
        case("rgb606", None);
        case("gray23", Some("38;5;255"));
        case("gray24", None);
        case("pink", None);
    }

    #[test]
    fn every_line_is_painted() {
        let config = Config::load(Environment::new("/none", &[])).unwrap();
        let palette = Palette::load(&config);
        assert_eq!(palette.paint(Role::Changed, "a\nb"), "\x1b[0;33ma\x1b[0m\n\x1b[0;33mb\x1b[0m");
        assert_eq!(Palette::plain().paint(Role::Changed, "a"), "a");
    }

    #[test]
    fn roles_have_distinct_places() {
        for (place, role) in ROLES.into_iter().enumerate() {
            assert_eq!(ROLES.iter().position(|other| *other == role), Some(place));
        }
    }
}
