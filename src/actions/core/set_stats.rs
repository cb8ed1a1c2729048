//! `set_stats`: adds values to what is shown at the end of the run.

use crate::actions::{Context, Done, Effect, Error};
use crate::base::Map;
use crate::module::{Example, Outcome, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `set_stats`.
    pub(super) struct Args {
        /// The values.
        data: Map,
        /// Whether they are kept by host.
        per_host: bool = false,
        /// Whether they are added to what is there, and do not replace it.
        aggregate: bool = true,
    }
}

action! {
    /// The action.
    SetStats,
    Spec {
        name: "set_stats",
        summary: "Adds values to what is shown at the end of the run.",
        examples: &[Example { about: "Count deployed services.", task: "set_stats: {data: {deployed: 3}}" }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, _cx: &Context<'_>) -> Result<Done, Error> {
    let Args { data, per_host, aggregate } = args;
    let shown = crate::base::Value::map([
        ("aggregate", aggregate.into()),
        ("data", data.clone().into()),
        ("per_host", per_host.into()),
    ]);
    let outcome = Outcome::done().with("ansible_stats", shown);
    Ok(Done::ok(outcome).with_effect(Effect::Stats { values: data, per_host, aggregate }))
}
