//! Which ciphers, key exchanges and key types we offer, in which order.

use std::borrow::Cow;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, kex, mac};

use super::config::Options;
use super::pattern;

/// The post-quantum exchange is kept, behind the faster one: fifty hosts at once cost a controller seconds otherwise.
const EXCHANGES: &[kex::Name] = &[
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::MLKEM768X25519_SHA256,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
];

/// Not algorithms but announcements: they are always there.
const ANNOUNCEMENTS: &[kex::Name] =
    &[kex::EXTENSION_SUPPORT_AS_CLIENT, kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT];

const MACS: &[mac::Name] =
    &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM, mac::HMAC_SHA256, mac::HMAC_SHA512];

const KEYS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

/// What is known about a host's keys before it shows one.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectation {
    /// The algorithms of its known keys.
    pub(super) known: Vec<Algorithm>,
    /// Whether an authority may vouch for it.
    pub(super) authority: bool,
}

/// Returns what to offer. An error is the text of a mistake in the configuration.
pub(super) fn preferred(options: &Options, expected: &Expectation) -> Result<Preferred, String> {
    let mut exchanges = chosen(EXCHANGES, options.kex.as_deref(), "KexAlgorithms", |name| {
        kex::Name::try_from(name).ok()
    })?;
    exchanges.extend_from_slice(ANNOUNCEMENTS);
    let ciphers = chosen(&ciphers(), options.ciphers.as_deref(), "Ciphers", |name| {
        cipher::Name::try_from(name).ok()
    })?;
    let macs =
        chosen(MACS, options.macs.as_deref(), "MACs", |name| mac::Name::try_from(name).ok())?;
    let (keys, certificates) = host_keys(options, expected)?;
    let compression = match options.compression {
        Some(true) => Preferred::COMPRESSED.compression.iter().rev().copied().collect(),
        Some(false) | None => vec![russh::compression::NONE],
    };
    Ok(Preferred {
        kex: Cow::Owned(exchanges),
        key: Cow::Owned(keys),
        host_key_certificates: Cow::Owned(certificates),
        cipher: Cow::Owned(ciphers),
        mac: Cow::Owned(macs),
        compression: Cow::Owned(compression),
    })
}

/// Orders the ciphers by what the processor is good at.
fn ciphers() -> Vec<cipher::Name> {
    let gcm = [cipher::AES_128_GCM, cipher::AES_256_GCM];
    let ctr = [cipher::AES_128_CTR, cipher::AES_192_CTR, cipher::AES_256_CTR];
    let stream = [cipher::CHACHA20_POLY1305];
    if has_aes() { [&gcm[..], &stream, &ctr].concat() } else { [&stream[..], &gcm, &ctr].concat() }
}

fn has_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("aes");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
    return false;
}

/// Returns host key algorithms and those for which certificates are welcome. Known types come first, so that a host
/// whose ed25519 key is known does not show its RSA key and look like a stranger.
fn host_keys(
    options: &Options,
    expected: &Expectation,
) -> Result<(Vec<Algorithm>, Vec<Algorithm>), String> {
    let spec = options.host_key_algorithms.as_deref();
    let mut keys = chosen(KEYS, spec, "HostKeyAlgorithms", host_key)?;
    // Stable: among known types, and among the others, the order stays.
    let known = |key: &Algorithm| expected.known.iter().position(|known| same_type(key, known));
    keys.sort_by_key(|key| known(key).unwrap_or(usize::MAX));
    let certificates = if expected.authority { keys.clone() } else { Vec::new() };
    Ok((keys, certificates))
}

fn host_key(name: &str) -> Option<Algorithm> {
    let plain = name.replace("-cert-v01@openssh.com", "");
    match Algorithm::new(&plain).ok()? {
        Algorithm::Other(_) | Algorithm::Dsa => None,
        algorithm => Some(algorithm),
    }
}

fn same_type(offered: &Algorithm, known: &Algorithm) -> bool {
    match (offered, known) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (offered, known) => offered == known,
    }
}

/// Returns whether our keys of a type may be used (`PubkeyAcceptedAlgorithms`).
pub(super) fn may_sign(options: &Options, key: &Algorithm) -> bool {
    let listed = listed(options);
    listed.is_none_or(|list| list.iter().any(|listed| same_type(listed, key)))
}

/// Returns whether our RSA keys may sign with SHA-1, which is all that very old hosts know.
pub(super) fn allows_sha1(options: &Options) -> bool {
    listed(options).is_some_and(|list| list.contains(&Algorithm::Rsa { hash: None }))
}

/// Returns the algorithms that our keys may use, when the operator says something about them; security keys are always
/// among them unless a list leaves them out.
fn listed(options: &Options) -> Option<Vec<Algorithm>> {
    let spec = options.pubkey_algorithms.as_deref()?;
    let all = [KEYS, &[Algorithm::SkEd25519, Algorithm::SkEcdsaSha2NistP256]].concat();
    chosen(&all, Some(spec), "PubkeyAcceptedAlgorithms", host_key).ok()
}

/// Applies `a,b` (instead), `+a` (also), `-a*` (without) or `^a` (first) to a list. Names that we do not know are left
/// out; the list must not end up empty.
fn chosen<T: Clone + PartialEq + AsRef<str>>(
    default: &[T],
    spec: Option<&str>,
    option: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    let Some(spec) = spec else { return Ok(default.to_vec()) };
    let parsed = |text: &str| {
        let mut list: Vec<T> = Vec::new();
        for name in text.split(',').filter_map(|name| parse(name.trim())) {
            if !list.contains(&name) {
                list.push(name);
            }
        }
        list
    };
    let list = if let Some(text) = spec.strip_prefix('+') {
        let more = parsed(text);
        default
            .iter()
            .cloned()
            .chain(more.into_iter().filter(|name| !default.contains(name)))
            .collect()
    } else if let Some(text) = spec.strip_prefix('-') {
        let keeps = |name: &&T| !pattern::list_matches(text.split(','), name.as_ref());
        default.iter().filter(keeps).cloned().collect()
    } else if let Some(text) = spec.strip_prefix('^') {
        let first = parsed(text);
        let rest = default.iter().filter(|name| !first.contains(name));
        first.iter().chain(rest).cloned().collect()
    } else {
        parsed(spec)
    };
    if list.is_empty() {
        return Err(format!("`{option} {spec}` leaves nothing that fcplay knows"));
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(keys: &[Algorithm]) -> Vec<&str> {
        keys.iter().map(AsRef::as_ref).collect()
    }

    #[test]
    fn known_types_come_first() {
        let known = vec![Algorithm::Rsa { hash: None }];
        let expected = Expectation { known, authority: false };
        let preferred = preferred(&Options::default(), &expected).unwrap();
        let keys = names(&preferred.key);
        assert_eq!(keys[..3], ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(keys.len(), KEYS.len());
        assert_eq!(names(&preferred.host_key_certificates), [""; 0]);
        let listed = Options {
            host_key_algorithms: Some("ssh-ed25519,rsa-sha2-256".to_owned()),
            ..Options::default()
        };
        let (keys, _) = host_keys(&listed, &expected).unwrap();
        assert_eq!(names(&keys), ["rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(preferred.kex[0].as_ref(), "curve25519-sha256");
    }

    #[track_caller]
    fn keys(spec: &str) -> Result<Vec<String>, String> {
        let options = Options { host_key_algorithms: Some(spec.to_owned()), ..Options::default() };
        let (keys, _) = host_keys(&options, &Expectation::default())?;
        Ok(keys.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn our_own_keys() {
        let with =
            |spec: &str| Options { pubkey_algorithms: Some(spec.to_owned()), ..Options::default() };
        let rsa = Algorithm::Rsa { hash: None };
        assert!(may_sign(&Options::default(), &rsa) && !allows_sha1(&Options::default()));
        assert!(may_sign(&with("+ssh-rsa"), &rsa) && allows_sha1(&with("+ssh-rsa")));
        assert!(may_sign(&with("+ssh-rsa"), &Algorithm::Ed25519));
        assert!(!may_sign(&with("ssh-ed25519"), &rsa) && !allows_sha1(&with("rsa-sha2-512")));
        assert!(!may_sign(&with("-ssh-ed25519*"), &Algorithm::Ed25519));
    }

    #[test]
    fn lists_and_changes_of_lists() {
        assert_eq!(keys("ssh-rsa,ssh-ed25519").unwrap(), ["ssh-rsa", "ssh-ed25519"]);
        assert_eq!(keys("+ssh-rsa").unwrap().last().unwrap(), "ssh-rsa");
        assert_eq!(keys("^rsa-sha2-256").unwrap()[..2], ["rsa-sha2-256", "ssh-ed25519"]);
        assert_eq!(keys("-ecdsa-*,rsa-*").unwrap(), ["ssh-ed25519"]);
        let none = "`HostKeyAlgorithms nonsense` leaves nothing that fcplay knows";
        assert_eq!(keys("nonsense"), Err(none.to_owned()));
    }
}
