//! Digests of what a reader gives.

use std::io::{self, Read};

use sha2::digest::DynDigest;

use super::Digest;

/// Returns the hexadecimal digest of everything a reader gives.
pub(super) fn hexadecimal(digest: Digest, reader: &mut dyn Read) -> io::Result<String> {
    let mut digester = Digester::new(digest);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => digester.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(digester.finish())
}

/// Returns the hexadecimal digest of bytes.
pub fn digest_of(digest: Digest, bytes: &[u8]) -> String {
    let mut digester = Digester::new(digest);
    digester.update(bytes);
    digester.finish()
}

/// Digests bytes as they pass.
pub struct Digester(Box<dyn DynDigest + Send>);

impl Digester {
    /// Returns a digester that has seen nothing.
    pub fn new(digest: Digest) -> Self {
        Self(match digest {
            Digest::Md5 => Box::new(md5::Md5::default()),
            Digest::Sha1 => Box::new(sha1::Sha1::default()),
            Digest::Sha224 => Box::new(sha2::Sha224::default()),
            Digest::Sha256 => Box::new(sha2::Sha256::default()),
            Digest::Sha384 => Box::new(sha2::Sha384::default()),
            Digest::Sha512 => Box::new(sha2::Sha512::default()),
        })
    }

    /// Takes bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the digest of all of them in hexadecimal, and begins anew.
    pub fn finish(&mut self) -> String {
        self.0.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(digest: Digest, expected: &str) {
        assert_eq!(hexadecimal(digest, &mut &b"abc"[..]).unwrap(), expected);
    }

    #[test]
    fn known_answers() {
        case(Digest::Md5, "900150983cd24fb0d6963f7d28e17f72");
        case(Digest::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        case(Digest::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
