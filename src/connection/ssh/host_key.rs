//! Decides whether the key that a host shows is the host's.

use std::path::PathBuf;
use std::time::SystemTime;

use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};

use super::algorithms::Expectation;
use super::config::Strict;
use super::error::{HostKeyError, KeyTrouble};
use super::known_hosts::{Known, Names, Place, Refusal, RevokedKeys, Verdict, learn, lookup_name};

/// How far the host is trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trust {
    /// It may be given passwords.
    Full,
    /// Its key changed and the check is off: it is given no password and no agent.
    NoSecrets,
}

/// What is known about a host's key.
#[derive(Clone, Debug)]
pub(super) struct HostKeyCheck {
    /// Host and port, as they are reached.
    pub(super) shown: String,
    /// The host, for the names in certificates.
    pub(super) host: String,
    /// The port; `None` when an alias stands for the host.
    pub(super) port: Option<u16>,
    /// Files of the user: the first gets new keys.
    pub(super) user_files: Vec<PathBuf>,
    /// Files of the machine.
    pub(super) global_files: Vec<PathBuf>,
    /// What to do with strangers.
    pub(super) strict: Strict,
    /// How names are written down.
    pub(super) names: Names,
    /// Whether `ssh-keyscan` can reach the host from here.
    pub(super) direct: bool,
    /// The file of `RevokedHostKeys`.
    pub(super) revoked_file: Option<PathBuf>,
    /// What it says.
    pub(super) revoked: RevokedKeys,
    /// The lines for the host.
    pub(super) known: Known,
    /// The lines for the host without its port.
    pub(super) portless: Known,
}

impl HostKeyCheck {
    /// Reads the files.
    pub(super) fn load(mut self) -> Self {
        self.revoked = self.revoked_file.take().map_or(RevokedKeys::None, RevokedKeys::read);
        let files = [self.user_files.clone(), self.global_files.clone()].concat();
        self.known = Known::read(&files, &self.name());
        if self.port.is_some_and(|port| port != 22) {
            self.portless = Known::read(&files, &lookup_name(&self.host, 22));
        }
        self
    }

    /// Returns the name in `known_hosts`.
    fn name(&self) -> String {
        lookup_name(&self.host, self.port.unwrap_or(22))
    }

    /// Returns what to ask the host for.
    pub(super) fn expectation(&self) -> Expectation {
        let mut known = self.known.algorithms();
        if known.is_empty() {
            known = self.portless.algorithms();
        }
        Expectation {
            known,
            authority: self.known.has_authority() || self.portless.has_authority(),
        }
    }

    /// Decides; may note a new key down.
    pub(super) fn check(&self, shown: &PublicKeyOrCertificate) -> Result<Trust, Box<HostKeyError>> {
        let key = shown.public_key();
        self.check_revoked(shown, &key)?;
        if let Some(certificate) = shown.certificate() {
            let now = SystemTime::now();
            let first = self.known.check_certificate(certificate, &self.host, now);
            let verdict = match first {
                Err(Refusal::Stranger) => {
                    self.portless.check_certificate(certificate, &self.host, now)
                }
                other => other,
            };
            match verdict {
                Ok(()) => return Ok(Trust::Full),
                Err(Refusal::Bad(why)) => {
                    return Err(self.refuse(&key, KeyTrouble::Certificate(why.to_string())));
                }
                Err(Refusal::Stranger) => {}
            }
        }
        self.check_key(&key)
    }

    /// Refuses keys that are revoked, and the keys of authorities that are.
    fn check_revoked(
        &self,
        shown: &PublicKeyOrCertificate,
        key: &PublicKey,
    ) -> Result<(), Box<HostKeyError>> {
        if let RevokedKeys::Unreadable(file, why) = &self.revoked {
            let problem = KeyTrouble::Unsure { file: file.clone(), why: why.clone() };
            return Err(self.refuse(key, problem));
        }
        let authority = shown
            .certificate()
            .map(|certificate| PublicKey::new(certificate.signature_key().clone(), ""));
        match std::iter::once(key).chain(&authority).find_map(|key| self.revoked.find(key)) {
            Some(place) => Err(self.refuse(key, KeyTrouble::Revoked(place))),
            None => Ok(()),
        }
    }

    fn check_key(&self, key: &PublicKey) -> Result<Trust, Box<HostKeyError>> {
        match (self.known.check(key), self.portless.check(key)) {
            (Verdict::Revoked(place), _) | (_, Verdict::Revoked(place)) => {
                Err(self.refuse(key, KeyTrouble::Revoked(place)))
            }
            (Verdict::Known, _) | (Verdict::Unknown, Verdict::Known) => Ok(Trust::Full),
            (Verdict::Changed(place), _) => match self.strict {
                Strict::AcceptNew | Strict::Yes => {
                    Err(self.refuse(key, KeyTrouble::Changed(place)))
                }
                Strict::No => Ok(Trust::NoSecrets),
            },
            (Verdict::Unknown, Verdict::Changed(_) | Verdict::Unknown) => match self.strict {
                Strict::Yes => Err(self.unknown(key)),
                Strict::AcceptNew | Strict::No => {
                    self.learn(key);
                    Ok(Trust::Full)
                }
            },
        }
    }

    /// Notes a key down. That it cannot be written is no reason to stop: nothing relies on it in this run.
    fn learn(&self, key: &PublicKey) {
        if let Some(file) = self.user_files.first() {
            learn(file, &self.name(), key, self.names).ok();
        }
    }

    fn unknown(&self, key: &PublicKey) -> Box<HostKeyError> {
        let file = self.user_files.first().cloned().unwrap_or_default();
        self.refuse(key, KeyTrouble::Unknown { file, another: self.known.another() })
    }

    fn refuse(&self, key: &PublicKey, problem: KeyTrouble) -> Box<HostKeyError> {
        Box::new(HostKeyError {
            host: self.shown.clone(),
            name: self.name(),
            kind: key.algorithm().to_string(),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            command: self.command(&problem),
            problem,
        })
    }

    /// Returns the command that the operator may run.
    fn command(&self, problem: &KeyTrouble) -> String {
        match problem {
            KeyTrouble::Changed(Place { file, .. }) => {
                format!("ssh-keygen -f '{}' -R '{}'", file.display(), self.name())
            }
            KeyTrouble::Unknown { file, .. } => match self.port {
                Some(port) if self.direct => {
                    let port = if port == 22 { String::new() } else { format!("-p {port} ") };
                    format!("ssh-keyscan {port}{} >> '{}'", self.host, file.display())
                }
                Some(_) | None => format!("ssh {}", self.shown),
            },
            KeyTrouble::Certificate(_) | KeyTrouble::Revoked(_) | KeyTrouble::Unsure { .. } => {
                String::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FIRST: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const SECOND: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";

    struct Case {
        folder: tempfile::TempDir,
    }

    impl Case {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("kh"), text).unwrap();
            Self { folder }
        }

        fn check(&self, strict: Strict, key: &str) -> Result<Trust, String> {
            let file = self.folder.path().join("kh");
            let check = HostKeyCheck {
                shown: "ann@web:2222".to_owned(),
                host: "web".to_owned(),
                port: Some(2222),
                user_files: vec![file],
                global_files: Vec::new(),
                strict,
                names: Names::Clear,
                direct: true,
                revoked_file: None,
                revoked: RevokedKeys::None,
                known: Known::default(),
                portless: Known::default(),
            };
            let key = PublicKey::from_openssh(key).unwrap();
            let result = check.load().check(&PublicKeyOrCertificate::from(key));
            let folder = self.folder.path().display().to_string();
            result.map_err(|error| error.to_string().replace(&folder, "~"))
        }

        fn text(&self) -> String {
            fs::read_to_string(self.folder.path().join("kh")).unwrap()
        }
    }

    #[test]
    fn an_unknown_key() {
        let case = Case::new("");
        let error = "the host key of `ann@web:2222` is not known: ssh-ed25519 SHA256:T7SvZ2cslqpPj6nKzitCBHHlpVF3r3MvLwmFL0fk0IE is not in ~/kh\nhint: compare the fingerprint, then note the key of `[web]:2222` down: ssh-keyscan -p 2222 web >> '~/kh'\nhint: or do without the check: `host_key_checking = False` in ansible.cfg, or ANSIBLE_HOST_KEY_CHECKING=False";
        assert_eq!(case.check(Strict::Yes, FIRST), Err(error.to_owned()));
        assert_eq!(case.text(), "");
        assert_eq!(case.check(Strict::AcceptNew, FIRST), Ok(Trust::Full));
        assert_eq!(case.text(), format!("[web]:2222 {FIRST}\n"));
        assert_eq!(case.check(Strict::Yes, FIRST), Ok(Trust::Full));
    }

    #[test]
    fn a_changed_key() {
        let case = Case::new(&format!("[web]:2222 {FIRST}\n"));
        let error = "the host key of `ann@web:2222` has CHANGED: it shows ssh-ed25519 SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ, but ~/kh:1 has another one\nhint: the host was installed anew, or somebody sits in between; when you know that the new key is right: ssh-keygen -f '~/kh' -R '[web]:2222'";
        assert_eq!(
            case.check(Strict::AcceptNew, SECOND).map_err(|text| mask(&text)),
            Err(mask(error))
        );
        assert_eq!(case.check(Strict::No, SECOND), Ok(Trust::NoSecrets));
    }

    /// Fingerprints are the library's business.
    fn mask(text: &str) -> String {
        let words =
            text.split(' ').map(|word| if word.starts_with("SHA256:") { "…" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_key_known_without_its_port() {
        let case = Case::new(&format!("web {FIRST}\n"));
        assert_eq!(case.check(Strict::Yes, FIRST), Ok(Trust::Full));
        assert!(case.check(Strict::Yes, SECOND).unwrap_err().contains("is not known"));
    }
}
