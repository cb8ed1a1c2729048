//! `service_facts`: makes facts of the services, whoever manages them.

use std::path::Path;

use crate::arguments;
use crate::base::{Map, Value};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, Look};

arguments! {
    /// Arguments of `service_facts`: none.
    pub(super) struct Args {}
}

/// The module.
pub(super) struct ServiceFacts;

impl Module for ServiceFacts {
    const SPEC: &'static Spec = &Spec {
        name: "service_facts",
        summary: "Makes facts of the services of the host.",
        examples: &[Example { about: "Learn which services there are.", task: "service_facts:" }],
        returns: &[Return {
            name: "ansible_facts",
            about: "As `services`: state, status and source of each.",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(_args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        let mut services = Map::new();
        let here = |path: &str| matches!(look.stat_followed(Path::new(path)), Ok(Some(_)));
        if look.which("rc-status").is_some() {
            services.extend(openrc(&output(look, &["rc-status", "-a", "-s"])?));
        } else if look.which("service").is_some() && here("/etc/init.d") {
            // It says with status 4 that some script knows no `status`; the list is there all the same.
            services.extend(sysv(&output(look, &["service", "--status-all"])?));
        }
        if here("/run/systemd/system") {
            let options = ["--no-pager", "--no-legend", "--type=service"];
            let argv = |verb: &[&'static str]| [&["systemctl"], verb, &options].concat();
            let units = output(look, &argv(&["list-units", "--all", "--plain"]))?;
            let files = output(look, &argv(&["list-unit-files"]))?;
            services.extend(systemd(&units, &files));
        }
        let message = if services.is_empty() {
            "Failed to find any services. This can be due to privileges or some other configuration issue."
        } else {
            ""
        };
        let facts = Map::from_iter([("services", Value::from(services))]);
        Ok(Outcome { facts, message: message.into(), ..Outcome::default() })
    }
}

fn output(look: &dyn Look, argv: &[&str]) -> Result<String, Failure> {
    let output = look.query(&Command::new(argv.iter().copied()).env("LC_ALL", "C"))?;
    Ok(output.out())
}

fn service(name: &str, state: &str, status: Option<&str>, source: &str) -> (String, Value) {
    let mut fact = Map::from_iter([
        ("name", Value::from(name)),
        ("source", source.into()),
        ("state", state.into()),
    ]);
    if let Some(status) = status {
        fact.insert("status", status.into());
    }
    (name.to_owned(), fact.into())
}

/// Joins the units that systemd has loaded with the files of all.
fn systemd(units: &str, files: &str) -> Vec<(String, Value)> {
    let files: Vec<(&str, &str)> = files
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    let mut services = Vec::new();
    let mut seen = Vec::new();
    for line in units.lines() {
        let words: Vec<&str> =
            line.trim_start_matches(['●', '*', ' ']).split_whitespace().collect();
        let [name, load, active, sub, ..] = words[..] else { continue };
        let bad = [load, active]
            .into_iter()
            .find(|word| ["failed", "masked", "not-found"].contains(word));
        let file = files.iter().find(|(file, _)| *file == name).map(|(_, status)| *status);
        let status = bad.or(file).unwrap_or("unknown");
        let state = if sub == "running" { "running" } else { "stopped" };
        services.push(service(name, state, Some(status), "systemd"));
        seen.push(name);
    }
    // What has only a file is not loaded, so it does not run.
    let others = files.iter().filter(|(name, _)| !seen.contains(name));
    services
        .extend(others.map(|(name, status)| service(name, "inactive", Some(status), "systemd")));
    services
}

/// Reads ` [ + ]  ssh`.
fn sysv(text: &str) -> Vec<(String, Value)> {
    let lines = text.lines().filter_map(|line| {
        let (mark, name) = line.trim().strip_prefix('[')?.split_once(']')?;
        let state = match mark.trim() {
            "+" => "running",
            "-" => "stopped",
            _ => "unknown",
        };
        Some(service(name.trim(), state, None, "sysv"))
    });
    lines.collect()
}

/// Reads ` sshd   [ started ]`.
fn openrc(text: &str) -> Vec<(String, Value)> {
    let lines = text.lines().filter_map(|line| {
        let (name, rest) = line.split_once('[')?;
        let state = rest.split_whitespace().next()?.trim_end_matches(']');
        Some(service(name.trim(), state, None, "openrc"))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_files() {
        let units = "ssh.service loaded active running OpenBSD\nauditd.service not-found inactive dead a\nx.service loaded failed failed x\n";
        let files = "ssh.service enabled enabled\nx.service disabled enabled\nrsync.service disabled enabled\n";
        let shown: Vec<String> =
            systemd(units, files).into_iter().map(|(_, fact)| fact.repr()).collect();
        assert_eq!(
            shown,
            [
                "{'name': 'ssh.service', 'source': 'systemd', 'state': 'running', 'status': 'enabled'}",
                "{'name': 'auditd.service', 'source': 'systemd', 'state': 'stopped', 'status': 'not-found'}",
                "{'name': 'x.service', 'source': 'systemd', 'state': 'stopped', 'status': 'failed'}",
                "{'name': 'rsync.service', 'source': 'systemd', 'state': 'inactive', 'status': 'disabled'}",
            ]
        );
    }

    #[test]
    fn older_managers() {
        assert_eq!(
            sysv(" [ + ]  ssh\n [ ? ]  x\n")
                .into_iter()
                .map(|(_, fact)| fact.repr())
                .collect::<Vec<_>>(),
            [
                "{'name': 'ssh', 'source': 'sysv', 'state': 'running'}",
                "{'name': 'x', 'source': 'sysv', 'state': 'unknown'}",
            ]
        );
        assert_eq!(openrc("Runlevel: default\n sshd      [ started ]\n")[0].0, "sshd");
    }
}
