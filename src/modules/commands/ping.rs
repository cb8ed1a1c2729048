//! `ping`: answers `pong`. It proves that the connection, the helper and the privileges work.

use crate::arguments;
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};

arguments! {
    /// Arguments of `ping`.
    pub(super) struct Args {
        /// What to answer. The text `crash` makes the module fail, to try how a playbook handles it.
        data: String = "pong".into(),
    }
}

/// The module.
pub(super) struct Ping;

impl Module for Ping {
    const SPEC: &'static Spec = &Spec {
        name: "ping",
        summary: "Answers, when a host can be reached and used.",
        examples: &[Example { about: "Ask all hosts.", task: "ping:" }],
        returns: &[Return { name: "ping", about: "The value of `data`." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, _job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if args.data == "crash" {
            // As Ansible words the failure of a module that breaks off, which this one does there.
            return Err(Failure::new("Task failed: Module failed: boom"));
        }
        Ok(Outcome::done().with("ping", args.data))
    }
}
