//! A TCP or Unix stream that the helper opened on the target, as an async byte stream.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use super::helper::Link;
use crate::protocol::{self, CHUNK, Chunk, FromHelper, ToHelper};

/// A byte stream to something the target can reach.
pub struct Stream {
    id: u32,
    link: Arc<Link>,
    frames: PollSender<Vec<u8>>,
    messages: mpsc::UnboundedReceiver<FromHelper>,
    rest: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl Stream {
    pub(super) fn new(
        id: u32,
        link: Arc<Link>,
        messages: mpsc::UnboundedReceiver<FromHelper>,
    ) -> Self {
        let frames = PollSender::new(link.frames().clone());
        Self { id, link, frames, messages, rest: io::Cursor::default(), ended: false }
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        last: bool,
    ) -> Poll<io::Result<usize>> {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        match self.frames.poll_reserve(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(_)) => return Poll::Ready(Err(broken())),
            Poll::Ready(Ok(())) => {}
        }
        let length = bytes.len().min(CHUNK);
        let message = ToHelper::Data { id: self.id, chunk: Chunk::plain(&bytes[..length]), last };
        Poll::Ready(
            self.frames.send_item(protocol::write(&message)).map(|()| length).map_err(|_| broken()),
        )
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let place = usize::try_from(self.rest.position()).unwrap_or(usize::MAX);
            let waiting = self.rest.get_ref().get(place..).unwrap_or_default();
            if !waiting.is_empty() {
                let length = waiting.len().min(out.remaining());
                out.put_slice(&waiting[..length]);
                self.rest.set_position((place + length) as u64);
                return Poll::Ready(Ok(()));
            }
            if self.ended {
                return Poll::Ready(Ok(()));
            }
            match self.messages.poll_recv(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Poll::Ready(Some(FromHelper::Data { chunk, last, .. })) => {
                    self.ended = last;
                    let bytes = chunk
                        .into_bytes()
                        .map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
                    self.rest = io::Cursor::new(bytes);
                }
                Poll::Ready(Some(_)) => {}
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, bytes, false)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(cx, &[], true).map_ok(|_| ())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.link.forget(self.id);
        self.link.cancel(self.id);
    }
}
