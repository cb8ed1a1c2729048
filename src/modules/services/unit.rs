//! What systemd knows of a unit, read with one `systemctl show`.

use std::path::Path;

use crate::base::{Map, Value};
use crate::module::Failure;
use crate::system::{Command, Look};

/// Which systemd is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manager {
    /// That of all users together, for what it enables.
    Global,
    /// The system's.
    System,
    /// The user's own.
    User,
}

impl Manager {
    /// Returns a `systemctl` command for it.
    pub(super) fn command(self, look: &dyn Look, words: &[&str]) -> Command {
        let option = match self {
            Self::Global => Some("--global"),
            Self::System => None,
            Self::User => Some("--user"),
        };
        let words = ["systemctl"].into_iter().chain(option).chain(words.iter().copied());
        let mut command = Command::new(words).env("LC_ALL", "C");
        if self == Self::User && look.env("XDG_RUNTIME_DIR").is_none() {
            // Without a login session nobody has said where the user's systemd listens.
            command = command.env("XDG_RUNTIME_DIR", &format!("/run/user/{}", look.uid()));
        }
        command
    }
}

/// What is known of a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    /// All properties, as `systemctl show` gives them.
    pub(super) properties: Map,
    /// Whether there is such a unit.
    pub(super) found: bool,
    /// Whether it is linked to nowhere.
    pub(super) masked: bool,
    /// Whether it starts with the system.
    pub(super) enabled: bool,
    /// Whether it runs; nothing when no systemd runs that could tell.
    pub(super) activity: Option<Activity>,
}

/// Whether a unit runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Activity {
    /// It runs or is on its way up.
    Running,
    /// It is on its way down.
    Stopping,
    /// It does not run.
    Stopped,
}

impl Unit {
    /// Asks systemd for a unit.
    pub(super) fn look(look: &dyn Look, manager: Manager, name: &str) -> Result<Self, Failure> {
        let script = init_script(look, manager, name)?;
        let output = look.query(&manager.command(look, &["show", "--no-pager", name]))?;
        let offline = output.err().contains("ignoring") || output.out().contains("ignoring");
        if !output.success() || offline {
            return Self::without_manager(look, manager, name, script.is_some());
        }
        let properties = parse(&output.out());
        let state = |key: &str| properties.get(key).map(ToString::to_string).unwrap_or_default();
        let load = state("LoadState");
        let masked = load == "masked";
        if load == "error" || load == "bad-setting" {
            return Err(Failure::new(format!(
                "Error loading unit file '{name}': {}",
                state("LoadError")
            )));
        }
        let file_state = state("UnitFileState");
        let activity = Some(match state("ActiveState").as_str() {
            "active" | "activating" | "reloading" | "refreshing" => Activity::Running,
            "deactivating" => Activity::Stopping,
            _ => Activity::Stopped,
        });
        Ok(Self {
            found: (!load.is_empty() && load != "not-found") || script.is_some(),
            masked,
            enabled: match script {
                Some(linked) if matches!(file_state.as_str(), "" | "generated") => linked,
                _ => is_enabled(&file_state),
            },
            activity,
            properties,
        })
    }

    /// Asks for what the files alone can tell: templates, and systems whose systemd does not run.
    fn without_manager(
        look: &dyn Look,
        manager: Manager,
        name: &str,
        script: bool,
    ) -> Result<Self, Failure> {
        let output = look.query(&manager.command(look, &["is-enabled", name]))?;
        let word = output.out().trim().to_owned();
        let known = [
            "alias",
            "bad",
            "disabled",
            "enabled",
            "enabled-runtime",
            "generated",
            "indirect",
            "linked",
            "linked-runtime",
            "masked",
            "masked-runtime",
            "static",
            "transient",
        ];
        Ok(Self {
            found: known.contains(&word.as_str()) || script,
            masked: word.starts_with("masked"),
            enabled: is_enabled(&word),
            activity: None,
            properties: Map::new(),
        })
    }
}

fn is_enabled(state: &str) -> bool {
    matches!(state, "enabled" | "enabled-runtime" | "static" | "generated" | "transient")
}

/// Returns whether the unit comes from a script in `/etc/init.d` that starts with the system; nothing without a script.
fn init_script(look: &dyn Look, manager: Manager, name: &str) -> Result<Option<bool>, Failure> {
    let name = name.strip_suffix(".service").unwrap_or(name);
    if manager != Manager::System || name.contains('/') {
        return Ok(None);
    }
    match look.stat_followed(&Path::new("/etc/init.d").join(name))? {
        Some(_) => super::initd::is_linked(look, name).map(Some),
        None => Ok(None),
    }
}

/// Reads `systemctl show`: `Key=value` lines; a value in braces may go over several lines.
fn parse(text: &str) -> Map {
    let mut properties = Map::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((key, mut value)) = open.take() {
            value.push('\n');
            value.push_str(line);
            if line.trim_end().ends_with('}') {
                properties.insert(key, value.trim().into());
            } else {
                open = Some((key, value));
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let many = key.starts_with("Exec") && value.trim_start().starts_with('{');
        if many && !value.trim_end().ends_with('}') {
            open = Some((key.to_owned(), value.to_owned()));
        } else {
            properties.insert(key, Value::from(value.trim()));
        }
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties() {
        let text = "ActiveState=active\nExecStart={ path=/bin/sh ; argv[]=/bin/sh -c a\nb=c ; }\nDescription=A = B\nLoadState=loaded\n";
        let properties = parse(text);
        let shown: Vec<_> =
            properties.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        assert_eq!(
            shown,
            [
                "ActiveState: active",
                "ExecStart: { path=/bin/sh ; argv[]=/bin/sh -c a\nb=c ; }",
                "Description: A = B",
                "LoadState: loaded"
            ]
        );
    }

    #[test]
    fn states_of_unit_files() {
        for (state, expected) in [
            ("enabled", true),
            ("static", true),
            ("indirect", false),
            ("disabled", false),
            ("masked", false),
        ] {
            assert_eq!(is_enabled(state), expected, "{state}");
        }
    }
}
