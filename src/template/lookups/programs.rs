//! Lookups that run programs on the control machine: `pipe`, `lines`.

use std::process::{Command, Stdio};

use crate::base::Value;
use crate::template::table::builtin;
use crate::template::text::lines::splitlines;
use crate::template::text::words::is_space;
use crate::template::{Call, Context, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[builtin(&["lines"], lines), builtin(&["pipe"], pipe)];

/// Runs a command in the folder of the playbook and returns what it prints.
fn output(cx: &dyn Context, command: &str) -> Result<String, Reason> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stderr(Stdio::inherit());
    if let Some(folder) = cx.variable("playbook_dir")? {
        shell.current_dir(folder.to_string());
    }
    let done =
        shell.output().map_err(|error| Reason::new(format!("cannot run `{command}`: {error}")))?;
    match done.status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        Some(code) => Err(Reason::new(format!("the command `{command}` returned {code}"))),
        None => Err(Reason::new(format!("the command `{command}` was killed"))),
    }
}

fn pipe(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    for term in call.terms() {
        out.push(output(call.cx, &term)?.trim_end_matches(is_space).into());
    }
    Ok(Value::list(out))
}

fn lines(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&[])?;
    let mut out = Vec::new();
    for term in call.terms() {
        let text = output(call.cx, &term)?;
        out.extend(splitlines(&text).into_iter().map(Value::from));
    }
    Ok(Value::list(out))
}
