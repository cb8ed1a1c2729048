//! Colours by role. They only underline what the words say.

/// Whether words are coloured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Colours {
    /// They are not.
    #[default]
    Off,
    /// They are.
    On,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// Something changed.
    Changed,
    /// Something failed.
    Failed,
    /// What a difference adds.
    Added,
    /// What a difference removes.
    Removed,
    /// All is well.
    Ok,
    /// It did not apply.
    Skipped,
    /// The host cannot be reached.
    Unreachable,
}

impl Role {
    /// Returns the code of its colour.
    fn code(self) -> &'static str {
        match self {
            Self::Changed => "33",
            Self::Failed | Self::Removed => "31",
            Self::Added | Self::Ok => "32",
            Self::Skipped => "36",
            Self::Unreachable => "1;31",
        }
    }
}

impl Colours {
    /// Returns text in the colour of its role.
    pub(super) fn paint(self, role: Role, text: &str) -> String {
        match self {
            Self::Off => text.to_owned(),
            Self::On => format!("\x1b[0;{}m{text}\x1b[0m", role.code()),
        }
    }
}
