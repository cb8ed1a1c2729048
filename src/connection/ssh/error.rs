//! Why a host could not be reached, in words for an operator: what, why, what to do.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::config::BadConfig;
use super::known_hosts::Place;
use crate::base::words::{duration, ticked};

/// How far a connection had come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Waiting for TCP.
    Connect,
    /// Waiting for the greeting and the key exchange.
    Handshake,
    /// Proving who we are.
    Login,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection",
            Self::Handshake => "its SSH greeting and key exchange",
            Self::Login => "an answer to the login",
        })
    }
}

/// Why there is no session.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody was let in.
    #[error("{0}")]
    Auth(Box<AuthFailure>),
    /// The other side hung up.
    #[error("`{host}` closed the connection before {stage}{}", reason(.why))]
    Closed {
        /// User, host and port.
        host: String,
        /// How far it had come.
        stage: Stage,
        /// What the host said, if anything.
        why: Option<String>,
    },
    /// The configuration is wrong.
    #[error("{0}")]
    Config(#[from] BadConfig),
    /// The host's key is not to be trusted.
    #[error("{0}")]
    HostKey(Box<HostKeyError>),
    /// A jump host could not be reached.
    #[error("the jump host `{jump}` cannot be used: {cause}")]
    Jump {
        /// The jump host.
        jump: String,
        /// Why.
        cause: Box<Self>,
    },
    /// The two sides do not understand each other.
    #[error("`{host}` and fcplay do not understand each other: {why}")]
    Protocol {
        /// User, host and port.
        host: String,
        /// What was not understood.
        why: String,
    },
    /// The proxy command does not work.
    #[error("the ProxyCommand `{command}` for `{host}` failed: {why}")]
    Proxy {
        /// User, host and port.
        host: String,
        /// The command.
        command: String,
        /// What it said.
        why: String,
    },
    /// Nothing listens there.
    #[error(
        "`{address}` refused the connection\nhint: is sshd running there, and is the port right (`ansible_port`)?"
    )]
    Refused {
        /// Host and port.
        address: String,
    },
    /// The name has no address.
    #[error(
        "the name `{host}` cannot be resolved: {why}\nhint: give the address in the inventory (`ansible_host=…`), or a `HostName` in ~/.ssh/config"
    )]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// It took too long.
    #[error("`{host}` took longer than {} for {stage}{}", duration(*.after), timeout_hint(*.stage))]
    Timeout {
        /// User, host and port.
        host: String,
        /// What was waited for.
        stage: Stage,
        /// How long.
        after: Duration,
    },
    /// There is no way there.
    #[error(
        "there is no way to `{address}`: {why}\nhint: is the address right (`ansible_host`), and is the network between here and there up (route, VPN, firewall)?"
    )]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        why: String,
    },
}

fn reason(why: &Option<String>) -> String {
    why.as_ref().map_or_else(String::new, |why| format!(": {why}"))
}

/// What a connection says when its host does not answer any more.
pub(super) const SILENT: &str = "the host stopped answering";

fn silence_hint(why: &Option<String>) -> &'static str {
    match why.as_deref() {
        Some(SILENT) => {
            "\nhint: is the host up, and the network in between? `ServerAliveInterval` and `ServerAliveCountMax` (ssh options) say how long to wait"
        }
        _ => "",
    }
}

fn timeout_hint(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => {
            "\nhint: is the host up and the way to it open (firewall)? `timeout` sets how long to wait"
        }
        Stage::Handshake => {
            "\nhint: something accepts connections there and says nothing: is it sshd, and is the host overloaded?"
        }
        Stage::Login => {
            "\nhint: the host is slow to decide (DNS or PAM?), or its password has expired"
        }
    }
}

impl ConnectError {
    /// Returns whether another try may end otherwise: the network, not a decision.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Closed { .. }
            | Self::Proxy { .. }
            | Self::Refused { .. }
            | Self::Timeout { .. }
            | Self::Unreachable { .. } => true,
            Self::Jump { cause, .. } => cause.may_pass(),
            Self::Auth(_)
            | Self::Config(_)
            | Self::HostKey(_)
            | Self::Protocol { .. }
            | Self::Resolve { .. } => false,
        }
    }

    /// Returns whether this is how sshd drops connections when too many log in at once (`MaxStartups`).
    pub(super) fn is_dropped(&self) -> bool {
        matches!(self, Self::Closed { stage: Stage::Handshake, .. })
    }
}

/// Why a host key is not trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostKeyError {
    /// Host and port, as they are reached.
    pub host: String,
    /// The name in `known_hosts`.
    pub name: String,
    /// The type of the key.
    pub kind: String,
    /// The fingerprint of the key.
    pub fingerprint: String,
    /// What is wrong.
    pub problem: KeyTrouble,
    /// The command that notes the key down, or that takes the old one away.
    pub command: String,
}

/// What is wrong with a host key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyTrouble {
    /// A certificate that does not fit.
    Certificate(String),
    /// Another key was noted down.
    Changed(Place),
    /// The key is marked as revoked.
    Revoked(Place),
    /// Whether it is revoked cannot be told.
    Unsure {
        /// The file of `RevokedHostKeys`.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is in none of the files.
    Unknown {
        /// Where keys are noted down.
        file: PathBuf,
        /// Where keys of other types are known.
        another: Option<Place>,
    },
}

impl fmt::Display for HostKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, name, kind, fingerprint, problem, command } = self;
        let key = format!("{kind} {fingerprint}");
        match problem {
            KeyTrouble::Certificate(why) => write!(
                f,
                "the host certificate of `{host}` is not accepted ({key}): {why}\nhint: have the host's certificate signed again"
            ),
            KeyTrouble::Changed(place) => write!(
                f,
                "the host key of `{host}` has CHANGED: it shows {key}, but {place} has another one\nhint: the host was installed anew, or somebody sits in between; when you know that the new key is right: {command}"
            ),
            KeyTrouble::Revoked(place) => {
                write!(f, "the host key of `{host}` is revoked ({key}): {place} says so")
            }
            KeyTrouble::Unsure { file, why } => write!(
                f,
                "the host key of `{host}` cannot be trusted ({key}): `RevokedHostKeys {}` cannot be used: {why}\nhint: mend the file, or take the option out of ssh's configuration",
                file.display()
            ),
            KeyTrouble::Unknown { file, another } => {
                write!(
                    f,
                    "the host key of `{host}` is not known: {key} is not in {}",
                    file.display()
                )?;
                if let Some(place) = another {
                    write!(f, " (a key of another type is, in {place})")?;
                }
                if file.as_os_str() != "/dev/null" {
                    write!(
                        f,
                        "\nhint: compare the fingerprint, then note the key of `{name}` down: {command}"
                    )?;
                }
                write!(
                    f,
                    "\nhint: {}do without the check: `host_key_checking = False` in ansible.cfg, or ANSIBLE_HOST_KEY_CHECKING=False",
                    if file.as_os_str() == "/dev/null" { "" } else { "or " }
                )
            }
        }
    }
}

/// Why nobody was let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthFailure {
    /// User, host and port.
    pub host: String,
    /// What was tried, and what came of it.
    pub tried: Vec<String>,
    /// The ways that the host allows.
    pub allowed: Vec<String>,
    /// What the host said when it hung up.
    pub why: Option<String>,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, tried, allowed, why, hint } = self;
        write!(f, "`{host}` did not let us in{}", reason(why))?;
        match tried.as_slice() {
            [] => f.write_str("; there was nothing to try")?,
            tried => write!(f, "; tried: {}", tried.join("; "))?,
        }
        if !allowed.is_empty() {
            write!(f, "; the host allows {}", ticked(allowed))?;
        }
        if hint.is_empty() { Ok(()) } else { write!(f, "\nhint: {hint}") }
    }
}

/// Why something on an open session did not work.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The connection is gone.
    #[error("the connection to `{host}` is lost{}{}", reason(.why), silence_hint(.why))]
    Lost {
        /// User, host and port.
        host: String,
        /// Why, if it is known.
        why: Option<String>,
    },
    /// The host refused a channel or a program.
    #[error("`{host}` refused {what}{hint}")]
    Refused {
        /// User, host and port.
        host: String,
        /// What was asked for.
        what: &'static str,
        /// What to do, on a line of its own, or nothing.
        hint: &'static str,
    },
    /// The host did not answer.
    #[error("`{host}` did not answer within {} when asked for {what}", duration(*.after))]
    Timeout {
        /// User, host and port.
        host: String,
        /// What was asked for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
}
