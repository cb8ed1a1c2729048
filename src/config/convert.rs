//! From the text of a setting to its value.

use std::path::{Path, PathBuf};

use super::{Environment, Kind, Origin, Row, Stored};
use crate::base::{Mistake, Position, fold, suggest, words};

/// Returns the value that a text means.
pub(super) fn convert(
    row: &Row,
    text: Option<&str>,
    origin: &Origin,
    environment: &Environment,
) -> Result<Stored, Mistake> {
    let Some(text) = text else { return Ok(row.kind.empty()) };
    let text = if matches!(origin, Origin::File(_)) { unquote(text) } else { text };
    let folder = folder(origin, environment);
    let paths = |separator: char| {
        let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        Stored::Paths(parts.map(|part| environment.path(part, &folder)).collect())
    };
    let wrong = |wanted: &str| Err(mistake(row, text, origin, wanted));
    Ok(match row.kind {
        // That NO_COLOR is there and not empty is all that counts (no-color.org).
        Kind::Flag if *origin == Origin::Environment("NO_COLOR") => Stored::Flag(!text.is_empty()),
        Kind::Flag if text.is_empty() => Stored::Flag(false),
        Kind::Flag => match fold::truth(text) {
            Some(truth) => Stored::Flag(truth),
            None => return wrong("must be `yes` or `no`"),
        },
        Kind::Number | Kind::NumberOrNone => match whole(text) {
            Some(number) => Stored::Number(Some(number)),
            None if text.is_empty() && row.kind == Kind::NumberOrNone => Stored::Number(None),
            None => return wrong("must be a whole number"),
        },
        Kind::List => {
            let items = text.split(',').map(|item| unquote(item.trim()).to_owned());
            Stored::List(items.filter(|item| !item.is_empty()).collect())
        }
        Kind::Path if text.trim().is_empty() => Stored::Path(None),
        Kind::Path => Stored::Path(Some(environment.path(text.trim(), &folder))),
        Kind::PathsByColon => paths(':'),
        Kind::PathsByComma => paths(','),
        Kind::Text | Kind::TextOrNone => {
            if !row.choices.is_empty() && !row.choices.contains(&text) {
                return Err(bad_choice(row, text, origin));
            }
            Stored::Text(Some(text.to_owned()))
        }
    })
}

/// Paths of a file are relative to its folder, all others to the current one.
fn folder(origin: &Origin, environment: &Environment) -> PathBuf {
    match origin {
        Origin::File(at) => {
            let file = environment.folder().join(&at.file.path);
            file.parent().map(Path::to_owned).unwrap_or_default()
        }
        Origin::Default | Origin::Environment(_) | Origin::Flag(_) => {
            environment.folder().to_owned()
        }
    }
}

/// Returns a whole number; `10.0` is one.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text
        .split_once('.')
        .map_or(text, |(whole, rest)| if rest.chars().all(|c| c == '0') { whole } else { text });
    digits.parse().ok()
}

fn unquote(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

fn bad_choice(row: &Row, text: &str, origin: &Origin) -> Mistake {
    let wanted = format!("must be one of {}", words::ticked(row.choices));
    let mistake = mistake(row, text, origin, &wanted);
    match suggest::closest(text, row.choices.iter().copied()) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => mistake,
    }
}

fn mistake(row: &Row, text: &str, origin: &Origin, wanted: &str) -> Mistake {
    at_origin(row, origin, |name| format!("`{name}` {wanted}, not `{text}`"))
}

/// Returns a mistake about a setting where it was set, by the name it has there.
pub(super) fn at_origin(row: &Row, origin: &Origin, what: impl FnOnce(&str) -> String) -> Mistake {
    let (name, at) = match origin {
        Origin::File(at) => {
            let line = at.file.line(at.line).unwrap_or_default();
            (line.split(['=', ':']).next().unwrap_or_default().trim(), at.clone())
        }
        Origin::Environment(name) | Origin::Flag(name) => (*name, Position::default()),
        Origin::Default => (row.name, Position::default()),
    };
    Mistake::new(what(name), &at).width(name.len())
}
