//! `RevokedHostKeys`: a file of public keys that no host may show, whoever vouches for them.

use std::path::PathBuf;

use russh::keys::{Certificate, PublicKey};

use super::Place;

/// How a list of revoked keys begins that `ssh-keygen -k` made.
const BINARY: &[u8] = b"SSHKRL\n\0";

/// What the file says.
#[derive(Clone, Debug, Default)]
pub(in crate::connection::ssh) enum RevokedKeys {
    /// There is none.
    #[default]
    None,
    /// The keys and their lines.
    Keys(PathBuf, Vec<(PublicKey, usize)>),
    /// It cannot be read: no key can be trusted.
    Unreadable(PathBuf, String),
}

impl RevokedKeys {
    /// Reads the file.
    pub(in crate::connection::ssh) fn read(file: PathBuf) -> Self {
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => return Self::Unreadable(file, error.to_string()),
        };
        if bytes.starts_with(BINARY) {
            let why = "it is a binary list; fcplay reads lists of public keys, one a line";
            return Self::Unreadable(file, why.to_owned());
        }
        let mut keys = Vec::new();
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match key(line) {
                Some(key) => keys.push((key, index + 1)),
                None => {
                    let why = format!("line {} is no public key", index + 1);
                    return Self::Unreadable(file, why);
                }
            }
        }
        Self::Keys(file, keys)
    }

    /// Returns where a key is revoked.
    pub(in crate::connection::ssh) fn find(&self, key: &PublicKey) -> Option<Place> {
        let Self::Keys(file, keys) = self else { return None };
        let found = keys.iter().find(|(known, _)| known.key_data() == key.key_data());
        found.map(|&(_, line)| Place { file: file.clone(), line })
    }
}

fn key(line: &str) -> Option<PublicKey> {
    let certificate = || Certificate::from_openssh(line).ok();
    PublicKey::from_openssh(line)
        .ok()
        .or_else(|| certificate().map(|found| PublicKey::new(found.public_key().clone(), "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[track_caller]
    fn case(bytes: &[u8], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("revoked");
        std::fs::write(&file, bytes).unwrap();
        let found = match RevokedKeys::read(file) {
            RevokedKeys::Unreadable(_, why) => why,
            keys => {
                let key = PublicKey::from_openssh(KEY).unwrap();
                keys.find(&key).map_or("fine".to_owned(), |place| format!("line {}", place.line))
            }
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn lists() {
        case(format!("# gone\n\n{KEY} web\n").as_bytes(), "line 3");
        case(b"", "fine");
        case(b"nonsense\n", "line 1 is no public key");
        let binary = "it is a binary list; fcplay reads lists of public keys, one a line";
        case(b"SSHKRL\n\0\0\0", binary);
        let missing = RevokedKeys::read(PathBuf::from("/nowhere/revoked"));
        assert!(matches!(missing, RevokedKeys::Unreadable(..)));
    }
}
