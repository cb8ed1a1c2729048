//! A piece of a file: compressed when that makes it smaller.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A piece of a file or stream.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Chunk {
    /// As it is.
    Plain(ByteBuf),
    /// Compressed by LZ4, with its length in front.
    Packed(ByteBuf),
}

/// Pieces below this size are not worth compressing, in bytes.
const SMALL: usize = 512;

impl Chunk {
    /// Returns a piece as it is.
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Plain(ByteBuf::from(bytes))
    }

    /// Returns a piece, compressed when that saves at least a tenth.
    pub fn packed(bytes: &[u8]) -> Self {
        if bytes.len() >= SMALL {
            let packed = lz4_flex::compress_prepend_size(bytes);
            if packed.len() < bytes.len() - bytes.len() / 10 {
                return Self::Packed(packed.into());
            }
        }
        Self::plain(bytes)
    }

    /// Returns the bytes.
    pub fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(bytes) => Ok(bytes.into_vec()),
            Self::Packed(bytes) => {
                lz4_flex::decompress_size_prepended(&bytes).map_err(|error| error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compresses_is_compressed_and_comes_back() {
        let text = b"all work and no play ".repeat(1000);
        let chunk = Chunk::packed(&text);
        assert!(matches!(&chunk, Chunk::Packed(bytes) if bytes.len() < 1000));
        assert_eq!(chunk.into_bytes().unwrap(), text);
        assert!(matches!(Chunk::packed(b"short"), Chunk::Plain(_)));
    }
}
