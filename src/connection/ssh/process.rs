//! A program on the other side: its three streams and how it ended.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

use super::error::SessionError;
use super::pipe::{Inlet, Outlet, pipe};
use super::session::{Carrier, State};

/// How a program ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Exit {
    /// With this status.
    Code(u32),
    /// By a signal, named as in `TERM`.
    Signal(String),
}

/// A running program. Its parts may be taken by different tasks. When [`Process::status`] is dropped, the channel is
/// closed.
#[derive(Debug)]
pub struct Process {
    /// What the program reads; dropping it ends its input.
    pub stdin: Stdin,
    /// What the program writes.
    pub stdout: Outlet,
    /// What the program complains.
    pub stderr: Outlet,
    /// How it ends.
    pub status: Status,
}

/// All that a program had to say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: Vec<u8>,
}

impl Process {
    /// Feeds the program, gathers what it writes and waits for its end.
    pub async fn output(self, input: &[u8]) -> Result<Output, SessionError> {
        let Self { mut stdin, stdout: mut out, stderr: mut errors, status } = self;
        let feed = async {
            // A program need not read its input: that it does not is no mistake of the connection.
            if stdin.write_all(input).await.is_ok() {
                stdin.shutdown().await.ok();
            }
            drop(stdin);
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (exit, (), _, _) = tokio::join!(
            status.wait(),
            feed,
            out.read_to_end(&mut stdout),
            errors.read_to_end(&mut stderr)
        );
        Ok(Output { exit: exit?, stdout, stderr })
    }
}

/// The end of a program.
#[derive(Debug)]
pub struct Status {
    receiver: oneshot::Receiver<Result<Exit, SessionError>>,
    state: Arc<State>,
    guard: DropGuard,
}

impl Status {
    /// Waits until the program has ended and its channel is closed.
    pub async fn wait(self) -> Result<Exit, SessionError> {
        let Self { receiver, state, guard } = self;
        let result = receiver.await.unwrap_or_else(|_| Err(state.lost()));
        drop(guard);
        result
    }
}

/// What a program reads.
pub struct Stdin {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    /// russh does not wake a writer that waits for the window when the connection dies.
    gone: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: Arc<AtomicBool>,
    _dropped: oneshot::Sender<()>,
}

impl std::fmt::Debug for Stdin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stdin")
    }
}

impl Stdin {
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.gone.as_mut().poll(context).map(|()| {
            Err(io::Error::new(io::ErrorKind::BrokenPipe, "the program or the connection is gone"))
        })
    }
}

impl AsyncWrite for Stdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if let Poll::Ready(error) = self.poll_gone(context) {
            return Poll::Ready(error);
        }
        self.writer.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ended.load(Ordering::Relaxed) || self.poll_gone(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let done = self.writer.as_mut().poll_shutdown(context);
        if done.is_ready() {
            self.ended.store(true, Ordering::Relaxed);
        }
        done
    }
}

/// Starts the pump of a channel whose program has been started.
pub(super) fn process(channel: Channel<Msg>, state: &Arc<State>, carrier: Arc<Carrier>) -> Process {
    let (reader, writer) = channel.split();
    let (out_inlet, stdout) = pipe();
    let (error_inlet, stderr) = pipe();
    let (status, receiver) = oneshot::channel();
    let (dropped, stdin_dropped) = oneshot::channel();
    let ended = Arc::new(AtomicBool::new(false));
    let finished = state.closed.child_token();
    let stop = CancellationToken::new();
    let stdin = Stdin {
        writer: Box::pin(writer.make_writer()),
        gone: Box::pin(finished.clone().cancelled_owned()),
        ended: Arc::clone(&ended),
        _dropped: dropped,
    };
    let guard = stop.clone().drop_guard();
    let pump = Pump {
        reader,
        writer,
        stdout: out_inlet,
        stderr: error_inlet,
        state: Arc::clone(state),
        stop,
        ended,
        exit: None,
    };
    tokio::spawn(async move {
        let result = pump.run(stdin_dropped).await;
        finished.cancel();
        status.send(result).ok();
        drop(carrier);
    });
    Process { stdin, stdout, stderr, status: Status { receiver, state: Arc::clone(state), guard } }
}

struct Pump {
    reader: ChannelReadHalf,
    writer: ChannelWriteHalf<Msg>,
    stdout: Inlet,
    stderr: Inlet,
    state: Arc<State>,
    stop: CancellationToken,
    ended: Arc<AtomicBool>,
    exit: Option<Exit>,
}

impl Pump {
    async fn run(mut self, mut stdin_dropped: oneshot::Receiver<()>) -> Result<Exit, SessionError> {
        let mut stdin_open = true;
        loop {
            tokio::select! {
                message = self.reader.wait() => match message {
                    Some(ChannelMsg::Close) | None => return self.end(),
                    Some(message) => self.take(message).await,
                },
                _ = &mut stdin_dropped, if stdin_open => {
                    stdin_open = false;
                    if !self.ended.swap(true, Ordering::Relaxed) {
                        self.writer.eof().await.ok();
                    }
                }
                () = self.stop.cancelled() => {
                    self.writer.close().await.ok();
                    return self.end();
                }
            }
        }
    }

    async fn take(&mut self, message: ChannelMsg) {
        let inlet = match message {
            ChannelMsg::Data { data } => {
                self.stdout.push(data);
                &self.stdout
            }
            ChannelMsg::ExtendedData { data, ext: 1 } => {
                self.stderr.push(data);
                &self.stderr
            }
            ChannelMsg::Eof => {
                self.stdout.finish();
                self.stderr.finish();
                return;
            }
            ChannelMsg::ExitStatus { exit_status } => {
                self.exit = Some(Exit::Code(exit_status));
                return;
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                let name = match signal_name {
                    russh::Sig::Custom(name) => name,
                    known => format!("{known:?}"),
                };
                self.exit = Some(Exit::Signal(name));
                return;
            }
            _ => return,
        };
        tokio::select! {
            () = inlet.room() => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn end(mut self) -> Result<Exit, SessionError> {
        if let Some(exit) = self.exit.take() {
            return Ok(exit);
        }
        let lost = self.state.lost();
        self.stdout.fail(lost.to_string());
        self.stderr.fail(lost.to_string());
        Err(lost)
    }
}
