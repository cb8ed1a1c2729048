//! Lookups in files with a form: `ini` (and Java properties), `csvfile`.

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value, fold};
use crate::template::table::builtin;
use crate::template::text::{csv, encoding, ini};
use crate::template::{Call, Entry, Reason};

use super::options::term_options;
use super::search;

pub(super) const ENTRIES: &[Entry] =
    &[builtin(&["csvfile"], csvfile), builtin(&["ini"], ini_value)];

const INI: [&str; 9] = [
    "allow_no_value",
    "allow_none",
    "case_sensitive",
    "default",
    "encoding",
    "file",
    "interpolation",
    "re",
    "section",
];
const CSV: [&str; 6] = ["col", "default", "delimiter", "encoding", "file", "keycol"];

/// The options of one term: those in it, then those of the call.
struct Given(Map);

impl Given {
    fn new(call: &Call<'_>, mut own: Map, names: &[&str]) -> Self {
        for name in names {
            if let Some(value) = call.option_value(name).filter(|_| !own.contains_key(name)) {
                own.insert(*name, value.clone());
            }
        }
        Self(own)
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.0.get(name).map_or_else(|| default.to_owned(), ToString::to_string)
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.0.get(name).map_or(default, |value| match value {
            Value::Text(text) => fold::truth(text.as_str()).unwrap_or(true),
            other => other.truth(),
        })
    }
}

fn file_text(call: &Call<'_>, given: &Given, default: &str) -> Result<String, Reason> {
    let path = search::need(call.cx, "files", &given.text("file", default))?;
    let bytes = search::bytes(&path)?;
    encoding::decode(&bytes, &given.text("encoding", "utf-8"))
}

fn ini_value(call: &mut Call<'_>) -> Result<Value, Reason> {
    let mut names = INI.to_vec();
    names.push("type");
    call.accept_options(&names)?;
    let mut out = Vec::new();
    for term in call.terms() {
        let (key, own) = term_options(&term, &names)?;
        if key.is_empty() {
            return Err(Reason::new(
                "No key to look up was provided as first term within string inline options.",
            ));
        }
        if key.contains('=') {
            return Err(Reason::new(format!("'{key}' is not a valid option.")));
        }
        let given = Given::new(call, own, &names);
        let kind = given.text("type", "ini");
        if !["ini", "properties"].contains(&kind.as_str()) {
            return Err(Reason::new(format!("`type` must be `ini` or `properties`, not `{kind}`")));
        }
        let style = ini::Style {
            case_sensitive: given.flag("case_sensitive", false),
            bare_keys: given.flag("allow_no_value", false) || given.flag("allow_none", false),
            interpolation: given.flag("interpolation", true),
        };
        let section = if kind == "properties" {
            "java_properties".to_owned()
        } else {
            given.text("section", "global")
        };
        let mut text = file_text(call, &given, "ansible.ini")?;
        if kind == "properties" {
            text = format!("[java_properties]\n{text}");
        }
        let file = ini::Ini::parse(&text, style).map_err(Reason::new)?;
        if !file.has_section(&section) {
            let name = given.text("file", "ansible.ini");
            return Err(Reason::new(format!("No section '{section}' in '{name}'.")));
        }
        let default = given.0.get("default").cloned().unwrap_or_else(|| Value::from(""));
        if given.flag("re", false) {
            let pattern = Pattern::kept(&key, Flags::NONE)?;
            for name in file.keys(&section) {
                if pattern.match_(&name)?.is_some() {
                    out.push(value_or(&file, &section, &name, &default)?);
                }
            }
        } else {
            match value_or(&file, &section, &key, &default)? {
                Value::List(items) => out.extend(items.iter().cloned()),
                Value::Null => {}
                value => out.push(value),
            }
        }
    }
    Ok(Value::list(out))
}

fn value_or(file: &ini::Ini, section: &str, key: &str, default: &Value) -> Result<Value, Reason> {
    match file.get(section, key).map_err(Reason::new)? {
        Some(Some(text)) => Ok(text.into()),
        Some(None) => Ok(Value::Null),
        None => Ok(default.clone()),
    }
}

fn csvfile(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&CSV)?;
    if call.args.is_empty() {
        return Err(Reason::new("Search key is required but was not found"));
    }
    let mut out = Vec::new();
    for term in &call.args {
        let Value::Text(term) = term else {
            return Err(Reason::new("needs the key to look for as text"));
        };
        let (key, own) = term_options(term.as_str(), &CSV)?;
        if key.is_empty() {
            return Err(Reason::new("Search key is required but was not found"));
        }
        let given = Given::new(call, own, &CSV);
        let column = |name: &str, default: &str| {
            let text = given.text(name, default);
            text.parse::<usize>().map_err(|_| {
                Reason::new(format!(
                    "`{name}` has an invalid value: it must be the number of a column, not `{text}`"
                ))
            })
        };
        let (value, key_column) = (column("col", "1")?, column("keycol", "0")?);
        let delimiter = match given.text("delimiter", "TAB").as_str() {
            "TAB" | "t" | "\\t" | "\t" => '\t',
            other => {
                other.chars().next().ok_or_else(|| Reason::new("`delimiter` must not be empty"))?
            }
        };
        let text = file_text(call, &given, "ansible.csv")?;
        let rows = csv::parse(&text, delimiter);
        let row = rows.iter().find(|row| row.get(key_column) == Some(&key));
        let found = match row {
            Some(row) => Some(row.get(value).ok_or_else(|| {
                Reason::new(format!(
                    "the row of `{key}` has {} columns, none with number {value}",
                    row.len()
                ))
            })?),
            None => None,
        };
        match found {
            Some(text) => out.push(text.into()),
            None => match given.0.get("default") {
                Some(Value::List(items)) => out.extend(items.iter().cloned()),
                Some(value) => out.push(value.clone()),
                None => {}
            },
        }
    }
    Ok(Value::list(out))
}
