//! `set_stats`: adds values to what is shown at the end of the run.

use crate::actions::{Context, Done, Effect, Error};
use crate::base::{Map, Value, fold};
use crate::module::{Example, Outcome, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `set_stats`.
    pub(super) struct Args {
        /// The values.
        data: Value,
        /// Whether they are kept by host.
        per_host: Value = false.into(),
        /// Whether they are added to what is there, and do not replace it.
        aggregate: Value = true.into(),
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
    let Value::Map(data) = &args.data else {
        return Err(Error::new("The 'data' option needs to be a dictionary/hash"));
    };
    data.keys().try_for_each(super::check_name)?;
    // Any word but those for true means false, as in Ansible.
    let truth = |value: &Value| match value {
        Value::Text(text) => fold::truth(text.as_str()).unwrap_or(false),
        other => other.truth(),
    };
    let (per_host, aggregate) = (truth(&args.per_host), truth(&args.aggregate));
    let data = Map::clone(data);
    let shown = Value::map([
        ("aggregate", aggregate.into()),
        ("data", data.clone().into()),
        ("per_host", per_host.into()),
    ]);
    let outcome = Outcome::done().with("ansible_stats", shown);
    Ok(Done::ok(outcome).with_effect(Effect::Stats { values: data, per_host, aggregate }))
}
