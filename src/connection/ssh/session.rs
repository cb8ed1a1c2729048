//! An open connection: programs are started on it, each on a channel of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{ChannelOpenHandle, DisconnectReason, Handle, Handler, Msg};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg, ChannelOpenFailure, Disconnect, Pty};
use tokio_util::sync::CancellationToken;

use super::error::{ConnectError, HostKeyError, SILENT, SessionError, Stage};
use super::host_key::{HostKeyCheck, Trust};
use super::process::{Process, process};

/// How long a host may take to open a channel or to start a program.
const ANSWER: Duration = Duration::from_secs(60);

/// How often a silent side is asked whether it is there, and how many questions may stay without an answer. A minute and
/// a quarter, when nobody says otherwise: a host may be short of breath for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keepalive {
    /// The time between two questions (`ServerAliveInterval`).
    pub interval: Duration,
    /// How many may stay without an answer (`ServerAliveCountMax`).
    pub count: usize,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self { interval: Duration::from_secs(15), count: 4 }
    }
}

/// Whether a program gets a terminal.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Terminal {
    /// No: three clean streams.
    #[default]
    None,
    /// Yes, for sudo with `requiretty`: raw, without echo, so that bytes pass as they are. stderr joins stdout, and the
    /// end of input is not passed on.
    Raw,
}

/// What is known about a connection, from all sides.
#[derive(Debug)]
pub(super) struct State {
    /// User, host and port.
    pub(super) host: String,
    /// Cancelled when the connection is gone.
    pub(super) closed: CancellationToken,
    /// Why it went.
    why: Mutex<Option<String>>,
    /// How far the host is trusted, once its key was seen.
    trust: Mutex<Option<Trust>>,
}

impl State {
    pub(super) fn new(host: String) -> Self {
        let closed = CancellationToken::new();
        Self { host, closed, why: Mutex::default(), trust: Mutex::default() }
    }

    /// Returns why the connection went, if it is known.
    pub(super) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn trust(&self) -> Trust {
        let trust = *self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        trust.unwrap_or(Trust::NoSecrets)
    }

    pub(super) fn lost(&self) -> SessionError {
        SessionError::Lost { host: self.host.clone(), why: self.why() }
    }

    pub(super) fn timeout(&self, after: Duration) -> ConnectError {
        ConnectError::Timeout { host: self.host.clone(), stage: Stage::Login, after }
    }
}

/// Why the handshake was broken off.
#[derive(Debug)]
pub(super) enum Broken {
    /// By us: the key.
    HostKey(Box<HostKeyError>),
    /// By the library.
    Russh(russh::Error),
}

impl From<russh::Error> for Broken {
    fn from(error: russh::Error) -> Self {
        Self::Russh(error)
    }
}

/// What we do when the host says something on its own.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) check: HostKeyCheck,
    pub(super) state: Arc<State>,
    /// The agent that the host may use.
    pub(super) agent: Option<PathBuf>,
}

impl Handler for Watch {
    type Error = Broken;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Broken> {
        let trust = self.check.check(key).map_err(Broken::HostKey)?;
        *self.state.trust.lock().unwrap_or_else(PoisonError::into_inner) = Some(trust);
        Ok(true)
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut russh::client::Session,
    ) -> Result<(), Broken> {
        let agent = self.agent.clone().filter(|_| self.state.trust() == Trust::Full);
        tokio::spawn(async move {
            let Some(path) = agent else {
                return reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            };
            match tokio::net::UnixStream::connect(path).await {
                Ok(mut agent) => {
                    reply.accept().await;
                    let mut channel = channel.into_stream();
                    tokio::io::copy_bidirectional(&mut channel, &mut agent).await.ok();
                }
                Err(_) => reply.reject(ChannelOpenFailure::ConnectFailed).await,
            }
        });
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Broken>) -> Result<(), Broken> {
        let why = match reason {
            DisconnectReason::ReceivedDisconnect(info) => Some(info.message),
            DisconnectReason::Error(Broken::Russh(error)) => plain_words(&error),
            DisconnectReason::Error(Broken::HostKey(error)) => Some(error.to_string()),
        };
        let mut slot = self.state.why.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = why.filter(|why| !why.is_empty());
        drop(slot);
        self.state.closed.cancel();
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.state.closed.cancel();
    }
}

/// Says in plain words why a connection broke.
fn plain_words(error: &russh::Error) -> Option<String> {
    match error {
        russh::Error::KeepaliveTimeout => Some(SILENT.to_owned()),
        russh::Error::Disconnect | russh::Error::HUP => Some("the host hung up".to_owned()),
        russh::Error::IO(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Some("the host hung up".to_owned())
        }
        russh::Error::IO(error) => Some(error.to_string()),
        other => Some(other.to_string()),
    }
}

/// What carries a connection, and must live as long: the jump host's connection, or the proxy command.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    pub(super) jump: Option<Arc<Session>>,
    pub(super) command: Option<tokio::process::Child>,
}

/// Whether a connection takes more programs: sshd has a limit (`MaxSessions`), which it does not tell.
#[derive(Debug, Default)]
pub(super) struct Room {
    used: AtomicBool,
    full: AtomicBool,
}

/// A connection to a host, logged in. Many tasks may use it at once; dropping it hangs up when its last program is gone.
pub struct Session {
    pub(super) handle: Handle<Watch>,
    pub(super) state: Arc<State>,
    pub(super) carrier: Arc<Carrier>,
    pub(super) forwards_agent: bool,
    pub(super) keepalive: Option<Keepalive>,
    pub(super) room: Room,
    pub(super) environment: Vec<(String, String)>,
    pub(super) warnings: Vec<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.state.host)
    }
}

impl Session {
    /// Returns user, host and port, as `user@host:port`.
    pub fn host(&self) -> &str {
        &self.state.host
    }

    /// Returns what in the SSH configuration has no effect.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns how often the host is asked whether it is there.
    pub fn keepalive(&self) -> Option<Keepalive> {
        self.keepalive
    }

    /// Returns whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed() || self.state.closed.is_cancelled()
    }

    /// Waits until the connection is gone and returns why.
    pub async fn closed(&self) -> Option<String> {
        self.state.closed.cancelled().await;
        self.state.why()
    }

    /// Starts a command, which the user's shell over there reads.
    pub async fn exec(&self, command: &str, terminal: Terminal) -> Result<Process, SessionError> {
        let mut channel = self.channel().await?;
        if self.forwards_agent {
            channel.agent_forward(false).await.map_err(|_| self.state.lost())?;
        }
        for (name, value) in &self.environment {
            // sshd takes what its `AcceptEnv` names, and says nothing of the rest: nobody waits for an answer.
            channel.set_env(false, name, value).await.map_err(|_| self.state.lost())?;
        }
        if terminal == Terminal::Raw {
            let asked = channel.request_pty(true, "dumb", 80, 24, 0, 0, RAW).await;
            asked.map_err(|_| self.state.lost())?;
            self.granted(&mut channel, "a terminal").await?;
        }
        channel.exec(true, command).await.map_err(|_| self.state.lost())?;
        self.granted(&mut channel, "to start a program").await?;
        Ok(process(channel, &self.state, Arc::clone(&self.carrier)))
    }

    /// Opens a channel for a program, and takes note when there is no room for one more.
    async fn channel(&self) -> Result<Channel<Msg>, SessionError> {
        let mut opened = self.answer("a channel", self.handle.channel_open_session()).await;
        match &mut opened {
            Ok(_) => self.room.used.store(true, Ordering::Relaxed),
            Err(SessionError::Refused { hint, .. }) => {
                *hint = "\nhint: sshd there forbids it (MaxSessions)";
                self.room.full.store(self.room.used.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            Err(_) => {}
        }
        opened
    }

    /// Returns whether the host refused one more program on this connection, after it took some.
    pub fn is_full(&self) -> bool {
        self.room.full.load(Ordering::Relaxed)
    }

    /// Says good-bye. Programs that still run lose their streams.
    pub async fn disconnect(&self) {
        // A connection that is gone already needs no good-bye.
        self.handle.disconnect(Disconnect::ByApplication, "", "").await.ok();
    }

    /// Waits for a channel.
    pub(super) async fn answer(
        &self,
        what: &'static str,
        asked: impl Future<Output = Result<Channel<Msg>, russh::Error>>,
    ) -> Result<Channel<Msg>, SessionError> {
        let host = self.state.host.clone();
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(russh::Error::ChannelOpenFailure(reason))) => {
                Err(SessionError::Refused { host, what, hint: channel_hint(&reason) })
            }
            Ok(Err(_)) => Err(self.state.lost()),
            Err(_) => Err(SessionError::Timeout { host, what, after: ANSWER }),
        }
    }

    /// Waits until a request on a channel is granted.
    async fn granted(
        &self,
        channel: &mut Channel<Msg>,
        what: &'static str,
    ) -> Result<(), SessionError> {
        let host = self.state.host.clone();
        let granted = async {
            loop {
                match channel.wait().await {
                    Some(ChannelMsg::Success) => return Ok(()),
                    Some(ChannelMsg::Failure | ChannelMsg::Close) => {
                        let hint = "\nhint: does sshd allow it (ForceCommand, PermitTTY, the user's shell)?";
                        return Err(SessionError::Refused { host: host.clone(), what, hint });
                    }
                    Some(_) => {}
                    None => return Err(self.state.lost()),
                }
            }
        };
        let late = SessionError::Timeout { host: host.clone(), what, after: ANSWER };
        tokio::time::timeout(ANSWER, granted).await.unwrap_or(Err(late))
    }
}

fn channel_hint(reason: &ChannelOpenFailure) -> &'static str {
    match reason {
        ChannelOpenFailure::AdministrativelyProhibited => {
            "\nhint: sshd there forbids it (AllowTcpForwarding, PermitOpen)"
        }
        ChannelOpenFailure::ConnectFailed => {
            "\nhint: nothing answers at that address when seen from there"
        }
        ChannelOpenFailure::ResourceShortage => "\nhint: it is short of memory or processes",
        ChannelOpenFailure::Other { .. } | ChannelOpenFailure::UnknownChannelType => "",
    }
}

/// A terminal that changes no byte in either direction.
const RAW: &[(Pty, u32)] = &[
    (Pty::ICRNL, 0),
    (Pty::INLCR, 0),
    (Pty::IGNCR, 0),
    (Pty::ISTRIP, 0),
    (Pty::IXON, 0),
    (Pty::IXOFF, 0),
    (Pty::ISIG, 0),
    (Pty::ICANON, 0),
    (Pty::IEXTEN, 0),
    (Pty::ECHO, 0),
    (Pty::ECHOE, 0),
    (Pty::ECHOK, 0),
    (Pty::ECHONL, 0),
    (Pty::OPOST, 0),
    (Pty::ONLCR, 0),
    (Pty::CS8, 1),
    (Pty::PARENB, 0),
    (Pty::TTY_OP_ISPEED, 38400),
    (Pty::TTY_OP_OSPEED, 38400),
];
