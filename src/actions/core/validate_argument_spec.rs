//! `validate_argument_spec`: checks variables against the specification of a role's arguments.

use crate::actions::{Context, Done, Error};
use crate::base::{List, Map, Value, fold, suggest};
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
        check(&name, wanted, given.as_ref(), &Place { outer: &[] }, &mut errors);
    }
    errors.extend(unknown("", &args.argument_spec, &args.provided_arguments));
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

/// How the error of an argument begins that is not given.
const MISSING: &str = "missing required arguments: ";

/// Returns the errors with one for all arguments that are missing, at the place of the first.
fn with_missing_together(errors: Vec<String>) -> Vec<String> {
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
            return Ok(Some(value?));
        }
    }
    Ok(None)
}

/// Where an argument stands: at the top, or in the options of another.
struct Place<'a> {
    /// The names of the arguments around it, outermost first.
    outer: &'a [&'a str],
}

impl Place<'_> {
    fn found_in(&self) -> String {
        if self.outer.is_empty() {
            return String::new();
        }
        format!(" found in {}", self.outer.join(" -> "))
    }
}

fn check(
    name: &str,
    wanted: &Value,
    given: Option<&Value>,
    place: &Place<'_>,
    errors: &mut Vec<String>,
) {
    let required = wanted.get("required").is_some_and(truth);
    let value = match given.or_else(|| wanted.get("default")) {
        None if required => {
            errors.push(format!("{MISSING}{name}{}", place.found_in()));
            return;
        }
        None => return,
        Some(value) if value.is_null() && !required => return,
        Some(value) => value,
    };
    let kind = wanted.get("type").map_or_else(|| "str".into(), ToString::to_string);
    if let Err(why) = fits(value, &kind) {
        let inside = match place.outer {
            [] => String::new(),
            outer => format!(" found in '{}'.", outer.join(" -> ")),
        };
        errors.push(format!(
            "argument '{name}' is of type {}{inside} and we were unable to convert to {kind}: {why}",
            value.type_name()
        ));
        return;
    }
    if let Some(choices) = wanted.get("choices").and_then(Value::as_list) {
        errors.extend(wrong_choice(name, choices, value).map(|text| text + &place.found_in()));
    }
    let outer: Vec<&str> = place.outer.iter().copied().chain([name]).collect();
    inner(&outer, wanted, value, errors);
}

/// Returns what is said of a value that is none of the choices.
fn wrong_choice(name: &str, choices: &List, value: &Value) -> Option<String> {
    let known = |item: &Value| choices.iter().any(|choice| choice.to_string() == item.to_string());
    let words = |items: &mut dyn Iterator<Item = &Value>| {
        items.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let wanted = words(&mut choices.iter());
    match value.as_list() {
        Some(list) => {
            let wrong = words(&mut list.iter().filter(|item| !known(item)));
            let text = format!(
                "value of {name} must be one or more of: {wanted}. Got no match for: {wrong}"
            );
            (!wrong.is_empty()).then_some(text)
        }
        None => (!known(value))
            .then(|| format!("value of {name} must be one of: {wanted}, got: {value}")),
    }
}

/// Checks elements of lists and options of dictionaries.
fn inner(outer: &[&str], wanted: &Value, value: &Value, errors: &mut Vec<String>) {
    let name = outer.last().copied().unwrap_or_default();
    if let (Some(kind), Some(list)) = (wanted.get("elements"), value.as_list()) {
        let kind = kind.to_string();
        for item in list.iter() {
            if let Err(why) = fits(item, &kind) {
                errors.push(format!(
                    "Elements value for option '{name}' is of type {} and we were unable to convert to {kind}: {why}",
                    item.type_name()
                ));
            }
        }
    }
    let Some(options) = wanted.get("options").and_then(Value::as_map) else { return };
    let maps = value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec());
    for map in maps.iter().filter_map(Value::as_map) {
        let place = Place { outer };
        for (option, wanted) in options.iter() {
            check(&option.to_string(), wanted, map.get_value(option), &place, errors);
        }
        rules(&outer.join(" -> "), wanted, map, errors);
        errors.extend(unknown(&format!("{}.", outer.join(".")), options, map));
    }
}

/// Returns what is said of arguments that no specification knows.
fn unknown(outer: &str, options: &Map, given: &Map) -> Vec<String> {
    let names: Vec<_> = options.keys().map(ToString::to_string).collect();
    let is_known = |key: &Value| {
        options.iter().any(|(option, wanted)| {
            let aliases = wanted.get("aliases").and_then(Value::as_list);
            option == key || aliases.is_some_and(|aliases| aliases.contains(key))
        })
    };
    let unknown = given.keys().filter(|key| !is_known(key));
    let told = |key| format!("{outer}{key}. Supported parameters include: {}.", names.join(", "));
    unknown.map(told).collect()
}

/// Checks the rules between the options of a dictionary.
fn rules(name: &str, wanted: &Value, map: &Map, errors: &mut Vec<String>) {
    let groups = |rule: &str| -> Vec<Vec<String>> {
        let list = wanted.get(rule).and_then(Value::as_list);
        let names = |group: &Value| {
            group.as_list().map(|list| list.iter().map(ToString::to_string).collect())
        };
        list.into_iter().flat_map(|list| list.iter()).filter_map(names).collect()
    };
    let given = |group: &[String]| {
        group.iter().filter(|name| map.get(name).is_some_and(|value| !value.is_null())).count()
    };
    for group in groups("mutually_exclusive") {
        if given(&group) > 1 {
            let names = group.join("|");
            errors.push(format!("parameters are mutually exclusive: {names} found in {name}"));
        }
    }
    for group in groups("required_together") {
        if (1..group.len()).contains(&given(&group)) {
            let names = group.join(", ");
            errors.push(format!("parameters are required together: {names} found in {name}"));
        }
    }
    for group in groups("required_one_of") {
        if given(&group) == 0 {
            let names = group.join(", ");
            errors.push(format!("one of the following is required: {names} found in {name}"));
        }
    }
}

/// The types of arguments.
const TYPES: [&str; 12] = [
    "bits", "bool", "bytes", "dict", "float", "int", "json", "jsonarg", "list", "path", "raw",
    "str",
];

/// Says why a value is not of a type and cannot be made one.
fn fits(value: &Value, kind: &str) -> Result<(), String> {
    let text = value.as_str().map(str::trim);
    let class = format!("<class '{}'>", value.type_name());
    let is_scalar = !matches!(value, Value::Map(_) | Value::List(_) | Value::Tuple(_));
    let (good, why) = match kind {
        "bool" => {
            let good = match value {
                Value::Bool(_) => true,
                Value::Int(number) => matches!(number, 0 | 1),
                _ => text.is_some_and(|text| fold::truth(text).is_some()),
            };
            let why = if is_scalar && !value.is_null() {
                format!("The value '{value}' is not a valid boolean.")
            } else {
                format!("{class} cannot be converted to a bool")
            };
            (good, why)
        }
        "int" => {
            let good = match value {
                Value::Int(_) | Value::Big(_) | Value::Bool(_) => true,
                Value::Float(number) => number.fract() == 0.0,
                _ => text.is_some_and(|text| text.parse::<i64>().is_ok()),
            };
            (good, format!("\"{}\" cannot be converted to an int", value.repr()))
        }
        "float" => {
            let good = matches!(value, Value::Int(_) | Value::Big(_) | Value::Float(_))
                || text.is_some_and(|text| text.parse::<f64>().is_ok());
            (good, format!("{class} cannot be converted to a float"))
        }
        "list" => {
            let good = !matches!(value, Value::Map(_) | Value::Null);
            (good, format!("{class} cannot be converted to a list"))
        }
        "dict" => {
            let good = matches!(value, Value::Map(_))
                || text.is_some_and(|text| text.contains('=') || text.starts_with('{'));
            let why = match text {
                Some(_) => "dictionary requested, could not parse JSON or key=value".to_owned(),
                None => format!("{class} cannot be converted to a dict"),
            };
            (good, why)
        }
        "jsonarg" | "json" => {
            let good = !is_scalar || text.is_some();
            (good, format!("{class} cannot be converted to a json string"))
        }
        "bits" | "bytes" | "path" | "raw" | "str" => (true, String::new()),
        odd => {
            let near = suggest::closest(odd, TYPES);
            let near = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
            (
                false,
                format!("the specification asks for the type '{odd}', which does not exist{near}"),
            )
        }
    };
    if good { Ok(()) } else { Err(why) }
}

fn truth(value: &Value) -> bool {
    value.as_str().and_then(fold::truth).unwrap_or_else(|| value.truth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(wanted: &[(&str, Value)], value: impl Into<Value>, expected: &[&str]) {
        let wanted =
            Value::map(wanted.iter().map(|(key, value)| (Value::from(*key), value.clone())));
        let mut errors = Vec::new();
        check("p", &wanted, Some(&value.into()), &Place { outer: &[] }, &mut errors);
        assert_eq!(errors, expected);
    }

    #[test]
    fn values_and_types() {
        let required = ("required", Value::Bool(true));
        case(&[("type", "int".into())], "7", &[]);
        case(
            &[("type", "int".into())],
            "abc",
            &[
                "argument 'p' is of type str and we were unable to convert to int: \"'abc'\" cannot be converted to an int",
            ],
        );
        case(
            &[("type", "list".into()), required.clone()],
            Value::Null,
            &[
                "argument 'p' is of type NoneType and we were unable to convert to list: <class 'NoneType'> cannot be converted to a list",
            ],
        );
        case(&[("type", "list".into())], Value::Null, &[]);
        case(
            &[("type", "boolean".into())],
            true,
            &[
                "argument 'p' is of type bool and we were unable to convert to boolean: the specification asks for the type 'boolean', which does not exist",
            ],
        );
        case(&[("type", "raw".into()), required], Value::Null, &[]);
        case(
            &[("choices", Value::list(["a".into(), "b".into()]))],
            "c",
            &["value of p must be one of: a, b, got: c"],
        );
    }

    #[test]
    fn options_of_options_are_named_with_their_way() {
        let map = |key: &str, value: Value| Value::map([(key, value)]);
        let inner = [("type", Value::from("dict")), ("options", map("z", Map::new().into()))];
        let options = map("y", Value::map(inner));
        case(
            &[("type", "dict".into()), ("options", options)],
            map("y", map("odd", 1.into())),
            &["p.y.odd. Supported parameters include: z."],
        );
    }

    #[test]
    fn options_and_their_rules() {
        let option = Value::map([("required", Value::Bool(true))]);
        let both = Value::list([Value::list(["x".into(), "y".into()])]);
        let wanted = [
            ("type", Value::from("dict")),
            ("options", Value::map([("x", option), ("y", Value::from(Map::new()))])),
            ("required_together", both),
        ];
        case(
            &wanted,
            Value::map([("y", Value::from(1)), ("z", 2.into())]),
            &[
                "missing required arguments: x found in p",
                "parameters are required together: x, y found in p",
                "p.z. Supported parameters include: x, y.",
            ],
        );
    }
}
