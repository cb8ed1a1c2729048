//! `known_hosts`: which host keys were seen before, which authorities may vouch for hosts, which keys are revoked.
//!
//! Plain and hashed names, `[host]:port`, wildcards and negation, several files. A key of another type than the known
//! ones is unknown, not changed, as in OpenSSH; that is why the known types are asked for first ([`Known::algorithms`]).

mod certificate;
mod entry;
mod learn;
mod revoked;

use std::fs;
use std::path::{Path, PathBuf};

use russh::keys::{Algorithm, PublicKey};

use self::entry::{Entry, Marker};
pub(super) use certificate::Refusal;
pub(super) use learn::{Names, learn};
pub(super) use revoked::RevokedKeys;

/// A line of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line in it.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// What the files say about a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It is the host's.
    Known,
    /// Nothing.
    Unknown,
    /// Another key of this type is the host's.
    Changed(Place),
    /// It must not be accepted.
    Revoked(Place),
}

/// All lines for one host.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    keys: Vec<(Marker, PublicKey, Place)>,
}

impl Known {
    /// Gathers the lines for a host, given as `host` or `[host]:port`, from files in order. Files that do not exist are
    /// empty.
    pub(super) fn read(files: &[PathBuf], host: &str) -> Self {
        let mut known = Self::default();
        for file in files {
            if let Ok(bytes) = fs::read(file) {
                known.add(&String::from_utf8_lossy(&bytes), host, file);
            }
        }
        known
    }

    /// Gathers the lines of one text.
    pub(super) fn of(text: &str, host: &str, file: &Path) -> Self {
        let mut known = Self::default();
        known.add(text, host, file);
        known
    }

    fn add(&mut self, text: &str, host: &str, file: &Path) {
        for (index, line) in text.lines().enumerate() {
            let entry = Entry::read(line).filter(|entry| entry.is_for(host));
            let Some(entry) = entry else { continue };
            let Some(key) = entry.key() else { continue };
            self.keys.push((
                entry.marker,
                key,
                Place { file: file.to_path_buf(), line: index + 1 },
            ));
        }
    }

    /// Returns what is known about a key.
    pub(super) fn check(&self, key: &PublicKey) -> Verdict {
        let same = |known: &PublicKey| known.key_data() == key.key_data();
        if let Some(place) = self.revoked(key) {
            return Verdict::Revoked(place.clone());
        }
        if self.plain().any(|(known, _)| same(known)) {
            return Verdict::Known;
        }
        let algorithm = key.algorithm();
        let alike =
            |(known, _): &(&PublicKey, &Place)| kind(&known.algorithm()) == kind(&algorithm);
        match self.plain().find(alike) {
            Some((_, place)) => Verdict::Changed(place.clone()),
            None => Verdict::Unknown,
        }
    }

    /// Returns where a key is revoked.
    fn revoked(&self, key: &PublicKey) -> Option<&Place> {
        self.keys.iter().find_map(|(marker, known, place)| {
            (*marker == Marker::Revoked && known.key_data() == key.key_data()).then_some(place)
        })
    }

    fn plain(&self) -> impl Iterator<Item = (&PublicKey, &Place)> {
        let plain = self.keys.iter().filter(|(marker, ..)| *marker == Marker::Plain);
        plain.map(|(_, key, place)| (key, place))
    }

    /// Returns the algorithms of the host's known keys, first known first.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        let mut found = Vec::new();
        for (key, _) in self.plain() {
            if !found.contains(&key.algorithm()) {
                found.push(key.algorithm());
            }
        }
        found
    }

    /// Returns the place of a known key of another type, for the message about an unknown one.
    pub(super) fn another(&self) -> Option<Place> {
        self.plain().map(|(_, place)| place.clone()).next()
    }

    /// Returns whether some authority may vouch for the host.
    pub(super) fn has_authority(&self) -> bool {
        self.keys.iter().any(|(marker, ..)| *marker == Marker::Authority)
    }
}

/// Returns what makes two keys comparable: all curves of ECDSA are one kind.
fn kind(algorithm: &Algorithm) -> &str {
    match algorithm {
        Algorithm::Ecdsa { .. } => "ecdsa",
        other => other.as_str(),
    }
}

/// Returns the name that a host is looked up under.
pub(super) fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const SECOND: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";
    const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBkV4zK2tXmHKjDtbEXBHm3RMmNIyQ2dA/JHVKY3cgvBSbPuRoxsXwlu0LlCmNsXD5n+GtD5TnQpBkA9UfUkoBw=";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(text).unwrap()
    }

    fn known(text: &str) -> Known {
        Known::of(text, "web", Path::new("kh"))
    }

    fn place(line: usize) -> Place {
        Place { file: PathBuf::from("kh"), line }
    }

    #[test]
    fn verdicts() {
        let file = format!("# a\nother {SECOND}\nweb {FIRST}\n");
        assert_eq!(known(&file).check(&key(FIRST)), Verdict::Known);
        assert_eq!(known(&file).check(&key(SECOND)), Verdict::Changed(place(3)));
        assert_eq!(known("").check(&key(FIRST)), Verdict::Unknown);
        assert_eq!(
            known(&format!("@cert-authority web {FIRST}")).check(&key(FIRST)),
            Verdict::Unknown
        );
    }

    #[test]
    fn several_keys_of_one_type() {
        let both = known(&format!("web {FIRST}\nweb {SECOND}"));
        assert_eq!(both.check(&key(SECOND)), Verdict::Known);
    }

    #[test]
    fn revoked_beats_known() {
        let file = known(&format!("web {FIRST}\n@revoked * {FIRST}\n"));
        assert_eq!(file.check(&key(FIRST)), Verdict::Revoked(place(2)));
    }

    #[test]
    fn known_types_come_first() {
        let file = known(&format!("web {ECDSA}\nw* {FIRST}\nweb {SECOND}"));
        let names: Vec<String> = file.algorithms().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["ecdsa-sha2-nistp256", "ssh-ed25519"]);
        assert!(!file.has_authority());
    }

    #[test]
    fn names() {
        assert_eq!(lookup_name("Web", 22), "web");
        assert_eq!(lookup_name("::1", 2222), "[::1]:2222");
    }
}
