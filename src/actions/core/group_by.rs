//! `group_by`: puts the host into a group, by a fact for example.

use crate::actions::{Context, Done, Effect, Error};
use crate::module::{Example, Outcome, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `group_by`.
    pub(super) struct Args {
        /// The group.
        key: String,
        /// Groups that get it as a child.
        parents: Vec<String> = vec!["all".into()],
    }
}

action! {
    /// The action.
    GroupBy,
    Spec {
        name: "group_by",
        summary: "Puts the host into a group of the inventory.",
        examples: &[Example { about: "Group by system.", task: "group_by: {key: \"os_{{ ansible_facts.distribution }}\"}" }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, _cx: &Context<'_>) -> Result<Done, Error> {
    let group = args.key.replace(' ', "-");
    let parents: Vec<String> = args.parents.iter().map(|name| name.replace(' ', "-")).collect();
    let outcome =
        Outcome::done().with("add_group", group.as_str()).with("parent_groups", parents.clone());
    Ok(Done::ok(outcome).with_effect(Effect::GroupBy { group, parents }))
}
