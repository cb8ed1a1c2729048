//! Contents that the controller holds ready for a request, as the module reads them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, mpsc};

use super::credit::Credit;
use super::outbox::Outbox;
use crate::module::{Blobs, Failure};
use crate::protocol::{Blob, Chunk, Event, FromHelper, TOLD};

/// Where messages for a request's contents go in.
pub(super) struct Inbox {
    data: mpsc::Sender<(Chunk, bool)>,
    digests: mpsc::Sender<Result<String, String>>,
    credit: Arc<Credit>,
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.credit.close();
    }
}

impl Inbox {
    pub(super) fn data(&self, chunk: Chunk, last: bool) {
        // A module that has ended needs no more.
        let _ended = self.data.send((chunk, last));
    }

    pub(super) fn took(&self, bytes: u32) {
        self.credit.give(bytes as usize);
    }

    pub(super) fn sha1(&self, digest: Result<String, String>) {
        let _ended = self.digests.send(digest);
    }
}

/// The contents of one request.
pub(super) struct Contents {
    id: u32,
    blobs: Vec<Blob>,
    outbox: Outbox,
    data: RefCell<mpsc::Receiver<(Chunk, bool)>>,
    digests: mpsc::Receiver<Result<String, String>>,
    /// Contents that are on their way, in order.
    wanted: RefCell<VecDeque<usize>>,
    /// How much was read since the controller was told.
    untold: Cell<usize>,
    credit: Arc<Credit>,
}

/// Returns both ends.
pub(super) fn pair(id: u32, blobs: &[Blob], outbox: Outbox) -> (Inbox, Contents) {
    let (data, taken) = mpsc::channel();
    let (digests, told) = mpsc::channel();
    let credit = Arc::new(Credit::new());
    let contents = Contents {
        id,
        blobs: blobs.to_vec(),
        outbox,
        data: RefCell::new(taken),
        digests: told,
        wanted: RefCell::default(),
        untold: Cell::default(),
        credit: Arc::clone(&credit),
    };
    (Inbox { data, digests, credit }, contents)
}

fn lost() -> Failure {
    Failure::new("the connection to the controller was lost")
}

impl Contents {
    fn blob(&self, index: usize) -> Result<&Blob, Failure> {
        self.blobs
            .get(index)
            .ok_or_else(|| Failure::new(format!("the controller sent no content {index}")))
    }

    /// Returns what the request may send.
    pub(super) fn credit(&self) -> &Credit {
        &self.credit
    }

    /// Takes the next piece that has come; `None` when no more will.
    fn next(&self) -> Option<(Chunk, bool)> {
        self.data.borrow().recv().ok()
    }

    /// Tells the controller now and then how much was read.
    fn took(&self, bytes: usize) {
        let untold = self.untold.get() + bytes;
        let is_time = untold >= TOLD;
        self.untold.set(if is_time { 0 } else { untold });
        if is_time {
            // A connection that is gone is noticed by whoever reads on.
            let _gone = self.send(Event::Took(u32::try_from(untold).unwrap_or(u32::MAX)));
        }
    }

    fn send(&self, event: Event) -> Result<(), Failure> {
        self.outbox.send(&FromHelper::Event { id: self.id, event }).map_err(|_| lost())
    }
}

impl Blobs for Contents {
    fn size(&self, index: usize) -> u64 {
        match self.blobs.get(index) {
            Some(Blob::Inline(bytes)) => bytes.len() as u64,
            Some(Blob::Stream { size }) => *size,
            None => 0,
        }
    }

    fn sha1(&self, index: usize) -> Result<String, Failure> {
        use sha1::{Digest, Sha1};
        match self.blob(index)? {
            Blob::Inline(bytes) => {
                Ok(Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
            }
            Blob::Stream { .. } => {
                self.send(Event::WantSha1(u32::try_from(index).unwrap_or(u32::MAX)))?;
                self.digests.recv().map_err(|_| lost())?.map_err(Failure::new)
            }
        }
    }

    fn want(&self, indexes: &[usize]) -> Result<(), Failure> {
        let streamed =
            |index: &&usize| matches!(self.blobs.get(**index), Some(Blob::Stream { .. }));
        let wanted: Vec<usize> = indexes.iter().filter(streamed).copied().collect();
        if wanted.is_empty() {
            return Ok(());
        }
        self.wanted.borrow_mut().extend(&wanted);
        self.send(Event::Want(
            wanted.iter().filter_map(|index| u32::try_from(*index).ok()).collect(),
        ))
    }

    fn open(&self, index: usize) -> Result<Box<dyn Read + '_>, Failure> {
        match self.blob(index)? {
            Blob::Inline(bytes) => Ok(Box::new(Cursor::new(bytes.to_vec()))),
            Blob::Stream { .. } => {
                if self.wanted.borrow().front() != Some(&index) {
                    self.want(&[index])?;
                }
                self.wanted.borrow_mut().pop_front();
                Ok(Box::new(Arriving { contents: self, rest: Cursor::default(), last: false }))
            }
        }
    }
}

/// A content while it arrives.
struct Arriving<'a> {
    contents: &'a Contents,
    rest: Cursor<Vec<u8>>,
    last: bool,
}

impl Read for Arriving<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.rest.read(buffer)?;
            if length > 0 || self.last {
                return Ok(length);
            }
            let Some((chunk, last)) = self.contents.next() else {
                return Err(io::ErrorKind::ConnectionReset.into());
            };
            self.last = last;
            let bytes = chunk
                .into_bytes()
                .map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
            self.contents.took(bytes.len());
            self.rest = Cursor::new(bytes);
        }
    }
}

impl Drop for Arriving<'_> {
    /// What was not read is on its way all the same: it must not be taken for the next content.
    fn drop(&mut self) {
        while !self.last {
            let Some((chunk, last)) = self.contents.next() else { return };
            self.last = last;
            self.contents.took(chunk.into_bytes().map_or(0, |bytes| bytes.len()));
        }
    }
}
