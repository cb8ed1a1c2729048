//! `validate_argument_spec`: checks variables against the specification of a role's arguments.

use crate::actions::{Context, Done, Error};
use crate::base::{Map, Value, fold};
use crate::module::{Example, Failure, Outcome, Spec};
use crate::template::Scope;
use crate::{action, arguments};

arguments! {
    /// Arguments of `validate_argument_spec`.
    pub(super) struct Args {
        /// The specification: names with their type, choices and the rest.
        argument_spec: Map,
        /// Values to check instead of the variables.
        provided_arguments: Map = Map::new(),
        /// What the specification belongs to, for messages.
        validate_args_context: Map = Map::new(),
    }
}

action! {
    /// The action.
    ValidateArgumentSpec,
    Spec {
        name: "validate_argument_spec",
        summary: "Checks variables against the specification of a role's arguments.",
        examples: &[Example {
            about: "Check one variable.",
            task: "validate_argument_spec: {argument_spec: {port: {type: int, required: true}}, provided_arguments: {port: 80}}",
        }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let mut errors = Vec::new();
    for (name, wanted) in &args.argument_spec {
        let name = name.to_string();
        let given = value_of(&name, wanted, &args.provided_arguments, cx)?;
        check(&name, wanted, given.as_ref(), &mut errors);
    }
    let errors = with_missing_together(errors);
    if errors.is_empty() {
        return Ok(Done::ok(Outcome::same("The arg spec validation passed")));
    }
    let text = format!("Validation of arguments failed:\n{}", errors.join("\n"));
    let list = Value::list(errors.iter().map(Value::from));
    let failure = Failure::new(text)
        .with("argument_errors", list)
        .with("argument_spec_data", args.argument_spec)
        .with("validate_args_context", args.validate_args_context);
    Err(failure.into())
}

/// Returns the errors with one for all arguments that are missing, at the place of the first.
fn with_missing_together(errors: Vec<String>) -> Vec<String> {
    const MISSING: &str = "missing required arguments: ";
    let name = |error: &String| {
        error.strip_prefix(MISSING).filter(|rest| !rest.contains(' ')).map(str::to_owned)
    };
    let mut names: Vec<String> = errors.iter().filter_map(name).collect();
    names.sort_unstable();
    let mut all = Vec::new();
    for error in errors {
        match name(&error) {
            Some(_) if names.is_empty() => {}
            Some(_) => all.push(MISSING.to_owned() + &std::mem::take(&mut names).join(", ")),
            None => all.push(error),
        }
    }
    all
}

/// Returns the value of an argument under any of its names: what is provided, else the variable.
fn value_of(
    name: &str,
    wanted: &Value,
    provided: &Map,
    cx: &Context<'_>,
) -> Result<Option<Value>, Error> {
    let aliases = wanted
        .get("aliases")
        .and_then(Value::as_list)
        .map(|list| list.to_vec())
        .unwrap_or_default();
    let names = std::iter::once(name.to_owned()).chain(aliases.iter().map(ToString::to_string));
    for name in names {
        let found = provided.get(&name).cloned().or_else(|| cx.scope.get(&name));
        if let Some(value) = found {
            let value = cx.templates.resolve(&value, &cx.vars());
            return value.map(Some).map_err(|error| Error::new(format!("`{name}`: {error}")));
        }
    }
    Ok(None)
}

fn check(name: &str, wanted: &Value, given: Option<&Value>, errors: &mut Vec<String>) {
    let Some(value) = given.filter(|value| !value.is_null()) else {
        if wanted.get("required").is_some_and(truth) {
            errors.push(format!("missing required arguments: {name}"));
        }
        return;
    };
    let kind = wanted.get("type").map_or_else(|| "str".into(), ToString::to_string);
    if !fits(value, &kind) {
        errors.push(format!(
            "argument '{name}' is of type {} and we were unable to convert to {kind}: {} cannot be converted to {}",
            value.type_name(),
            value.type_name(),
            article(&kind)
        ));
        return;
    }
    let choices = wanted.get("choices").and_then(Value::as_list);
    if let Some(choices) = choices {
        let items = value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec());
        let known =
            |item: &Value| choices.iter().any(|choice| choice.to_string() == item.to_string());
        if let Some(wrong) = items.iter().find(|item| !known(item)) {
            let words: Vec<_> = choices.iter().map(ToString::to_string).collect();
            errors.push(format!(
                "value of {name} must be one of: {}, got: {wrong}",
                words.join(", ")
            ));
        }
    }
    inner(name, wanted, value, errors);
}

/// Checks elements of lists and options of dictionaries.
fn inner(name: &str, wanted: &Value, value: &Value, errors: &mut Vec<String>) {
    if let (Some(kind), Some(list)) = (wanted.get("elements"), value.as_list()) {
        let kind = kind.to_string();
        for item in list.iter().filter(|item| !fits(item, &kind)) {
            errors.push(format!(
                "Elements value for option '{name}' is of type {} and we were unable to convert to {kind}: {} cannot be converted to {}",
                item.type_name(),
                item.type_name(),
                article(&kind)
            ));
        }
    }
    let Some(options) = wanted.get("options").and_then(Value::as_map) else { return };
    let maps = value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec());
    for map in maps.iter().filter_map(Value::as_map) {
        for (key, _) in map.iter() {
            let known = options.iter().any(|(option, wanted)| {
                let aliases = wanted.get("aliases").and_then(Value::as_list);
                option == key || aliases.is_some_and(|aliases| aliases.contains(key))
            });
            if !known {
                let names: Vec<_> = options.keys().map(ToString::to_string).collect();
                errors.push(format!(
                    "{name}.{key}. Supported parameters include: {}.",
                    names.join(", ")
                ));
            }
        }
        for (option, wanted) in options.iter() {
            let given = map.get_value(option);
            let missing =
                given.is_none_or(Value::is_null) && wanted.get("required").is_some_and(truth);
            if missing {
                errors.push(format!("missing required arguments: {option} found in {name}"));
            } else if given.is_some() {
                check(&option.to_string(), wanted, given, errors);
            }
        }
    }
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "bool" => match value {
            Value::Bool(_) => true,
            Value::Text(text) => fold::truth(text.as_str()).is_some(),
            Value::Int(number) => matches!(number, 0 | 1),
            _ => false,
        },
        "int" => match value {
            Value::Int(_) | Value::Big(_) => true,
            Value::Text(text) => text.as_str().trim().parse::<i64>().is_ok(),
            Value::Float(number) => number.fract() == 0.0,
            _ => false,
        },
        "float" => match value {
            Value::Int(_) | Value::Big(_) | Value::Float(_) => true,
            Value::Text(text) => text.as_str().trim().parse::<f64>().is_ok(),
            _ => false,
        },
        "list" => !matches!(value, Value::Map(_) | Value::Null),
        "dict" => {
            matches!(value, Value::Map(_))
                || value.as_str().is_some_and(|text| text.contains('=') || text.starts_with('{'))
        }
        "str" | "path" => !matches!(value, Value::Map(_) | Value::List(_)) || kind == "str",
        _ => true,
    }
}

fn truth(value: &Value) -> bool {
    value.as_str().and_then(fold::truth).unwrap_or_else(|| value.truth())
}

fn article(kind: &str) -> String {
    match kind {
        "int" => "an int".into(),
        other => format!("a {other}"),
    }
}
