//! The wire: RESP 2, as all versions of Redis speak it.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clusters::Line;

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Reply {
    /// Text or bytes, simple or long.
    Text(Vec<u8>),
    /// A number.
    Number(i64),
    /// Nothing.
    Nothing,
    /// Several.
    Many(Vec<Self>),
    /// An error.
    Failure(String),
}

/// The longest answer that is taken: `CLUSTER NODES` of a thousand nodes has less than a megabyte.
const LONGEST: usize = 16 * 1024 * 1024;

/// A connection.
pub(super) struct Wire {
    line: Box<dyn Line>,
    buffer: Vec<u8>,
}

impl Wire {
    /// Starts on a stream that is open.
    pub(super) fn new(line: Box<dyn Line>) -> Self {
        Self { line, buffer: Vec::new() }
    }

    /// Sends commands together and returns an answer to each.
    pub(super) async fn ask<W: AsRef<[u8]>>(
        &mut self,
        commands: &[Vec<W>],
    ) -> io::Result<Vec<Reply>> {
        let bytes: Vec<u8> = commands.iter().flat_map(|words| encode(words)).collect();
        self.line.write_all(&bytes).await?;
        self.line.flush().await?;
        let mut replies = Vec::with_capacity(commands.len());
        while replies.len() < commands.len() {
            match decode(&self.buffer)? {
                Some((reply, length)) => {
                    self.buffer.drain(..length);
                    replies.push(reply);
                }
                None if self.buffer.len() > LONGEST => return Err(garbled()),
                None => {
                    if self.line.read_buf(&mut self.buffer).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
        Ok(replies)
    }
}

fn encode<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend(word);
        bytes.extend(b"\r\n");
    }
    bytes
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what answers there is no Redis")
}

/// Reads one answer and its length; nothing when it is not there wholly.
fn decode(bytes: &[u8]) -> io::Result<Option<(Reply, usize)>> {
    let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else {
        // The first line of an answer is short unless it is an error.
        return if bytes.len() > 64 * 1024 { Err(garbled()) } else { Ok(None) };
    };
    let text = String::from_utf8_lossy(&bytes[1..end.max(1)]).into_owned();
    let after = end + 2;
    let number = || text.parse::<i64>().map_err(|_| garbled());
    match bytes[0] {
        b'+' => Ok(Some((Reply::Text(text.into_bytes()), after))),
        b'-' => Ok(Some((Reply::Failure(text), after))),
        b':' => Ok(Some((Reply::Number(number()?), after))),
        b'$' | b'*' if number()? < 0 => Ok(Some((Reply::Nothing, after))),
        b'$' => {
            let length = usize::try_from(number()?).map_err(|_| garbled())?;
            if length > LONGEST {
                return Err(garbled());
            }
            let body = bytes.get(after..after + length + 2);
            Ok(body.map(|body| (Reply::Text(body[..length].to_vec()), after + length + 2)))
        }
        b'*' => {
            let mut place = after;
            let mut items = Vec::new();
            for _ in 0..number()? {
                let Some((item, length)) = decode(&bytes[place..])? else { return Ok(None) };
                items.push(item);
                place += length;
            }
            Ok(Some((Reply::Many(items), place)))
        }
        _ => Err(garbled()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &str, expected: Option<(Reply, usize)>) {
        assert_eq!(decode(bytes.as_bytes()).unwrap(), expected, "{bytes:?}");
    }

    #[test]
    fn answers() {
        case("+OK\r\n", Some((Reply::Text("OK".into()), 5)));
        case("-ERR no\r\n+x", Some((Reply::Failure("ERR no".into()), 9)));
        case(":12\r\n", Some((Reply::Number(12), 5)));
        case("$5\r\nab\r\nc\r\n", Some((Reply::Text("ab\r\nc".into()), 11)));
        case("$-1\r\n", Some((Reply::Nothing, 5)));
        case(
            "*2\r\n:1\r\n$1\r\na\r\n",
            Some((Reply::Many(vec![Reply::Number(1), Reply::Text("a".into())]), 15)),
        );
        case("$5\r\nab", None);
        case("*2\r\n:1\r\n", None);
        case("", None);
        assert!(decode(b"HTTP/1.1 400\r\n").is_err());
    }

    #[test]
    fn commands() {
        assert_eq!(encode(&["GET", "ä"]), "*2\r\n$3\r\nGET\r\n$2\r\nä\r\n".as_bytes());
    }
}
