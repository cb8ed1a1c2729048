//! Paths on the control machine: `basename`, `dirname`, `expanduser`, `realpath`, `relpath`, and Windows paths.

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::{glob, path};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["basename"], basename),
    builtin(&["commonpath"], commonpath),
    builtin(&["dirname"], dirname),
    builtin(&["expanduser"], expanduser),
    builtin(&["expandvars"], expandvars),
    builtin(&["fileglob"], fileglob),
    builtin(&["normpath"], normpath),
    builtin(&["path_join"], path_join),
    builtin(&["realpath"], realpath),
    builtin(&["relpath"], relpath),
    builtin(&["splitext"], splitext),
    builtin(&["win_basename"], win_basename),
    builtin(&["win_dirname"], win_dirname),
    builtin(&["win_splitdrive"], win_splitdrive),
];

fn of_text(call: &mut Call<'_>, f: impl Fn(&str) -> String) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(f(&call.need_input_text()?).into())
}

fn basename(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, |text| text.rsplit('/').next().unwrap_or_default().to_owned())
}

fn dirname(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, |text| path::dirname(text).to_owned())
}

fn expanduser(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, path::expand_user)
}

fn expandvars(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, path::expand_variables)
}

/// Returns the files (not folders) that a shell pattern stands for, sorted.
fn fileglob(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let found = glob::files(&call.need_input_text()?);
    Ok(Value::list(found.into_iter().map(Value::from)))
}

fn normpath(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, path::normal)
}

fn realpath(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, path::real)
}

fn relpath(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["start"])?;
    let start = call.text(0, "start", ".");
    Ok(path::relative(&call.need_input_text()?, &start).into())
}

fn splitext(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let text = call.need_input_text()?;
    let (root, extension) = path::split_extension(&text);
    Ok(Value::list([root.into(), extension.into()]))
}

fn path_join(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let parts: Vec<String> = match &call.input {
        Value::Text(text) => vec![text.as_str().to_owned()],
        other => texts(other, "|path_join expects string or sequence")?,
    };
    if parts.is_empty() {
        return Err(Reason::new("needs at least one part"));
    }
    Ok(path::join(&parts).into())
}

/// Returns the texts of a list.
fn texts(value: &Value, expected: &str) -> Result<Vec<String>, Reason> {
    let wrong = |found: &Value| Reason::new(format!("{expected}, got {}", described(found)));
    let items = value.as_list().ok_or_else(|| wrong(value))?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item))).collect()
}

fn commonpath(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let paths = texts(&call.input, "|commonpath expects sequence")?;
    path::common(&paths).map(Value::from).map_err(Reason::new)
}

fn win_basename(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, |text| path::windows_split(text).1.to_owned())
}

fn win_dirname(call: &mut Call<'_>) -> Result<Value, Reason> {
    of_text(call, |text| path::windows_split(text).0)
}

fn win_splitdrive(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let text = call.need_input_text()?;
    let (drive, rest) = path::windows_drive(&text);
    Ok(Value::list([drive.into(), rest.into()]))
}
