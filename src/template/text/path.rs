//! Paths as Python's `os.path` and `ntpath` treat them: pure text where possible.

use std::path::Path;

/// Returns what stands before the last slash, without slashes at its end unless it is all slashes.
pub(in crate::template) fn dirname(path: &str) -> &str {
    let head = &path[..path.rfind('/').map_or(0, |at| at + 1)];
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }
}

/// Returns the path with `~` and `~user` expanded.
pub(in crate::template) fn expand_user(path: &str) -> String {
    let Some(rest) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    let (user, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let home = if user.is_empty() {
        std::env::var("HOME")
            .ok()
            .or_else(|| std::env::home_dir().map(|home| home.display().to_string()))
    } else {
        home_of(user)
    };
    let Some(home) = home else {
        return path.to_owned();
    };
    let whole = format!("{}{tail}", home.trim_end_matches('/'));
    if whole.is_empty() { "/".to_owned() } else { whole }
}

fn home_of(user: &str) -> Option<String> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    line.split(':').nth(5).map(str::to_owned)
}

/// Returns the path with `$NAME` and `${NAME}` replaced by the environment; unknown ones stay.
pub(in crate::template) fn expand_variables(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let (name, used) = match tail.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = tail
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(tail.len());
                (&tail[..end], end)
            }
        };
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => out.push_str(&value),
            _ => out.push_str(&rest[at..at + 1 + used]),
        }
        rest = &tail[used..];
    }
    out + rest
}

/// Returns the path without `.`, `..` and doubled slashes, as far as text tells.
pub(in crate::template) fn normal(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    // Exactly two slashes at the start mean something of their own to POSIX.
    let slashes = match path.bytes().take_while(|b| *b == b'/').count() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if !slashes.is_empty() && parts.is_empty() => {}
            part => parts.push(part),
        }
    }
    let joined = format!("{slashes}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        return normal(path);
    }
    let here = std::env::current_dir().map(|here| here.display().to_string()).unwrap_or_default();
    normal(&format!("{here}/{path}"))
}

/// Returns the absolute path with links followed as far as the path exists.
pub(in crate::template) fn real(path: &str) -> String {
    let whole = absolute_kept(path);
    let mut known = whole.as_str();
    let mut missing: Vec<&str> = Vec::new();
    loop {
        if let Ok(found) = Path::new(if known.is_empty() { "/" } else { known }).canonicalize() {
            let tail: Vec<&str> = missing.into_iter().rev().collect();
            let found = found.to_string_lossy();
            // Two slashes at the start would stay.
            return normal(&format!("{}/{}", found.trim_end_matches('/'), tail.join("/")));
        }
        let Some((head, tail)) = known.rsplit_once('/') else {
            return normal(&whole);
        };
        missing.push(tail);
        known = head;
    }
}

/// Returns the absolute path without taking `..` out, which a link before it may change.
fn absolute_kept(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let here = std::env::current_dir().map(|here| here.display().to_string()).unwrap_or_default();
    format!("{here}/{path}")
}

/// Returns how to get from `start` to the path.
pub(in crate::template) fn relative(path: &str, start: &str) -> String {
    let (path, start) = (absolute(path), absolute(start));
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let start: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    let common = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let parts: Vec<&str> = std::iter::repeat_n("..", start.len() - common)
        .chain(path[common..].iter().copied())
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Splits off the extension with its dot; dots at the start of the name do not count.
pub(in crate::template) fn split_extension(path: &str) -> (&str, &str) {
    let name_at = path.rfind('/').map_or(0, |at| at + 1);
    let name = &path[name_at..];
    let leading = name.len() - name.trim_start_matches('.').len();
    match name[leading..].rfind('.') {
        Some(dot) => path.split_at(name_at + leading + dot),
        None => (path, ""),
    }
}

/// Joins paths; an absolute one drops what came before.
pub(in crate::template) fn join(parts: &[String]) -> String {
    let mut out = String::new();
    for (place, part) in parts.iter().enumerate() {
        if part.starts_with('/') {
            out.clone_from(part);
        } else {
            if place > 0 && !out.is_empty() && !out.ends_with('/') {
                out.push('/');
            }
            out.push_str(part);
        }
    }
    out
}

/// Returns the longest path that all share.
pub(in crate::template) fn common(paths: &[String]) -> Result<String, String> {
    let Some(first) = paths.first() else {
        return Err("needs at least one path".to_owned());
    };
    let rooted = first.starts_with('/');
    if paths.iter().any(|path| path.starts_with('/') != rooted) {
        return Err("cannot mix absolute and relative paths".to_owned());
    }
    let split = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let mut shared = split(first);
    for path in &paths[1..] {
        let same = split(path).iter().zip(&shared).take_while(|(a, b)| a == b).count();
        shared.truncate(same);
    }
    Ok(format!("{}{}", if rooted { "/" } else { "" }, shared.join("/")))
}

/// Splits a Windows path into its drive (or share) and the rest.
pub(in crate::template) fn windows_drive(path: &str) -> (&str, &str) {
    let plain = path.replace('/', "\\");
    if plain.starts_with("\\\\") {
        let start = if plain.to_uppercase().starts_with("\\\\?\\UNC\\") { 8 } else { 2 };
        let Some(server) = plain[start..].find('\\').map(|at| at + start) else {
            return (path, "");
        };
        return match plain[server + 1..].find('\\') {
            Some(at) => path.split_at(server + 1 + at),
            None => (path, ""),
        };
    }
    if plain.as_bytes().get(1) == Some(&b':') { path.split_at(2) } else { ("", path) }
}

/// Splits a Windows path into its folder and its last part.
pub(in crate::template) fn windows_split(path: &str) -> (String, &str) {
    let (drive, rest) = windows_drive(path);
    let at = rest.rfind(['/', '\\']).map_or(0, |at| at + 1);
    let (head, tail) = rest.split_at(at);
    let trimmed = head.trim_end_matches(['/', '\\']);
    (format!("{drive}{}", if trimmed.is_empty() { head } else { trimmed }), tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split_and_join_as_in_python() {
        assert_eq!(dirname("/a/b"), "/a");
        assert_eq!(dirname("/a"), "/");
        assert_eq!(dirname("a"), "");
        assert_eq!(dirname("a//b"), "a");
        assert_eq!(normal("a/../../b/./c//"), "../b/c");
        assert_eq!(normal("//a"), "//a");
        assert_eq!(normal("///a/.."), "/");
        assert_eq!(split_extension("a/.b.c"), ("a/.b", ".c"));
        assert_eq!(split_extension(".bashrc"), (".bashrc", ""));
        assert_eq!(join(&["a".into(), "/b".into(), "c".into()]), "/b/c");
        assert_eq!(relative("/a/b", "/a/c/d"), "../../b");
        assert_eq!(real("/no-such-folder/../b"), "/b");
        assert_eq!(windows_split("C:\\a\\b"), ("C:\\a".to_owned(), "b"));
        assert_eq!(windows_drive("\\\\host\\share\\x"), ("\\\\host\\share", "\\x"));
    }
}
