//! The stream to the controller, written to by many threads, one message at a time.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::{self, FromHelper};

/// The stream to the controller.
#[derive(Clone)]
pub(super) struct Outbox(Arc<Mutex<Box<dyn Write + Send>>>);

impl Outbox {
    pub(super) fn new(stream: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(stream))))
    }

    /// Sends a message.
    pub(super) fn send(&self, message: &FromHelper) -> io::Result<()> {
        self.raw(&protocol::write(message))
    }

    /// Sends bytes as they are.
    pub(super) fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(bytes)?;
        stream.flush()
    }
}
