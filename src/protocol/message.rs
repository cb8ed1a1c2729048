//! The messages.

use super::Chunk;
use crate::base::Map;
use crate::module::{Diff, Failure, Outcome};

/// What the controller says.
#[derive(Clone, Debug, PartialEq)]
pub enum ToHelper {
    /// Run a module.
    Run(Request),
    /// A piece of a content that a module asked for, or of a TCP stream.
    Data {
        /// The request or stream.
        id: u32,
        /// The piece.
        chunk: Chunk,
        /// Whether the content (the stream's sending side) ends here.
        last: bool,
    },
    /// The SHA-1 that a module asked for.
    Sha1 {
        /// The request.
        id: u32,
        /// Hexadecimal digits, or why there are none.
        digest: Result<String, String>,
    },
    /// So many bytes of what a module sends were taken.
    Took {
        /// The request.
        id: u32,
        /// How many.
        bytes: u32,
    },
    /// Stop what the request does.
    Cancel {
        /// The request.
        id: u32,
    },
    /// Open a TCP or Unix stream from the target.
    Open {
        /// The number of the new stream.
        id: u32,
        /// Where to.
        address: Address,
    },
    /// End: children are told to stop, then the helper ends.
    Stop,
    /// Say that you are there.
    Ping,
}

/// What the helper says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromHelper {
    /// It is there.
    Ready(Hello),
    /// Something happened in a running request.
    Event {
        /// The request.
        id: u32,
        /// What.
        event: Event,
    },
    /// A request ended.
    Reply {
        /// The request.
        id: u32,
        /// What came of it.
        reply: Reply,
    },
    /// A piece of a file that a module sends, or of a TCP stream.
    Data {
        /// The request or stream.
        id: u32,
        /// The piece.
        chunk: Chunk,
        /// Whether the stream's other side has ended.
        last: bool,
    },
    /// A stream is open, or why not.
    Opened {
        /// The stream.
        id: u32,
        /// Nothing, or the reason.
        result: Result<(), String>,
    },
    /// It is still there.
    Pong,
}

/// Who the helper is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hello {
    /// The protocol it speaks.
    pub version: u32,
    /// Its process.
    pub pid: u32,
    /// The user it runs as.
    pub uid: u32,
    /// That user's name.
    pub user: String,
    /// That user's home folder.
    pub home: String,
}

/// A module to run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The number.
    pub id: u32,
    /// The module's short name.
    pub module: String,
    /// Its arguments, final.
    pub args: Map,
    /// Whether only to predict.
    pub check: bool,
    /// Whether differences are wanted.
    pub diff: bool,
    /// How much detail is wanted.
    pub verbosity: u8,
    /// Variables to set for the module and its programs.
    pub environment: Vec<(String, String)>,
    /// Contents held ready for it.
    pub blobs: Vec<Blob>,
    /// Seconds after which the task is ended; zero means never.
    pub timeout: u64,
}

/// A content that the controller holds ready.
#[derive(Clone, Debug, PartialEq)]
pub enum Blob {
    /// A small one, right here.
    Inline(Vec<u8>),
    /// A large one that comes when asked for.
    Stream {
        /// Its size in bytes.
        size: u64,
    },
}

/// Something that happens while a module runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A program wrote this.
    Output {
        /// Whether to standard error.
        err: bool,
        /// What.
        bytes: Vec<u8>,
    },
    /// How far something long is.
    Progress {
        /// What it is.
        what: String,
        /// How much is done.
        done: u64,
        /// How much there is, zero when unknown.
        all: u64,
    },
    /// The module wants these contents, in this order.
    Want(Vec<u32>),
    /// The module wants the SHA-1 of a content.
    WantSha1(u32),
    /// The module has read so many bytes of its contents.
    Took(u32),
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It went well.
    Done {
        /// Whether something changed or would.
        changed: bool,
        /// What the module reports.
        outcome: Outcome,
        /// Differences.
        diffs: Vec<Diff>,
        /// What the user should know.
        warnings: Vec<String>,
    },
    /// It failed.
    Failed {
        /// Whether something had changed before.
        changed: bool,
        /// Why.
        failure: Failure,
        /// Differences.
        diffs: Vec<Diff>,
        /// What the user should know.
        warnings: Vec<String>,
    },
}

/// Where a stream leads, as seen from the target.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Address {
    /// A TCP port.
    Tcp {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A Unix socket.
    Unix(String),
}
