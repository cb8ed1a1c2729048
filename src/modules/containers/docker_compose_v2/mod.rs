//! `docker_compose_v2`: brings a project of Compose to its wished state, with whichever Compose the host has.
//!
//! What would happen is told from the containers' own labels: Compose notes the hash of a service's settings on each
//! container, and prints the hash of the wished ones. Where both are equal, the containers run and their image is still
//! the one of that name, there is nothing to do and nothing is started.

mod container;
mod project;

use std::path::PathBuf;

use super::daemon::{Daemon, answer};
use crate::base::{Map, Value};
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::Command;
use crate::{arguments, choices};
use container::Container;
use project::Project;

choices! {
    /// What the project should be.
    pub(super) enum State { Absent = "absent", Stopped = "stopped", Restarted = "restarted", Present = "present" }
}

choices! {
    /// Whether images are pulled.
    pub(super) enum Pull { Always = "always", Missing = "missing", Never = "never", Policy = "policy" }
}

choices! {
    /// Whether images are built.
    pub(super) enum Build { Always = "always", Never = "never", Policy = "policy" }
}

choices! {
    /// Whether containers are made anew.
    pub(super) enum Recreate { Always = "always", Never = "never", Auto = "auto" }
}

choices! {
    /// Which images are removed with the project.
    pub(super) enum RemoveImages { All = "all", Local = "local" }
}

arguments! {
    /// Arguments of `docker_compose_v2`.
    pub(super) struct Args {
        /// The folder with the Compose file.
        project_src: Option<PathBuf>,
        /// The project's name; that of the folder when not given.
        project_name: Option<String>,
        /// The Compose files, relative to the folder.
        files: Option<Vec<PathBuf>>,
        /// The content of a Compose file, instead of a folder.
        definition: Option<Map>,
        /// What the project should be.
        state: State = State::Present,
        /// Only these services.
        services: Option<Vec<String>>,
        /// Whether services that those depend on are started too.
        dependencies: bool = true,
        /// Profiles to enable.
        profiles: Option<Vec<String>>,
        /// Files with variables.
        env_files: Option<Vec<PathBuf>>,
        /// How many containers services have.
        scale: Option<Map>,
        /// Whether images are pulled.
        pull: Pull = Pull::Policy,
        /// Whether images are built.
        build: Build = Build::Policy,
        /// Whether containers are made anew.
        recreate: Recreate = Recreate::Auto,
        /// Whether anonymous volumes are made anew.
        renew_anon_volumes: bool = false,
        /// Whether containers of services that the file has no more are removed.
        remove_orphans: bool = false,
        /// Which images are removed with the project.
        remove_images: Option<RemoveImages>,
        /// Whether volumes are removed with the project.
        remove_volumes: bool = false,
        /// How long stopping may take, in seconds.
        timeout: Option<i64>,
        /// Whether to wait until the containers run and are healthy.
        wait: bool = false,
        /// How long to wait, in seconds.
        wait_timeout: Option<i64>,
        /// Whether questions are answered with yes.
        assume_yes: bool = false,
        /// Whether the Compose file has to be there.
        check_files_existing: bool = true,
        /// Whether building alone counts as no change.
        ignore_build_events: bool = true,
        /// The client's context.
        cli_context: Option<String>,
        /// The client's program.
        docker_cli: Option<PathBuf>;
        ..daemon: Daemon,
    }
}

/// The module.
pub(super) struct DockerComposeV2;

impl Module for DockerComposeV2 {
    const SPEC: &'static Spec = &Spec {
        name: "docker_compose_v2",
        collection: "community.docker",
        summary: "Brings a project of Compose to its wished state.",
        check: Check::Full,
        diff: true,
        rules: &[
            Rule::OneOf(&["project_src", "definition"]),
            Rule::Exclusive(&["project_src", "definition"]),
        ],
        examples: &[Example {
            about: "Start a project.",
            task: "docker_compose_v2: {project_src: /mnt/data/compose/redis}",
        }],
        returns: &[
            Return { name: "containers", about: "The containers of the project." },
            Return { name: "actions", about: "What was done to which service." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let Some(project) = Project::find(&args, job)? else {
            // Only in check mode: an earlier task would have made it.
            job.change(Diff::None, |_| Ok(()))?;
            return Ok(Outcome::done()
                .with("actions", Vec::<String>::new())
                .with("containers", Vec::<String>::new()));
        };
        let before = project.containers(job)?;
        let plan = project.plan(&before, job)?;
        let mut outcome = Outcome::same("the project is as it should be");
        if !plan.is_empty() {
            outcome = Outcome::done();
            let diff = if job.stage().diff { Diff::Prepared(plan.join("\n")) } else { Diff::None };
            let words = project.words(&args);
            let ran = job.change(diff, |act| Ok(act.run(&Command::new(words))?))?;
            if let Some(output) = ran {
                let written = output.err();
                answer(output, "compose failed")?;
                outcome = outcome.with("stderr", written);
                let after = project.containers(job)?;
                // Compose may have found that there was nothing to do after all.
                let moved = args.state == State::Restarted || after != before;
                outcome.changed = Some(moved);
            }
        }
        let containers = project.containers(job)?;
        Ok(outcome
            .with("actions", plan)
            .with("containers", Value::list(containers.iter().map(Container::value))))
    }
}
