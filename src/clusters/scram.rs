//! SCRAM (RFC 5802, RFC 7677): proves that both sides know a password, without sending it. MongoDB and Kafka log in so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use rand::Rng;
use rand::distr::Alphanumeric;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// What both sides compute with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// `SCRAM-SHA-1`.
    Sha1,
    /// `SCRAM-SHA-256`.
    Sha256,
    /// `SCRAM-SHA-512`.
    Sha512,
}

/// Why a login cannot go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
    /// What the server says is no SCRAM.
    #[error("the server's part of the login is garbled")]
    Garbled,
    /// The server asks for fewer rounds than anybody should, or more than anybody would wait for.
    #[error("the server wants {0} rounds of hashing")]
    Rounds(u32),
    /// The server does not know the password, so it is another one than it says.
    #[error("the server cannot prove that it knows the password")]
    Impostor,
}

/// The rounds that are accepted: RFC 5802 asks for 4096 at least.
const ROUNDS: std::ops::RangeInclusive<u32> = 4096..=1_000_000;

impl Mechanism {
    /// Returns its name in protocols.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn sign(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        macro_rules! sign {
            ($digest:ty) => {{
                let mac = <Hmac<$digest> as Mac>::new_from_slice(key);
                let mac = mac.expect("HMAC takes keys of any length");
                mac.chain_update(text).finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Sha1 => sign!(Sha1),
            Self::Sha256 => sign!(Sha256),
            Self::Sha512 => sign!(Sha512),
        }
    }

    fn stretch(self, password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
        macro_rules! stretch {
            ($digest:ty) => {{
                let mut key = vec![0; <$digest as Digest>::output_size()];
                pbkdf2::pbkdf2_hmac::<$digest>(password, salt, rounds, &mut key);
                key
            }};
        }
        match self {
            Self::Sha1 => stretch!(Sha1),
            Self::Sha256 => stretch!(Sha256),
            Self::Sha512 => stretch!(Sha512),
        }
    }
}

/// The client's side of one login.
pub struct Exchange {
    mechanism: Mechanism,
    password: Vec<u8>,
    nonce: String,
    /// The client's first message without its header.
    first: String,
}

/// What the server has to say at the end.
pub struct Expected(String);

impl Exchange {
    /// Starts a login; the password is in the form that the mechanism wants.
    pub fn new(mechanism: Mechanism, user: &str, password: &str) -> Self {
        let nonce = rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect();
        Self::with_nonce(mechanism, user, password, nonce)
    }

    fn with_nonce(mechanism: Mechanism, user: &str, password: &str, nonce: String) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first = format!("n={user},r={nonce}");
        Self { mechanism, password: password.as_bytes().to_vec(), nonce, first }
    }

    /// Returns the client's first message.
    pub fn first(&self) -> String {
        format!("n,,{}", self.first)
    }

    /// Takes the server's first message and returns the client's last one.
    pub fn answer(&self, challenge: &str) -> Result<(String, Expected), Error> {
        let field = |name| field(challenge, name).ok_or(Error::Garbled);
        let nonce = field("r=")?;
        let salt = BASE64.decode(field("s=")?).map_err(|_| Error::Garbled)?;
        let rounds: u32 = field("i=")?.parse().map_err(|_| Error::Garbled)?;
        if !nonce.starts_with(&self.nonce) {
            return Err(Error::Garbled);
        }
        if !ROUNDS.contains(&rounds) {
            return Err(Error::Rounds(rounds));
        }
        let mechanism = self.mechanism;
        let salted = mechanism.stretch(&self.password, &salt, rounds);
        let client = mechanism.sign(&salted, b"Client Key");
        let server = mechanism.sign(&salted, b"Server Key");
        let last = format!("c=biws,r={nonce}");
        let all = format!("{},{challenge},{last}", self.first);
        let signature = mechanism.sign(&mechanism.hash(&client), all.as_bytes());
        let proof: Vec<u8> = client.iter().zip(&signature).map(|(key, sign)| key ^ sign).collect();
        let expected = BASE64.encode(mechanism.sign(&server, all.as_bytes()));
        Ok((format!("{last},p={}", BASE64.encode(proof)), Expected(expected)))
    }
}

impl Expected {
    /// Takes the server's last message, which has to prove that it knows the password too.
    pub fn check(&self, message: &str) -> Result<(), Error> {
        match field(message, "v=") {
            Some(signature) if signature == self.0 => Ok(()),
            _ => Err(Error::Impostor),
        }
    }
}

fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.split(',').find_map(|part| part.strip_prefix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchanges that the standards print.
    #[track_caller]
    fn case(mechanism: Mechanism, nonce: &str, [challenge, last, end]: [&str; 3]) {
        let exchange = Exchange::with_nonce(mechanism, "user", "pencil", nonce.to_owned());
        assert_eq!(exchange.first(), format!("n,,n=user,r={nonce}"));
        let (answer, expected) = exchange.answer(challenge).unwrap();
        assert_eq!(answer, last);
        assert_eq!(expected.check(end), Ok(()));
        assert_eq!(expected.check("v=AAAA"), Err(Error::Impostor));
    }

    #[test]
    fn standards() {
        case(
            Mechanism::Sha1,
            "fyko+d2lbbFgONRv9qkxdawL",
            [
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ],
        );
        case(
            Mechanism::Sha256,
            "rOprNGfwEbeRWgbNEkqO",
            [
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ],
        );
    }

    #[test]
    fn strange_servers() {
        let exchange = Exchange::with_nonce(Mechanism::Sha512, "a=b,c", "pencil", "abc".to_owned());
        assert_eq!(exchange.first(), "n,,n=a=3Db=2Cc,r=abc");
        let answer = |challenge: &str| exchange.answer(challenge).map(|_| ()).unwrap_err();
        assert_eq!(answer("r=xyz,s=AAAA,i=4096"), Error::Garbled);
        assert_eq!(answer("r=abcd,s=AAAA,i=1"), Error::Rounds(1));
        assert_eq!(answer("hello"), Error::Garbled);
    }
}
