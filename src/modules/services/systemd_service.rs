//! `systemd_service` (also `systemd`): starts, stops, enables and masks units of systemd.

use crate::base::Value;
use crate::module::{Check, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::Output;
use crate::{arguments, choices};

use super::common::{State, diff};
use super::unit::{Activity, Manager, Unit};

choices! {
    /// Whose units are meant.
    pub(super) enum Scope {
        System = "system",
        User = "user",
        Global = "global",
    }
}

arguments! {
    /// Arguments of `systemd_service`.
    pub(super) struct Args {
        /// Whether systemd should start itself anew first.
        daemon_reexec ["daemon-reexec"]: bool = false,
        /// Whether systemd should read its unit files anew first.
        daemon_reload ["daemon-reload"]: bool = false,
        /// Whether the unit starts with the system.
        enabled: Option<bool>,
        /// Whether to overwrite links that are in the way.
        force: Option<bool>,
        /// Whether the unit is kept from being started at all.
        masked: Option<bool>,
        /// The unit; without a suffix a service.
        name ["service", "unit"]: Option<String>,
        /// Whether to go on without waiting until the unit is up or down.
        no_block: bool = false,
        /// Whose units are meant: the system's, the user's, or those of all users.
        scope: Scope = Scope::System,
        /// What should be true now; `restarted` and `reloaded` always act, and start what is stopped.
        state: Option<State>,
    }
}

/// The module.
pub(super) struct SystemdService;

impl Module for SystemdService {
    const SPEC: &'static Spec = &Spec {
        name: "systemd_service",
        also: &["systemd", "ansible.builtin.systemd", "ansible.legacy.systemd"],
        summary: "Starts, stops, enables and masks units of systemd.",
        check: Check::Full,
        diff: true,
        rules: &[
            Rule::By("state", &["name"]),
            Rule::By("enabled", &["name"]),
            Rule::By("masked", &["name"]),
        ],
        examples: &[
            Example {
                about: "Start a service now and with the system.",
                task: "systemd_service: {name: nginx, state: started, enabled: true}",
            },
            Example {
                about: "Restart a service whose unit file changed.",
                task: "systemd_service: {name: app, state: restarted, daemon_reload: true}",
            },
        ],
        returns: &[
            Return { name: "name", about: "The unit." },
            Return { name: "state", about: "Whether it runs now: `started` or `stopped`." },
            Return { name: "enabled", about: "Whether it starts with the system now." },
            Return { name: "status", about: "What systemd knew of the unit before." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        for (wanted, verb) in
            [(args.daemon_reload, "daemon-reload"), (args.daemon_reexec, "daemon-reexec")]
        {
            if wanted && !job.stage().check {
                refresh(&args, job, verb)?;
            }
        }
        let Some(name) = args.name.clone() else {
            let outcome = Outcome::same(if args.daemon_reload || args.daemon_reexec {
                "systemd has read its unit files anew"
            } else {
                "there is nothing to do"
            });
            return Ok(outcome.with("name", Value::Null).with("status", Value::map::<&str>([])));
        };
        if name.contains(['*', '?', '[']) {
            return Err(Failure::new(format!(
                "This module does not currently support using glob patterns, found a pattern in service name: {name}; loop over the names"
            )));
        }
        let unit = Unit::look(job.look(), args.manager(), &name)?;
        let mut outcome = Outcome::done();
        mask(&args, job, &name, &unit)?;
        if let Some(enabled) = args.enabled {
            enable(&args, job, &name, &unit)?;
            outcome = outcome.with("enabled", enabled);
        }
        if let Some(state) = args.state {
            bring(&args, job, &name, &unit, state)?;
            outcome = outcome.with("state", state.after());
        }
        if !job.has_changed() {
            outcome.message = "the unit is as it should be".into();
        }
        Ok(outcome.with("name", name).with("status", unit.properties))
    }
}

impl Args {
    fn manager(&self) -> Manager {
        match self.scope {
            Scope::Global => Manager::Global,
            Scope::System => Manager::System,
            Scope::User => Manager::User,
        }
    }

    fn act(
        &self,
        job: &mut Job<'_>,
        change: crate::module::Diff,
        words: &[&str],
    ) -> Result<Option<Output>, Failure> {
        let options = [(self.no_block, "--no-block"), (self.force == Some(true), "--force")];
        let options = options.iter().filter(|(on, _)| *on).map(|(_, word)| *word);
        let words: Vec<&str> = options.chain(words.iter().copied()).collect();
        let command = self.manager().command(job.look(), &words);
        job.change(change, |act| Ok(act.run(&command)?))
    }
}

fn refresh(args: &Args, job: &mut Job<'_>, verb: &str) -> Result<(), Failure> {
    let command = args.manager().command(job.look(), &[verb]);
    let output = job.aside(|act| Ok(act.run(&command)?))?;
    if output.success() || output.err().contains("ignoring") {
        return Ok(());
    }
    let words = output.err();
    Err(Failure::program(
        format!("failure {} during {verb}: {}{}", output.code, words.trim(), hint(&words)),
        &output,
    ))
}

fn mask(args: &Args, job: &mut Job<'_>, name: &str, unit: &Unit) -> Result<(), Failure> {
    let Some(masked) = args.masked.filter(|masked| *masked != unit.masked) else { return Ok(()) };
    let change = diff(job, name, "masked", unit.masked, masked);
    let verb = if masked { "mask" } else { "unmask" };
    match args.act(job, change, &[verb, name])? {
        Some(output) if !output.success() && unit.found => Err(unable(verb, name, &output)),
        Some(output) if !output.success() => Err(missing(name)),
        Some(_) | None => Ok(()),
    }
}

fn enable(args: &Args, job: &mut Job<'_>, name: &str, unit: &Unit) -> Result<(), Failure> {
    let Some(enabled) = args.enabled else { return Ok(()) };
    if !unit.found {
        return Err(missing(name));
    }
    if enabled == unit.enabled {
        return Ok(());
    }
    let change = diff(job, name, "enabled", unit.enabled, enabled);
    let verb = if enabled { "enable" } else { "disable" };
    match args.act(job, change, &[verb, name])? {
        Some(output) if !output.success() => Err(unable(verb, name, &output)),
        Some(_) | None => Ok(()),
    }
}

fn bring(
    args: &Args,
    job: &mut Job<'_>,
    name: &str,
    unit: &Unit,
    state: State,
) -> Result<(), Failure> {
    if !unit.found {
        return Err(missing(name));
    }
    let Some(activity) = unit.activity else {
        if job.look().stat(std::path::Path::new("/run/systemd/system"))?.is_none() {
            job.warn("Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system tools from working.");
            return Ok(());
        }
        return Err(Failure::new(format!(
            "Service is in unknown state: systemd does not tell whether `{name}` runs; a template needs an instance (`{name}` with something after the @)"
        )));
    };
    let running = match (state, activity) {
        (State::Stopped, Activity::Stopping) | (_, Activity::Running) => true,
        (_, Activity::Stopping | Activity::Stopped) => false,
    };
    let Some(verb) = state.verb(running) else { return Ok(()) };
    let before = if running { "started" } else { "stopped" };
    let change = diff(job, name, "state", before, state.word());
    match args.act(job, change, &[verb, name])? {
        Some(output) if !output.success() => {
            let mut failure = unable(verb, name, &output);
            if let Some(lines) = log(args, job, name) {
                failure.message.push_str(&format!("\nThe last lines of its log:\n{lines}"));
            }
            Err(failure)
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the last lines that the unit wrote, when there are any.
fn log(args: &Args, job: &Job<'_>, name: &str) -> Option<String> {
    let option = if args.scope == Scope::System { "--unit" } else { "--user-unit" };
    let words = ["journalctl", "--no-pager", "--quiet", "--output=cat", "--lines=10", option, name];
    let output = job.look().query(&crate::system::Command::new(words)).ok()?;
    let text = output.out().trim().to_owned();
    (output.success() && !text.is_empty()).then_some(text)
}

fn missing(name: &str) -> Failure {
    Failure::new(format!("Could not find the requested service {name}: host"))
}

fn unable(verb: &str, name: &str, output: &Output) -> Failure {
    let words = format!("{}{}", output.out(), output.err());
    Failure::program(
        format!("Unable to {verb} service {name}: {}{}", words.trim(), hint(&words)),
        output,
    )
}

fn hint(words: &str) -> &'static str {
    let denied = ["Interactive authentication required", "Access denied", "Permission denied"];
    if denied.iter().any(|text| words.contains(text)) { " Use `become: true`." } else { "" }
}
