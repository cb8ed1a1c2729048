//! A piece of a file: compressed when that makes it smaller.

use super::CHUNK;

/// A piece of a file or stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Chunk {
    /// As it is.
    Plain(Vec<u8>),
    /// Compressed by LZ4, with its length in front.
    Packed(Vec<u8>),
}

/// Pieces below this size are not worth compressing, in bytes.
const SMALL: usize = 512;

impl Chunk {
    /// Returns a piece as it is.
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Plain(bytes.into())
    }

    /// Returns a piece of at most [`CHUNK`] bytes, compressed when that saves at least a tenth.
    pub fn packed(bytes: &[u8]) -> Self {
        if bytes.len() >= SMALL {
            let packed = lz4_flex::compress_prepend_size(bytes);
            if packed.len() < bytes.len() - bytes.len() / 10 {
                return Self::Packed(packed);
            }
        }
        Self::plain(bytes)
    }

    /// Returns the bytes.
    pub fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Plain(bytes) => Ok(bytes),
            Self::Packed(bytes) => {
                // The length in front is believed when memory is taken.
                match lz4_flex::block::uncompressed_size(&bytes) {
                    Ok((size, _)) if size > CHUNK => Err(format!("a piece of {size} bytes")),
                    _ => lz4_flex::decompress_size_prepended(&bytes)
                        .map_err(|error| error.to_string()),
                }
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

    #[test]
    fn a_wrong_length_takes_no_memory() {
        let mut packed = lz4_flex::compress_prepend_size(&[7; 1000]);
        packed[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        let error = Chunk::Packed(packed).into_bytes().unwrap_err();
        assert_eq!(error, "a piece of 4294967295 bytes");
        assert!(Chunk::Packed(vec![1]).into_bytes().is_err());
    }
}
