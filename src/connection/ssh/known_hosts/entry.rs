//! One line of a `known_hosts` file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use russh::keys::PublicKey;
use sha1::Sha1;

use crate::connection::ssh::pattern;

/// What a line says about its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Marker {
    /// Nothing: it is the host's key.
    Plain,
    /// `@cert-authority`: the key signs host certificates.
    Authority,
    /// `@revoked`: the key must never be accepted.
    Revoked,
}

/// A line, its key still as text: most lines are for other hosts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Entry<'t> {
    pub(super) marker: Marker,
    hosts: &'t str,
    kind: &'t str,
    key: &'t str,
}

impl<'t> Entry<'t> {
    /// Reads a line; comments, empty and broken lines are `None`, as in OpenSSH.
    pub(super) fn read(line: &'t str) -> Option<Self> {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        let mut words = line.split_whitespace();
        let mut hosts = words.next()?;
        let marker = match hosts {
            "@cert-authority" => Marker::Authority,
            "@revoked" => Marker::Revoked,
            other if other.starts_with('@') => return None,
            _ => Marker::Plain,
        };
        if marker != Marker::Plain {
            hosts = words.next()?;
        }
        Some(Self { marker, hosts, kind: words.next()?, key: words.next()? })
    }

    /// Returns whether the line is for a host, given as `host` or `[host]:port` in lower case.
    pub(super) fn is_for(&self, host: &str) -> bool {
        if let Some(hash) = self.hosts.strip_prefix("|1|") {
            return hashed(hash, host).unwrap_or(false);
        }
        if self.hosts.contains(|c: char| c.is_ascii_uppercase()) {
            return pattern::list_matches(self.hosts.to_lowercase().split(','), host);
        }
        pattern::list_matches(self.hosts.split(','), host)
    }

    /// Returns the key, unless it cannot be read.
    pub(super) fn key(&self) -> Option<PublicKey> {
        let key = russh::keys::parse_public_key_base64(self.key).ok()?;
        (key.algorithm().as_str() == self.kind).then_some(key)
    }
}

/// Compares a host with `salt|hash`.
fn hashed(text: &str, host: &str) -> Option<bool> {
    let (salt, hash) = text.split_once('|')?;
    let salt = STANDARD.decode(salt).ok()?;
    let hash = STANDARD.decode(hash).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(host.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// Returns a host's name hashed with a salt, as it stands in the file.
pub(super) fn hash(host: &str, salt: [u8; 20]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).expect("HMAC takes keys of any length");
    mac.update(host.as_bytes());
    format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[track_caller]
    fn case(hosts: &str, host: &str, expected: bool) {
        let line = format!("{hosts} {KEY} comment here");
        assert_eq!(Entry::read(&line).unwrap().is_for(host), expected);
    }

    #[test]
    fn hosts() {
        case("web,10.0.0.1", "10.0.0.1", true);
        case("WEB", "web", true);
        case("[web]:2222", "[web]:2222", true);
        case("[web]:2222", "web", false);
        case("*.lan,!db.lan", "web.lan", true);
        case("*.lan,!db.lan", "db.lan", false);
    }

    #[test]
    fn hashed_hosts() {
        // Made by `ssh-keygen -H`.
        let line = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=";
        case(line, "192.168.1.61", true);
        case(line, "192.168.1.62", false);
        case(&hash("web", [7; 20]), "web", true);
        case("|1|nonsense", "web", false);
    }

    #[test]
    fn lines() {
        assert_eq!(Entry::read("# web ssh-ed25519 AAAA"), None);
        assert_eq!(Entry::read(""), None);
        assert_eq!(Entry::read("web ssh-ed25519"), None);
        assert_eq!(Entry::read("@strange web ssh-ed25519 AAAA"), None);
        let line = format!("\t@revoked \t web\t{KEY}");
        let entry = Entry::read(&line).unwrap();
        assert_eq!(entry.marker, Marker::Revoked);
        assert!(entry.key().is_some());
        assert_eq!(Entry::read("web ssh-rsa AAAA").unwrap().key(), None);
        let mixed = format!("web {}", KEY.replace("ssh-ed25519", "ssh-rsa"));
        assert_eq!(Entry::read(&mixed).unwrap().key(), None, "the kinds differ");
    }
}
