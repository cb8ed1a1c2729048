//! The byte stream under a connection: TCP, a channel through a jump host, or a command.

use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::process::{Child, Command};

use super::config::{BadConfig, Family, Options};
use super::error::{ConnectError, SessionError, Stage};
use super::plan::Plan;
use super::session::Session;

/// A stream of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What a proxy command says on its way.
#[derive(Debug)]
pub(super) struct Complaint {
    text: Arc<Mutex<String>>,
    /// Done when the command has said its last word.
    listener: tokio::task::JoinHandle<()>,
}

/// Connects over TCP, trying each address of the name.
pub(super) async fn tcp(plan: &Plan) -> Result<TcpStream, ConnectError> {
    let (host, port) = (&plan.tokens.host, plan.tokens.port);
    if host.is_empty() {
        return Err(ConnectError::Config(BadConfig {
            place: "the address of the host".to_owned(),
            why: "it is empty\nhint: is `ansible_host` made from a variable that has no value?"
                .to_owned(),
        }));
    }
    let resolve = |why: String| ConnectError::Resolve { host: host.clone(), why };
    let found = tokio::time::timeout(plan.patience, lookup_host((host.as_str(), port))).await;
    let found = found.map_err(|_| resolve("the resolver does not answer".to_owned()))?;
    let found = found.map_err(|error| resolve(error.to_string()))?;
    let wanted = plan.options.address_family.unwrap_or(Family::Any);
    let addresses: Vec<SocketAddr> = found
        .filter(|address| match wanted {
            Family::Any => true,
            Family::Four => address.is_ipv4(),
            Family::Six => address.is_ipv6(),
        })
        .collect();
    let mut failure = resolve("it has no address of the wanted kind".to_owned());
    for address in addresses {
        match tokio::time::timeout(plan.patience, one(address, &plan.options)).await {
            Ok(Ok(stream)) => {
                // Without it every small message waits for the answer to the one before: 40 ms.
                stream.set_nodelay(true).ok();
                return Ok(stream);
            }
            Ok(Err(error)) => failure = failed(address, &error, plan),
            Err(_) => failure = late(plan),
        }
    }
    Err(failure)
}

async fn one(address: SocketAddr, options: &Options) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(own) = &options.bind_address {
        let own = own.parse().map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("BindAddress `{own}` is not an address"),
            )
        })?;
        socket.bind(SocketAddr::new(own, 0))?;
    }
    socket.connect(address).await
}

fn late(plan: &Plan) -> ConnectError {
    let host = plan.check.shown.clone();
    ConnectError::Timeout { host, stage: Stage::Connect, after: plan.patience }
}

fn failed(address: SocketAddr, error: &io::Error, plan: &Plan) -> ConnectError {
    let name = &plan.tokens.host;
    let shown = if address.ip().to_string() == *name {
        address.to_string()
    } else {
        format!("{address} ({name})")
    };
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused { address: shown },
        io::ErrorKind::TimedOut => late(plan),
        _ => ConnectError::Unreachable { address: shown, why: error.to_string() },
    }
}

/// Opens a channel from a jump host to the host.
pub(super) async fn through(jump: &Session, plan: &Plan) -> Result<Box<dyn Stream>, ConnectError> {
    let (host, port) = (plan.tokens.host.clone(), u32::from(plan.tokens.port));
    let asked = jump.handle.channel_open_direct_tcpip(host, port, "127.0.0.1", 0);
    match tokio::time::timeout(plan.patience, jump.answer("a way onward", asked)).await {
        Ok(Ok(channel)) => Ok(Box::new(channel.into_stream())),
        Ok(Err(SessionError::Refused { hint, .. })) => Err(ConnectError::Unreachable {
            address: plan.check.shown.clone(),
            why: format!("the jump host `{}` cannot connect to it{hint}", jump.host()),
        }),
        Ok(Err(error)) => Err(ConnectError::Unreachable {
            address: plan.check.shown.clone(),
            why: error.to_string(),
        }),
        Err(_) => Err(late(plan)),
    }
}

/// Starts a proxy command.
pub(super) fn command(
    text: &str,
    plan: &Plan,
) -> Result<(Box<dyn Stream>, Child, Complaint), ConnectError> {
    let failed = |why: String| ConnectError::Proxy {
        host: plan.check.shown.clone(),
        command: text.to_owned(),
        why,
    };
    let mut child = Command::new("/bin/sh")
        .args(["-c", &format!("exec {text}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed("it has no pipes".to_owned()));
    };
    let text = Arc::<Mutex<String>>::default();
    let listener = tokio::spawn(listen(stderr, Arc::clone(&text)));
    let complaint = Complaint { text, listener };
    Ok((Box::new(tokio::io::join(stdout, stdin)), child, complaint))
}

/// Keeps the first words of a proxy command's complaints and reads the rest away.
async fn listen(mut stderr: tokio::process::ChildStderr, complaint: Arc<Mutex<String>>) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        let mut text = complaint.lock().unwrap_or_else(PoisonError::into_inner);
        if text.len() < 2048 {
            text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    }
}

/// Returns what a proxy command said, waiting a moment for it to finish its sentence.
pub(super) async fn said(complaint: Complaint, child: &mut Child) -> String {
    let Complaint { text, listener } = complaint;
    let end = async { (child.wait().await, listener.await) };
    let status = tokio::time::timeout(Duration::from_secs(1), end).await;
    let text = text.lock().unwrap_or_else(PoisonError::into_inner).trim().to_owned();
    match status {
        Ok((Ok(status), _)) if text.is_empty() => format!("{status}"),
        _ if text.is_empty() => "it says nothing".to_owned(),
        _ => text,
    }
}
