//! What is known of an account that is there: its groups and its line in `/etc/shadow`.

use std::path::Path;

use crate::module::Failure;
use crate::system::{Look, User as Account};

/// An account as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Current {
    /// Its line in the user database.
    pub(super) account: Account,
    /// The names of its groups besides the primary one.
    pub(super) groups: Vec<String>,
    /// Its line in `/etc/shadow`; nothing when it cannot be read.
    pub(super) shadow: Option<Shadow>,
}

/// A line of `/etc/shadow`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Shadow {
    /// The hash, `!` in front when it is locked.
    pub(super) password: String,
    /// How many days a password has to stay.
    pub(super) min: Option<i64>,
    /// After how many days it has to be changed.
    pub(super) max: Option<i64>,
    /// How many days before that the user is told.
    pub(super) warn: Option<i64>,
    /// How many days after that the account is shut.
    pub(super) inactive: Option<i64>,
    /// The day on which the account expires, counted from 1970.
    pub(super) expires: Option<i64>,
}

impl Current {
    /// Reads what is there.
    pub(super) fn look(look: &dyn Look, account: Account) -> Result<Self, Failure> {
        let shadow = match look.read(Path::new("/etc/shadow")) {
            Ok(content) => {
                content.and_then(|content| parse(&String::from_utf8_lossy(&content), &account.name))
            }
            // Not everybody may read it; what depends on it then fails with a reason of its own.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
            Err(error) => return Err(error.into()),
        };
        let primary = look.group_by_id(account.gid)?.map(|group| group.name);
        let mut groups = look.groups_of(&account.name)?;
        groups.retain(|group| Some(group) != primary.as_ref());
        groups.sort_unstable();
        Ok(Self { account, groups, shadow })
    }

    /// Returns whether the password is locked.
    pub(super) fn is_locked(&self) -> bool {
        self.shadow.as_ref().is_some_and(|shadow| shadow.password.starts_with('!'))
    }
}

fn parse(text: &str, name: &str) -> Option<Shadow> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let password = fields.next()?.to_owned();
        let mut number = |index: usize| fields.nth(index).and_then(|field| field.parse().ok());
        Some(Shadow {
            password,
            min: number(1),
            max: number(0),
            warn: number(0),
            inactive: number(0),
            expires: number(0),
        })
    })
}

/// Returns what is odd about a text that should be the hash of a password.
pub(super) fn suspicion(hash: &str) -> Option<&'static str> {
    let plain = hash.trim_start_matches('!');
    let no_password = matches!(plain, "" | "x" | "*LK*" | "NP") || plain.chars().all(|c| c == '*');
    let modern =
        plain.starts_with(['$', '_']) && plain.matches('$').count() >= 3 || plain.starts_with("*0");
    // The old DES hashes.
    let old = plain.len() == 13
        && plain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/'));
    // What stands behind the last `$` is the hash itself, of a known length for the usual kinds.
    let parts: Vec<&str> = plain.split('$').collect();
    let own = parts.last().copied().unwrap_or_default();
    let length = match parts.get(1).filter(|_| parts.len() > 3) {
        Some(&"1") => Some(22),
        Some(&"5") => Some(43),
        Some(&"6") => Some(86),
        Some(_) | None => None,
    };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '=');
    let broken = hash.contains([':', '\n'])
        || (modern && parts.len() > 3 && !own.chars().all(is_letter))
        || length.is_some_and(|length| own.len() != length);
    (broken || !(no_password || modern || old)).then_some(
        "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly: use the filter `password_hash`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadow_lines() {
        let text = "root:*:19000:0:99999:7:::\nada:!$6$x$y:19000:1:90:7:14:20000:\n";
        let expected = Shadow {
            password: "!$6$x$y".into(),
            min: Some(1),
            max: Some(90),
            warn: Some(7),
            inactive: Some(14),
            expires: Some(20000),
        };
        assert_eq!(parse(text, "ada"), Some(expected));
        assert_eq!(parse(text, "root").and_then(|shadow| shadow.expires), None);
        assert_eq!(parse(text, "bob"), None);
    }

    #[test]
    fn hashes() {
        for good in
            ["$y$j9T$salt$hash", "!", "*", "*************", "!!", "ab01234567890", "!$y$j9T$a$b"]
        {
            assert_eq!(suspicion(good), None, "{good}");
        }
        for bad in
            ["secret", "$6$only", "$6$salt$short", "$y$j9T$salt$ha+h", "a:b", "correct horse"]
        {
            assert!(suspicion(bad).is_some(), "{bad}");
        }
    }
}
