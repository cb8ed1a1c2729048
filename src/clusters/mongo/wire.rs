//! The wire: OP_MSG, which every MongoDB from 3.6 on speaks.

use std::io;

use bson::Document;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clusters::Line;

const OP_MSG: i32 = 2013;
const HEADER: usize = 16;
/// The flag of a message that has a checksum at its end.
const CHECKSUM: u32 = 1;
/// The longest message of MongoDB, in bytes.
const LONGEST: usize = 48_000_000;

/// A connection.
pub(super) struct Wire {
    line: Box<dyn Line>,
    last: i32,
}

impl Wire {
    /// Starts on a stream that is open.
    pub(super) fn new(line: Box<dyn Line>) -> Self {
        Self { line, last: 0 }
    }

    /// Sends a command and returns the answer.
    pub(super) async fn ask(&mut self, command: &Document) -> io::Result<Document> {
        self.last += 1;
        self.line.write_all(&encode(self.last, command)?).await?;
        self.line.flush().await?;
        let mut header = [0; HEADER];
        self.line.read_exact(&mut header).await?;
        let field = |at: usize| {
            i32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let length = usize::try_from(field(0)).unwrap_or(0);
        if field(12) != OP_MSG || field(8) != self.last || !(HEADER..=LONGEST).contains(&length) {
            return Err(garbled());
        }
        let mut body = vec![0; length - HEADER];
        self.line.read_exact(&mut body).await?;
        decode(&body)
    }
}

fn encode(id: i32, command: &Document) -> io::Result<Vec<u8>> {
    let document = command.to_vec().map_err(io::Error::other)?;
    let length = i32::try_from(HEADER + 5 + document.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(HEADER + 5 + document.len());
    for field in [length, id, 0, OP_MSG, 0] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.push(0); // a section with one document
    bytes.extend(document);
    Ok(bytes)
}

/// Reads what follows the header of an answer: flags, and one section with one document.
fn decode(body: &[u8]) -> io::Result<Document> {
    let (flags, rest) = body.split_first_chunk::<4>().ok_or_else(garbled)?;
    let end = if u32::from_le_bytes(*flags) & CHECKSUM == 0 { 0 } else { 4 };
    let section = rest.get(..rest.len().saturating_sub(end)).unwrap_or_default();
    match section {
        [0, document @ ..] => Document::from_reader(document).map_err(|_| garbled()),
        _ => Err(garbled()),
    }
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what answers there is no MongoDB")
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn messages() {
        let command = doc! {"ping": 1};
        let bytes = encode(7, &command).unwrap();
        assert_eq!(bytes[..16], [36, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0]);
        assert_eq!(decode(&bytes[16..]).unwrap(), command);
        let mut signed = bytes[16..].to_vec();
        signed[0] = 1;
        signed.extend([1, 2, 3, 4]);
        assert_eq!(decode(&signed).unwrap(), command);
        assert!(decode(b"").is_err());
        assert!(decode(b"\0\0\0\0\x01abc").is_err());
    }
}
