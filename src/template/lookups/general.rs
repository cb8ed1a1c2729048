//! Lookups of community.general over data: `merge_variables`, `random_string`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use rand::seq::SliceRandom;

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::table::from_collection;
use crate::template::text::twister::Twister;
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] = &[
    from_collection("community.general", &["merge_variables"], merge_variables),
    from_collection("community.general", &["random_string"], random_string),
];

/// What becomes of a key that two variables set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Override {
    Refuse,
    Take,
}

fn merge_variables(call: &mut Call<'_>) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    call.accept_options(&["groups", "initial_value", "override", "pattern_type"])?;
    let over = [("error", Override::Refuse), ("ignore", Override::Take), ("warn", Override::Take)];
    let over = call.choice(NONE, "override", Override::Refuse, &over)?;
    let shapes = [("prefix", "^"), ("regex", ""), ("suffix", "$")];
    let shape = call.choice(NONE, "pattern_type", "", &shapes)?;
    let scopes = scopes(call)?;
    let mut out = Vec::new();
    for term in call.terms() {
        let source = match shape {
            "^" => format!("^{}", crate::base::pyregex::escape(&term)),
            "$" => format!("{}$", crate::base::pyregex::escape(&term)),
            _ => term,
        };
        let pattern = Pattern::kept(&source, Flags::NONE)?;
        let mut result = call.option_value("initial_value").cloned();
        for scope in &scopes {
            let mut names = scope.names(call);
            names.retain(|name| pattern.search(name).is_ok_and(|found| found.is_some()));
            names.sort_unstable();
            for name in names {
                let Some(value) = scope.value(call, &name)? else {
                    continue;
                };
                result = Some(match result {
                    None => value,
                    Some(before) => joined(&before, &value, &name, over)?,
                });
            }
        }
        out.push(result.unwrap_or_default());
    }
    Ok(Value::list(out))
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

fn joined(before: &Value, next: &Value, name: &str, over: Override) -> Result<Value, Reason> {
    match (before, next) {
        (Value::Map(a), Value::Map(b)) => joined_maps(a, b, name, over).map(Value::from),
        (Value::List(a), Value::List(b)) => Ok(Value::list(a.iter().chain(b.iter()).cloned())),
        _ => Err(Reason::new(format!(
            "Unable to merge, not all variables are of the same type; '{name}' is {}",
            described(next)
        ))),
    }
}

fn joined_maps(a: &Map, b: &Map, path: &str, over: Override) -> Result<Map, Reason> {
    let mut out = a.clone();
    for (key, value) in b {
        let place = format!("{path}.{key}");
        let both = match (out.get_value(key), value) {
            (None, _) => value.clone(),
            (Some(Value::Map(x)), Value::Map(y)) => joined_maps(x, y, &place, over)?.into(),
            (Some(Value::List(x)), Value::List(y)) => {
                Value::list(x.iter().chain(y.iter()).cloned())
            }
            (Some(old), new) if old == new || over == Override::Take => new.clone(),
            (Some(old), new) => {
                let (old, new) = (described(old), described(new));
                return Err(Reason::new(format!(
                    "The key '{key}' with {old} will be overwritten with {new} from '{place}'; `override='ignore'` allows it"
                )));
            }
        };
        out.insert(key.clone(), both);
    }
    Ok(out)
}

const STRING_OPTIONS: [&str; 14] = [
    "base64",
    "ignore_similar_chars",
    "length",
    "lower",
    "min_lower",
    "min_numeric",
    "min_special",
    "min_upper",
    "numbers",
    "override_all",
    "override_special",
    "seed",
    "similar_chars",
    "special",
];

fn random_string(call: &mut Call<'_>) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    let mut known = STRING_OPTIONS.to_vec();
    known.push("upper");
    call.accept_options(&known)?;
    let similar = if call.option_flag("ignore_similar_chars", false) {
        call.option("similar_chars").unwrap_or_else(|| "il1LoO0".to_owned())
    } else {
        String::new()
    };
    let set = |chars: &str| chars.chars().filter(|c| !similar.contains(*c)).collect::<Vec<char>>();
    let special = call
        .option("override_special")
        .unwrap_or_else(|| "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".to_owned());
    let (upper, lower) = (set("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), set("abcdefghijklmnopqrstuvwxyz"));
    let (digits, special) = (set("0123456789"), set(&special));
    let mut chars: Vec<char> = Vec::new();
    for (name, set) in
        [("upper", &upper), ("lower", &lower), ("numbers", &digits), ("special", &special)]
    {
        if call.option_flag(name, true) {
            chars.extend(set);
        }
    }
    if let Some(all) = call.option("override_all") {
        chars = set(&all);
    }
    let length = call.size(NONE, "length", 8)?;
    let mut seeded = call
        .option_value("seed")
        .map(|seed| Twister::seeded(&seed.to_string().into()))
        .transpose()?;
    let mut one = |set: &[char]| match &mut seeded {
        Some(twister) => set[twister.below(set.len() as u64) as usize],
        None => set[rand::rng().random_range(0..set.len())],
    };
    let mut out: Vec<char> = Vec::new();
    let least = [
        ("min_numeric", &digits),
        ("min_lower", &lower),
        ("min_upper", &upper),
        ("min_special", &special),
    ];
    for (name, set) in least {
        let count = call.size(NONE, name, 0)?;
        if count > 0 && set.is_empty() {
            return Err(Reason::new(format!(
                "`{name}` asks for characters of which none are left"
            )));
        }
        out.extend((0..count).map(|_| one(set)));
    }
    let missing = length.saturating_sub(out.len());
    if missing > 0 && chars.is_empty() {
        return Err(Reason::new("Available characters cannot be None, please change constraints"));
    }
    out.extend((0..missing).map(|_| one(&chars)));
    if seeded.is_none() {
        out.shuffle(&mut rand::rng());
    }
    let text: String = out.into_iter().collect();
    let text = if call.option_flag("base64", false) { STANDARD.encode(text) } else { text };
    Ok(Value::list([Value::secret(text)]))
}
