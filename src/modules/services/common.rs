//! What the service managers have in common: the states a playbook may ask for and how they are reached.

use std::path::Path;

use crate::base::Value;
use crate::choices;
use crate::module::{Diff, Failure, Job};
use crate::system::Look;

choices! {
    /// What should be true of a service now.
    pub(super) enum State {
        Reloaded = "reloaded",
        Restarted = "restarted",
        Started = "started",
        Stopped = "stopped",
    }
}

impl State {
    /// Returns the verb that brings a service there; nothing when it is there.
    pub(super) fn verb(self, running: bool) -> Option<&'static str> {
        match (self, running) {
            (Self::Started, true) | (Self::Stopped, false) => None,
            (Self::Stopped, true) => Some("stop"),
            (Self::Reloaded, true) => Some("reload"),
            (Self::Restarted, true) => Some("restart"),
            (Self::Reloaded | Self::Restarted | Self::Started, false) => Some("start"),
        }
    }

    /// Returns the word for what it is afterwards.
    pub(super) fn after(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Reloaded | Self::Restarted | Self::Started => "started",
        }
    }
}

/// Returns the difference that a change of one property makes.
pub(super) fn diff(
    job: &Job<'_>,
    name: &str,
    key: &str,
    before: impl Into<Value>,
    after: impl Into<Value>,
) -> Diff {
    if !job.stage().diff {
        return Diff::None;
    }
    Diff::values(name, Value::map([(key, before.into())]), Value::map([(key, after.into())]))
}

/// Returns whether the system was started by systemd.
pub(super) fn is_systemd(look: &dyn Look) -> Result<bool, Failure> {
    if look.stat_followed(Path::new("/run/systemd/system"))?.is_some() {
        return Ok(true);
    }
    // An image that is being built, or a rescue system: systemd is what will run.
    let init = look.real_path(Path::new("/sbin/init"))?;
    Ok(init.ends_with("systemd") && look.which("systemctl").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs() {
        assert_eq!(State::Started.verb(true), None);
        assert_eq!(State::Started.verb(false), Some("start"));
        assert_eq!(State::Stopped.verb(false), None);
        assert_eq!(State::Restarted.verb(false), Some("start"));
        assert_eq!(State::Reloaded.verb(true), Some("reload"));
    }
}
