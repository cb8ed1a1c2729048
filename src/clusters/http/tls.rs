//! TLS over a stream.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::{Error, Options};
use crate::clusters::Line;

/// Speaks TLS with a host over a stream.
pub(super) async fn wrap(
    line: Box<dyn Line>,
    host: &str,
    options: &Options,
) -> Result<Box<dyn Line>, Error> {
    let failed = |reason: String| Error::Tls(host.to_owned(), reason);
    let config = config(options).map_err(failed)?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, line).await;
    let stream = stream.map_err(|error| failed(explain(&error)))?;
    Ok(Box::new(stream))
}

fn explain(error: &std::io::Error) -> String {
    let text = error.to_string();
    if text.contains("UnknownIssuer") {
        return format!(
            "{text}; no authority that the host trusts has signed the certificate: give one with `ca_path`, or use `validate_certs: false`"
        );
    }
    text
}

fn config(options: &Options) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder =
        builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let builder = if options.verify {
        let mut roots = RootCertStore::empty();
        let mut pem = options.authorities.as_slice();
        let certificates = rustls_pemfile::certs(&mut pem);
        roots.add_parsable_certificates(certificates.flatten());
        builder.with_root_certificates(roots)
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider)))
    };
    match &options.identity {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = rustls_pemfile::certs(&mut certificate.as_slice()).flatten().collect();
            let key = rustls_pemfile::private_key(&mut key.as_slice()).ok().flatten();
            let key = key.ok_or("the client's key is no PEM key")?;
            builder.with_client_auth_cert(chain, key).map_err(|error| error.to_string())
        }
    }
}

/// Takes any certificate (`validate_certs: false`).
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
