//! The functions that every template has.

use std::sync::Arc;

use num_bigint::BigInt;

use super::call::Given;
use super::objects::{Callable, Cycler, Joiner, Namespace};
use super::run::Run;
use super::{access, filters, text};
use crate::base::{Map, Value};
use crate::template::undefined::undefined;
use crate::template::{
    Call, Entry, Error, ErrorKind, Reason, items_of, lookups, moment, omit, size,
};

/// A function of the language.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Function {
    Cycler,
    Dict,
    Joiner,
    Lipsum,
    Lookup,
    Namespace,
    Now,
    Query,
    Range,
    Undef,
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("cycler", Function::Cycler),
    ("dict", Function::Dict),
    ("joiner", Function::Joiner),
    ("lipsum", Function::Lipsum),
    ("lookup", Function::Lookup),
    ("namespace", Function::Namespace),
    ("now", Function::Now),
    ("q", Function::Query),
    ("query", Function::Query),
    ("range", Function::Range),
    ("undef", Function::Undef),
];

impl Function {
    pub(super) fn name(self) -> &'static str {
        FUNCTIONS.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}

/// Returns the function or constant of a name.
pub(super) fn find(name: &str) -> Option<Value> {
    if name == "omit" {
        return Some(omit());
    }
    let place = FUNCTIONS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(Value::Object(Arc::new(Callable(FUNCTIONS[place].1))))
}

impl Function {
    /// Returns whether what it gives holds its arguments.
    pub(super) fn keeps(self) -> bool {
        matches!(self, Self::Dict | Self::Namespace)
    }
}

/// Calls a function.
pub(super) fn call(run: &Run<'_>, function: Function, given: Given) -> Result<Value, Error> {
    match function {
        Function::Lookup => lookup(run, given, Shape::One),
        Function::Query => lookup(run, given, Shape::List),
        Function::Namespace => Ok(Namespace::value(dict(run, given)?)),
        Function::Dict => Ok(dict(run, given)?.into()),
        Function::Range => Ok(range(&given.args)?),
        Function::Cycler if given.args.is_empty() => {
            Err(Error::invalid("at least one item has to be provided"))
        }
        Function::Cycler => Ok(Cycler::value(given.args)),
        Function::Joiner => {
            let sep = given.args.first().or_else(|| given.kwargs.get("sep")).cloned();
            Ok(Joiner::value(sep.unwrap_or_else(|| Value::text(", "))))
        }
        Function::Lipsum => Ok(lipsum(&given)),
        Function::Now => now(run, &given),
        Function::Undef => {
            let hint = given.args.first().or_else(|| given.kwargs.get("hint"));
            let hint = hint.filter(|hint| !hint.is_null()).map(ToString::to_string);
            Ok(undefined(
                hint.unwrap_or_else(|| "Mandatory variable has not been overridden".to_owned()),
            ))
        }
    }
}

/// What a lookup gives.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Shape {
    /// All results, always.
    List,
    /// The only result alone, several texts joined by commas.
    One,
}

fn lookup(run: &Run<'_>, mut given: Given, shape: Shape) -> Result<Value, Error> {
    if given.args.is_empty() {
        return Err(Error::invalid("lookup() needs the name of a lookup first"));
    }
    let name = given.args.remove(0).to_string();
    let Some(entry) = lookups::find(&name) else {
        let mut error = filters::unknown("lookup", &name, &lookups::names());
        error.0.kind = ErrorKind::Invalid;
        error.0.message = format!("The lookup plugin '{name}' was not found.");
        return Err(error);
    };
    let listed = given.kwargs.remove("wantlist").is_some_and(|value| value.truth());
    let errors = given.kwargs.remove("errors").map(|value| value.to_string());
    let shape = if listed { Shape::List } else { shape };
    let found = match run_lookup(run, entry, given) {
        Ok(found) => found,
        Err(error) if error.kind() != ErrorKind::Recursion => match errors.as_deref() {
            Some("ignore") => return Ok(nothing(shape)),
            Some("warn") => {
                let text = format!("the lookup `{name}` failed: {}", error.message());
                run.engine.services().warn(&text);
                return Ok(nothing(shape));
            }
            _ => return Err(error),
        },
        Err(error) => return Err(error),
    };
    Ok(if shape == Shape::List { found } else { single(found) })
}

fn nothing(shape: Shape) -> Value {
    if shape == Shape::List { Value::list([]) } else { Value::Null }
}

/// Returns the only result alone, several texts joined by commas, anything else as the list it is.
fn single(found: Value) -> Value {
    let Some(list) = found.as_list() else { return found };
    if let [one] = &list[..] {
        return one.clone();
    }
    if list.is_empty() || !list.iter().all(|item| matches!(item, Value::Text(_))) {
        return found;
    }
    let chars: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    text::marked(chars.join(","), text::is_secret(&found)).into()
}

/// Runs a lookup and returns the list it gives; something undefined stays undefined.
pub(super) fn run_lookup(
    run: &Run<'_>,
    entry: &'static Entry,
    given: Given,
) -> Result<Value, Error> {
    let mut args = Vec::with_capacity(given.args.len());
    for value in given.args {
        args.push(run.settle(value)?);
    }
    let mut kwargs = Map::new();
    for (key, value) in given.kwargs {
        kwargs.insert(key, run.settle(value)?);
    }
    let mut call = Call { input: Value::Null, args, kwargs, cx: run };
    match (entry.run)(&mut call) {
        Ok(value @ (Value::List(_) | Value::Object(_))) => Ok(value),
        Ok(Value::Tuple(list)) => Ok(Value::List(list)),
        Ok(other) => Ok(Value::list([other])),
        Err(Reason::Undefined(text)) => Ok(undefined(text)),
        Err(Reason::Invalid(text)) => {
            let stashed = run.shared.stash.borrow_mut().take();
            match stashed.filter(|error| error.message() == text) {
                Some(error) => Err(error),
                None => Err(Error::invalid(format!(
                    "The lookup plugin '{}' failed: {text}",
                    entry.names[0]
                ))),
            }
        }
    }
}

/// Returns the current time: `now(utc=False, fmt=None)`.
fn now(run: &Run<'_>, given: &Given) -> Result<Value, Error> {
    let value = |place: usize, name: &str| given.args.get(place).or_else(|| given.kwargs.get(name));
    let moment =
        moment::at(run.engine.services().now(), value(0, "utc").is_some_and(Value::truth))?;
    match value(1, "fmt").filter(|format| format.truth()) {
        Some(format) => Ok(Value::text(moment.format(&format.to_string())?)),
        None => Ok(moment::Moment::value(moment.civil, moment.offset)),
    }
}

/// Returns the dictionary that `dict(…)` makes of a mapping or of pairs, and of keywords.
fn dict(run: &Run<'_>, given: Given) -> Result<Map, Error> {
    let mut map = Map::new();
    if let Some(first) = given.args.into_iter().next() {
        let first = run.settle(super::cells::freeze(&first))?;
        let first = run.unfold(&first)?.unwrap_or(first);
        match &first {
            Value::Map(pairs) => map.clone_from(pairs),
            other => {
                for pair in items_of(other)? {
                    let pair = items_of(&pair)?;
                    let [key, value] = pair.as_slice() else {
                        return Err(Error::invalid(format!(
                            "dictionary update sequence element has length {}; 2 is required",
                            pair.len()
                        )));
                    };
                    access::hashable(key)?;
                    map.insert(key.clone(), value.clone());
                }
            }
        }
    }
    map.extend(given.kwargs);
    Ok(map)
}

fn range(args: &[Value]) -> Result<Value, Reason> {
    let number = |value: &Value| {
        value.as_int().ok_or_else(|| match value {
            Value::Big(_) => Reason::new("the range is too long"),
            other => Reason::new(format!(
                "'{}' object cannot be interpreted as an integer",
                other.type_name()
            )),
        })
    };
    let (start, stop, step) = match args {
        [stop] => (0, number(stop)?, 1),
        [start, stop] => (number(start)?, number(stop)?, 1),
        [start, stop, step] => (number(start)?, number(stop)?, number(step)?),
        [] => return Err(Reason::new("range expected at least 1 argument, got 0")),
        more => {
            let count = more.len();
            return Err(Reason::new(format!("range expected at most 3 arguments, got {count}")));
        }
    };
    if step == 0 {
        return Err(Reason::new("range() arg 3 must not be zero"));
    }
    let distance = BigInt::from(stop) - BigInt::from(start);
    let length = usize::try_from(distance / BigInt::from(step)).unwrap_or(0);
    size::items(length)?;
    let mut next = Some(start);
    Ok(Value::list(std::iter::from_fn(|| {
        let at = next.filter(|at| if step > 0 { *at < stop } else { *at > stop })?;
        next = at.checked_add(step);
        Some(Value::Int(at))
    })))
}

const LATIN: &str = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor \
incididunt ut labore et dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation \
ullamco laboris nisi ut aliquip ex ea commodo consequat";

/// Returns paragraphs of filler text: `lipsum(n=5, html=True, min=20, max=100)`.
fn lipsum(given: &Given) -> Value {
    let value = |place: usize, name: &str| given.args.get(place).or_else(|| given.kwargs.get(name));
    let count = |place: usize, name: &str, default: i64| {
        let number = value(place, name).and_then(Value::as_int).unwrap_or(default);
        usize::try_from(number.clamp(0, 1000)).unwrap_or(0)
    };
    let html = value(1, "html").is_none_or(Value::truth);
    let words = usize::midpoint(count(2, "min", 20), count(3, "max", 100));
    let paragraph: Vec<&str> = LATIN.split_whitespace().cycle().take(words.max(1)).collect();
    let paragraph = format!("L{}.", &paragraph.join(" ")[1..]);
    let paragraphs: Vec<String> = (0..count(0, "n", 5))
        .map(|_| if html { format!("<p>{paragraph}</p>") } else { paragraph.clone() })
        .collect();
    Value::text(paragraphs.join(if html { "\n" } else { "\n\n" }))
}
