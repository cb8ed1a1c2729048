//! A helper's first words: whatever login shells print, its mark, and who it is.

use std::io::ErrorKind;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Unreachable;
use crate::protocol::{self, FromHelper, Hello, MAGIC};

/// How much is skipped at most before a helper speaks: banners of login shells, in bytes.
const NOISE: usize = 64 * 1024;

/// Skips what login shells print, up to the helper's mark, and reads its greeting.
pub(super) async fn greet(reader: &mut (impl AsyncRead + Unpin)) -> Result<Hello, Unreachable> {
    let mut seen = Vec::new();
    let mut byte = [0; 1];
    while !seen.ends_with(MAGIC) {
        match reader.read(&mut byte).await {
            Ok(0) | Err(_) => return Err(Unreachable::new(not_started(&seen))),
            Ok(_) => seen.push(byte[0]),
        }
        if seen.len() > NOISE {
            return Err(Unreachable::new(
                "the login shell prints without end; nothing of it comes from the helper",
            ));
        }
    }
    match receive_one(reader).await {
        Ok(FromHelper::Ready(hello)) if hello.version == protocol::VERSION => Ok(hello),
        Ok(_) => {
            Err(Unreachable::new("the helper on the host belongs to another version of fcplay"))
        }
        Err(reason) => {
            Err(Unreachable::new(format!("the helper ended before it was ready: {reason}")))
        }
    }
}

fn not_started(seen: &[u8]) -> String {
    let text = String::from_utf8_lossy(seen);
    let text = text.trim();
    if text.is_empty() {
        "the helper did not start".into()
    } else {
        format!("the helper did not start: {text}")
    }
}

/// Reads one message.
pub(super) async fn receive_one(
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<FromHelper, String> {
    let mut length = [0; 4];
    reader.read_exact(&mut length).await.map_err(|error| words(&error))?;
    let length = u32::from_be_bytes(length) as usize;
    if length > protocol::LARGEST_FRAME {
        return Err("something else than the helper writes into the connection".into());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.map_err(|error| words(&error))?;
    protocol::decode(&body).map_err(|error| error.to_string())
}

fn words(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "the connection was closed".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(version: u32) -> Vec<u8> {
        let ready = FromHelper::Ready(Hello { version, pid: 7, ..Hello::default() });
        [b"Welcome!\n".as_slice(), MAGIC, &protocol::write(&ready)].concat()
    }

    #[track_caller]
    fn case(written: &[u8], expected: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut stream = written;
        let greeted = match runtime.block_on(greet(&mut stream)) {
            Ok(hello) => format!("process {}", hello.pid),
            Err(error) => error.message,
        };
        assert_eq!(greeted, expected);
    }

    #[test]
    fn a_helper_is_heard_through_banners() {
        let whole = greeting(protocol::VERSION);
        case(&whole, "process 7");
        case(&greeting(0), "the helper on the host belongs to another version of fcplay");
        case(
            &whole[..whole.len() - 1],
            "the helper ended before it was ready: the connection was closed",
        );
        case(b"No entry.\n", "the helper did not start: No entry.");
        case(b"", "the helper did not start");
        case(
            &vec![b'x'; NOISE + 1],
            "the login shell prints without end; nothing of it comes from the helper",
        );
    }
}
