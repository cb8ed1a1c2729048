//! Frames: a length and a message.

use std::io::{self, Read, Write};

use super::Wire;
use super::pack::{Packer, Unpacker};

/// No frame is larger, in bytes: a larger length means that the stream is not ours (a login banner, say).
pub const LARGEST_FRAME: usize = 256 * 1024 * 1024;

/// How much memory is kept for the next frame, in bytes.
const KEPT: usize = 1 << 20;

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream ended between frames.
    #[error("the stream ended")]
    End,
    /// The stream broke.
    #[error("the stream broke: {0}")]
    Io(#[from] io::Error),
    /// What came is no frame.
    #[error("what came is not ours: {0}")]
    Garbled(String),
}

/// Returns a message as a frame.
pub fn write<T: Wire>(message: &T) -> Vec<u8> {
    let mut to = Packer::new(vec![0; 4]);
    message.pack(&mut to);
    let mut frame = to.into_bytes();
    let length = u32::try_from(frame.len() - 4).expect("contents travel in chunks");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
}

/// Reads a message.
pub fn read<T: Wire>(stream: &mut impl Read) -> Result<T, FrameError> {
    read_into(stream, &mut Vec::new())
}

/// Reads a message; the memory for it is kept for the next one.
pub fn read_into<T: Wire>(stream: &mut impl Read, body: &mut Vec<u8>) -> Result<T, FrameError> {
    let mut length = [0; 4];
    match stream.read(&mut length[..1])? {
        0 => return Err(FrameError::End),
        _ => stream.read_exact(&mut length[1..])?,
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > LARGEST_FRAME {
        return Err(FrameError::Garbled(format!("a frame of {length} bytes")));
    }
    // Grows with what really comes: a wrong length must not take memory.
    body.clear();
    body.shrink_to(KEPT);
    body.reserve(length.min(KEPT));
    stream.by_ref().take(length as u64).read_to_end(body)?;
    if body.len() < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    decode(body)
}

/// Decodes the body of a frame.
pub fn decode<T: Wire>(body: &[u8]) -> Result<T, FrameError> {
    let mut from = Unpacker::new(body);
    match T::unpack(&mut from) {
        Ok(message) if from.is_empty() => Ok(message),
        Ok(_) => Err(FrameError::Garbled("something follows the message".into())),
        Err(error) => Err(FrameError::Garbled(error.to_string())),
    }
}

/// Sends a message.
pub fn send<T: Wire>(stream: &mut impl Write, message: &T) -> io::Result<()> {
    stream.write_all(&write(message))?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::protocol::{Blob, Request, ToHelper};

    #[test]
    fn a_message_comes_back_as_it_was() {
        let mut args = Map::new();
        args.insert("path", "/x".into());
        args.insert("list", Value::list([Value::Int(-1), Value::Null, Value::Float(0.5)]));
        args.insert(Value::Int(7), Value::Bytes([1, 2].as_slice().into()));
        let blobs = vec![Blob::Inline(vec![0, 255]), Blob::Stream { size: 1 << 40 }];
        let message = ToHelper::Run(Request {
            id: 3,
            module: "copy".into(),
            args,
            blobs,
            ..Request::default()
        });
        let bytes = write(&message);
        assert_eq!(read::<ToHelper>(&mut bytes.as_slice()).unwrap(), message);
    }

    #[test]
    fn a_banner_is_not_taken_for_a_frame() {
        let error = read::<ToHelper>(&mut b"Welcome to db-1!\n".as_slice()).unwrap_err();
        assert!(matches!(error, FrameError::Garbled(_)), "{error}");
    }

    #[test]
    fn a_cut_stream_is_an_error_and_an_ended_one_is_the_end() {
        let bytes = write(&ToHelper::Stop);
        let cut = read::<ToHelper>(&mut &bytes[..bytes.len() - 1]).unwrap_err();
        assert!(matches!(cut, FrameError::Io(_)), "{cut}");
        assert!(matches!(read::<ToHelper>(&mut [].as_slice()), Err(FrameError::End)));
    }
}
