//! The lookup `merge_variables` of community.general: variables with like names, joined into one value.

use std::sync::Arc;

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::from_collection;
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] =
    &[from_collection("community.general", &["merge_variables"], merge_variables)];

const OPTIONS: [&str; 9] = [
    "default_merge",
    "dict_merge",
    "groups",
    "initial_value",
    "list_merge",
    "list_transformations",
    "override",
    "pattern_type",
    "type_conflict_merge",
];

/// What becomes of a key that two variables set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Override {
    Refuse,
    Take,
}

/// Which of two values stays.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stays {
    First,
    Second,
}

/// What becomes of two dictionaries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dicts {
    Deep,
    /// Only the keys of the variables themselves are joined.
    Shallow,
    One(Stays),
}

/// What becomes of two lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lists {
    Append,
    Prepend,
    /// Items at the same place are joined.
    ByPlace,
    One(Stays),
}

/// What is done to a list that was joined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Dedup(Stays),
    Flatten,
}

/// How values are joined.
struct Merger {
    over: Override,
    dicts: Dicts,
    lists: Lists,
    /// For values of different types.
    conflict: Stays,
    /// For all that is neither list nor dictionary.
    other: Stays,
    steps: Vec<Step>,
}

fn merge_variables(call: &mut Call<'_>) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    call.accept_options(&OPTIONS)?;
    let shapes = [("prefix", "^"), ("regex", ""), ("suffix", "$")];
    let shape = call.choice(NONE, "pattern_type", "", &shapes)?;
    let merger = Merger::of(call)?;
    let scopes = scopes(call)?;
    let mut out = Vec::new();
    for term in call.terms() {
        let source = match shape {
            "^" => format!("^{}", crate::base::pyregex::escape(&term)),
            "$" => format!("{}$", crate::base::pyregex::escape(&term)),
            _ => term,
        };
        let pattern = Pattern::kept(&source, Flags::NONE)?;
        let initial = call.option_value("initial_value").filter(|value| !value.is_null()).cloned();
        let mut result = initial.map(mergeable).transpose()?;
        for scope in &scopes {
            let mut names = scope.names(call);
            names.retain(|name| pattern.search(name).is_ok_and(|found| found.is_some()));
            names.sort_unstable();
            for name in names {
                let Some(value) = scope.value(call, &name)? else {
                    continue;
                };
                let value = mergeable(value)?;
                result = Some(match result {
                    None => value,
                    Some(before) => merger.variables(&before, &value, &name)?,
                });
            }
        }
        out.push(result.unwrap_or_default());
    }
    Ok(Value::list(out))
}

/// Returns a value that can be joined with others of its type.
fn mergeable(value: Value) -> Result<Value, Reason> {
    match value {
        Value::List(_) | Value::Map(_) => Ok(value),
        other => Err(Reason::new(format!(
            "Not supported type detected, variable must be a list or a dict: '{other}'"
        ))),
    }
}

/// Whose variables are looked at.
enum Scope {
    Own,
    Host(Arc<Map>),
}

impl Scope {
    fn names(&self, call: &Call<'_>) -> Vec<Arc<str>> {
        match self {
            Self::Own => call.cx.variable_names(),
            Self::Host(map) => map.keys().filter_map(Value::as_str).map(Arc::from).collect(),
        }
    }

    fn value(&self, call: &Call<'_>, name: &str) -> Result<Option<Value>, Reason> {
        match self {
            Self::Own => call.cx.variable(name),
            Self::Host(map) => map.get(name).map(|value| call.cx.resolve(value)).transpose(),
        }
    }
}

fn scopes(call: &Call<'_>) -> Result<Vec<Scope>, Reason> {
    let Some(wanted) = call.option_value("groups") else {
        return Ok(vec![Scope::Own]);
    };
    let groups =
        call.cx.variable("groups")?.and_then(|groups| plain_map(&groups)).unwrap_or_default();
    let hostvars = call.cx.variable("hostvars")?.unwrap_or_default();
    let mut hosts: Vec<Value> = Vec::new();
    for group in call::items_of(wanted)? {
        for host in groups.get_value(&group).map(call::items_of).transpose()?.unwrap_or_default() {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    let mut out = Vec::new();
    for host in hosts {
        let vars = call.cx.attribute(&hostvars, &host)?;
        out.extend(plain_map(&vars).map(Scope::Host));
    }
    Ok(out)
}

impl Merger {
    fn of(call: &Call<'_>) -> Result<Self, Reason> {
        const NONE: usize = usize::MAX;
        let over =
            [("error", Override::Refuse), ("ignore", Override::Take), ("warn", Override::Take)];
        let one = [("keep", Stays::First), ("replace", Stays::Second)];
        let dicts = [
            ("deep", Dicts::Deep),
            ("shallow", Dicts::Shallow),
            ("replace", Dicts::One(Stays::Second)),
            ("keep", Dicts::One(Stays::First)),
        ];
        let lists = [
            ("replace", Lists::One(Stays::Second)),
            ("keep", Lists::One(Stays::First)),
            ("append", Lists::Append),
            ("prepend", Lists::Prepend),
            ("merge", Lists::ByPlace),
        ];
        let steps = match call.option_value("list_transformations") {
            Some(steps) => call::items_of(steps)?.iter().map(step).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        Ok(Self {
            over: call.choice(NONE, "override", Override::Refuse, &over)?,
            dicts: call.choice(NONE, "dict_merge", Dicts::Deep, &dicts)?,
            lists: call.choice(NONE, "list_merge", Lists::Append, &lists)?,
            conflict: call.choice(NONE, "type_conflict_merge", Stays::Second, &one)?,
            other: call.choice(NONE, "default_merge", Stays::Second, &one)?,
            steps,
        })
    }

    /// Joins two variables.
    fn variables(&self, before: &Value, next: &Value, name: &str) -> Result<Value, Reason> {
        match (before, next, self.dicts) {
            (Value::Map(a), Value::Map(b), Dicts::Shallow) => self.maps(a, b, name),
            (Value::Map(_), Value::Map(_), _) | (Value::List(_), Value::List(_), _) => {
                self.values(before, next, name)
            }
            _ => Err(Reason::new(format!(
                "Unable to merge, not all variables are of the same type; '{name}' is {}",
                described(next)
            ))),
        }
    }

    fn values(&self, before: &Value, next: &Value, path: &str) -> Result<Value, Reason> {
        let one = |stays| if stays == Stays::First { before.clone() } else { next.clone() };
        let joined = match (before, next, self.dicts) {
            (Value::Map(a), Value::Map(b), Dicts::Deep) => self.maps(a, b, path)?,
            (Value::Map(_), Value::Map(_), Dicts::One(stays)) => one(stays),
            (Value::List(a), Value::List(b), _) => match self.lists {
                Lists::Append => Value::list(a.iter().chain(b.iter()).cloned()),
                Lists::Prepend => Value::list(b.iter().chain(a.iter()).cloned()),
                Lists::ByPlace => self.by_place(a, b, path)?,
                Lists::One(stays) => one(stays),
            },
            _ if !alike(before, next) => one(self.conflict),
            _ => one(self.other),
        };
        Ok(self.steps.iter().fold(joined, |value, step| step.done(value)))
    }

    fn maps(&self, a: &Map, b: &Map, path: &str) -> Result<Value, Reason> {
        let mut out = a.clone();
        for (key, value) in b {
            let joined = match out.get_value(key) {
                None => value.clone(),
                Some(old) => self.at(old, value, &key.to_string(), path)?,
            };
            out.insert(key.clone(), joined);
        }
        Ok(out.into())
    }

    fn by_place(&self, a: &[Value], b: &[Value], path: &str) -> Result<Value, Reason> {
        let mut out = a.to_vec();
        for (place, value) in b.iter().enumerate() {
            match out.get_mut(place) {
                Some(old) => *old = self.at(old, value, &place.to_string(), path)?,
                None => out.push(value.clone()),
            }
        }
        Ok(Value::list(out))
    }

    /// Joins what two variables have at the same place, unless that would lose a value.
    fn at(&self, old: &Value, next: &Value, key: &str, path: &str) -> Result<Value, Reason> {
        let place = format!("{path}.{key}");
        let new = self.values(old, next, &place)?;
        let is_plain = !matches!(new, Value::List(_) | Value::Map(_));
        let loses = !alike(old, &new) || is_plain && *old != new;
        if loses && self.over == Override::Refuse {
            return Err(Reason::new(format!(
                "The key '{key}' with value '{old}' will be overwritten with value '{new}' from '{place}'; `override='ignore'` allows it"
            )));
        }
        Ok(new)
    }
}

/// Returns whether two values have one type; truths are numbers.
fn alike(a: &Value, b: &Value) -> bool {
    let kind = |value: &Value| match value.type_name() {
        "bool" => "int",
        name => name,
    };
    kind(a) == kind(b)
}

/// Reads one of the `list_transformations`: its name, or a dictionary with `name` and `options`.
fn step(given: &Value) -> Result<Step, Reason> {
    let (name, keep) = match given {
        Value::Text(name) => (name.as_str().to_owned(), None),
        Value::Map(map) => {
            let name = map.get("name").map(ToString::to_string).unwrap_or_default();
            (name, map.get("options").and_then(|options| options.get("keep")).cloned())
        }
        other => {
            return Err(Reason::new(format!(
                "a transformation of lists is a name or a dictionary with `name`, not {}",
                described(other)
            )));
        }
    };
    match (name.as_str(), keep.as_ref().map(ToString::to_string).as_deref()) {
        ("dedup", None | Some("first")) => Ok(Step::Dedup(Stays::First)),
        ("dedup", Some("last")) => Ok(Step::Dedup(Stays::Second)),
        ("dedup", Some(odd)) => Err(Reason::new(format!(
            "Unsupported 'keep' value for deduplication transformation. Given was '{odd}', but must be either 'first' or 'last'"
        ))),
        ("flatten", _) => Ok(Step::Flatten),
        _ => Err(Reason::new(format!(
            "Unknown transformation '{name}'; there are `dedup` and `flatten`"
        ))),
    }
}

impl Step {
    fn done(self, value: Value) -> Value {
        let Value::List(list) = &value else { return value };
        let mut out: Vec<Value> = Vec::new();
        match self {
            Self::Flatten => flatten(list, &mut out),
            Self::Dedup(Stays::First) => {
                for item in list.iter() {
                    if !out.contains(item) {
                        out.push(item.clone());
                    }
                }
            }
            Self::Dedup(Stays::Second) => {
                for item in list.iter().rev() {
                    if !out.contains(item) {
                        out.push(item.clone());
                    }
                }
                out.reverse();
            }
        }
        Value::list(out)
    }
}

fn flatten(list: &[Value], out: &mut Vec<Value>) {
    for item in list {
        match item {
            Value::List(inner) => flatten(inner, out),
            other => out.push(other.clone()),
        }
    }
}
