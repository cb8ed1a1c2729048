//! `async_status`: what came of a job in the background, or its removal.

use crate::actions::{Context, Done, Error, job};
use crate::base::Value;
use crate::module::{Example, Outcome, Return, Spec};
use crate::{action, arguments, choices};

choices! {
    /// What is done about the job.
    pub(super) enum Mode {
        /// What it left is removed.
        Cleanup = "cleanup",
        /// What it left is returned.
        Status = "status",
    }
}

arguments! {
    /// Arguments of `async_status`.
    pub(super) struct Args {
        /// The name of the job, which the task that started it returned as `ansible_job_id`.
        jid: String,
        /// Whether to ask for the job or to remove what it left.
        mode: Mode = Mode::Status,
    }
}

action! {
    /// The action.
    AsyncStatus,
    Spec {
        name: "async_status",
        summary: "Returns what came of a job in the background.",
        examples: &[Example {
            about: "Wait for a job that an earlier task started with `poll: 0`.",
            task: "{async_status: {jid: '{{ job.ansible_job_id }}'}, register: result, until: result is finished, retries: 100, delay: 10}",
        }],
        returns: &[
            Return { name: "ansible_job_id", about: "The name of the job." },
            Return { name: "erased", about: "The file that was removed." },
            Return { name: "finished", about: "Whether the job has ended." },
            Return { name: "results_file", about: "The file with the result of the job." },
            Return { name: "started", about: "Whether the job has begun." },
        ],
        ..Spec::BASE
    },
    Args,
    run,
    {}
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let home = cx.hands.helper().await?.hello().home.clone();
    let place = format!("{}/{}", job::folder(cx, &home), args.jid);
    let found =
        job::look(cx, &args.jid).await.map_err(|error| with_place(error, args.mode, &place));
    match args.mode {
        Mode::Status => job::result(found?),
        Mode::Cleanup => {
            found?;
            let erased = job::erase(cx, &args.jid).await?;
            let outcome = Outcome::done()
                .with("ansible_job_id", args.jid)
                .with("erased", erased)
                .with("finished", false)
                .with("started", false)
                .with("stderr", "")
                .with("stdout", "");
            Ok(Done::ok(outcome))
        }
    }
}

/// Adds the place of a job that was not found.
fn with_place(error: Error, mode: Mode, place: &str) -> Error {
    let Error::Failed(mut failed) = error else { return error };
    let name = match mode {
        Mode::Cleanup => "erased",
        Mode::Status => "results_file",
    };
    failed.failure.values.insert(name, Value::from(place));
    Error::Failed(failed)
}
