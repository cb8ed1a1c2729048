//! Private keys on disk: read once per run, unlocked once per run.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key};
use tokio::sync::Mutex as AsyncMutex;

use super::short;
use crate::base::Secret;
use crate::connection::ssh::target::Secrets;

/// How often a passphrase is asked for.
const QUESTIONS: usize = 3;

/// What is said of an encrypted key.
pub(super) const NO_PASSPHRASE: &str = "it is encrypted and there is no passphrase for it";

/// What is said of a passphrase that does not fit.
pub(super) const WRONG_PASSPHRASE: &str = "its passphrase is wrong";

/// What is said of a key file that is not there.
pub(super) const MISSING: &str = "no such file";

/// What mends a key file that others can read.
pub(super) const CHMOD: &str = "chmod 600";

/// Why a key file is of no use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum KeyProblem {
    /// It is not there.
    Missing,
    /// It cannot be read as a key.
    NotAKey(String),
    /// It is encrypted, and nobody knows its passphrase.
    NoPassphrase,
    /// Only its public half is there.
    PublicOnly,
    /// It is in a device, which only an agent can ask.
    SecurityKey,
    /// Others can read it.
    TooOpen(u32),
    /// The file cannot be read.
    Unreadable(String),
    /// The passphrase was wrong.
    WrongPassphrase,
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(MISSING),
            Self::NotAKey(why) => write!(f, "not a usable private key ({why})"),
            Self::NoPassphrase => f.write_str(NO_PASSPHRASE),
            Self::PublicOnly => f.write_str("only its public half is there, and no agent has it"),
            Self::SecurityKey => f.write_str(
                "it is in a security key, which only an ssh-agent can ask, and no agent has it (ssh-add)",
            ),
            Self::TooOpen(mode) => {
                write!(f, "its mode {mode:04o} lets others read it ({CHMOD})")
            }
            Self::Unreadable(why) => f.write_str(why),
            Self::WrongPassphrase => f.write_str(WRONG_PASSPHRASE),
        }
    }
}

/// What is known of a key file.
enum Slot {
    /// Nothing yet.
    Unread,
    /// It is encrypted.
    Locked { text: Secret, public: Option<PublicKey> },
    /// It is ready.
    Open(Arc<PrivateKey>),
    /// It is a public key.
    Public(PublicKey),
    /// It is of no use.
    Bad(KeyProblem),
}

/// All key files of a run.
#[derive(Default)]
pub(in crate::connection::ssh) struct KeyRing {
    slots: Mutex<HashMap<PathBuf, Arc<AsyncMutex<Slot>>>>,
}

/// What can be told about a key without its passphrase.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// The public half; `None` when it is encrypted too.
    pub(super) public: Option<PublicKey>,
    /// Whether a passphrase is needed.
    pub(super) locked: bool,
    /// Whether only the public half is there.
    pub(super) public_only: bool,
}

impl KeyRing {
    fn slot(&self, path: &Path) -> Arc<AsyncMutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(AsyncMutex::new(Slot::Unread));
        Arc::clone(slots.entry(path.to_path_buf()).or_insert_with(fresh))
    }

    /// Looks at a key without unlocking it.
    pub(super) async fn look(&self, path: &Path) -> Result<Look, KeyProblem> {
        let slot = self.slot(path);
        let mut slot = slot.lock().await;
        if matches!(*slot, Slot::Unread) {
            *slot = read(path);
        }
        let look = |public, locked, public_only| Ok(Look { public, locked, public_only });
        match &*slot {
            Slot::Unread => Err(KeyProblem::Missing),
            Slot::Locked { public, .. } => look(public.clone(), true, false),
            Slot::Open(key) => look(Some(key.public_key().clone()), false, false),
            Slot::Public(key) => look(Some(key.clone()), false, true),
            Slot::Bad(problem) => Err(problem.clone()),
        }
    }

    /// Returns a key, asking for its passphrase if need be.
    pub(super) async fn open(
        &self,
        path: &Path,
        secrets: &Secrets,
    ) -> Result<Arc<PrivateKey>, KeyProblem> {
        self.look(path).await?;
        let slot = self.slot(path);
        // The lock is held while the operator types: the other hosts wait for the same answer.
        let mut slot = slot.lock().await;
        let text = match &*slot {
            Slot::Open(key) => return Ok(Arc::clone(key)),
            Slot::Bad(problem) => return Err(problem.clone()),
            Slot::Public(_) => return Err(KeyProblem::PublicOnly),
            Slot::Locked { text, .. } => text.clone(),
            Slot::Unread => return Err(KeyProblem::Missing),
        };
        let (file, secrets) = (path.to_path_buf(), secrets.clone());
        let asked = secrets.ask.is_some();
        let unlocked = tokio::task::spawn_blocking(move || unlock(&text, &file, &secrets)).await;
        let unlocked = unlocked.unwrap_or_else(|_| Err(KeyProblem::NotAKey("a panic".to_owned())));
        match &unlocked {
            Ok(key) => *slot = Slot::Open(Arc::clone(key)),
            // The operator was asked often enough: the other hosts do not ask again.
            Err(problem) if asked => *slot = Slot::Bad(problem.clone()),
            Err(_) => {}
        }
        unlocked
    }
}

/// Reads a private key that was given as text.
pub(super) fn inline(text: &Secret, secrets: &Secrets) -> Result<Arc<PrivateKey>, KeyProblem> {
    match decode(text) {
        Ok(key) => Ok(Arc::new(key)),
        Err(error) if is_locked(text.reveal(), &error) => {
            unlock(text, Path::new("ansible_private_key"), secrets)
        }
        Err(error) => Err(KeyProblem::NotAKey(error.to_string())),
    }
}

fn unlock(text: &Secret, file: &Path, secrets: &Secrets) -> Result<Arc<PrivateKey>, KeyProblem> {
    let mut problem = KeyProblem::NoPassphrase;
    let mut attempt = |passphrase: &Secret| {
        let key = decode_secret_key(text.reveal(), Some(passphrase.reveal())).ok();
        problem = KeyProblem::WrongPassphrase;
        key.map(Arc::new)
    };
    if let Some(passphrase) = &secrets.passphrase
        && let Some(key) = attempt(passphrase)
    {
        return Ok(key);
    }
    let ask = secrets.ask.as_ref();
    for _ in 0..QUESTIONS {
        let Some(passphrase) = ask.and_then(|ask| ask.passphrase(file)) else { break };
        if let Some(key) = attempt(&passphrase) {
            return Ok(key);
        }
    }
    Err(problem)
}

fn read(path: &Path) -> Slot {
    let text = match fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return public_beside(path).map_or(Slot::Bad(KeyProblem::Missing), Slot::Public);
        }
        Err(error) => return Slot::Bad(KeyProblem::Unreadable(error.to_string())),
    };
    if let Ok(key) = PublicKey::from_openssh(text.reveal().trim()) {
        return Slot::Public(key);
    }
    if let Some(mode) = too_open(path) {
        return Slot::Bad(KeyProblem::TooOpen(mode));
    }
    match decode(&text) {
        Ok(key) => Slot::Open(Arc::new(key)),
        Err(error) if is_locked(text.reveal(), &error) => {
            let inside = PrivateKey::from_openssh(text.reveal()).ok();
            let public = inside.map(|key| key.public_key().clone());
            Slot::Locked { public: public.or_else(|| public_beside(path)), text }
        }
        Err(error) => Slot::Bad(KeyProblem::NotAKey(error.to_string())),
    }
}

/// Returns the mode of a private key that others can read, if it is our own: OpenSSH refuses such keys too.
fn too_open(path: &Path) -> Option<u32> {
    let file = fs::metadata(path).ok()?;
    let mode = file.mode() & 0o7777;
    let own = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == file.uid());
    (own && mode & 0o077 != 0).then_some(mode)
}

/// Reads a key that is not encrypted.
fn decode(text: &Secret) -> Result<PrivateKey, russh::keys::Error> {
    match short::in_full(text.reveal()) {
        Some(text) => decode_secret_key(&text, None),
        None => decode_secret_key(text.reveal(), None),
    }
}

/// Returns whether a key could not be read because it is encrypted. Of keys in OpenSSL's forms only their text says so.
fn is_locked(text: &str, error: &russh::keys::Error) -> bool {
    matches!(error, russh::keys::Error::KeyIsEncrypted)
        || text.contains("BEGIN ENCRYPTED PRIVATE KEY")
        || text.contains("Proc-Type: 4,ENCRYPTED")
}

/// Reads the public key beside a private one.
fn public_beside(path: &Path) -> Option<PublicKey> {
    PublicKey::read_openssh_file(with_suffix(path, ".pub")).ok()
}

/// Reads the certificate beside a private key.
pub(super) fn certificate_beside(path: &Path) -> Option<Certificate> {
    Certificate::read_file(&with_suffix(path, "-cert.pub")).ok()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
