//! What `uri` and `get_url` share: certificates and proxies of the host, authentication.

use std::time::Duration;

use crate::actions::Context;
use crate::actions::Error;
use crate::actions::dial::ThroughHelper;
use crate::base::{Map, Mode, Value};
use crate::clusters::http::{self, Options, Redirects};

/// What both take to reach a server.
pub(in crate::actions) struct Wish<'a> {
    pub(in crate::actions) verify: bool,
    pub(in crate::actions) authorities: Option<&'a str>,
    pub(in crate::actions) identity: Option<(&'a str, &'a str)>,
    pub(in crate::actions) use_proxy: bool,
    pub(in crate::actions) redirects: Redirects,
    pub(in crate::actions) timeout: u64,
    pub(in crate::actions) unix_socket: Option<String>,
    pub(in crate::actions) secure: bool,
}

/// Returns how to talk to servers from the host: with its certificates and its proxies.
pub(in crate::actions) async fn options(
    wish: Wish<'_>,
    cx: &Context<'_>,
) -> Result<Options, Error> {
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
    for path in http::BUNDLES {
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

/// Returns the header fields of a request: the agent's name, and those given.
pub(super) fn headers(given: &Map, agent: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = vec![("User-Agent".into(), agent.into())];
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

/// Attributes of a file on the host: names and values of arguments that `copy` and `file` take.
pub(super) type Attributes = Vec<(&'static str, Value)>;

/// Returns the arguments that were given.
pub(super) fn attributes(
    mode: Option<&Mode>,
    texts: &[(&'static str, &Option<String>)],
) -> Attributes {
    let mode = mode.map(|mode| ("mode", Value::from(mode.to_string())));
    let text = |(name, value): &(&'static str, &Option<String>)| {
        value.as_ref().map(|value| (*name, Value::from(value.as_str())))
    };
    mode.into_iter().chain(texts.iter().filter_map(text)).collect()
}

/// Puts content into a file on the host.
pub(super) async fn save(
    dest: &str,
    content: crate::actions::Content,
    attributes: Attributes,
    cx: &Context<'_>,
) -> Result<crate::actions::Done, Error> {
    let name = dest.rsplit('/').next().unwrap_or_default();
    let mut args = Map::from_iter([("dest", Value::from(dest)), ("_name", name.into())]);
    for (name, value) in attributes {
        args.insert(name, value);
    }
    cx.module("copy", args, vec![content]).await
}

/// Returns what is known of a path on the host, with its digest.
pub(super) async fn stat(path: &str, algorithm: &str, cx: &Context<'_>) -> Result<Value, Error> {
    let args = Map::from_iter([
        ("path", Value::from(path)),
        ("follow", true.into()),
        ("get_checksum", true.into()),
        ("checksum_algorithm", algorithm.into()),
        ("get_mime", false.into()),
        ("get_attributes", false.into()),
    ]);
    let done = cx.module("stat", args, Vec::new()).await?;
    Ok(done.outcome.values.get("stat").cloned().unwrap_or_default())
}
