//! Files on the control machine: `exists`, `file`, `directory`, `link`, `mount`, `same_file`; encrypted text and files.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::base::Value;
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["abs", "is_abs"], |call| path(call).map(|path| path.is_absolute().into())),
    builtin(&["directory", "is_dir"], |call| path_or_none(call).map(|path| path.is_dir().into())),
    builtin(&["exists"], |call| path_or_none(call).map(|path| path.exists().into())),
    builtin(&["file", "is_file"], |call| path_or_none(call).map(|path| path.is_file().into())),
    builtin(&["link", "is_link"], |call| path(call).map(|path| path.is_symlink().into())),
    builtin(&["link_exists"], |call| path(call).map(|path| path.symlink_metadata().is_ok().into())),
    builtin(&["mount", "is_mount"], mount),
    builtin(&["same_file", "is_same_file"], same_file),
    builtin(&["vault_encrypted"], vault_encrypted),
    builtin(&["vaulted_file"], vaulted_file),
];

fn path(call: &Call<'_>) -> Result<PathBuf, Reason> {
    call.accept_none()?;
    Ok(PathBuf::from(call.need_input_text()?))
}

/// Returns the path; a number stands for an open file in Python, of which a template has none.
fn path_or_none(call: &Call<'_>) -> Result<PathBuf, Reason> {
    if call.input.as_int().is_some() { Ok(PathBuf::new()) } else { path(call) }
}

fn mount(call: &mut Call<'_>) -> Result<Value, Reason> {
    let path = path(call)?;
    let Ok(own) = path.symlink_metadata() else {
        return Ok(false.into());
    };
    let Ok(parent) = path.join("..").canonicalize().and_then(|parent| parent.metadata()) else {
        return Ok(false.into());
    };
    Ok((!own.is_symlink() && (own.dev() != parent.dev() || own.ino() == parent.ino())).into())
}

fn same_file(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["f2"])?;
    let identity = |path: &str| {
        let meta = std::fs::metadata(path)
            .map_err(|error| Reason::new(format!("cannot look at `{path}`: {error}")))?;
        Ok::<_, Reason>((meta.dev(), meta.ino()))
    };
    Ok((identity(&call.input_text())? == identity(&call.need_text(0, "f2")?)?).into())
}

fn vault_encrypted(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    // A vaulted variable arrives here decrypted and marked as secret.
    let Value::Text(text) = &call.input else {
        return Ok(false.into());
    };
    Ok((text.is_secret() || crate::vault::is_encrypted(text.as_str().as_bytes())).into())
}

fn vaulted_file(call: &mut Call<'_>) -> Result<Value, Reason> {
    let path = path(call)?;
    let content = std::fs::read(&path)
        .map_err(|error| Reason::new(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(crate::vault::is_encrypted(&content).into())
}
