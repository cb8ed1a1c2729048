//! The cipher of format AES256: PBKDF2-SHA256 makes the keys, AES-256-CTR encrypts, HMAC-SHA256 authenticates.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Error;

const ROUNDS: u32 = 10_000;
const BLOCK: usize = 16;

/// The three parts of an encrypted text.
pub(super) struct Sealed {
    pub(super) salt: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) content: Vec<u8>,
}

struct Keys([u8; 80]);

impl Keys {
    fn derive(password: &[u8], salt: &[u8]) -> Self {
        let mut keys = [0; 80];
        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, ROUNDS, &mut keys);
        Self(keys)
    }

    fn sign(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0[32..64])
            .expect("HMAC takes keys of any length");
        mac.update(content);
        mac
    }

    fn apply(&self, content: &mut [u8]) {
        Ctr128BE::<Aes256>::new_from_slices(&self.0[..32], &self.0[64..])
            .expect("the key has 32 bytes and the counter 16")
            .apply_keystream(content);
    }
}

/// Encrypts a text.
pub(super) fn seal(plain: &[u8], password: &[u8], salt: &[u8]) -> Sealed {
    let keys = Keys::derive(password, salt);
    let mut content = plain.to_vec();
    let padding = BLOCK - plain.len() % BLOCK;
    content.extend(std::iter::repeat_n(padding as u8, padding));
    keys.apply(&mut content);
    let signature = keys.sign(&content).finalize().into_bytes().to_vec();
    Sealed { salt: salt.to_vec(), signature, content }
}

/// Decrypts a text; nothing when the password is another one.
pub(super) fn unseal(sealed: &Sealed, password: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let keys = Keys::derive(password, &sealed.salt);
    if keys.sign(&sealed.content).verify_slice(&sealed.signature).is_err() {
        return Ok(None);
    }
    let mut content = sealed.content.clone();
    keys.apply(&mut content);
    let padding = content.last().map_or(0, |last| usize::from(*last));
    let start = content.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding));
    content.truncate(start.ok_or(Error::Damaged("its padding is wrong"))?);
    Ok(Some(content))
}
