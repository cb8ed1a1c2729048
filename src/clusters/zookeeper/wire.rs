//! The wire: a session with numbered requests, and the words of four letters, each of which takes a connection of its own.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::jute::{Reader, Writer, garbled};
use crate::clusters::Line;

/// The longest answer that is read, in bytes: ZooKeeper's own limit for a node is 1 MB.
const LONGEST: usize = 16 << 20;
/// The longest answer to a word.
const LONGEST_WORD: u64 = 1 << 20;
/// How long a session may stay without a request, in milliseconds.
const SESSION: i32 = 30_000;

/// The numbers of requests.
pub(super) mod kind {
    pub(in super::super) const AUTH: i32 = 100;
    pub(in super::super) const CHILDREN: i32 = 8;
    pub(in super::super) const CLOSE: i32 = -11;
    pub(in super::super) const CREATE: i32 = 1;
    pub(in super::super) const GET: i32 = 4;
    pub(in super::super) const RECONFIGURE: i32 = 16;
    pub(in super::super) const SASL: i32 = 102;
}

/// The number under which somebody shows who he is.
const AUTH_NUMBER: i32 = -4;

/// A session.
pub(super) struct Wire {
    line: Box<dyn Line>,
    last: i32,
    /// The number of the session, the highest byte of which is the server's.
    session: i64,
}

impl Wire {
    /// Begins a session on a stream that is open.
    pub(super) async fn start(line: Box<dyn Line>) -> io::Result<Self> {
        let mut wire = Self { line, last: 0, session: 0 };
        let hello = Writer::default().int(0).long(0).int(SESSION).long(0);
        wire.send(hello.buffer(Some(&[0; 16])).flag(false).0).await?;
        let answer = wire.receive().await?;
        let mut reader = Reader(&answer);
        let (_version, timeout) = (reader.int()?, reader.int()?);
        wire.session = reader.long()?;
        if timeout <= 0 || wire.session == 0 {
            return Err(garbled());
        }
        Ok(wire)
    }

    /// Returns the number of the server that gave the session.
    pub(super) fn server(&self) -> u64 {
        u64::from(self.session.to_be_bytes()[0])
    }

    /// Sends a request; returns what follows the head of its answer, or ZooKeeper's number of an error.
    pub(super) async fn ask(
        &mut self,
        kind: i32,
        body: Writer,
    ) -> io::Result<Result<Vec<u8>, i32>> {
        let number = if kind == kind::AUTH {
            AUTH_NUMBER
        } else {
            self.last += 1;
            self.last
        };
        let mut message = Writer::default().int(number).int(kind);
        message.0.extend(body.0);
        self.send(message.0).await?;
        loop {
            let answer = self.receive().await?;
            let mut reader = Reader(&answer);
            let (answered, _zxid, error) = (reader.int()?, reader.long()?, reader.int()?);
            if answered == number {
                return Ok(if error == 0 { Ok(reader.0.to_vec()) } else { Err(error) });
            }
            // What is told unasked has a negative number.
            if answered >= 0 {
                return Err(garbled());
            }
        }
    }

    async fn send(&mut self, body: Vec<u8>) -> io::Result<()> {
        let message = Writer::default().buffer(Some(&body));
        self.line.write_all(&message.0).await?;
        self.line.flush().await
    }

    async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.line.read_i32().await?).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(garbled());
        }
        let mut body = vec![0; length];
        self.line.read_exact(&mut body).await?;
        Ok(body)
    }
}

/// Says a word of four letters and returns all that comes back.
pub(super) async fn word(mut line: Box<dyn Line>, word: &str) -> io::Result<String> {
    line.write_all(word.as_bytes()).await?;
    line.flush().await?;
    let mut bytes = Vec::new();
    line.take(LONGEST_WORD).read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
