//! What a request needs from the controller while it runs: contents, and somebody who hears its events.

use std::io::Read;

use crate::protocol::Event;

/// Serves one request. Calls come from several threads; reading may block.
pub trait Feed: Send + Sync {
    /// Takes an event (output, progress).
    fn event(&self, event: Event);

    /// Opens a content that the helper asked for.
    fn open(&self, index: u32) -> std::io::Result<Box<dyn Read + Send>>;

    /// Returns the SHA-1 of a content in hexadecimal.
    fn sha1(&self, index: u32) -> Result<String, String>;

    /// Takes a piece of a file that the module sends.
    fn data(&self, bytes: Vec<u8>) -> Result<(), String>;
}

/// For requests without contents whose events nobody wants.
#[derive(Clone, Copy, Debug)]
pub struct NoFeed;

impl Feed for NoFeed {
    fn event(&self, _event: Event) {}

    fn open(&self, _index: u32) -> std::io::Result<Box<dyn Read + Send>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn sha1(&self, _index: u32) -> Result<String, String> {
        Err("there is no such content".into())
    }

    fn data(&self, _bytes: Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}
