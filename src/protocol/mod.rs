//! What controller and helper say to each other: frames of MessagePack over one stream, multiplexed by request.
//!
//! A frame is a length (four bytes, big endian) and a message. The helper speaks first: [`FromHelper::Ready`]. Then the
//! controller sends requests, each with a number of its own; everything that belongs to a request carries its number,
//! so that a long task, a file and a TCP stream share the connection. Numbers are never used twice in a connection.
#![forbid(unsafe_code)]

mod chunk;
mod frame;
mod message;

pub use chunk::Chunk;
pub use frame::{FrameError, LARGEST_FRAME, decode, read, send, write};
pub use message::{Address, Blob, Event, FromHelper, Hello, Reply, Request, ToHelper};

/// The version of this protocol. Helper and controller come from one build; this catches a mix-up.
pub const VERSION: u32 = 1;

/// What the helper writes before its first frame: whatever login shells print before it is skipped.
pub const MAGIC: &[u8] = b"\0fcplay-helper\0";

/// How many bytes of a file travel in one message.
pub const CHUNK: usize = 128 * 1024;

/// Contents up to this size travel inside the request, in bytes.
pub const INLINE: usize = 32 * 1024;
