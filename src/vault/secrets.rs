//! The passwords of a run, each under an id, and what is done with them.

use rand::RngCore;

use super::{Error, cipher, envelope};
use crate::base::{Secret, words};

/// The id of a password that was given none.
pub const DEFAULT_ID: &str = "default";

/// Which passwords may open an envelope that names an id.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IdMatch {
    /// The one of that id first, then all others.
    #[default]
    Prefer,
    /// Only those of that id (`vault_id_match`).
    Require,
}

/// Passwords in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    list: Vec<(String, Secret)>,
    id_match: IdMatch,
}

impl Secrets {
    /// Returns passwords under their ids.
    pub fn new(list: Vec<(String, Secret)>, id_match: IdMatch) -> Self {
        Self { list, id_match }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Decrypts an envelope.
    pub fn decrypt(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        let (id, sealed) = envelope::parse(text)?;
        if self.is_empty() {
            return Err(Error::NoPassword);
        }
        let wanted = |entry: &&(String, Secret)| Some(&entry.0) == id.as_ref();
        let others = match (self.id_match, &id) {
            (IdMatch::Require, Some(_)) => &[],
            (IdMatch::Prefer, _) | (IdMatch::Require, None) => self.list.as_slice(),
        };
        let first = self.list.iter().filter(wanted);
        for (_, secret) in first.chain(others.iter().filter(|entry| !wanted(entry))) {
            if let Some(plain) = cipher::unseal(&sealed, secret.reveal().as_bytes())? {
                return Ok(plain);
            }
        }
        let tried = words::ticked(self.list.iter().map(|(id, _)| id));
        Err(Error::WrongPassword { tried, id })
    }

    /// Decrypts an envelope that holds text.
    pub fn decrypt_text(&self, text: &str) -> Result<String, Error> {
        String::from_utf8(self.decrypt(text.as_bytes())?)
            .map_err(|_| Error::Damaged("what it holds is not UTF-8 text"))
    }

    /// Encrypts with the password of an id, the first one when none is asked for; the id `default` is not written.
    pub fn encrypt(&self, plain: &[u8], id: Option<&str>) -> Result<String, Error> {
        let mut salt = [0; 32];
        rand::rng().fill_bytes(&mut salt);
        self.encrypt_with(plain, id, &salt)
    }

    /// Encrypts with a salt that is given, so that the result is the same each time.
    pub fn encrypt_with(
        &self,
        plain: &[u8],
        id: Option<&str>,
        salt: &[u8],
    ) -> Result<String, Error> {
        let found = match id {
            Some(id) => self.list.iter().find(|(known, _)| known == id),
            None => self.list.first(),
        };
        let Some((id, secret)) = found else {
            return Err(id.map_or(Error::NoPassword, |id| Error::UnknownId(id.to_owned())));
        };
        let sealed = cipher::seal(plain, secret.reveal().as_bytes(), salt);
        Ok(envelope::format(&sealed, Some(id.as_str()).filter(|id| *id != DEFAULT_ID)))
    }
}
