//! `config`: the value of a setting, as `ansible.cfg` and the environment give it.

use crate::base::{Value, suggest};
use crate::config::{Config, Environment, Origin, Row, SETTINGS, Stored};
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[builtin(&["config"], config)];

fn config(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["on_missing", "plugin_name", "plugin_type", "show_origin"])?;
    let plugin = ["plugin_type", "plugin_name"].map(|name| call.option(name).unwrap_or_default());
    let method = match plugin.each_ref().map(String::as_str) {
        ["", ""] => None,
        ["become", method @ ("doas" | "su" | "sudo")] => Some(method),
        _ => {
            return Err(Reason::new(
                "knows settings of the run and of the become methods only, not of other plugins",
            ));
        }
    };
    let missing = [("error", true), ("skip", false), ("warn", false)];
    let refuse = call.choice(usize::MAX, "on_missing", true, &missing)?;
    let loaded = Config::load(Environment::of_process()).map_err(|mistakes| {
        let first = mistakes.0.first().map(|mistake| mistake.what.clone());
        Reason::new(first.unwrap_or_else(|| "the settings cannot be read".to_owned()))
    })?;
    let mut out = Vec::new();
    for term in call.terms() {
        let of_method = method.map(|_| format!("DEFAULT_{}", term.to_uppercase()));
        match SETTINGS.iter().find(|row| is_called(row, of_method.as_ref().unwrap_or(&term))) {
            Some(row) if loaded.origin(row) == &Origin::Default && method.is_some() => {
                out.push(usual(method.unwrap_or_default(), &term).into());
            }
            Some(row) => out.push(shown(&loaded, row, call.option_flag("show_origin", false))),
            None if refuse => {
                let near = suggest::closest(&term, SETTINGS.iter().map(|row| row.name));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(Reason::new(format!("No config definition exists for '{term}'{hint}")));
            }
            None => {}
        }
    }
    Ok(Value::list(out))
}

/// Returns what an option of a become method is when nobody sets it.
fn usual(method: &str, option: &str) -> String {
    match (method, option) {
        ("sudo", "become_flags") => "-H -S -n".into(),
        (method, "become_exe") => method.into(),
        (_, "become_user") => "root".into(),
        _ => String::new(),
    }
}

/// Returns whether a setting has a name. Options of plugins have small letters; `DEFAULT_TIMEOUT` means the one of the connections.
fn is_called(row: &Row, name: &str) -> bool {
    let option = name.strip_prefix("DEFAULT_").map(str::to_ascii_lowercase);
    row.name == name || option.is_some_and(|option| row.name == option)
}

fn shown(config: &Config, row: &Row, with_origin: bool) -> Value {
    let value = match config.stored(row) {
        Stored::Flag(flag) => (*flag).into(),
        Stored::List(words) => words.clone().into(),
        Stored::Number(number) => (*number).into(),
        Stored::Path(path) => path.as_ref().map(|path| path.display().to_string()).into(),
        Stored::Paths(paths) => {
            Value::list(paths.iter().map(|path| path.display().to_string().into()))
        }
        Stored::Text(text) => text.clone().into(),
    };
    if !with_origin {
        return value;
    }
    let origin = match config.origin(row) {
        Origin::Default => "default".to_owned(),
        Origin::File(at) => at.to_string(),
        Origin::Environment(name) => format!("env: {name}"),
        Origin::Flag(flag) => format!("cli: {flag}"),
    };
    Value::list([value, origin.into()])
}
