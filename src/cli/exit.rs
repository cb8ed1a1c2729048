//! Exit codes: Ansible's, so that scripts around it keep working.

use std::process::ExitCode;

use crate::engine::Ended;

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Everything went well.
    Ok,
    /// Something was wrong before or around the run.
    Error,
    /// Hosts failed.
    Failed,
    /// Hosts could not be reached, or playbooks have mistakes.
    Unreachable,
    /// The command line is wrong.
    BadOptions,
    /// A play was broken off.
    BrokenOff,
    /// The user ended it.
    Interrupted,
    /// A bug.
    Internal,
    /// The command line cannot be read, said as Ansible's programs say it.
    Usage,
}

impl Exit {
    /// Returns the number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Failed => 2,
            Self::Unreachable => 4,
            Self::BadOptions => 5,
            Self::BrokenOff => 8,
            Self::Interrupted => 99,
            Self::Internal => 250,
            Self::Usage => 2,
        }
    }

    /// Returns how a run ends.
    pub fn of_run(ended: Ended) -> Self {
        match ended {
            Ended { interrupted: true, .. } => Self::Interrupted,
            Ended { error: true, .. } => Self::Error,
            Ended { broken_off: true, .. } => Self::BrokenOff,
            Ended { unreachable: true, .. } => Self::Unreachable,
            Ended { failed: true, .. } => Self::Failed,
            Ended { .. } => Self::Ok,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_ansibles() {
        let all = [
            Exit::Ok,
            Exit::Error,
            Exit::Failed,
            Exit::Unreachable,
            Exit::BadOptions,
            Exit::BrokenOff,
            Exit::Interrupted,
            Exit::Internal,
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 4, 5, 8, 99, 250]);
    }

    #[test]
    fn the_worst_that_happened_counts() {
        let ended = Ended { failed: true, unreachable: true, ..Ended::default() };
        assert_eq!(Exit::of_run(ended), Exit::Unreachable);
        assert_eq!(Exit::of_run(Ended { broken_off: true, ..ended }), Exit::BrokenOff);
        assert_eq!(Exit::of_run(Ended { interrupted: true, ..ended }), Exit::Interrupted);
        assert_eq!(Exit::of_run(Ended::default()), Exit::Ok);
    }
}
