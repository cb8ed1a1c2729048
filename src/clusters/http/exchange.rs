//! One request and its answer, over as many redirects as it takes.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Dial, Error, Options, Redirects, Request, Url, basic, header_map, tls};
use crate::clusters::Line;

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

/// An answer; its body is read piece by piece.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// Header fields.
    pub headers: HeaderMap,
    /// The address that answered in the end.
    pub url: Url,
    /// Names and values of the cookies that were set on the way.
    pub cookies: Vec<(String, String)>,
    body: Incoming,
    timeout: Duration,
}

impl Answer {
    /// Returns the next piece of the body; nothing at its end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let frame = tokio::time::timeout(self.timeout, self.body.frame()).await;
            let frame =
                frame.map_err(|_| Error::Timeout(self.url.authority(), self.timeout.as_secs()))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => {
                    return Err(Error::Exchange(self.url.authority(), error.to_string()));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Returns the whole body.
    pub async fn whole(&mut self) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        while let Some(piece) = self.piece().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    /// Returns a header field as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Sends a request and returns the answer to it, or to the last redirect.
pub async fn send(dial: &dyn Dial, request: &Request, options: &Options) -> Result<Answer, Error> {
    let mut url = Url::parse(&request.url)?;
    let mut request = request.clone();
    let mut cookies = Vec::new();
    for _ in 0..=MOST_REDIRECTS {
        let answer =
            tokio::time::timeout(options.timeout, once(dial, &url, &request, options)).await;
        let mut answer =
            answer.map_err(|_| Error::Timeout(url.authority(), options.timeout.as_secs()))??;
        remember(&answer.headers, &mut cookies);
        let Some(next) = redirect(&answer, &request, options)? else {
            answer.cookies = cookies;
            return Ok(answer);
        };
        if next.host == url.host {
            send_cookies(&mut request, &cookies);
        } else {
            cookies.clear();
        }
        let unredirected = request.unredirected.clone();
        let same = next.host == url.host && next.port == url.port;
        request.headers.retain(|(name, _)| {
            let secret = !same && name.eq_ignore_ascii_case("authorization");
            !secret && !unredirected.iter().any(|other| other.eq_ignore_ascii_case(name))
        });
        if !matches!(answer.status, 307 | 308) && !matches!(request.method.as_str(), "GET" | "HEAD")
        {
            request.method = "GET".into();
            request.body.clear();
            request.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
        }
        url = next;
    }
    Err(Error::Redirects(url.authority(), MOST_REDIRECTS))
}

/// Keeps the cookies that an answer sets; a later one takes the place of an earlier one of its name.
fn remember(headers: &HeaderMap, cookies: &mut Vec<(String, String)>) {
    for field in headers.get_all("set-cookie") {
        let field = String::from_utf8_lossy(field.as_bytes());
        let pair = field.split(';').next().unwrap_or_default();
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        cookies.retain(|(known, _)| known != name);
        cookies.push((name.to_owned(), value.to_owned()));
    }
}

/// Sends cookies with the next request, unless it has its own.
fn send_cookies(request: &mut Request, cookies: &[(String, String)]) {
    let own = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    if own || cookies.is_empty() {
        return;
    }
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    request.headers.push(("Cookie".into(), pairs.join("; ")));
}

/// Returns where a redirect leads, when it is one that is followed.
fn redirect(answer: &Answer, request: &Request, options: &Options) -> Result<Option<Url>, Error> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let followed = match options.redirects {
        Redirects::All => true,
        Redirects::Safe => matches!(request.method.as_str(), "GET" | "HEAD"),
        Redirects::Loose => match request.method.as_str() {
            "GET" | "HEAD" => true,
            "POST" => matches!(answer.status, 301..=303),
            _ => false,
        },
        Redirects::No => false,
    };
    match answer.header("location").filter(|_| followed) {
        Some(location) => answer.url.join(location).map(Some),
        None => Ok(None),
    }
}

async fn once(
    dial: &dyn Dial,
    url: &Url,
    request: &Request,
    options: &Options,
) -> Result<Answer, Error> {
    let proxy = proxy_for(url, options)?;
    let line = match (&options.unix_socket, &proxy) {
        (Some(path), _) => {
            dial.unix(path).await.map_err(|error| Error::Connect(path.clone(), error))?
        }
        (None, Some(proxy)) => connect(dial, proxy).await?,
        (None, None) => connect(dial, url).await?,
    };
    let line = match &proxy {
        Some(proxy) if url.secure => tunnel(line, url, proxy).await?,
        _ => line,
    };
    let line = if url.secure { tls::wrap(line, &url.host, options).await? } else { line };
    let through = proxy.as_ref().filter(|_| !url.secure);
    let failed = |error: hyper::Error| Error::Exchange(url.authority(), error.to_string());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(line)).await.map_err(failed)?;
    tokio::spawn(connection);
    let message = message(url, request, through)?;
    let answer = sender.send_request(message).await.map_err(failed)?;
    let (parts, body) = answer.into_parts();
    let reason = parts.extensions.get::<hyper::ext::ReasonPhrase>();
    let reason = reason.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
    Ok(Answer {
        status: parts.status.as_u16(),
        reason: reason
            .or_else(|| parts.status.canonical_reason().map(str::to_owned))
            .unwrap_or_default(),
        headers: parts.headers,
        url: url.clone(),
        cookies: Vec::new(),
        body,
        timeout: options.timeout,
    })
}

fn message(
    url: &Url,
    request: &Request,
    proxy: Option<&Url>,
) -> Result<hyper::Request<Full<Bytes>>, Error> {
    let mut headers = header_map(&request.headers);
    let host = HeaderValue::from_str(&url.authority());
    if let (Ok(host), false) = (host, headers.contains_key("host")) {
        headers.insert("host", host);
    }
    headers.entry("connection").or_insert(HeaderValue::from_static("close"));
    headers.entry("accept-encoding").or_insert(HeaderValue::from_static("identity"));
    // Some servers refuse a method that has a body as a rule without its length.
    if request.body.is_empty() && matches!(request.method.as_str(), "PATCH" | "POST" | "PUT") {
        headers.insert("content-length", HeaderValue::from_static("0"));
    }
    if let Some((user, password)) = proxy.and_then(|proxy| proxy.user.as_ref())
        && let Ok(value) = HeaderValue::from_str(&basic(user, password))
    {
        headers.insert("proxy-authorization", value);
    }
    let target = if proxy.is_some() { url.to_string() } else { url.path.clone() };
    let message = hyper::Request::builder().method(request.method.as_str()).uri(target);
    let mut message = message
        .body(Full::new(Bytes::from(request.body.clone())))
        .map_err(|error| Error::Exchange(url.authority(), error.to_string()))?;
    *message.headers_mut() = headers;
    Ok(message)
}

async fn connect(dial: &dyn Dial, url: &Url) -> Result<Box<dyn Line>, Error> {
    dial.tcp(&url.host, url.port).await.map_err(|error| Error::Connect(url.authority(), error))
}

/// Asks a proxy for a tunnel.
async fn tunnel(mut line: Box<dyn Line>, url: &Url, proxy: &Url) -> Result<Box<dyn Line>, Error> {
    let place = format!("{}:{}", url.host, url.port);
    let mut ask = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    if let Some((user, password)) = &proxy.user {
        ask.push_str(&format!("Proxy-Authorization: {}\r\n", basic(user, password)));
    }
    ask.push_str("\r\n");
    let failed =
        |error: std::io::Error| Error::Connect(format!("proxy {}", proxy.authority()), error);
    line.write_all(ask.as_bytes()).await.map_err(failed)?;
    line.flush().await.map_err(failed)?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < 16 * 1024 {
        answer.push(line.read_u8().await.map_err(failed)?);
    }
    let answer = String::from_utf8_lossy(&answer);
    let first = answer.lines().next().unwrap_or_default();
    if first.split(' ').nth(1) == Some("200") {
        return Ok(line);
    }
    Err(Error::Exchange(format!("proxy {}", proxy.authority()), first.to_owned()))
}

fn proxy_for(url: &Url, options: &Options) -> Result<Option<Url>, Error> {
    let direct =
        options.no_proxy.iter().map(|host| host.trim().trim_start_matches('.')).any(|host| {
            host == "*"
                || host == url.host
                || (!host.is_empty() && url.host.ends_with(&format!(".{host}")))
        });
    let proxy = if url.secure { &options.https_proxy } else { &options.http_proxy };
    match proxy.as_ref().filter(|proxy| !direct && !proxy.is_empty()) {
        Some(proxy) if proxy.contains("://") => Url::parse(proxy).map(Some),
        Some(proxy) => Url::parse(&format!("http://{proxy}")).map(Some),
        None => Ok(None),
    }
}
