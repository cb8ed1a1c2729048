//! `debug`: shows a message or a variable.

use crate::actions::{Context, Done, Error};
use crate::base::{Map, Position, Value};
use crate::module::{Example, Outcome, Rule, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `debug`.
    pub(super) struct Args {
        /// What to show.
        msg: Value = "Hello world!".into(),
        /// The variable or expression to show.
        var: Option<Value>,
        /// The number of `-v` from which on it is shown.
        verbosity: i64 = 0,
    }
}

action! {
    /// The action.
    Debug,
    Spec {
        name: "debug",
        summary: "Shows a message or a variable.",
        rules: &[Rule::Exclusive(&["msg", "var"])],
        examples: &[
            Example { about: "Show a sentence.", task: "debug: {msg: \"this is {{ inventory_hostname }}\"}" },
            Example { about: "Show a variable.", task: "debug: {var: ansible_facts.distribution}" },
        ],
        ..Spec::BASE
    },
    Args,
    run,
    {
        fn expressions(&self) -> &'static [&'static str] {
            &["var"]
        }
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    if i64::from(cx.stage.verbosity) < args.verbosity {
        let mut outcome =
            Outcome::skipped("").with("skipped_reason", "Verbosity threshold not met.");
        outcome.skipped = true;
        return Ok(Done::ok(outcome));
    }
    let mut values = Map::new();
    match &args.var {
        None => {
            values.insert("msg", args.msg);
        }
        Some(var) => {
            let (name, value) = variable(var, cx);
            values.insert(name, value);
        }
    }
    Ok(Done { loud: true, ..Done::ok(Outcome::done().with_all(values)) })
}

/// Returns the name to show and the value; what is not defined is said to be so.
fn variable(var: &Value, cx: &Context<'_>) -> (Value, Value) {
    let vars = cx.vars();
    match var {
        Value::Text(text) => {
            let value = cx.templates.expression(text.as_str(), &Position::default(), &vars);
            (var.clone(), value.unwrap_or_else(|error| undefined(&error)))
        }
        Value::List(_) | Value::Map(_) => {
            let value = cx.templates.resolve(var, &vars).unwrap_or_else(|error| undefined(&error));
            (Value::text(format!("<class '{}'>", var.type_name())), value)
        }
        // `var: "{{ name }}"`: what it resolves to is the name of the variable, unless it is a value already.
        other => {
            let shown = Value::text(other.to_string());
            match cx.templates.resolve(other, &vars) {
                Ok(Value::Text(text)) => {
                    let value = cx.templates.expression(text.as_str(), &Position::default(), &vars);
                    (Value::Text(text.clone()), value.unwrap_or_else(|_| Value::Text(text)))
                }
                Ok(value) => (shown, value),
                Err(error) => (shown, undefined(&error)),
            }
        }
    }
}

fn undefined(error: &crate::template::Error) -> Value {
    format!("<< error 1 - {} >>", error.message()).into()
}
