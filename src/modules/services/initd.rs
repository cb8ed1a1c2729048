//! Services without systemd: scripts in `/etc/init.d`, started by SysV init or OpenRC.

use std::path::Path;
use std::time::Duration;

use crate::module::{Failure, Job, Outcome};
use crate::system::{Command, Look, Output};

use super::common::{State, diff};

/// Who starts the scripts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Init {
    /// OpenRC.
    OpenRc,
    /// SysV init.
    SysV,
}

/// What should be true of a service.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Its name.
    pub(super) name: String,
    /// What it does now.
    pub(super) state: Option<State>,
    /// Whether it starts with the system.
    pub(super) enabled: Option<bool>,
    /// Words for the script after the verb.
    pub(super) arguments: Vec<String>,
    /// Text in the process list that shows that it runs, for scripts that cannot tell.
    pub(super) pattern: Option<String>,
    /// The run level, with OpenRC.
    pub(super) runlevel: String,
    /// How many seconds to wait between stop and start.
    pub(super) sleep: Option<u64>,
}

/// Brings a service into the wished state.
pub(super) fn ensure(init: Init, wish: &Wish, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let script = Path::new("/etc/init.d").join(&wish.name);
    if wish.name.contains('/') || job.look().stat_followed(&script)?.is_none() {
        return Err(Failure::new(format!(
            "Could not find the requested service {}: host",
            wish.name
        )));
    }
    let mut outcome = Outcome::done().with("name", wish.name.as_str());
    if let Some(enabled) = wish.enabled {
        if init.is_enabled(job.look(), wish)? != enabled {
            let change = diff(job, &wish.name, "enabled", !enabled, enabled);
            for command in init.enable(job.look(), wish, enabled)? {
                let output = job.change(change.clone(), |act| Ok(act.run(&command)?))?;
                check(&format!("change the start of service {}", wish.name), output)?;
            }
        }
        outcome = outcome.with("enabled", enabled);
    }
    if let Some(state) = wish.state {
        bring(init, wish, state, job)?;
        outcome = outcome.with("state", state.after());
    }
    if !job.has_changed() {
        outcome.message = "the service is as it should be".into();
    }
    Ok(outcome)
}

fn bring(init: Init, wish: &Wish, state: State, job: &mut Job<'_>) -> Result<(), Failure> {
    let running = is_running(init, wish, job.look())?;
    let Some(verb) = state.verb(running) else { return Ok(()) };
    let before = if running { "started" } else { "stopped" };
    let change = diff(job, &wish.name, "state", before, state.word());
    let output = job.change(change, |act| {
        match wish.sleep.filter(|_| verb == "restart") {
            Some(seconds) => {
                // Some daemons are still going down when their script says that they are stopped.
                act.run(&init.command(wish, "stop"))?;
                act.sleep(Duration::from_secs(seconds));
                Ok(act.run(&init.command(wish, "start"))?)
            }
            None => Ok(act.run(&init.command(wish, verb))?),
        }
    })?;
    check(&format!("{verb} service {}", wish.name), output)
}

fn check(what: &str, output: Option<Output>) -> Result<(), Failure> {
    match output {
        Some(output) if !output.success() => {
            let words = format!("{}{}", output.out(), output.err());
            Err(Failure::program(format!("Unable to {what}: {}", words.trim()), &output))
        }
        Some(_) | None => Ok(()),
    }
}

fn is_running(init: Init, wish: &Wish, look: &dyn Look) -> Result<bool, Failure> {
    if let Some(pattern) = &wish.pattern {
        let output = look.query(&Command::new(["ps", "-eo", "args"]))?;
        return Ok(output.out().lines().any(|line| line.contains(pattern)));
    }
    let output = look.query(&init.command(wish, "status"))?;
    Ok(says_running(&output))
}

/// Reads the answer to `status`: by its exit code, and by its words where scripts give 0 for everything.
fn says_running(output: &Output) -> bool {
    let words = output.out().to_lowercase();
    let denies = ["not running", "is stopped", "stopped/waiting", "inactive", "crashed"];
    output.success() && !denies.iter().any(|text| words.contains(text))
}

impl Init {
    fn command(self, wish: &Wish, verb: &str) -> Command {
        let program = match self {
            Self::OpenRc => "rc-service",
            Self::SysV => "service",
        };
        let words = [program, &wish.name, verb].map(str::to_owned).into_iter();
        Command::new(words.chain(wish.arguments.iter().cloned())).env("LC_ALL", "C")
    }

    fn is_enabled(self, look: &dyn Look, wish: &Wish) -> Result<bool, Failure> {
        match self {
            Self::OpenRc => {
                let link = Path::new("/etc/runlevels").join(&wish.runlevel).join(&wish.name);
                Ok(look.stat(&link)?.is_some())
            }
            Self::SysV => is_linked(look, &wish.name),
        }
    }

    fn enable(self, look: &dyn Look, wish: &Wish, enabled: bool) -> Result<Vec<Command>, Failure> {
        let name = wish.name.as_str();
        let lines: Vec<Vec<&str>> = match self {
            Self::OpenRc if enabled => vec![vec!["rc-update", "add", name, &wish.runlevel]],
            Self::OpenRc => vec![vec!["rc-update", "del", name, &wish.runlevel]],
            Self::SysV if look.which("update-rc.d").is_some() && enabled => {
                vec![vec!["update-rc.d", name, "defaults"], vec!["update-rc.d", name, "enable"]]
            }
            Self::SysV if look.which("update-rc.d").is_some() => {
                vec![vec!["update-rc.d", name, "disable"]]
            }
            Self::SysV if look.which("chkconfig").is_some() && enabled => {
                vec![vec!["chkconfig", "--add", name], vec!["chkconfig", name, "on"]]
            }
            Self::SysV if look.which("chkconfig").is_some() => vec![vec!["chkconfig", name, "off"]],
            Self::SysV => {
                return Err(Failure::new(format!(
                    "cannot {} service {name}: the host has neither `update-rc.d` nor `chkconfig`",
                    if enabled { "enable" } else { "disable" }
                )));
            }
        };
        Ok(lines.into_iter().map(Command::new).collect())
    }
}

/// Returns whether a link in one of the run levels starts a script.
pub(super) fn is_linked(look: &dyn Look, name: &str) -> Result<bool, Failure> {
    for level in ["2", "3", "4", "5", "S"] {
        for folder in [format!("/etc/rc{level}.d"), format!("/etc/rc.d/rc{level}.d")] {
            let folder = Path::new(&folder);
            if look.stat_followed(folder)?.is_some_and(|meta| meta.is_folder())
                && look.list(folder)?.iter().any(|link| is_start_link(link, name))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Returns whether a name like `S20nginx` starts the script.
fn is_start_link(link: &str, name: &str) -> bool {
    link.strip_prefix('S')
        .and_then(|rest| rest.strip_suffix(name))
        .is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        assert!(is_start_link("S20nginx", "nginx"));
        assert!(!is_start_link("K20nginx", "nginx"));
        assert!(!is_start_link("S20nginx-debug", "nginx"));
        assert!(!is_start_link("S20my-nginx", "nginx"));
    }

    #[track_caller]
    fn case(code: i32, words: &str, expected: bool) {
        let output = Output { code, stdout: words.into(), ..Output::default() };
        assert_eq!(says_running(&output), expected);
    }

    #[test]
    fn answers_to_status() {
        case(0, "nginx is running.", true);
        case(3, "nginx is not running.", false);
        case(0, "nginx is stopped", false);
        case(0, " * status: started", true);
    }
}
