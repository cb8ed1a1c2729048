//! Which `ansible.cfg` is read: the one `ANSIBLE_CONFIG` names, the current folder's, the user's, the system's.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Environment;
use crate::base::{Mistake, Position, SourceFile};

const WORLD_WRITABLE: u32 = 0o002;

/// Returns the first configuration file that can be read. One in a folder where everybody may write is not trusted.
pub(super) fn file(
    environment: &Environment,
    warnings: &mut Vec<Mistake>,
) -> Result<Option<Arc<SourceFile>>, Mistake> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    if let Some(text) = environment.var("ANSIBLE_CONFIG") {
        let path = environment.path(text, environment.folder());
        candidates.push(if path.is_dir() { path.join("ansible.cfg") } else { path });
    }
    let here = environment.folder().join("ansible.cfg");
    let meta = environment.folder().metadata().ok();
    let is_public = meta.is_some_and(|meta| meta.permissions().mode() & WORLD_WRITABLE != 0);
    if !is_public {
        candidates.push(here.clone());
    }
    candidates.extend(environment.home().map(|home| home.join(".ansible.cfg")));
    candidates.push(PathBuf::from("/etc/ansible/ansible.cfg"));
    for path in candidates {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let name = shown(&path, environment);
        if is_public && here.exists() && path != here {
            warnings.push(untrusted(&here));
        }
        let at = Position::new(&SourceFile::new(name.clone(), ""), 0, 0);
        let text = String::from_utf8(bytes)
            .map_err(|_| Mistake::new(format!("`{name}` is not UTF-8 text"), &at))?;
        return Ok(Some(SourceFile::new(name, text)));
    }
    if is_public && here.exists() {
        warnings.push(untrusted(&here));
    }
    Ok(None)
}

fn untrusted(path: &std::path::Path) -> Mistake {
    let what = format!("`{}` is ignored: everybody may write into its folder", path.display());
    Mistake::new(what, &Position::default())
        .hint("take the write permission away (`chmod o-w .`), or name the file in ANSIBLE_CONFIG")
}

/// Returns a path as short as it can be: relative inside the current folder.
fn shown(path: &std::path::Path, environment: &Environment) -> String {
    path.strip_prefix(environment.folder()).unwrap_or(path).display().to_string()
}
