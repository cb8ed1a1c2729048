//! Where a task runs: the way to the host, and the user it becomes there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Secret;

/// A host and a user on it. Equal targets share one helper.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The host's name in the inventory.
    pub host: Arc<str>,
    /// The way to it.
    pub way: Way,
    /// The user to become there.
    pub escalation: Option<Escalation>,
}

/// How a host is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Way {
    /// It is this machine; programs start in this folder, or where this process is when it is empty.
    Local(PathBuf),
    /// By SSH.
    Ssh(Box<SshWay>),
}

/// How a host is reached by SSH. What is not said here comes from `ssh_config`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SshWay {
    /// Name or address.
    pub address: String,
    /// The port.
    pub port: Option<u16>,
    /// The login name.
    pub user: Option<String>,
    /// The password for login and keyboard-interactive.
    pub password: Option<Secret>,
    /// The private key.
    pub private_key: Option<PathBuf>,
    /// A private key itself.
    pub private_key_text: Option<Secret>,
    /// The passphrase of the private key.
    pub passphrase: Option<Secret>,
    /// Words as `ssh` takes them that weigh more than what is said here: `ssh_args`.
    pub words: Vec<String>,
    /// Words that weigh less: `ssh_common_args`, `ssh_extra_args`.
    pub more_words: Vec<String>,
    /// Whether the host's key has to be known.
    pub check_host_key: bool,
    /// How long connecting may take.
    pub timeout: Duration,
    /// How often to try again.
    pub retries: u32,
    /// The folder for the helper's program that is tried before all others: `ansible_remote_tmp`.
    pub remote_tmp: Option<String>,
}

/// Becoming another user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Escalation {
    /// `sudo`, `su`, `doas`.
    pub method: String,
    /// The user to become.
    pub user: String,
    /// The password.
    pub password: Option<Secret>,
    /// The program, when it is not the method's own.
    pub exe: Option<String>,
    /// Its options, when they are not the usual ones.
    pub flags: Option<String>,
    /// The folder to go to before.
    pub chdir: Option<String>,
}
