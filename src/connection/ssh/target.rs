//! What the inventory says about reaching a host, and the secrets for it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::base::Secret;

/// Whether host keys are checked: Ansible's `host_key_checking`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum HostKeyChecking {
    /// As the SSH configuration says; unknown keys are refused.
    #[default]
    On,
    /// Any key will do; new ones are noted down.
    Off,
}

/// A host to connect to. What is `None` comes from the SSH configuration.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Target {
    /// The name or address to connect to (`ansible_host`).
    pub host: String,
    /// The port (`ansible_port`).
    pub port: Option<u16>,
    /// The user (`ansible_user`).
    pub user: Option<String>,
    /// The key to try first (`ansible_ssh_private_key_file`).
    pub private_key_file: Option<PathBuf>,
    /// ssh's own arguments that weigh more than the fields above (`ssh_args`).
    pub arguments: Vec<String>,
    /// ssh's own arguments that weigh less (`ansible_ssh_common_args`, then `ansible_ssh_extra_args`).
    pub more_arguments: Vec<String>,
    /// Whether host keys are checked.
    pub host_key_checking: HostKeyChecking,
    /// How long to wait for the host (`timeout`); 10 s without it.
    pub timeout: Option<Duration>,
    /// How often to try again (`ansible_ssh_retries`).
    pub retries: u32,
}

/// Asks the operator for the passphrase of a key. It may block; it is called once per key and run, however many hosts
/// use the key, and again when the answer was wrong.
pub trait Passphrases: Send + Sync {
    /// Returns the passphrase of a key file; `None` when there is nobody to ask.
    fn passphrase(&self, key: &Path) -> Option<Secret>;
}

/// What opens a host besides key files and agent.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The login password (`ansible_password`, `-k`).
    pub password: Option<Secret>,
    /// A private key itself (`ansible_private_key`).
    pub private_key: Option<Secret>,
    /// The passphrase of encrypted keys (`ansible_private_key_passphrase`).
    pub passphrase: Option<Secret>,
    /// Who knows other passphrases.
    pub ask: Option<Arc<dyn Passphrases>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(****)")
    }
}
