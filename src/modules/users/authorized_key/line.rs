//! Lines of an `authorized_keys` file: options, type, key, comment; and what adding and removing keys makes of them.

use std::fmt;

/// A key with what stands around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Key {
    /// What stands in front.
    pub(super) options: Option<String>,
    /// The type.
    pub(super) kind: String,
    /// The key itself, in base 64.
    pub(super) blob: String,
    /// What stands behind.
    pub(super) comment: String,
}

/// A line of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// A key.
    Key(Key),
    /// A comment, an empty line, or something that is no key.
    Other(String),
}

const KINDS: [&str; 12] = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "ssh-dss",
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-xmss@openssh.com",
];

impl Line {
    /// Reads a line.
    pub(super) fn parse(line: &str) -> Self {
        let trimmed = line.trim();
        if trimmed.starts_with('#') {
            return Self::Other(line.into());
        }
        match with_kind(trimmed, None) {
            Some(key) => Self::Key(key),
            None => {
                let (options, rest) = trimmed.split_at(end_of_options(trimmed));
                let key = with_kind(rest.trim_start(), Some(options));
                key.map_or_else(|| Self::Other(line.into()), Self::Key)
            }
        }
    }
}

fn with_kind(text: &str, options: Option<&str>) -> Option<Key> {
    let (kind, rest) = text.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (blob, comment) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (KINDS.contains(&kind) && !blob.is_empty()).then(|| Key {
        options: options.map(str::to_owned),
        kind: kind.to_owned(),
        blob: blob.to_owned(),
        comment: comment.trim().to_owned(),
    })
}

/// Returns where the options end: at the first blank that is not between quotes.
fn end_of_options(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return index,
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(options) = self.options.as_ref().filter(|options| !options.is_empty()) {
            write!(f, "{options} ")?;
        }
        write!(f, "{} {}", self.kind, self.blob)?;
        if self.comment.is_empty() { Ok(()) } else { write!(f, " {}", self.comment) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Returns the file with the keys in it, or nothing when they are in it as they should be.
pub(super) fn add(text: &str, keys: &[Key], exclusive: bool) -> Option<String> {
    let before: Vec<Line> = text.lines().map(Line::parse).collect();
    let mut after = Vec::new();
    let mut placed = vec![false; keys.len()];
    for line in &before {
        let Line::Key(found) = line else {
            if !exclusive {
                after.push(line.clone());
            }
            continue;
        };
        match keys.iter().position(|key| same(key, found)) {
            // A second line with the same key would still carry its old options.
            Some(index) if placed[index] => {}
            Some(index) => {
                placed[index] = true;
                after.push(Line::Key(keys[index].clone()));
            }
            None if exclusive => {}
            None => after.push(line.clone()),
        }
    }
    for (index, key) in keys.iter().enumerate() {
        let repeated = keys[..index].iter().any(|other| same(other, key));
        if !placed[index] && !repeated {
            after.push(Line::Key(key.clone()));
        }
    }
    (after != before).then(|| render(&after))
}

/// Returns the file without the keys, or nothing when none of them is in it.
pub(super) fn remove(text: &str, keys: &[Key]) -> Option<String> {
    let before: Vec<Line> = text.lines().map(Line::parse).collect();
    let gone =
        |line: &Line| matches!(line, Line::Key(found) if keys.iter().any(|key| same(key, found)));
    let after: Vec<Line> = before.iter().filter(|line| !gone(line)).cloned().collect();
    (after != before).then(|| render(&after))
}

fn same(a: &Key, b: &Key) -> bool {
    a.kind == b.kind && a.blob == b.blob
}

fn render(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: &str) -> Key {
        match Line::parse(line) {
            Line::Key(key) => key,
            Line::Other(text) => panic!("no key: {text}"),
        }
    }

    #[test]
    fn lines() {
        let plain = key("ssh-ed25519 AAAA ada@host one");
        assert_eq!((plain.blob.as_str(), plain.comment.as_str()), ("AAAA", "ada@host one"));
        let with = key("command=\"echo \\\"a b\\\"\",no-pty ssh-rsa BBBB x");
        assert_eq!(with.options.as_deref(), Some("command=\"echo \\\"a b\\\"\",no-pty"));
        assert_eq!(with.to_string(), "command=\"echo \\\"a b\\\"\",no-pty ssh-rsa BBBB x");
        assert_eq!(Line::parse("# ssh-rsa AAAA"), Line::Other("# ssh-rsa AAAA".into()));
        assert_eq!(Line::parse("nonsense"), Line::Other("nonsense".into()));
        assert_eq!(Line::parse("ssh-rsa"), Line::Other("ssh-rsa".into()));
    }

    #[track_caller]
    fn added(text: &str, line: &str, exclusive: bool, expected: Option<&str>) {
        assert_eq!(add(text, &[key(line)], exclusive).as_deref(), expected);
    }

    #[test]
    fn adding() {
        added("", "ssh-rsa A x", false, Some("ssh-rsa A x\n"));
        added("ssh-rsa A x\n", "ssh-rsa A x", false, None);
        added("ssh-rsa A x", "ssh-rsa A x", false, None);
        added(
            "# c\nssh-rsa A x\nssh-rsa B y\n",
            "ssh-rsa A z",
            false,
            Some("# c\nssh-rsa A z\nssh-rsa B y\n"),
        );
        added("ssh-rsa A x\nssh-rsa B y\n", "ssh-rsa B y", true, Some("ssh-rsa B y\n"));
        added("ssh-rsa A x\n", "no-pty ssh-rsa A x", false, Some("no-pty ssh-rsa A x\n"));
        added("ssh-rsa A x\nssh-rsa A old\n", "ssh-rsa A x", false, Some("ssh-rsa A x\n"));
    }

    #[test]
    fn removing() {
        let keys = [key("ssh-rsa A")];
        assert_eq!(remove("ssh-rsa A x\nssh-rsa B y\n", &keys).as_deref(), Some("ssh-rsa B y\n"));
        assert_eq!(remove("ssh-rsa B y\n", &keys), None);
    }
}
