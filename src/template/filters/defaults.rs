//! Filters that choose by presence or truth: `default`, `mandatory`, `ternary`, `bool`, `type_debug`.

use crate::base::Value;
use crate::template::table::{builtin, lenient};
use crate::template::undefined::{hint_of, is_undefined};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["bool"], bool),
    lenient(&["default", "d"], default),
    lenient(&["mandatory"], mandatory),
    builtin(&["ternary"], ternary),
    lenient(&["type_debug"], type_debug),
];

fn default(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["default_value", "boolean"])?;
    let replaced =
        is_undefined(&call.input) || call.flag(1, "boolean", false) && !call.input.truth();
    if replaced {
        return Ok(call.arg(0, "default_value").cloned().unwrap_or_else(|| Value::from("")));
    }
    Ok(call.input.clone())
}

fn mandatory(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["msg"])?;
    if !is_undefined(&call.input) {
        return Ok(call.input.clone());
    }
    if let Some(message) = call.text_given(0, "msg").filter(|message| !message.is_empty()) {
        return Err(Reason::new(message));
    }
    // The hint reads «'name' is undefined»; the name is what the author knows.
    let hint = hint_of(&call.input);
    Err(Reason::new(match hint.split('\'').nth(1) {
        Some(name) if hint.starts_with('\'') => format!("Mandatory variable '{name}' not defined."),
        _ => "Mandatory variable not defined.".to_owned(),
    }))
}

fn ternary(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["true_val", "false_val", "none_val"])?;
    let (yes, no) = (call.need(0, "true_val")?, call.need(1, "false_val")?);
    let none = call.given(2, "none_val").filter(|_| call.input.is_null());
    Ok(none.unwrap_or(if call.input.truth() { yes } else { no }).clone())
}

/// Returns the boolean that a value stands for; what stands for none is false, as in Ansible.
fn bool(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(Value::Bool(match &call.input {
        Value::Bool(truth) => *truth,
        Value::Int(number) => *number == 1,
        Value::Float(number) => *number == 1.0,
        Value::Text(text) => {
            matches!(text.as_str().to_lowercase().as_str(), "yes" | "on" | "1" | "true")
        }
        _ => false,
    }))
}

fn type_debug(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.input.type_name().into())
}
