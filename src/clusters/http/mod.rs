//! HTTP/1.1 with TLS, redirects, cookies, proxies, basic and digest authentication, over streams that somebody else opens.

mod address;
mod digest;
mod exchange;
mod tls;

use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

pub use address::{Url, decode, encode_form};
pub use digest::digest;
pub(super) use digest::fields;
pub use exchange::{Answer, send};

use super::Dial;

/// Where distributions keep the certificates of authorities.
pub const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Redirects {
    /// All, whatever the method; a `POST` becomes a `GET` as browsers do it.
    All,
    /// Those of `GET` and `HEAD`.
    #[default]
    Safe,
    /// What asks for another page whatever the method, but what would have to be sent again only for `GET` and `HEAD`.
    Loose,
    /// None.
    No,
}

/// How to talk to servers.
#[derive(Clone, Default)]
pub struct Options {
    /// Which redirects are followed.
    pub redirects: Redirects,
    /// Whether certificates are checked.
    pub verify: bool,
    /// Certificates of authorities, as PEM.
    pub authorities: Vec<u8>,
    /// The client's certificate and key, as PEM.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
    /// The proxy for a scheme, when there is one: `http://user:password@host:port`.
    pub http_proxy: Option<String>,
    /// The proxy for `https`.
    pub https_proxy: Option<String>,
    /// Hosts that are reached directly.
    pub no_proxy: Vec<String>,
    /// A Unix socket to send everything to.
    pub unix_socket: Option<String>,
    /// How long to wait for anything to happen.
    pub timeout: Duration,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// Header fields that are not sent on after a redirect.
    pub unredirected: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is wrong.
    #[error("`{0}` is no address: {1}")]
    Address(String, &'static str),
    /// The server cannot be reached.
    #[error("cannot connect to {0}: {1}")]
    Connect(String, std::io::Error),
    /// TLS does not come about.
    #[error("TLS with {0} failed: {1}")]
    Tls(String, String),
    /// The exchange broke.
    #[error("the exchange with {0} failed: {1}")]
    Exchange(String, String),
    /// It took too long.
    #[error("{0} did not answer within {1} s")]
    Timeout(String, u64),
    /// Redirects without end.
    #[error("{0} redirects more than {1} times")]
    Redirects(String, usize),
}

/// Returns header fields as hyper takes them, leaving out what cannot be sent.
fn header_map(fields: &[(String, String)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        if let (Ok(name), Ok(value)) =
            (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            map.insert(name, value);
        }
    }
    map
}

/// Returns the value of basic authentication.
pub fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
    )
}
