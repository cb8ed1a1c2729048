//! `debug`: shows a message or a variable.

use std::sync::Arc;

use crate::actions::{Context, Done, Error};
use crate::base::{Map, Position, Value};
use crate::module::{Argument, BadArgument, Example, Kind, Outcome, Rule, Spec};
use crate::template::{self, ErrorKind};
use crate::{action, arguments};

arguments! {
    /// Arguments of `debug`.
    pub(super) struct Args {
        /// What to show.
        msg: Message = Message("Hello world!".into()),
        /// The variable or expression to show.
        var: Option<Value>,
        /// The number of `-v` from which on it is shown.
        verbosity: i64 = 0,
    }
}

/// What is shown: any value, null as well.
#[derive(Clone, Debug)]
pub(super) struct Message(Value);

impl Argument for Message {
    const KIND: Kind = Kind::Raw;
    const TAKES_NULL: bool = true;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        Ok(Self(value.clone()))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
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
    let mut warnings = Vec::new();
    let var = args.var.as_ref().filter(|var| !is_omitted(var, cx));
    match var {
        None => {
            values.insert("msg", args.msg.0);
        }
        Some(var) => {
            let (name, value) = variable(var, cx, &mut warnings)?;
            values.insert(name, value);
        }
    }
    Ok(Done { loud: true, warnings, ..Done::ok(Outcome::done().with_all(values)) })
}

/// Returns whether `var: "{{ … }}"` comes to `omit`.
fn is_omitted(var: &Value, cx: &Context<'_>) -> bool {
    matches!(var, Value::Lazy(_))
        && cx.templates.resolve(var, &cx.vars()).is_ok_and(|value| template::is_omit(&value))
}

/// Returns the name to show and the value; a name that is not defined is said to be so.
fn variable(
    var: &Value,
    cx: &Context<'_>,
    warnings: &mut Vec<String>,
) -> Result<(Value, Value), Error> {
    let vars = cx.vars();
    let name = match var {
        Value::Text(text) if text.is_written() => var.clone(),
        Value::Text(_) => return Err(untrusted()),
        // `var: "{{ name }}"`: what it resolves to is the name of the variable, unless it is a value already.
        Value::Lazy(lazy) => {
            let value = cx.templates.resolve(var, &vars).map_err(|error| unclear(&error))?;
            let shown = Value::text(Arc::clone(lazy.source()));
            match value {
                Value::Text(text) if text.is_written() => Value::Text(text),
                Value::Text(_) => return Err(untrusted()),
                value => return Ok((shown, value)),
            }
        }
        other => {
            return Err(Error::new(format!(
                "argument 'var' is of type {}: '{other}' is not a string and conversion is not allowed",
                other.type_name()
            )));
        }
    };
    let expression = name.as_str().unwrap_or_default();
    match cx.templates.expression(expression, &Position::default(), &vars) {
        Ok(value) if template::is_omit(&value) => {
            warnings.push(format!("the value of `{expression}` could not be omitted"));
            Ok((name, "<<Omit>>".into()))
        }
        Ok(value) => Ok((name, value)),
        Err(error) if error.kind() == ErrorKind::Undefined => {
            let mut errors = Vec::new();
            let value = vars.get(expression).filter(|value| !matches!(value, Value::Lazy(_)));
            let value = match value {
                Some(value) => with_errors(&value, cx, &mut errors)?,
                None => marked(&error, &mut errors),
            };
            warnings.push(told(&errors));
            Ok((name, value))
        }
        Err(error) => Err(unclear(&error)),
    }
}

/// Returns a value with a mark for each part that uses something undefined.
fn with_errors(value: &Value, cx: &Context<'_>, errors: &mut Vec<String>) -> Result<Value, Error> {
    match value {
        Value::Map(map) => {
            let mut all = Map::new();
            for (key, value) in map.iter() {
                all.insert(key.clone(), with_errors(value, cx, errors)?);
            }
            Ok(all.into())
        }
        Value::List(list) => {
            let all: Result<Vec<_>, _> =
                list.iter().map(|value| with_errors(value, cx, errors)).collect();
            Ok(Value::list(all?))
        }
        other => match cx.templates.resolve(other, &cx.vars()) {
            Ok(value) => Ok(value),
            Err(error) if error.kind() == ErrorKind::Undefined => Ok(marked(&error, errors)),
            Err(error) => Err(unclear(&error)),
        },
    }
}

/// Returns the mark of an error.
fn marked(error: &template::Error, errors: &mut Vec<String>) -> Value {
    errors.push(error.message().to_owned());
    format!("<< error {} - {} >>", errors.len(), error.message()).into()
}

/// Returns what is told of the errors.
fn told(errors: &[String]) -> String {
    let count = crate::base::words::count(errors.len(), "template error");
    let lines = errors.iter().enumerate();
    let lines = lines.map(|(index, error)| format!("\nerror {} - {error}", index + 1));
    format!("Encountered {count}.{}", lines.collect::<String>())
}

/// Refuses an expression that a host or a template put out.
fn untrusted() -> Error {
    unclear(&template::Error::new(ErrorKind::Invalid, template::Error::UNTRUSTED))
}

fn unclear(error: &template::Error) -> Error {
    Error::new(format!("Task failed: Error while resolving `var` expression: {}", error.message()))
}
