//! Paths as text, without a look at the disk.

use std::path::{Component, Path, PathBuf};

/// Returns a path without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

/// Returns a path with the folder of this program's user in the place of a leading `~/`, and that of another user in the
/// place of `~name/`.
pub fn from_home(path: &str) -> PathBuf {
    let Some(rest) = path.strip_prefix('~') else { return PathBuf::from(path) };
    let (user, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let home = if user.is_empty() { std::env::home_dir() } else { home_of(user) };
    home.map_or_else(|| PathBuf::from(path), |home| home.join(rest))
}

fn home_of(user: &str) -> Option<PathBuf> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mut found = fields.filter(|fields| fields[0] == user);
    found.next().and_then(|fields| fields.get(5).map(PathBuf::from))
}

/// Returns the absolute form of a path, without `.` and `..`.
pub fn absolute(path: &Path) -> PathBuf {
    normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_go() {
        assert_eq!(normal(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(absolute(Path::new("/a/../../b")), Path::new("/b"));
    }
}
