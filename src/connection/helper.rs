//! The controller's end of a helper: requests and streams multiplexed over one pair of byte streams.

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::credit::Credit;
use super::greeting::{greet, receive_one};
use super::pulse::Pulse;
use super::running::{Ending, Running};
use super::ssh::Keepalive;
use super::{Feed, Stream, Unreachable};
use crate::protocol::{
    self, Address, CHUNK, Chunk, Event, FromHelper, Hello, Reply, Request, TOLD, ToHelper,
};

/// A running helper.
pub struct Helper {
    hello: Hello,
    link: Arc<Link>,
    /// Cancelled when nobody needs the helper any more: its streams are closed.
    abandoned: CancellationToken,
}

/// What requests, streams and the reader share.
pub(super) struct Link {
    frames: mpsc::Sender<Vec<u8>>,
    routes: Mutex<Routes>,
    next: AtomicU32,
    /// Cancelled when the stream has ended.
    ended: CancellationToken,
    pulse: Pulse,
}

/// Who gets messages of which number; closed with the reason once the stream has ended.
#[derive(Default)]
struct Routes {
    open: HashMap<u32, mpsc::UnboundedSender<FromHelper>>,
    closed: Option<String>,
}

/// How many frames may wait to be sent: enough to keep the line busy, few enough to stop readers of large files.
const QUEUE: usize = 16;

/// How long a helper may take to end, and its last words to come.
const GOODBYE: Duration = Duration::from_secs(2);

/// What is said to whoever uses a helper that was stopped.
const STOPPED: &str = "the helper was stopped";

impl Helper {
    /// Starts to talk to a helper; `patience` is how long it may take to say that it is there.
    pub async fn start<R, W>(reader: R, writer: W, patience: Duration) -> Result<Self, Unreachable>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        Self::talk(reader, writer, patience, None, None).await
    }

    /// Starts to talk to a helper that is a program: what it complains is told when it ends unexpectedly.
    /// `keepalive` is how often it is asked whether it is there.
    pub(super) async fn attach(
        running: Running,
        patience: Duration,
        keepalive: Option<Keepalive>,
    ) -> Result<Self, Unreachable> {
        let Running { stdin, stdout, ending } = running;
        let complaints = ending.complaints.clone();
        let started = Self::talk(stdout, stdin, patience, Some(ending), keepalive).await;
        match started {
            Ok(helper) => Ok(helper),
            Err(mut reason) => {
                let _late = tokio::time::timeout(GOODBYE, complaints.ended()).await;
                let complaints = complaints.text();
                if !complaints.is_empty() {
                    reason.message = format!("{}: {complaints}", reason.message);
                }
                Err(reason)
            }
        }
    }

    async fn talk<R, W>(
        mut reader: R,
        writer: W,
        patience: Duration,
        ending: Option<Ending>,
        keepalive: Option<Keepalive>,
    ) -> Result<Self, Unreachable>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let greeting = tokio::time::timeout(patience, greet(&mut reader)).await;
        let hello = greeting.unwrap_or_else(|_| {
            Err(Unreachable::new(format!(
                "the helper did not answer within {} s",
                patience.as_secs()
            )))
        })?;
        let (frames, queue) = mpsc::channel(QUEUE);
        let link = Arc::new(Link {
            frames,
            routes: Mutex::default(),
            next: AtomicU32::new(1),
            ended: CancellationToken::new(),
            pulse: Pulse::default(),
        });
        let abandoned = CancellationToken::new();
        let sending = send_frames(queue, writer, Arc::clone(&link));
        tokio::spawn(abandoned.clone().run_until_cancelled_owned(sending));
        tokio::spawn(receive(reader, Arc::clone(&link), ending, keepalive, abandoned.clone()));
        Ok(Self { hello, link, abandoned })
    }

    /// Returns who the helper is.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Returns whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        self.link.routes().closed.is_some()
    }

    /// Runs a module. Dropping the future stops what it does on the host.
    pub async fn run(
        &self,
        mut request: Request,
        feed: Arc<dyn Feed>,
    ) -> Result<Reply, Unreachable> {
        let (id, mut messages) = self.link.route()?;
        request.id = id;
        let credit = Arc::new(Credit::new());
        let guard = CancelOnDrop { link: &self.link, id, credit: &credit, done: false };
        self.link.send(&ToHelper::Run(request)).await?;
        let mut untold = 0;
        let reply = loop {
            match messages.recv().await {
                None => break Err(self.link.lost()),
                Some(FromHelper::Reply { reply, .. }) => break Ok(reply),
                Some(FromHelper::Data { chunk, .. }) => {
                    untold += self.taken(id, chunk, &*feed);
                    if untold >= TOLD {
                        let bytes = u32::try_from(untold).unwrap_or(u32::MAX);
                        self.link.send(&ToHelper::Took { id, bytes }).await?;
                        untold = 0;
                    }
                }
                Some(message) => self.serve(id, message, &feed, &credit),
            }
        };
        guard.finish();
        reply
    }

    /// Opens a TCP or Unix stream from the target.
    pub async fn open(&self, address: Address) -> std::io::Result<Stream> {
        let lost = |error: Unreachable| std::io::Error::new(ErrorKind::BrokenPipe, error.message);
        let (id, mut messages) = self.link.route().map_err(lost)?;
        self.link.send(&ToHelper::Open { id, address }).await.map_err(lost)?;
        match messages.recv().await {
            Some(FromHelper::Opened { result: Ok(()), .. }) => {
                Ok(Stream::new(id, Arc::clone(&self.link), messages))
            }
            Some(FromHelper::Opened { result: Err(reason), .. }) => {
                self.link.forget(id);
                Err(std::io::Error::new(ErrorKind::ConnectionRefused, reason))
            }
            _ => Err(lost(self.link.lost())),
        }
    }

    /// Tells the helper to end and waits a little for it; then its streams are closed.
    pub async fn stop(&self) {
        let stop = async {
            let _gone = self.link.frames.send(protocol::write(&ToHelper::Stop)).await;
            self.link.ended.cancelled().await;
        };
        let _late = tokio::time::timeout(GOODBYE, stop).await;
        self.abandoned.cancel();
    }

    /// Takes a piece of what a module sends; returns its length.
    fn taken(&self, id: u32, chunk: Chunk, feed: &dyn Feed) -> usize {
        let taken = chunk.into_bytes().and_then(|bytes| {
            let length = bytes.len();
            feed.data(bytes).map(|()| length)
        });
        taken.unwrap_or_else(|_| {
            self.link.cancel(id);
            0
        })
    }

    fn serve(&self, id: u32, message: FromHelper, feed: &Arc<dyn Feed>, credit: &Arc<Credit>) {
        let feed = Arc::clone(feed);
        let link = Arc::clone(&self.link);
        match message {
            FromHelper::Event { event: Event::Want(indexes), .. } => {
                let credit = Arc::clone(credit);
                tokio::task::spawn_blocking(move || {
                    link.send_contents(id, &indexes, &*feed, &credit);
                });
            }
            FromHelper::Event { event: Event::Took(bytes), .. } => credit.give(bytes),
            FromHelper::Event { event: Event::WantSha1(index), .. } => {
                tokio::task::spawn_blocking(move || {
                    let digest = feed.sha1(index);
                    let _gone =
                        link.frames.blocking_send(protocol::write(&ToHelper::Sha1 { id, digest }));
                });
            }
            FromHelper::Event { event, .. } => feed.event(event),
            FromHelper::Ready(_)
            | FromHelper::Pong
            | FromHelper::Data { .. }
            | FromHelper::Reply { .. }
            | FromHelper::Opened { .. } => {}
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.abandoned.cancel();
    }
}

impl Link {
    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a new number and whatever comes for it.
    fn route(&self) -> Result<(u32, mpsc::UnboundedReceiver<FromHelper>), Unreachable> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut routes = self.routes();
        match &routes.closed {
            Some(reason) => Err(Unreachable::new(reason.clone())),
            None => {
                routes.open.insert(id, sender);
                Ok((id, receiver))
            }
        }
    }

    /// Tells the helper to stop what a request or stream does; never waits, and is never lost while the line holds.
    pub(super) fn cancel(&self, id: u32) {
        let frame = protocol::write(&ToHelper::Cancel { id });
        let Err(mpsc::error::TrySendError::Full(frame)) = self.frames.try_send(frame) else {
            return;
        };
        let frames = self.frames.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { frames.send(frame).await });
        }
    }

    pub(super) fn forget(&self, id: u32) {
        self.routes().open.remove(&id);
    }

    fn lost(&self) -> Unreachable {
        let reason = self.routes().closed.clone();
        Unreachable::new(reason.unwrap_or_else(|| "the connection was lost".into()))
    }

    async fn send(&self, message: &ToHelper) -> Result<(), Unreachable> {
        self.frames.send(protocol::write(message)).await.map_err(|_| self.lost())
    }

    pub(super) fn frames(&self) -> &mpsc::Sender<Vec<u8>> {
        &self.frames
    }

    /// Sends contents in the order asked for. Blocks: runs in a thread of its own.
    fn send_contents(&self, id: u32, indexes: &[u32], feed: &dyn Feed, credit: &Credit) {
        for &index in indexes {
            let sent = feed.open(index).and_then(|content| self.send_content(id, content, credit));
            if sent.is_err() {
                let _gone = self.frames.blocking_send(protocol::write(&ToHelper::Cancel { id }));
                return;
            }
        }
    }

    fn send_content(
        &self,
        id: u32,
        mut content: Box<dyn Read + Send>,
        credit: &Credit,
    ) -> std::io::Result<()> {
        // A file that does not compress at its start (an image tarball) is not tried again and again.
        let mut misses = 0;
        let mut buffer = vec![0; CHUNK];
        loop {
            let length = fill(&mut content, &mut buffer)?;
            let last = length < buffer.len();
            credit.spend(length)?;
            let chunk = if misses < 4 {
                Chunk::packed(&buffer[..length])
            } else {
                Chunk::plain(&buffer[..length])
            };
            if matches!(chunk, Chunk::Plain(_)) {
                misses += 1;
            }
            let frame = protocol::write(&ToHelper::Data { id, chunk, last });
            self.frames
                .blocking_send(frame)
                .map_err(|_| std::io::Error::from(ErrorKind::BrokenPipe))?;
            if last {
                return Ok(());
            }
        }
    }
}

/// Reads until the buffer is full or the content ends.
fn fill(content: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match content.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Stops a request on the host when nobody waits for it any more.
struct CancelOnDrop<'a> {
    link: &'a Link,
    id: u32,
    credit: &'a Credit,
    done: bool,
}

impl CancelOnDrop<'_> {
    fn finish(mut self) {
        self.done = true;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        self.link.forget(self.id);
        self.credit.close();
        if !self.done {
            self.link.cancel(self.id);
        }
    }
}

async fn send_frames(
    mut queue: mpsc::Receiver<Vec<u8>>,
    mut writer: impl AsyncWrite + Unpin,
    link: Arc<Link>,
) {
    let ping = protocol::write(&ToHelper::Ping);
    while let Some(frame) = queue.recv().await {
        if writer.write_all(&frame).await.is_err()
            || (queue.is_empty() && writer.flush().await.is_err())
        {
            return;
        }
        // What is taken is a sign of life, too: a slow line may carry one file for long.
        if frame != ping {
            link.pulse.felt();
        }
    }
}

/// Why nothing more is heard of a helper.
enum End {
    /// It does not answer.
    Silence(String),
    /// Its stream has ended.
    Stream(String),
}

/// Hands every message to whoever waits for its number, until the stream ends or nobody needs it.
async fn receive(
    reader: impl AsyncRead + Unpin,
    link: Arc<Link>,
    ending: Option<Ending>,
    keepalive: Option<Keepalive>,
    abandoned: CancellationToken,
) {
    let mut reader = tokio::io::BufReader::with_capacity(CHUNK, reader);
    let mut stops = std::pin::pin!(link.pulse.stops(keepalive, || {
        // A full queue asks by itself.
        let _full = link.frames.try_send(protocol::write(&ToHelper::Ping));
    }));
    let end = loop {
        let message = tokio::select! {
            message = receive_one(&mut reader) => message,
            reason = &mut stops => break End::Silence(reason),
            () = abandoned.cancelled() => Err(STOPPED.into()),
        };
        link.pulse.felt();
        let message = match message {
            Ok(message) => message,
            Err(reason) => break End::Stream(reason),
        };
        let id = match &message {
            FromHelper::Event { id, .. }
            | FromHelper::Reply { id, .. }
            | FromHelper::Data { id, .. }
            | FromHelper::Opened { id, .. } => *id,
            FromHelper::Pong | FromHelper::Ready(_) => continue,
        };
        if let Some(route) = link.routes().open.get(&id) {
            let _nobody = route.send(message);
        }
    };
    drop(reader);
    let words = match (end, ending) {
        _ if abandoned.is_cancelled() => STOPPED.to_owned(),
        (End::Silence(reason), _) => reason,
        (End::Stream(reason), Some(ending)) => ending.words(&reason).await,
        (End::Stream(reason), None) => format!("the connection was lost: {reason}"),
    };
    let mut routes = link.routes();
    routes.closed = Some(words);
    routes.open.clear();
    drop(routes);
    link.ended.cancel();
}
