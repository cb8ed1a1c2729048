//! What controller and helper say to each other: frames of MessagePack over one stream, multiplexed by request.
//!
//! A frame is a length (four bytes, big endian) and a message. The helper speaks first: [`FromHelper::Ready`]. Then the
//! controller sends requests, each with a number of its own; everything that belongs to a request carries its number,
//! so that a long task, a file and a TCP stream share the connection. Numbers are never used twice in a connection.
//! Whoever sends contents waits when [`WINDOW`] bytes are on their way and the other side has not said what it took.
#![forbid(unsafe_code)]

mod chunk;
mod frame;
mod layout;
mod message;
mod pack;
mod wire;

pub use chunk::Chunk;
pub use frame::{FrameError, LARGEST_FRAME, decode, read, read_into, send, write};
pub use message::{Address, Blob, Event, FromHelper, Hello, Reply, Request, ToHelper};
pub use wire::Wire;

/// The version of this protocol. Helper and controller come from one build; this catches a mix-up.
pub const VERSION: u32 = 3;

/// What the helper writes before its first frame: whatever login shells print before it is skipped.
pub const MAGIC: &[u8] = b"\0fcplay-helper\0";

/// How many bytes of a file travel in one message: little enough that allocators keep such pieces for the next ones.
pub const CHUNK: usize = 64 * 1024;

/// How many bytes of a request's contents may be on their way, in each direction.
pub const WINDOW: usize = 4 * 1024 * 1024;

/// How many bytes are taken before the other side is told, at most.
pub const TOLD: usize = WINDOW / 4;

/// Contents up to this size travel inside the request, in bytes.
pub const INLINE: usize = 32 * 1024;

#[cfg(test)]
mod tests;
