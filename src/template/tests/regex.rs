//! Matching text: `match`, `search`, `regex`, and addresses: `url`, `uri`, `urn`.

use crate::base::Value;
use crate::base::pyregex::{Flags, Pattern};
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["match"], |call| matches(call, Some(How::Start))),
    builtin(&["regex"], |call| matches(call, None)),
    builtin(&["search"], |call| matches(call, Some(How::Anywhere))),
    builtin(&["uri"], uri),
    builtin(&["url"], url),
    builtin(&["urn"], urn),
];

#[derive(Clone, Copy)]
enum How {
    Start,
    Whole,
    Anywhere,
}

fn matches(call: &mut Call<'_>, how: Option<How>) -> Result<Value, Reason> {
    let names = ["pattern", "ignorecase", "multiline", "match_type"];
    call.accept(if how.is_some() { &names[..3] } else { &names })?;
    let choices = [("fullmatch", How::Whole), ("match", How::Start), ("search", How::Anywhere)];
    let how = match how {
        Some(how) => how,
        None => call.choice(3, "match_type", How::Anywhere, &choices)?,
    };
    let flags = Flags::IGNORECASE.when(call.flag(1, "ignorecase", false))
        | Flags::MULTILINE.when(call.flag(2, "multiline", false));
    let pattern = Pattern::kept(&call.text(0, "pattern", ""), flags)?;
    let text = call.input_text();
    let found = match how {
        How::Start => pattern.match_(&text)?,
        How::Whole => pattern.fullmatch(&text)?,
        How::Anywhere => pattern.search(&text)?,
    };
    Ok(found.is_some().into())
}

/// Splits an address into its scheme, its host part and the rest.
fn parts(text: &str) -> (String, String, String) {
    let valid = |scheme: &&str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let (scheme, rest) = match text.split_once(':').filter(|(scheme, _)| valid(scheme)) {
        Some((scheme, rest)) => (scheme.to_lowercase(), rest),
        None => (String::new(), text),
    };
    match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            (scheme, rest[..end].to_owned(), rest[end..].to_owned())
        }
        None => (scheme, String::new(), rest.to_owned()),
    }
}

fn scheme_allowed(call: &Call<'_>, scheme: &str) -> Result<bool, Reason> {
    Ok(match call.given(0, "schemes") {
        None => true,
        Some(Value::Text(text)) => text.as_str().contains(scheme),
        Some(list) => {
            crate::template::call::items_of(list)?.iter().any(|one| one.as_str() == Some(scheme))
        }
    })
}

/// Whether text can be read as an address at all, of one of the schemes when they are given.
fn uri(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["schemes"])?;
    let text = matches!(call.input, Value::Text(_)) || !call.input.truth();
    let (scheme, ..) = parts(&call.input_text());
    Ok((text && scheme_allowed(call, &scheme)?).into())
}

fn url(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["schemes"])?;
    let (scheme, host, path) = parts(&call.input_text());
    let complete = !scheme.is_empty() && (!host.is_empty() || scheme == "file" && !path.is_empty());
    Ok((complete && scheme_allowed(call, &scheme)?).into())
}

fn urn(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let (scheme, _, path) = parts(&call.input_text());
    Ok((scheme == "urn" && !path.is_empty()).into())
}
