//! What `uri` and `get_url` share: certificates and proxies of the host, authentication.

use std::time::Duration;

use crate::actions::Context;
use crate::actions::Error;
use crate::actions::dial::ThroughHelper;
use crate::base::{Map, Value};
use crate::clusters::http::{self, Options, Redirects};

/// Where distributions keep the certificates of authorities.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

/// What both take to reach a server.
pub(super) struct Wish<'a> {
    pub(super) verify: bool,
    pub(super) authorities: Option<&'a str>,
    pub(super) identity: Option<(&'a str, &'a str)>,
    pub(super) use_proxy: bool,
    pub(super) redirects: Redirects,
    pub(super) timeout: u64,
    pub(super) unix_socket: Option<String>,
    pub(super) secure: bool,
}

/// Returns how to talk to servers from the host: with its certificates and its proxies.
pub(super) async fn options(wish: Wish<'_>, cx: &Context<'_>) -> Result<Options, Error> {
    let mut options = Options {
        redirects: wish.redirects,
        verify: wish.verify,
        unix_socket: wish.unix_socket,
        timeout: Duration::from_secs(wish.timeout.max(1)),
        ..Options::default()
    };
    // A redirect may lead from http to https, but hardly any does; the bundle is read when it is needed at once.
    if wish.secure && wish.verify {
        options.authorities = authorities(wish.authorities, cx).await?;
    }
    if let Some((certificate, key)) = wish.identity {
        options.identity = Some((read(certificate, cx).await?, read(key, cx).await?));
    }
    if wish.use_proxy {
        let variable = |name: &str| {
            let upper = name.to_uppercase();
            let found = cx.environment.iter().find(|(known, _)| known == name || *known == upper);
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        options.http_proxy = variable("http_proxy");
        options.https_proxy = variable("https_proxy");
        let direct = variable("no_proxy").unwrap_or_default();
        options.no_proxy =
            direct.split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect();
    }
    Ok(options)
}

/// Returns a dialer through the task's helper.
pub(super) async fn dial(cx: &Context<'_>) -> Result<ThroughHelper, Error> {
    Ok(ThroughHelper(cx.hands.helper().await?))
}

/// Sends a request from the host.
pub(super) async fn send(
    request: &http::Request,
    options: &Options,
    cx: &Context<'_>,
) -> Result<Result<http::Answer, http::Error>, Error> {
    let dial = dial(cx).await?;
    Ok(http::send(&dial, request, options).await)
}

async fn authorities(given: Option<&str>, cx: &Context<'_>) -> Result<Vec<u8>, Error> {
    if let Some(path) = given {
        return read(path, cx).await;
    }
    for path in BUNDLES {
        if let Ok(bundle) = read(path, cx).await {
            return Ok(bundle);
        }
    }
    Err(Error::new(
        "the host has no certificates of authorities (looked for /etc/ssl/certs/ca-certificates.crt and the like); install its ca-certificates package, give `ca_path`, or use `validate_certs: false`",
    ))
}

/// Reads a file of the host.
pub(super) async fn read(path: &str, cx: &Context<'_>) -> Result<Vec<u8>, Error> {
    use base64::Engine;
    let args = Map::from_iter([("src", Value::from(path))]);
    let done = cx.module("slurp", args, Vec::new()).await?;
    let content = done.outcome.values.get("content").map(ToString::to_string).unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD.decode(content.trim());
    bytes.map_err(|error| Error::new(format!("cannot read `{path}` on the host: {error}")))
}

/// Returns the header fields of a request: those given, the agent's name, authentication when it is to be sent at once.
pub(super) fn headers(
    given: &Map,
    agent: &str,
    login: Option<(&str, &str)>,
) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = vec![("User-Agent".into(), agent.into())];
    if let Some((user, password)) = login {
        headers.push(("Authorization".into(), http::basic(user, password)));
    }
    headers.extend(given.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    headers
}

/// Unpacks a body that came compressed.
pub(super) fn unpack(body: Vec<u8>, answer: &http::Answer, wanted: bool) -> Vec<u8> {
    use std::io::Read;
    if !wanted
        || !answer
            .header("content-encoding")
            .is_some_and(|encoding| encoding.eq_ignore_ascii_case("gzip"))
    {
        return body;
    }
    let mut out = Vec::new();
    match flate2::read::MultiGzDecoder::new(body.as_slice()).read_to_end(&mut out) {
        Ok(_) => out,
        Err(_) => body,
    }
}

/// Returns header fields as results have them: small letters, dashes as underscores, several joined by commas.
pub(super) fn header_values(answer: &http::Answer) -> Map {
    let mut map = Map::new();
    for name in answer.headers.keys() {
        let values = answer
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let joined = values.collect::<Vec<_>>().join(", ");
        map.insert(name.as_str().to_lowercase().replace('-', "_"), joined.into());
    }
    map
}

/// What a file on the host should be like.
#[derive(Default)]
pub(super) struct FileWish<'a> {
    pub(super) owner: Option<&'a str>,
    pub(super) group: Option<&'a str>,
    pub(super) mode: Option<&'a crate::base::Mode>,
    pub(super) backup: bool,
    pub(super) unsafe_writes: bool,
}

/// Puts content into a file on the host; a folder takes it under the given name.
pub(super) async fn save(
    dest: &std::path::Path,
    name: &str,
    content: crate::actions::Content,
    wish: FileWish<'_>,
    cx: &Context<'_>,
) -> Result<crate::actions::Done, Error> {
    let name = if name.is_empty() { "index.html" } else { name };
    let mut args = Map::new();
    args.insert("dest", dest.display().to_string().into());
    args.insert("_name", name.into());
    for (key, value) in [("owner", wish.owner), ("group", wish.group)] {
        if let Some(value) = value {
            args.insert(key, value.into());
        }
    }
    if let Some(mode) = wish.mode {
        args.insert("mode", mode.to_string().into());
    }
    args.insert("backup", wish.backup.into());
    args.insert("unsafe_writes", wish.unsafe_writes.into());
    cx.module("copy", args, vec![content]).await
}

/// Writes a body as `multipart/form-data`.
pub(super) fn multipart(body: &Value) -> Result<(Vec<u8>, String), Error> {
    let Some(map) = body.as_map() else {
        return Err(Error::new("a body of `form-multipart` is a dictionary"));
    };
    let boundary = format!("fcplay-{}", uuid::Uuid::new_v4().simple());
    let mut out = Vec::new();
    for (name, value) in map.iter() {
        let (content, file, kind) = part(value)?;
        out.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file) = file {
            out.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        out.extend_from_slice(format!("\r\nContent-Type: {kind}\r\n\r\n").as_bytes());
        out.extend_from_slice(&content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((out, format!("multipart/form-data; boundary={boundary}")))
}

/// Returns content, file name and type of one part.
fn part(value: &Value) -> Result<(Vec<u8>, Option<String>, String), Error> {
    let Some(map) = value.as_map() else {
        return Ok((value.to_string().into_bytes(), None, "text/plain".into()));
    };
    let text = |name: &str| map.get(name).map(ToString::to_string);
    let file = text("filename");
    let content = match (text("content"), &file) {
        (Some(content), _) => content.into_bytes(),
        (None, Some(path)) => std::fs::read(path)
            .map_err(|error| Error::new(format!("cannot read `{path}`: {error}")))?,
        (None, None) => {
            return Err(Error::new("a part of `form-multipart` needs `content` or `filename`"));
        }
    };
    let file = file.map(|path| path.rsplit('/').next().unwrap_or_default().to_owned());
    Ok((content, file, text("mime_type").unwrap_or_else(|| "application/octet-stream".into())))
}
