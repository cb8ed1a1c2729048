//! Every filter and test against what ansible-core gives for the same call (`tests/data/template/calls.json`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::find;
use crate::base::{Map, Value};
use crate::template::text::json;
use crate::template::undefined::{is_undefined, undefined};
use crate::template::{Call, Context, Entry, Reason, lookups, tests};

/// An evaluator that knows the tables and nothing else.
pub(in crate::template) struct Plain {
    pub(in crate::template) variables: Map,
}

fn run(entry: &Entry, call: &mut Call<'_>) -> Result<Value, Reason> {
    if is_undefined(&call.input) && !entry.undefined {
        return Err(Reason::Undefined("undefined input".to_owned()));
    }
    (entry.run)(call)
}

fn known<'e>(entry: Option<&'e Entry>, name: &str) -> Result<&'e Entry, Reason> {
    entry.ok_or_else(|| Reason::new(format!("nothing is named `{name}`")))
}

impl Context for Plain {
    fn filter(
        &self,
        name: &str,
        input: Value,
        args: &[Value],
        kwargs: &Map,
    ) -> Result<Value, Reason> {
        let mut call = Call { input, args: args.to_vec(), kwargs: kwargs.clone(), cx: self };
        run(known(find(name), name)?, &mut call)
    }

    fn test(&self, name: &str, input: Value, args: &[Value], kwargs: &Map) -> Result<bool, Reason> {
        let mut call = Call { input, args: args.to_vec(), kwargs: kwargs.clone(), cx: self };
        run(known(tests::find(name), name)?, &mut call).map(|value| value.truth())
    }

    fn lookup(&self, name: &str, terms: &[Value], kwargs: &Map) -> Result<Value, Reason> {
        let mut call =
            Call { input: Value::Null, args: terms.to_vec(), kwargs: kwargs.clone(), cx: self };
        run(known(lookups::find(name), name)?, &mut call)
    }

    fn attribute(&self, value: &Value, name: &Value) -> Result<Value, Reason> {
        let found = match (value, name) {
            (Value::Map(map), key) => map.get_value(key).cloned(),
            (Value::List(list), Value::Int(place)) => {
                let place = if *place < 0 { *place + list.len() as i64 } else { *place };
                usize::try_from(place).ok().and_then(|place| list.get(place)).cloned()
            }
            _ => None,
        };
        Ok(found.unwrap_or_else(|| {
            undefined(format!("object of type '{}' has no attribute {name:?}", value.type_name()))
        }))
    }

    fn variable(&self, name: &str) -> Result<Option<Value>, Reason> {
        Ok(self.variables.get(name).cloned())
    }

    fn variable_names(&self) -> Vec<Arc<str>> {
        self.variables.keys().filter_map(Value::as_str).map(Arc::from).collect()
    }

    fn resolve(&self, value: &Value) -> Result<Value, Reason> {
        Ok(value.clone())
    }

    fn encrypt(&self, plain: &str) -> Result<String, String> {
        Ok(format!("$ANSIBLE_VAULT;{plain}"))
    }

    fn render(&self, source: &str, _path: &str, more: &Map) -> Result<Value, Reason> {
        Ok(more
            .iter()
            .fold(source.to_owned(), |text, (key, value)| {
                text.replace(&format!("{{{{ {key} }}}}"), &value.to_string())
            })
            .into())
    }

    fn call(&self, _callee: &Value, _args: &[Value], _kwargs: &Map) -> Result<Value, Reason> {
        Err(Reason::new("nothing can be called here"))
    }
}

/// Turns the marked objects of the data into values.
fn decode(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(decode)),
        Value::Map(map) => match map.get("$").and_then(Value::as_str) {
            None => Value::map(map.iter().map(|(key, value)| (key.clone(), decode(value)))),
            Some("undefined") => undefined("'nope' is undefined"),
            Some("float") => {
                Value::Float(map.get("v").and_then(Value::as_str).unwrap().parse().unwrap())
            }
            Some("bytes") => {
                let bytes = map.get("v").and_then(Value::as_list).unwrap().iter();
                Value::Bytes(bytes.filter_map(Value::as_int).map(|byte| byte as u8).collect())
            }
            Some("dict") => {
                Value::map(map.get("v").and_then(Value::as_list).unwrap().iter().map(|pair| {
                    let pair = pair.as_list().unwrap();
                    (decode(&pair[0]), decode(&pair[1]))
                }))
            }
            Some("tuple") => {
                let items = map.get("v").and_then(Value::as_list).unwrap();
                Value::Tuple(Arc::new(items.iter().map(decode).collect()))
            }
            Some("time") => map.get("v").unwrap().clone(),
            Some(_) => value.clone(),
        },
        other => other.clone(),
    }
}

/// Returns what is left of a value when it leaves the template: lists for tuples, plain values for objects.
fn left(value: &Value) -> Result<Value, Reason> {
    if is_undefined(value) {
        return Err(Reason::Undefined("undefined in the result".to_owned()));
    }
    match value {
        Value::List(items) | Value::Tuple(items) => {
            items.iter().map(left).collect::<Result<Vec<_>, _>>().map(Value::list)
        }
        Value::Map(map) => {
            let pairs = map.iter().map(|(key, value)| Ok((left(key)?, left(value)?)));
            pairs.collect::<Result<Vec<_>, Reason>>().map(Value::map)
        }
        Value::Object(object) if object.type_name() == "GroupTuple" => left(&object.plain()),
        Value::Object(object) => {
            Ok(match object.as_any().downcast_ref::<crate::yaml::Timestamp>() {
                Some(time) => time.to_string().into(),
                None => value.to_string().into(),
            })
        }
        other => Ok(other.clone()),
    }
}

fn kwargs(value: &Value) -> Map {
    match decode(value) {
        Value::Map(map) => Map::clone(&map),
        _ => Map::new(),
    }
}

#[test]
fn ansible_gives_the_same() {
    let text = include_str!("../../../tests/data/template/calls.json");
    let data = json::read(text).unwrap();
    let cases = data.as_list().unwrap();
    let cx = Plain { variables: Map::new() };
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for case in cases.iter() {
        let [kind, name, input, args, named, expected] = &case.as_list().unwrap()[..] else {
            panic!("not a case: {}", case.repr());
        };
        let (name, input) = (name.as_str().unwrap(), decode(input));
        let args: Vec<Value> = args.as_list().unwrap().iter().map(decode).collect();
        let named = kwargs(named);
        let got = match kind.as_str() {
            Some("filter") => cx.filter(name, input, &args, &named),
            Some("lookup") => cx.lookup(name, &args, &named),
            _ => cx.test(name, input, &args, &named).map(Value::Bool),
        };
        let got = got.and_then(|value| left(&value));
        let error = expected.get("$").and_then(Value::as_str) == Some("error");
        // The order of these is that of a Python set, which changes from run to run; ours is the input's.
        let unordered =
            matches!(name, "difference" | "intersect" | "symmetric_difference" | "union");
        let shown = |value: &Value| match value {
            Value::List(items) if unordered => {
                let mut items: Vec<String> = items.iter().map(Value::repr).collect();
                items.sort();
                items.join(", ")
            }
            other => other.repr(),
        };
        let same = match &got {
            Ok(value) => !error && shown(value) == shown(&decode(expected)),
            Err(_) => error,
        };
        if !same {
            count += 1;
            let got = got.map_or_else(|reason| format!("error: {reason}"), |value| value.repr());
            let line = case.repr();
            wrong
                .entry(format!("{kind} {name}"))
                .or_default()
                .push(format!("{line}\n     got {got}"));
        }
    }
    let lines: Vec<String> = wrong
        .into_iter()
        .map(|(name, lines)| format!("{name}:\n  {}", lines.join("\n  ")))
        .collect();
    assert!(lines.is_empty(), "{count} of {} differ:\n{}", cases.len(), lines.join("\n"));
}
