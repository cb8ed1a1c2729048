//! Options of lookups, and `name=value` words inside of a term.

use crate::base::{Map, Value};
use crate::template::{Call, Reason};

/// What the `lookup` function itself takes; by the time a lookup runs it has been dealt with.
const COMMON: [&str; 2] = ["errors", "wantlist"];

impl Call<'_> {
    /// Refuses options that the lookup does not know.
    pub(in crate::template) fn accept_options(&self, names: &[&str]) -> Result<(), Reason> {
        let known = |name: &str| names.contains(&name) || COMMON.contains(&name);
        match self.kwargs.keys().filter_map(Value::as_str).find(|name| !known(name)) {
            None => Ok(()),
            Some(name) if names.is_empty() => {
                Err(Reason::new(format!("unknown option `{name}`; it takes none")))
            }
            Some(name) => {
                let names = crate::base::words::ticked(names);
                Err(Reason::new(format!("unknown option `{name}`; it takes {names}")))
            }
        }
    }

    /// Returns an option as text, nothing when it is absent or `none`.
    pub(in crate::template) fn option(&self, name: &str) -> Option<String> {
        self.option_value(name).map(ToString::to_string)
    }

    /// Returns an option, nothing when it is absent or `none`.
    pub(in crate::template) fn option_value(&self, name: &str) -> Option<&Value> {
        self.kwargs.get(name).filter(|value| !value.is_null())
    }

    /// Returns an option's truth; text such as `no` counts as what it says.
    pub(in crate::template) fn option_flag(&self, name: &str, default: bool) -> bool {
        self.option_value(name).map_or(default, |value| match value {
            Value::Text(text) => crate::base::fold::truth(text.as_str()).unwrap_or(true),
            other => other.truth(),
        })
    }

    /// Returns the terms as texts.
    pub(in crate::template) fn terms(&self) -> Vec<String> {
        self.args.iter().map(ToString::to_string).collect()
    }
}

/// Splits a term such as `/tmp/x length=12 chars=digits` into what comes first and the options among `names`.
pub(in crate::template) fn term_options(
    term: &str,
    names: &[&str],
) -> Result<(String, Map), Reason> {
    let mut first: Vec<&str> = Vec::new();
    let mut options = Map::new();
    let unknown = |name: &str| {
        let names = crate::base::words::ticked(names);
        Reason::new(format!("'{name}' is not a valid option in `{term}`; it takes {names}"))
    };
    for word in quoted_words(term) {
        match word.split_once('=') {
            Some((name, value)) if names.contains(&name) => {
                options.insert(name, Value::from(unquoted(value)));
            }
            Some((name, _))
                if !first.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') =>
            {
                return Err(unknown(name));
            }
            _ if !options.is_empty() => return Err(unknown(word)),
            _ => first.push(word),
        }
    }
    Ok((first.join(" "), options))
}

/// Reads a term that is all options: `start=1 end=5`.
pub(in crate::template) fn pairs(term: &str, names: &[&str]) -> Result<Map, Reason> {
    let (first, options) = term_options(term, names)?;
    if first.is_empty() {
        return Ok(options);
    }
    let names = crate::base::words::ticked(names);
    Err(Reason::new(format!("cannot read `{first}`; it takes {names}")))
}

/// Splits at white space outside of quotes.
fn quoted_words(term: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in term.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => {
                out.extend(start.take().map(|start| &term[start..at]));
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
    }
    out.extend(start.map(|start| &term[start..]));
    out
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}
