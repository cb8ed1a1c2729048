//! Clients of services, typed and asynchronous. They know nothing of playbooks and open no sockets of their own: a
//! [`Dial`] gives them byte streams, which lead through the helper to what the target can reach.
#![forbid(unsafe_code)]

mod address;
pub mod consul;
pub mod http;
pub mod kafka;
pub mod mongo;
mod pace;
mod progress;
pub mod redis;
pub mod scram;
pub mod zookeeper;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

pub use address::Address;
pub use progress::{Changes, Observer};

/// A byte stream in both directions.
pub trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// A stream that is being opened.
pub type Dialing<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Line>>> + Send + 'a>>;

/// Opens byte streams.
pub trait Dial: Send + Sync {
    /// Opens a TCP stream.
    fn tcp<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a>;

    /// Opens a Unix stream.
    fn unix<'a>(&'a self, path: &'a str) -> Dialing<'a>;
}

/// Waits for an answer, but not for ever.
async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let result = tokio::time::timeout(limit, work).await;
    result.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
