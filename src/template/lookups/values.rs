//! Lookups of single values: `env`, `vars`, `varnames`, `config`-free ones that need neither file nor program.

use crate::base::Value;
use crate::base::pyregex::{Flags, Pattern};
use crate::template::table::builtin;
use crate::template::undefined::{hint_of, is_undefined};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[builtin(&["env"], env), builtin(&["varnames"], varnames), builtin(&["vars"], vars)];

fn env(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["default"])?;
    let default = call.kwargs.get("default").cloned().unwrap_or_else(|| Value::from(""));
    let mut out = Vec::new();
    for term in call.terms() {
        // Only the first word names the variable, as in Ansible.
        let name = term.split_whitespace().next().unwrap_or_default();
        match std::env::var_os(name) {
            Some(value) => out.push(value.to_string_lossy().into_owned().into()),
            None if is_undefined(&default) => {
                return Err(Reason::Undefined(match hint_of(&default) {
                    "" => format!("the environment variable '{name}' is not set"),
                    hint => hint.to_owned(),
                }));
            }
            None => out.push(default.clone()),
        }
    }
    Ok(Value::list(out))
}

fn vars(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&["default"])?;
    let mut out = Vec::new();
    for term in &call.args {
        let Value::Text(name) = term else {
            let got = term.type_name();
            return Err(Reason::new(format!("Variable name must be 'str' not '{got}'.")));
        };
        let value = match call.cx.variable(name.as_str())? {
            Some(value) => value,
            None => call.kwargs.get("default").cloned().ok_or_else(|| {
                Reason::Undefined(format!("No variable named '{}' was found.", name.as_str()))
            })?,
        };
        out.push(value);
    }
    Ok(Value::list(out))
}

fn varnames(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let names = call.cx.variable_names();
    let mut out = Vec::new();
    for term in call.terms() {
        let pattern = Pattern::kept(&term, Flags::NONE)?;
        for name in &names {
            if pattern.search(name)?.is_some() {
                out.push(Value::from(std::sync::Arc::clone(name)));
            }
        }
    }
    Ok(Value::list(out))
}
