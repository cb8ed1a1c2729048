//! `service`: starts, stops and enables services with whatever init system the host has.

use crate::arguments;
use crate::module::{Arguments, Check, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};

use super::common::{State, is_systemd};
use super::initd::{self, Init, Wish};
use super::systemd_service::{self, SystemdService};

arguments! {
    /// Arguments of `service`.
    pub(super) struct Args {
        /// Words for the script after `start`, `stop` … without systemd.
        arguments ["args"]: String = String::new(),
        /// Whether systemd should read its unit files anew first, with systemd.
        daemon_reload ["daemon-reload"]: bool = false,
        /// Whether the service starts with the system.
        enabled: Option<bool>,
        /// Whether the unit is kept from being started at all, with systemd.
        masked: Option<bool>,
        /// The service; may be left out when `daemon_reload` is all that is wanted.
        name: Option<String>,
        /// Text in the process list that shows that the service runs, for scripts that cannot tell.
        pattern: Option<String>,
        /// The run level, with OpenRC.
        runlevel: String = "default".into(),
        /// How many seconds to wait between stop and start of a restart, without systemd.
        sleep: Option<u64>,
        /// What should be true now; `restarted` and `reloaded` always act, and start what is stopped.
        state: Option<State>,
        /// Which init system to use: `systemd`, `sysvinit` or `openrc`; found out when it is `auto`.
        r#use: String = "auto".into(),
    }
}

/// The module.
pub(super) struct Service;

impl Module for Service {
    const SPEC: &'static Spec = &Spec {
        name: "service",
        summary: "Starts, stops and enables services.",
        check: Check::Full,
        diff: true,
        rules: &[
            Rule::OneOf(&["name", "daemon_reload"]),
            Rule::By("state", &["name"]),
            Rule::By("enabled", &["name"]),
            Rule::By("masked", &["name"]),
        ],
        examples: &[
            Example {
                about: "Start a service now and with the system.",
                task: "service: {name: nginx, state: started, enabled: true}",
            },
            Example {
                about: "Restart a service.",
                task: "service: {name: nginx, state: restarted}",
            },
        ],
        returns: &[
            Return { name: "name", about: "The service." },
            Return { name: "state", about: "Whether it runs now: `started` or `stopped`." },
            Return { name: "enabled", about: "Whether it starts with the system now." },
            Return { name: "status", about: "What systemd knew of the unit before." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        match choose(&args.r#use, job)? {
            Choice::Systemd => with_systemd(&args, job),
            Choice::Scripts(init) => with_scripts(&args, init, job),
        }
    }
}

enum Choice {
    Systemd,
    Scripts(Init),
}

fn choose(word: &str, job: &Job<'_>) -> Result<Choice, Failure> {
    let word = word.strip_prefix("ansible.builtin.").unwrap_or(word);
    Ok(match word {
        "auto" if is_systemd(job.look())? => Choice::Systemd,
        "auto" if job.look().which("rc-service").is_some() => Choice::Scripts(Init::OpenRc),
        "auto" | "service" | "sysvinit" => Choice::Scripts(Init::SysV),
        "openrc" => Choice::Scripts(Init::OpenRc),
        "systemd" | "systemd_service" => Choice::Systemd,
        other => {
            return Err(Failure::new(format!(
                "Could not detect which service manager to use: `use` is {other}; write auto, openrc, systemd or sysvinit"
            )));
        }
    })
}

fn with_systemd(args: &Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let ignored = [
        (!args.arguments.is_empty(), "arguments"),
        (args.pattern.is_some(), "pattern"),
        (args.runlevel != "default", "runlevel"),
        (args.sleep.is_some(), "sleep"),
    ];
    for (_, name) in ignored.iter().filter(|(given, _)| *given) {
        job.warn(format!("Ignoring \"{name}\" as it is not used in \"systemd\""));
    }
    let none = crate::base::Map::new();
    let unit = systemd_service::Args {
        daemon_reload: args.daemon_reload,
        enabled: args.enabled,
        masked: args.masked,
        name: args.name.clone(),
        state: args.state,
        ..systemd_service::Args::parse(&none)?
    };
    SystemdService::run(unit, job)
}

fn with_scripts(args: &Args, init: Init, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    if args.state.is_none() && args.enabled.is_none() {
        return Err(Failure::new("Neither 'state' nor 'enabled' set; give one of them"));
    }
    if args.masked.is_some() || args.daemon_reload {
        job.warn("Ignoring \"masked\" and \"daemon_reload\": the host does not run systemd");
    }
    let Some(name) = args.name.clone() else {
        return Err(Failure::new("missing required arguments: name"));
    };
    let wish = Wish {
        name,
        state: args.state,
        enabled: args.enabled,
        arguments: args.arguments.split_whitespace().map(str::to_owned).collect(),
        pattern: args.pattern.clone(),
        runlevel: args.runlevel.clone(),
        sleep: args.sleep,
    };
    initd::ensure(init, &wish, job)
}
