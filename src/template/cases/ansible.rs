//! Templates, conditions and expressions against what ansible-core gives for them (`tests/data/template`).

use std::sync::Arc;

use super::{World, trusted};
use crate::base::{Map, Position, Value};
use crate::template::text::json;
use crate::template::{Engine, Error, Scope};

fn run(engine: &Engine, kind: &str, text: &Value, scope: &Arc<dyn Scope>) -> Result<Value, Error> {
    let at = Position::default();
    match kind {
        "condition" => engine.condition(&trusted(text), &at, scope).map(Value::Bool),
        "expression" => engine.expression(text.as_str().unwrap(), &at, scope),
        _ => engine.resolve(&trusted(text), scope),
    }
}

/// What differs on purpose, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    ("'{{ x }}' ~ 'a'", "a constant with a template in it is one wherever it stands in a lookup"),
    ("range(3)", "a range is a list"),
    ("vars.x", "the variable `vars` is always there"),
    ("vars['x']", "the variable `vars` is always there"),
    ("{% do ", "statements and loop controls need no extension"),
    ("{% continue %}", "statements and loop controls need no extension"),
    ("{% if x %}True{% endif %}", "a template may give the word of a boolean"),
    ("{% if x %}true{% endif %}", "a template may give the word of a boolean"),
    ("{% set _ = l.sort() %}", "a failure counts even where its value is not used"),
];

/// Conditions whose text comes out of a variable are not evaluated: the text may come from anywhere.
fn is_text_of_variable(kind: &str, text: &Value, vars: &Map) -> bool {
    kind == "condition"
        && text.as_str() == Some("{{ x }}")
        && matches!(vars.get("x"), Some(Value::Text(_)))
}

/// How ours may say what Ansible says with more around it.
fn essence(error: &str) -> &str {
    error.strip_prefix("Error rendering template: ").unwrap_or(error)
}

#[test]
fn ansible_gives_the_same() {
    let data = json::read(include_str!("../../../tests/data/template/templates.json")).unwrap();
    let engine = World::default().engine();
    let mut wrong = Vec::new();
    let mut told = 0;
    let cases = data.as_list().unwrap();
    for case in cases.iter() {
        let vars = case.get("vars").and_then(Value::as_map).unwrap();
        let vars: Map = vars.iter().map(|(key, item)| (key.clone(), trusted(item))).collect();
        let kind = case.get("kind").and_then(Value::as_str).unwrap();
        let text = case.get("text").unwrap();
        let is_known =
            |(part, _): &&(&str, &str)| text.as_str().is_some_and(|text| text.contains(part));
        if DIFFERENT.iter().any(|known| is_known(&known)) || is_text_of_variable(kind, text, &vars)
        {
            continue;
        }
        let scope: Arc<dyn Scope> = Arc::new(vars);
        // `omit` is a value until the keyword or argument is read.
        if case.get("error").is_some_and(|error| error.to_string().contains("Omit scalar")) {
            continue;
        }
        let got = run(&engine, kind, text, &scope);
        let expected = case.get("value").and_then(Value::as_str);
        let same = match (&got, expected) {
            (Ok(value), Some(expected)) => value.repr() == expected,
            (Err(error), None) => {
                let said = case.get("error").and_then(Value::as_str).unwrap();
                told += usize::from(essence(said) != error.message());
                if std::env::var_os("SHOW").is_some() && essence(said) != error.message() {
                    println!("{}\n   {said}\n   {}", text.repr(), error.message());
                }
                true
            }
            _ => false,
        };
        if !same {
            let got = got
                .map_or_else(|error| format!("error: {}", error.message()), |value| value.repr());
            let wanted =
                expected.map_or_else(|| case.get("error").unwrap().repr(), ToOwned::to_owned);
            let vars = case.get("vars").unwrap().repr();
            wrong.push(format!("{kind} {} {vars}\n     got {got}\n  wanted {wanted}", text.repr()));
        }
    }
    println!("{told} errors in other words");
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
