//! `gather_facts`: gathers facts of the host with the modules that the variable `ansible_facts_modules` names, which is
//! `setup` when nobody says otherwise.

use crate::actions::{Action, Context, Done, Error, Running};
use crate::base::{Map, Value};
use crate::module::{Argument, ArgumentSpec, Arguments, Example, Return, Spec, check_names};
use crate::{arguments, modules};

arguments! {
    /// Arguments of `gather_facts` that are its own.
    pub(super) struct Args {
        /// Accepted for playbooks that set it: each module is quick.
        parallel: Option<bool>,
    }
}

/// The action.
pub(super) struct GatherFacts;

impl Action for GatherFacts {
    fn spec(&self) -> &'static Spec {
        const SPEC: &Spec = &Spec {
            name: "gather_facts",
            summary: "Gathers facts of the host, as a play does at its start.",
            examples: &[Example {
                about: "Gather what is quick, and the network.",
                task: "gather_facts: {gather_subset: [\"!all\", network]}",
            }],
            returns: &[Return { name: "ansible_facts", about: "The facts." }],
            ..Spec::BASE
        };
        SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        let mut specs = Args::specs();
        specs.extend(modules::find("setup").map(|setup| setup.arguments()).unwrap_or_default());
        specs
    }

    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(async move {
            check_names("gather_facts", &self.arguments(), args)?;
            Args::parse(args)?;
            gather(args, cx).await
        })
    }
}

async fn gather(args: &Map, cx: &Context<'_>) -> Result<Done, Error> {
    let mut all = Done::default();
    for word in wanted(cx)? {
        let is_setup = matches!(word.as_str(), "smart" | "setup")
            || word.ends_with(".setup")
            || word.ends_with(".gather_facts");
        let name = if is_setup { "setup" } else { word.as_str() };
        let module = modules::find(name).ok_or_else(|| {
            Error::new(format!("`ansible_facts_modules` names `{word}`, which is no module"))
        })?;
        // What is given is for `setup`; other modules of facts have arguments of their own.
        let mut given = if is_setup { args.clone() } else { Map::new() };
        given.remove("parallel");
        let done = cx.module(module.spec().name, given, Vec::new()).await?;
        all.changed |= done.changed;
        all.warnings.extend(done.warnings);
        all.outcome.facts.extend(done.outcome.facts);
        let facts = done.outcome.values.get("ansible_facts").and_then(Value::as_map).cloned();
        all.outcome.facts.extend(facts.iter().flat_map(|map| map.iter()).map(owned));
    }
    Ok(all)
}

fn owned((name, value): (&Value, &Value)) -> (Value, Value) {
    (name.clone(), value.clone())
}

/// Returns the names of the modules that gather facts.
fn wanted(cx: &Context<'_>) -> Result<Vec<String>, Error> {
    use crate::template::Scope;
    let value = cx.scope.get("ansible_facts_modules").unwrap_or_default();
    let value = cx.templates.resolve(&value, &cx.vars())?;
    if value.is_null() {
        return Ok(vec!["smart".into()]);
    }
    Ok(Vec::from_value(&value).map_err(|error| error.of("ansible_facts_modules"))?)
}
