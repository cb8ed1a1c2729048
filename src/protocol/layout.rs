//! The wire format of every message: its fields in order, its variants with their numbers. A change here is a new
//! [`VERSION`](super::VERSION).

use super::pack::{Garbled, Packer, Unpacker};
use super::wire::{Wire, wire};
use super::{Address, Blob, Chunk, Event, FromHelper, Hello, Reply, Request, ToHelper};
use crate::module::{Diff, Failure, Outcome};

wire! {
    enum ToHelper {
        0 Run(request),
        1 Data { id, chunk, last },
        2 Sha1 { id, digest },
        3 Cancel { id },
        4 Open { id, address },
        5 Stop,
        6 Took { id, bytes },
        7 Ping,
    }

    enum FromHelper {
        0 Ready(hello),
        1 Event { id, event },
        2 Reply { id, reply },
        3 Data { id, chunk, last },
        4 Opened { id, result },
        5 Pong,
    }

    enum Address {
        0 Tcp { host, port },
        1 Unix(path),
    }

    enum Blob {
        0 Inline(bytes),
        1 Stream { size },
    }

    enum Chunk {
        0 Plain(bytes),
        1 Packed(bytes),
    }

    enum Diff {
        0 None,
        1 Text { before_header, after_header, before, after },
        2 Values { header, before, after },
        3 Prepared(text),
    }

    enum Event {
        0 Output { err, bytes },
        1 Progress { what, done, all },
        2 Want(indexes),
        3 WantSha1(index),
        4 Took(bytes),
    }

    enum Reply {
        0 Done { changed, outcome, diffs, warnings },
        1 Failed { changed, failure, diffs, warnings },
    }
}

wire! {
    struct Failure { message, values }

    struct Hello { version, pid, uid, user, home }

    struct Outcome { message, values, facts, skipped, changed }

    struct Request {
        id, module, args, check, diff, verbosity, environment, blobs, timeout,
    }
}
