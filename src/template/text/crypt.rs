//! Password hashes as `crypt(3)` and `/etc/shadow` know them.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::{Digest, Md5};
use rand::Rng;
use sha_crypt::{Sha256Params, Sha512Params};

use crate::template::Reason;

/// An algorithm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum Algorithm {
    /// `$2b$`
    Bcrypt,
    /// `$1$`
    Md5,
    /// `$5$`
    Sha256,
    /// `$6$`
    Sha512,
}

/// The algorithms by the names that arguments use.
pub(in crate::template) const ALGORITHMS: [(&str, Algorithm); 8] = [
    ("bcrypt", Algorithm::Bcrypt),
    ("blowfish", Algorithm::Bcrypt),
    ("md5", Algorithm::Md5),
    ("md5_crypt", Algorithm::Md5),
    ("sha256", Algorithm::Sha256),
    ("sha256_crypt", Algorithm::Sha256),
    ("sha512", Algorithm::Sha512),
    ("sha512_crypt", Algorithm::Sha512),
];

/// What a salt is made of.
const SALT: &[u8] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The rounds that are written without saying so.
const UNSAID: i64 = 5000;

impl Algorithm {
    /// Returns how long a salt is by default, and at most.
    pub(in crate::template) fn salt_length(self) -> usize {
        match self {
            Self::Bcrypt => 22,
            Self::Md5 => 8,
            Self::Sha256 | Self::Sha512 => 16,
        }
    }

    /// Returns the default and the limits of the number of rounds (of bcrypt: its logarithm).
    fn rounds(self) -> Option<(i64, std::ops::RangeInclusive<i64>)> {
        match self {
            Self::Bcrypt => Some((12, 4..=31)),
            Self::Md5 => None,
            Self::Sha256 => Some((535_000, 1000..=999_999_999)),
            Self::Sha512 => Some((656_000, 1000..=999_999_999)),
        }
    }
}

/// How a password is hashed.
#[derive(Clone, Debug, Default)]
pub(in crate::template) struct Recipe {
    /// The salt; a random one when there is none.
    pub(in crate::template) salt: Option<String>,
    /// The length of a random salt.
    pub(in crate::template) salt_length: Option<usize>,
    /// The number of rounds.
    pub(in crate::template) rounds: Option<i64>,
    /// The variant of bcrypt: `2b`, `2a` or `2y`.
    pub(in crate::template) ident: Option<String>,
}

/// Returns a random salt.
pub(in crate::template) fn random_salt(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(SALT[rng.random_range(0..SALT.len())])).collect()
}

/// Hashes a password.
pub(in crate::template) fn hash(
    algorithm: Algorithm,
    password: &str,
    recipe: &Recipe,
) -> Result<String, Reason> {
    let most = algorithm.salt_length();
    let salt = match recipe.salt.as_deref().filter(|salt| !salt.is_empty()) {
        Some(salt) => salt.to_owned(),
        None => random_salt(recipe.salt_length.unwrap_or(most)),
    };
    if !salt.bytes().all(|byte| SALT.contains(&byte)) {
        return Err(Reason::new("the salt may hold only letters, digits, `.` and `/`"));
    }
    if salt.len() > most || algorithm == Algorithm::Bcrypt && salt.len() < most {
        let amount = if algorithm == Algorithm::Bcrypt { "exactly" } else { "at most" };
        return Err(Reason::new(format!(
            "the salt must have {amount} {most} characters, not {}",
            salt.len()
        )));
    }
    let rounds = match (algorithm.rounds(), recipe.rounds) {
        (Some((default, _)), None) => default,
        (Some((_, limits)), Some(rounds)) if limits.contains(&rounds) => rounds,
        (Some((_, limits)), Some(rounds)) => {
            let (low, high) = (limits.start(), limits.end());
            return Err(Reason::new(format!(
                "Could not hash the secret: `rounds` must be from {low} to {high}, not {rounds}"
            )));
        }
        (None, _) => 0,
    };
    match algorithm {
        Algorithm::Md5 => {
            Ok(format!("$1${salt}${}", md5_crypt(password.as_bytes(), salt.as_bytes())))
        }
        Algorithm::Bcrypt => {
            bcrypt(password, &salt, rounds, recipe.ident.as_deref().unwrap_or("2b"))
        }
        Algorithm::Sha256 | Algorithm::Sha512 => sha(algorithm, password, &salt, rounds),
    }
}

fn sha(algorithm: Algorithm, password: &str, salt: &str, rounds: i64) -> Result<String, Reason> {
    let count = usize::try_from(rounds).unwrap_or(usize::MAX);
    let (password, bytes) = (password.as_bytes(), salt.as_bytes());
    let (number, hash) = match algorithm {
        Algorithm::Sha256 => (
            5,
            Sha256Params::new(count)
                .and_then(|params| sha_crypt::sha256_crypt_b64(password, bytes, &params)),
        ),
        _ => (
            6,
            Sha512Params::new(count)
                .and_then(|params| sha_crypt::sha512_crypt_b64(password, bytes, &params)),
        ),
    };
    let hash = hash.map_err(|error| Reason::new(format!("cannot hash the password: {error:?}")))?;
    let said = if rounds == UNSAID { String::new() } else { format!("rounds={rounds}$") };
    Ok(format!("${number}${said}{salt}${hash}"))
}

const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

fn bcrypt(password: &str, salt: &str, rounds: i64, ident: &str) -> Result<String, Reason> {
    if !["2a", "2b", "2y"].contains(&ident) {
        return Err(Reason::new(format!(
            "`ident` must be one of `2a`, `2b` and `2y`, not `{ident}`"
        )));
    }
    let decoded =
        BCRYPT_BASE64.decode(salt).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    let bytes = decoded.ok_or_else(|| Reason::new("the salt must stand for 16 bytes"))?;
    // What comes after a NUL or after 72 bytes does not count.
    let mut secret = password.as_bytes().to_vec();
    secret.push(0);
    secret.truncate(72);
    let hash = bcrypt::bcrypt(u32::try_from(rounds).unwrap_or(12), bytes, &secret);
    let (salt, hash) = (BCRYPT_BASE64.encode(bytes), BCRYPT_BASE64.encode(&hash[..23]));
    Ok(format!("${ident}${rounds:02}${salt}{hash}"))
}

fn md5_crypt(password: &[u8], salt: &[u8]) -> String {
    let alternate =
        Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut first = Md5::new().chain_update(password).chain_update(b"$1$").chain_update(salt);
    let filler: Vec<u8> = alternate.iter().copied().cycle().take(password.len()).collect();
    first.update(&filler);
    let mut bits = password.len();
    while bits > 0 {
        first.update([if bits & 1 == 1 { 0 } else { password[0] }]);
        bits >>= 1;
    }
    let mut digest = first.finalize();
    for round in 0..1000 {
        let mut next = Md5::new();
        if round % 2 == 1 {
            next.update(password);
        } else {
            next.update(digest);
        }
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        if round % 2 == 1 {
            next.update(digest);
        } else {
            next.update(password);
        }
        digest = next.finalize();
    }
    let mut out = String::new();
    for [a, b, c] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        encode([digest[a], digest[b], digest[c]], 4, &mut out);
    }
    encode([0, 0, digest[11]], 2, &mut out);
    out
}

/// Writes three bytes in the alphabet of salts, the lowest bits first.
fn encode(bytes: [u8; 3], count: usize, out: &mut String) {
    let mut bits = u32::from(bytes[0]) << 16 | u32::from(bytes[1]) << 8 | u32::from(bytes[2]);
    for _ in 0..count {
        out.push(char::from(SALT[(bits & 63) as usize]));
        bits >>= 6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(algorithm: Algorithm, password: &str, salt: &str, rounds: Option<i64>, expected: &str) {
        let recipe = Recipe { salt: Some(salt.to_owned()), rounds, ..Recipe::default() };
        assert_eq!(hash(algorithm, password, &recipe).unwrap(), expected);
    }

    #[test]
    fn hashes_are_those_of_passlib() {
        case(Algorithm::Md5, "pw", "abcdefgh", None, "$1$abcdefgh$IQtUouv7y7Q9dRWkQEPCc.");
        case(
            Algorithm::Sha512,
            "pw",
            "abcdefgh",
            Some(1000),
            "$6$rounds=1000$abcdefgh$XqwJcW6OI747PCzoKGoK/1tWSlKoh2vkjEp0I.CpQYUGXuxtpSzAi0rXpF1oWR/3/HfvxKLb7xwD0vymBsSv8/",
        );
        case(
            Algorithm::Sha512,
            "pw",
            "abcdefgh",
            Some(5000),
            "$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9IjsiQ8VPiTXBiZF49dFL1U4wX/",
        );
        let salt = "abcdefghijklmnopqrstuv";
        case(
            Algorithm::Bcrypt,
            "pw",
            salt,
            Some(5),
            "$2b$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q",
        );
        let recipe = Recipe {
            salt: Some(salt.to_owned()),
            rounds: Some(4),
            ident: Some("2y".to_owned()),
            ..Recipe::default()
        };
        let expected = "$2y$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW";
        assert_eq!(hash(Algorithm::Bcrypt, "pw", &recipe).unwrap(), expected);
    }

    #[test]
    fn salts_are_random_and_checked() {
        let plain = Recipe::default();
        let hashes: Vec<_> = (0..2).map(|_| hash(Algorithm::Md5, "pw", &plain).unwrap()).collect();
        assert_ne!(hashes[0], hashes[1]);
        let with = |salt: &str| Recipe { salt: Some(salt.to_owned()), ..Recipe::default() };
        assert!(hash(Algorithm::Md5, "pw", &with("abcdefghi")).is_err());
        assert!(hash(Algorithm::Sha512, "pw", &with("ab$")).is_err());
        assert!(hash(Algorithm::Bcrypt, "pw", &with("short")).is_err());
    }
}
