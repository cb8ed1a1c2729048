//! A queue of bytes from a channel to whoever reads it.
//!
//! russh stops the whole connection while one channel's messages are not taken, so the pump must not wait for a slow
//! reader at once: the queue holds a good deal before it makes the pump wait ([`LIMIT`]).

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

/// So much may wait for a reader before the connection waits too.
const LIMIT: usize = 32 << 20;

/// How a stream ended.
#[derive(Clone, Debug)]
enum End {
    /// Orderly.
    Clean,
    /// The connection was lost.
    Lost(String),
}

#[derive(Debug, Default)]
struct Queue {
    chunks: VecDeque<Bytes>,
    held: usize,
    end: Option<End>,
    reader_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Queue>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end that the pump writes to.
#[derive(Debug)]
pub(super) struct Inlet(Shared);

/// What a program writes, to be read as a stream or chunk by chunk.
#[derive(Debug)]
pub struct Outlet(Shared);

/// Makes a queue.
pub(super) fn pipe() -> (Inlet, Outlet) {
    let shared = Shared::default();
    (Inlet(shared.clone()), Outlet(shared))
}

impl Inlet {
    /// Puts bytes in. Waits for nothing.
    pub(super) fn push(&self, bytes: Bytes) {
        let mut queue = self.0.lock();
        if queue.reader_gone || queue.end.is_some() || bytes.is_empty() {
            return;
        }
        queue.held += bytes.len();
        queue.chunks.push_back(bytes);
        wake(queue.reader.take());
    }

    /// Waits until the queue is short enough to go on.
    pub(super) async fn room(&self) {
        poll_fn(|context| {
            let mut queue = self.0.lock();
            if queue.held < LIMIT || queue.reader_gone {
                return Poll::Ready(());
            }
            queue.writer = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Ends the stream in order.
    pub(super) fn finish(&self) {
        self.end(End::Clean);
    }

    /// Ends the stream because the connection is lost; whoever reads gets an error after what came before.
    pub(super) fn fail(&self, why: String) {
        self.end(End::Lost(why));
    }

    fn end(&self, end: End) {
        let mut queue = self.0.lock();
        queue.end.get_or_insert(end);
        wake(queue.reader.take());
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Outlet {
    /// Returns the next bytes without copying them; `None` at the end.
    pub async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        let mut queue = self.0.lock();
        if let Some(chunk) = queue.chunks.pop_front() {
            queue.held -= chunk.len();
            wake(queue.writer.take());
            return Poll::Ready(Ok(Some(chunk)));
        }
        match &queue.end {
            Some(End::Clean) => Poll::Ready(Ok(None)),
            Some(End::Lost(why)) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, why.clone())))
            }
            None => {
                queue.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Puts the rest of a chunk back in front.
    fn put_back(&self, chunk: Bytes) {
        let mut queue = self.0.lock();
        queue.held += chunk.len();
        queue.chunks.push_front(chunk);
    }
}

impl AsyncRead for Outlet {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut chunk) = ready!(self.poll_chunk(context))? {
            let length = chunk.len().min(buffer.remaining());
            buffer.put_slice(&chunk[..length]);
            chunk.advance(length);
            if !chunk.is_empty() {
                self.put_back(chunk);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.reader_gone = true;
        queue.chunks.clear();
        queue.held = 0;
        wake(queue.writer.take());
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn bytes_come_in_order_and_end() {
        let (inlet, mut outlet) = pipe();
        inlet.push(Bytes::from_static(b"hello "));
        inlet.push(Bytes::from_static(b"world"));
        let mut start = [0; 3];
        outlet.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"hel");
        assert_eq!(outlet.chunk().await.unwrap().unwrap(), "lo ");
        drop(inlet);
        let mut rest = String::new();
        outlet.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "world");
    }

    #[tokio::test]
    async fn a_lost_connection_is_an_error_after_the_bytes() {
        let (inlet, mut outlet) = pipe();
        inlet.push(Bytes::from_static(b"x"));
        inlet.fail("cut".to_owned());
        assert_eq!(outlet.chunk().await.unwrap().unwrap(), "x");
        assert_eq!(outlet.chunk().await.unwrap_err().to_string(), "cut");
    }

    #[tokio::test]
    async fn a_full_queue_waits_for_its_reader() {
        let (inlet, mut outlet) = pipe();
        inlet.push(Bytes::from(vec![0; LIMIT]));
        let reader = tokio::spawn(async move { outlet.chunk().await.unwrap().unwrap().len() });
        inlet.room().await;
        assert_eq!(reader.await.unwrap(), LIMIT);
        inlet.push(Bytes::from(vec![0; LIMIT]));
        inlet.room().await;
    }
}
