//! The functions of JMESPath.

use std::cmp::Ordering;

use super::Node;
use super::evaluate::{equal, evaluate};
use crate::base::{Map, Value};
use crate::template::text::{json, number, order};

/// The functions and how many arguments they take at least and at most.
const FUNCTIONS: [(&str, usize, usize); 26] = [
    ("abs", 1, 1),
    ("avg", 1, 1),
    ("ceil", 1, 1),
    ("contains", 2, 2),
    ("ends_with", 2, 2),
    ("floor", 1, 1),
    ("join", 2, 2),
    ("keys", 1, 1),
    ("length", 1, 1),
    ("map", 2, 2),
    ("max", 1, 1),
    ("max_by", 2, 2),
    ("merge", 1, usize::MAX),
    ("min", 1, 1),
    ("min_by", 2, 2),
    ("not_null", 1, usize::MAX),
    ("reverse", 1, 1),
    ("sort", 1, 1),
    ("sort_by", 2, 2),
    ("starts_with", 2, 2),
    ("sum", 1, 1),
    ("to_array", 1, 1),
    ("to_number", 1, 1),
    ("to_string", 1, 1),
    ("type", 1, 1),
    ("values", 1, 1),
];

/// Calls a function.
pub(super) fn call(name: &str, args: &[Node], value: &Value) -> Result<Value, String> {
    let Some((_, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        let near = crate::base::suggest::closest(name, FUNCTIONS.iter().map(|(known, ..)| *known));
        let hint = near.map(|near| format!("; did you mean `{near}()`?")).unwrap_or_default();
        return Err(format!("there is no function `{name}()`{hint}"));
    };
    if !(*least..=*most).contains(&args.len()) {
        let wanted = crate::base::words::count(*least, "argument");
        return Err(format!("`{name}()` takes {wanted}, got {}", args.len()));
    }
    if matches!(name, "map" | "max_by" | "min_by" | "sort_by") {
        let (expression, list) =
            if name == "map" { (&args[0], &args[1]) } else { (&args[1], &args[0]) };
        let Node::Expression(each) = expression else {
            return Err(format!("`{name}()` needs an expression, as in `{name}(@, &name)`"));
        };
        return by_expression(name, each, &list_of(name, &evaluate(list, value)?)?);
    }
    let args = args.iter().map(|arg| evaluate(arg, value)).collect::<Result<Vec<_>, _>>()?;
    match name {
        "abs" | "avg" | "ceil" | "floor" | "sum" | "to_number" => numeric(name, &args[0]),
        "contains" | "ends_with" | "join" | "starts_with" => of_two(name, &args[0], &args[1]),
        _ => of_any(name, &args),
    }
}

fn wrong(name: &str, what: &str, value: &Value) -> String {
    format!("`{name}()` needs {what}, got {}", type_of(value))
}

fn list_of(name: &str, value: &Value) -> Result<Vec<Value>, String> {
    value.as_list().map(|list| list.to_vec()).ok_or_else(|| wrong(name, "a list", value))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Big(_) | Value::Float(_) => "number",
        Value::List(_) | Value::Tuple(_) => "array",
        Value::Map(_) => "object",
        _ => "string",
    }
}

fn is_number(value: &Value) -> bool {
    type_of(value) == "number"
}

fn numeric(name: &str, value: &Value) -> Result<Value, String> {
    if name == "to_number" {
        return Ok(match value {
            Value::Text(text) => number::parse_int(text.as_str(), 10)
                .map(Value::integer)
                .or_else(|| number::parse_float(text.as_str()).map(Value::Float))
                .unwrap_or_default(),
            other if is_number(other) => other.clone(),
            _ => Value::Null,
        });
    }
    if matches!(name, "avg" | "sum") {
        let items = list_of(name, value)?;
        let mut total = Value::Int(0);
        for item in &items {
            if !is_number(item) {
                return Err(wrong(name, "a list of numbers", item));
            }
            total = order::add(&total, item).map_err(|reason| reason.to_string())?;
        }
        return Ok(match (name, items.len()) {
            ("sum", _) => total,
            (_, 0) => Value::Null,
            (_, count) => Value::Float(total.as_float().unwrap_or(f64::NAN) / count as f64),
        });
    }
    if !is_number(value) {
        return Err(wrong(name, "a number", value));
    }
    match (name, value) {
        ("abs", Value::Float(number)) => Ok(Value::Float(number.abs())),
        ("abs", other) => {
            let number = order::integer(other).unwrap_or_default();
            Ok(Value::integer(number.magnitude().clone().into()))
        }
        ("ceil", Value::Float(number)) => Ok(number::whole(number.ceil()).unwrap_or_default()),
        ("floor", Value::Float(number)) => Ok(number::whole(number.floor()).unwrap_or_default()),
        (_, other) => Ok(other.clone()),
    }
}

fn of_two(name: &str, first: &Value, second: &Value) -> Result<Value, String> {
    if name == "join" {
        let glue = first.as_str().ok_or_else(|| wrong(name, "text first", first))?;
        let mut words = Vec::new();
        for item in list_of(name, second)? {
            words.push(
                item.as_str().ok_or_else(|| wrong(name, "a list of texts", &item))?.to_owned(),
            );
        }
        return Ok(words.join(glue).into());
    }
    if let ("contains", Some(list)) = (name, first.as_list()) {
        return Ok(list.iter().any(|item| equal(item, second)).into());
    }
    let text = first.as_str().ok_or_else(|| {
        wrong(name, if name == "contains" { "text or a list" } else { "text" }, first)
    })?;
    match (name, second.as_str()) {
        ("contains", part) => Ok(part.is_some_and(|part| text.contains(part)).into()),
        (_, None) => Err(wrong(name, "text second", second)),
        ("starts_with", Some(part)) => Ok(text.starts_with(part).into()),
        (_, Some(part)) => Ok(text.ends_with(part).into()),
    }
}

fn of_any(name: &str, args: &[Value]) -> Result<Value, String> {
    let first = &args[0];
    match name {
        "keys" | "values" => {
            let map = first.as_map().ok_or_else(|| wrong(name, "an object", first))?;
            Ok(if name == "keys" {
                Value::list(map.keys().cloned())
            } else {
                Value::list(map.values().cloned())
            })
        }
        "length" => match first {
            Value::Text(text) => Ok(text.as_str().chars().count().into()),
            Value::Map(map) => Ok(map.len().into()),
            Value::List(list) | Value::Tuple(list) => Ok(list.len().into()),
            other => Err(wrong(name, "text, a list or an object", other)),
        },
        "max" | "min" | "sort" => sorted(name, list_of(name, first)?),
        "merge" => {
            let mut out = Map::new();
            for arg in args {
                let map = arg.as_map().ok_or_else(|| wrong(name, "objects", arg))?;
                out.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            Ok(out.into())
        }
        "not_null" => Ok(args.iter().find(|arg| !arg.is_null()).cloned().unwrap_or_default()),
        "reverse" => match first {
            Value::Text(text) => Ok(text.as_str().chars().rev().collect::<String>().into()),
            other => Ok(Value::list(list_of(name, other)?.into_iter().rev())),
        },
        "to_array" => {
            Ok(if first.as_list().is_some() { first.clone() } else { Value::list([first.clone()]) })
        }
        "to_string" => match first {
            Value::Text(_) => Ok(first.clone()),
            other => {
                let style = json::Style {
                    item_separator: ",".to_owned(),
                    key_separator: ":".to_owned(),
                    ..json::Style::default()
                };
                json::write(other, &style).map(Value::from).map_err(|reason| reason.to_string())
            }
        },
        _ => Ok(type_of(first).into()),
    }
}

/// Returns the order of two numbers or two texts, and refuses a mixture.
fn ordered(name: &str, a: &Value, b: &Value) -> Result<Ordering, String> {
    let kinds = [type_of(a), type_of(b)];
    if kinds != ["number"; 2] && kinds != ["string"; 2] {
        return Err(format!("`{name}()` needs numbers only or texts only"));
    }
    Ok(a.order(b).unwrap_or(Ordering::Equal))
}

fn sorted(name: &str, items: Vec<Value>) -> Result<Value, String> {
    by_keys(name, items.into_iter().map(|item| (item.clone(), item)).collect())
}

fn by_keys(name: &str, mut items: Vec<(Value, Value)>) -> Result<Value, String> {
    if let Some((first, _)) = items.first() {
        items.iter().try_for_each(|(key, _)| ordered(name, first, key).map(|_| ()))?;
    }
    items.sort_by(|(a, _), (b, _)| a.order(b).unwrap_or(Ordering::Equal));
    let mut items = items.into_iter();
    match name {
        "max" | "max_by" => {
            // Of several greatest ones the first counts.
            let mut best: Option<(Value, Value)> = None;
            for (key, item) in items {
                if best
                    .as_ref()
                    .is_none_or(|(highest, _)| key.order(highest) == Some(Ordering::Greater))
                {
                    best = Some((key, item));
                }
            }
            Ok(best.map(|(_, item)| item).unwrap_or_default())
        }
        "min" | "min_by" => Ok(items.next().map(|(_, item)| item).unwrap_or_default()),
        _ => Ok(Value::list(items.map(|(_, item)| item))),
    }
}

fn by_expression(name: &str, each: &Node, items: &[Value]) -> Result<Value, String> {
    let keys = items.iter().map(|item| evaluate(each, item)).collect::<Result<Vec<_>, _>>()?;
    if name == "map" {
        return Ok(Value::list(keys));
    }
    by_keys(name, keys.into_iter().zip(items.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::text::jmespath::search;

    #[test]
    fn mistakes_are_named() {
        let wrong = |query: &str| search(query, &Value::Null).unwrap_err().to_string();
        assert_eq!(
            wrong("lenght(@)"),
            "in the query `lenght(@)`: there is no function `lenght()`; did you mean `length()`?"
        );
        assert_eq!(wrong("a.["), "in the query `a.[`: it ends too early");
        assert_eq!(
            wrong("a..b"),
            "in the query `a..b`: a name, `*`, `[` or `{` was expected after `.`, `.` found"
        );
        assert_eq!(wrong("'a"), "in the query `'a`: the ' in `'a` is never closed");
    }
}
