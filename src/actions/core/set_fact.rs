//! `set_fact`: sets variables of the host for the rest of the run.

use crate::actions::{Action, Context, Done, Effect, Error, Running};
use crate::base::{Map, Value, fold};
use crate::module::{ArgumentSpec, Example, FreeForm, Outcome, Spec};

/// The action.
pub(in crate::actions) struct SetFact;

const SPEC: &Spec = &Spec {
    name: "set_fact",
    summary: "Sets variables of the host for the rest of the run.",
    free_form: FreeForm::No,
    examples: &[Example {
        about: "Remember a version.",
        task: "set_fact: {release: \"{{ answer.stdout }}\"}",
    }],
    ..Spec::BASE
};

impl Action for SetFact {
    fn spec(&self) -> &'static Spec {
        SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        Vec::new()
    }

    fn takes_anything(&self) -> bool {
        true
    }

    fn run<'a>(&'a self, args: &'a Map, _cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(async move { set(args) })
    }
}

fn set(args: &Map) -> Result<Done, Error> {
    let mut values = args.clone();
    let cacheable = values.remove("cacheable").is_some_and(|value| truth(&value));
    if values.is_empty() {
        return Err(Error::new(
            "No key/value pairs provided, at least one is required for this action to succeed",
        ));
    }
    values.keys().try_for_each(super::check_name)?;
    let outcome = Outcome::done()
        .with("ansible_facts", values.clone())
        .with("_ansible_facts_cacheable", cacheable);
    Ok(Done::ok(outcome).with_effect(Effect::SetFacts { values, cacheable }))
}

fn truth(value: &Value) -> bool {
    value.as_str().and_then(fold::truth).unwrap_or_else(|| value.truth())
}
