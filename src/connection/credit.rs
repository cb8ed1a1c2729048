//! How much of a request's contents may be on its way: the helper says what its module has read, so that neither side
//! keeps a large file in memory, however slow the disk is.

use std::io;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::protocol::WINDOW;

/// The credit of one request.
pub(super) struct Credit(Semaphore);

impl Credit {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(WINDOW))
    }

    /// Waits until so many bytes may be sent. Blocks: for threads that may.
    pub(super) fn spend(&self, bytes: usize) -> io::Result<()> {
        let bytes = u32::try_from(bytes.min(WINDOW)).unwrap_or(u32::MAX);
        let permits = match self.0.try_acquire_many(bytes) {
            Ok(permits) => permits,
            Err(_) => Handle::current()
                .block_on(self.0.acquire_many(bytes))
                .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?,
        };
        permits.forget();
        Ok(())
    }

    /// Says that bytes were read.
    pub(super) fn give(&self, bytes: u32) {
        let room = WINDOW.saturating_sub(self.0.available_permits());
        self.0.add_permits(room.min(bytes as usize));
    }

    /// Says that nothing more is read.
    pub(super) fn close(&self) {
        self.0.close();
    }
}
