//! Host certificates: does an authority that is trusted for this host vouch for it, for this name, now?

use std::fmt;
use std::time::SystemTime;

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Certificate, HashAlg, PublicKey};

use super::{Known, Marker, Verdict};
use crate::connection::ssh::pattern;

/// Why a certificate proves nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum Refusal {
    /// No trusted authority signed it: the key inside counts as a plain key.
    Stranger,
    /// It is the wrong one, and the connection must not go on.
    Bad(Why),
}

/// What is wrong with a certificate of a trusted authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum Why {
    /// It has conditions that we do not know.
    Conditions,
    /// Its signature or form is wrong.
    Forged,
    /// It is for other names.
    Names(Vec<String>),
    /// It, or its authority, is revoked.
    Revoked,
    /// Its time is over or has not come.
    Time,
    /// It is for users.
    User,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conditions => f.write_str("it has critical options that are not known"),
            Self::Forged => f.write_str("its signature does not fit"),
            Self::Names(names) => write!(f, "it is for {}", crate::base::words::ticked(names)),
            Self::Revoked => f.write_str("it is revoked"),
            Self::Time => f.write_str("it is not valid at this time"),
            Self::User => f.write_str("it is a user's certificate, not a host's"),
        }
    }
}

impl Known {
    /// Checks a certificate for a host name (without port).
    pub(in crate::connection::ssh) fn check_certificate(
        &self,
        certificate: &Certificate,
        host: &str,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let authority = PublicKey::new(certificate.signature_key().clone(), "");
        let own = PublicKey::new(certificate.public_key().clone(), "");
        let revoked = |key: &PublicKey| matches!(self.check(key), Verdict::Revoked(_));
        if revoked(&authority) || revoked(&own) {
            return Err(Refusal::Bad(Why::Revoked));
        }
        let trusted = self.keys.iter().any(|(marker, known, _)| {
            *marker == Marker::Authority && known.key_data() == authority.key_data()
        });
        if !trusted {
            return Err(Refusal::Stranger);
        }
        examine(certificate, host, now).map_err(Refusal::Bad)
    }
}

fn examine(certificate: &Certificate, host: &str, now: SystemTime) -> Result<(), Why> {
    if certificate.cert_type() != CertType::Host {
        return Err(Why::User);
    }
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    if seconds < certificate.valid_after() || seconds >= certificate.valid_before() {
        return Err(Why::Time);
    }
    if certificate.critical_options().iter().next().is_some() {
        return Err(Why::Conditions);
    }
    let names = certificate.valid_principals();
    let host = host.to_lowercase();
    if !names.is_empty() && !names.iter().any(|name| pattern::matches(&name.to_lowercase(), &host))
    {
        return Err(Why::Names(names.to_vec()));
    }
    let authority = certificate.signature_key().fingerprint(HashAlg::Sha256);
    certificate.validate_at(seconds, [&authority]).map_err(|_| Why::Forged)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use russh::keys::ssh_key::certificate::Builder;
    use russh::keys::{Algorithm, PrivateKey, key::safe_rng};

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn random() -> PrivateKey {
        PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap()
    }

    fn certificate(authority: &PrivateKey, kind: CertType, name: &str) -> Certificate {
        let mut builder = Builder::new_with_random_nonce(
            &mut safe_rng(),
            random().public_key(),
            NOW - 100,
            NOW + 100,
        )
        .unwrap();
        builder.cert_type(kind).unwrap();
        builder.valid_principal(name).unwrap();
        builder.sign(authority).unwrap()
    }

    fn known(authority: &PrivateKey) -> Known {
        let mut known = Known::default();
        let line =
            format!("@cert-authority *.lan {}", authority.public_key().to_openssh().unwrap());
        known.add(&line, "web.lan", Path::new("kh"));
        assert!(known.has_authority());
        known
    }

    #[test]
    fn a_certificate_must_fit() {
        let authority = random();
        let known = known(&authority);
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let good = certificate(&authority, CertType::Host, "web.lan");
        assert_eq!(known.check_certificate(&good, "Web.lan", at(NOW)), Ok(()));
        let wild = certificate(&authority, CertType::Host, "*.lan");
        assert_eq!(known.check_certificate(&wild, "web.lan", at(NOW)), Ok(()));
        let bad = |why| Err(Refusal::Bad(why));
        assert_eq!(known.check_certificate(&good, "web.lan", at(NOW + 100)), bad(Why::Time));
        assert_eq!(
            known.check_certificate(&good, "db.lan", at(NOW)),
            bad(Why::Names(vec!["web.lan".to_owned()]))
        );
        let user = certificate(&authority, CertType::User, "web.lan");
        assert_eq!(known.check_certificate(&user, "web.lan", at(NOW)), bad(Why::User));
        let stranger = certificate(&random(), CertType::Host, "web.lan");
        assert_eq!(known.check_certificate(&stranger, "web.lan", at(NOW)), Err(Refusal::Stranger));
    }

    #[test]
    fn a_revoked_authority_vouches_for_nobody() {
        let authority = random();
        let mut known = known(&authority);
        let line = format!("@revoked * {}", authority.public_key().to_openssh().unwrap());
        known.add(&line, "web.lan", Path::new("kh"));
        let good = certificate(&authority, CertType::Host, "web.lan");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let refused = Err(Refusal::Bad(Why::Revoked));
        assert_eq!(known.check_certificate(&good, "web.lan", now), refused);
    }
}
