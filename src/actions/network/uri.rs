//! `uri`: asks a web service, from the host's point of view.
//!
//! Runs on the controller over a stream that the helper opens, so that TLS needs nothing on the host
//! (docs/architecture.md, «HTTP through the helper»).

use std::path::PathBuf;
use std::time::Instant;

use super::web::{self, Wish};
use crate::actions::{Content, Context, Done, Error};
use crate::base::{Map, Mode, SourceFile, Value};
use crate::clusters::http::{self, Redirects, encode_form};
use crate::module::{Check, Example, Failure, Outcome, Return, Spec};
use crate::yaml::{self, Trust};
use crate::{action, arguments, choices};

choices! {
    /// How the body is written.
    pub(super) enum Format { Form = "form-urlencoded", Json = "json", Raw = "raw", Multipart = "form-multipart" }
}

choices! {
    /// Which redirects are followed.
    pub(super) enum Follow { All = "all" | "yes", No = "none" | "no", Safe = "safe" | "urllib2" }
}

arguments! {
    /// Arguments of `uri`.
    pub(super) struct Args {
        /// The address.
        url: String,
        /// The method.
        method: String = "GET".into(),
        /// The body: text, or a dictionary or list with `body_format`.
        body: Option<Value>,
        /// How the body is written.
        body_format: Format = Format::Raw,
        /// Header fields.
        headers: Map = Map::new(),
        /// The statuses that are well.
        status_code: Vec<i64> = vec![200],
        /// Whether the body of the answer is returned.
        return_content: bool = false,
        /// A file on the host that takes the body of the answer; a folder takes it under the name in the address.
        dest: Option<PathBuf>,
        /// A file that is the body.
        src: Option<PathBuf>,
        /// Whether `src` is a file on the host.
        remote_src: bool = false,
        /// A file that exists already: nothing is done.
        creates: Option<PathBuf>,
        /// A file that does not exist: nothing is done.
        removes: Option<PathBuf>,
        /// Which redirects are followed.
        follow_redirects: Follow = Follow::Safe,
        /// The user.
        url_username ["user"]: Option<String>,
        /// The password.
        url_password ["password"]: Option<String>,
        /// Whether user and password are sent without being asked for.
        force_basic_auth: bool = false,
        /// Whether a cached answer of a proxy is refused.
        force: bool = false,
        /// How long to wait, in seconds.
        timeout: u64 = 30,
        /// Whether certificates are checked.
        validate_certs: bool = true,
        /// Certificates of authorities on the host, as PEM.
        ca_path: Option<String>,
        /// The client's certificate on the host, as PEM.
        client_cert: Option<String>,
        /// The client's key on the host, as PEM.
        client_key: Option<String>,
        /// Ciphers; TLS of today chooses by itself.
        ciphers: Option<Vec<String>>,
        /// Whether compressed answers are unpacked.
        decompress: bool = true,
        /// A Unix socket on the host to talk to.
        unix_socket: Option<String>,
        /// Header fields that are not sent on after a redirect.
        unredirected_headers: Vec<String> = Vec::new(),
        /// Whether the proxy of the environment is used.
        use_proxy: bool = true,
        /// Whether Kerberos is used; it is not.
        use_gssapi: bool = false,
        /// Whether `~/.netrc` is read; it is not.
        use_netrc: bool = true,
        /// What the client calls itself.
        http_agent: String = "ansible-httpget".into(),
        /// The owner of `dest`.
        owner: Option<String>,
        /// The group of `dest`.
        group: Option<String>,
        /// The mode of `dest`.
        mode: Option<Mode>,
        /// Attributes of `dest`.
        attributes ["attr"]: Option<String>,
        /// The SELinux level of `dest`.
        selevel: Option<String>,
        /// The SELinux role of `dest`.
        serole: Option<String>,
        /// The SELinux type of `dest`.
        setype: Option<String>,
        /// The SELinux user of `dest`.
        seuser: Option<String>,
        /// Whether `dest` may be written in place.
        unsafe_writes: bool = false,
    }
}

action! {
    /// The action.
    Uri,
    Spec {
        name: "uri",
        summary: "Asks a web service, from the host's point of view.",
        check: Check::Skip,
        examples: &[Example { about: "Ask whether a service is well.", task: "uri: {url: 'http://localhost:9200/_cluster/health', return_content: true}" }],
        returns: &[
            Return { name: "status", about: "The status of the answer." },
            Return { name: "json", about: "The body, when it is JSON." },
            Return { name: "content", about: "The body, when asked for." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    if let Some(reason) = needless(&args, cx).await? {
        return Ok(Done::ok(Outcome::same(reason)));
    }
    let started = Instant::now();
    let request = request(&args, cx).await?;
    let wish = Wish {
        verify: args.validate_certs,
        authorities: args.ca_path.as_deref(),
        identity: args
            .client_cert
            .as_deref()
            .map(|cert| (cert, args.client_key.as_deref().unwrap_or(cert))),
        use_proxy: args.use_proxy,
        redirects: match args.follow_redirects {
            Follow::All => Redirects::All,
            Follow::Safe => Redirects::Safe,
            Follow::No => Redirects::No,
        },
        timeout: args.timeout,
        unix_socket: args.unix_socket.clone(),
        secure: args.url.starts_with("https:"),
    };
    let options = web::options(wish, cx).await?;
    let mut answer = ask(&request, &options, &args, cx).await?.map_err(|error| {
        let elapsed = started.elapsed().as_secs();
        let text = format!("Status code was -1 and not {}: {error}", listed(&args.status_code));
        Error::from(
            Failure::new(text)
                .with("status", -1)
                .with("url", args.url.as_str())
                .with("elapsed", elapsed)
                .with("redirected", false),
        )
    })?;
    let body = answer.whole().await.map_err(|error| Error::new(error.to_string()))?;
    let body = web::unpack(body, &answer, args.decompress);
    report(&args, &answer, body, started, cx).await
}

/// Sends the request; when the server asks who it is, once more with user and password.
async fn ask(
    request: &http::Request,
    options: &http::Options,
    args: &Args,
    cx: &Context<'_>,
) -> Result<Result<http::Answer, http::Error>, Error> {
    let answer = web::send(request, options, cx).await?;
    match (&answer, &args.url_username) {
        (Ok(first), Some(user)) if first.status == 401 && !args.force_basic_auth => {
            let mut again = request.clone();
            let value = http::basic(user, args.url_password.as_deref().unwrap_or_default());
            again.headers.push(("Authorization".into(), value));
            web::send(&again, options, cx).await
        }
        _ => Ok(answer),
    }
}

async fn needless(args: &Args, cx: &Context<'_>) -> Result<Option<String>, Error> {
    for (path, wanted) in [(&args.creates, true), (&args.removes, false)] {
        let Some(path) = path else { continue };
        let shown = path.display().to_string();
        let stat = cx
            .module("stat", Map::from_iter([("path", Value::from(shown.as_str()))]), Vec::new())
            .await?;
        let exists = stat
            .outcome
            .values
            .get("stat")
            .and_then(|stat| stat.get("exists"))
            .is_some_and(Value::truth);
        if exists == wanted {
            let state = if wanted { "exists" } else { "does not exist" };
            return Ok(Some(format!("skipped, since '{shown}' {state}")));
        }
    }
    Ok(None)
}

async fn request(args: &Args, cx: &Context<'_>) -> Result<http::Request, Error> {
    let login = args.url_username.as_deref().filter(|_| args.force_basic_auth);
    let login = login.map(|user| (user, args.url_password.as_deref().unwrap_or_default()));
    let mut headers = web::headers(&args.headers, &args.http_agent, login);
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let body = match (&args.src, &args.body) {
        (Some(src), _) if args.remote_src => web::read(&src.to_string_lossy(), cx).await?,
        (Some(src), _) => {
            let path = cx.find_file(&src.to_string_lossy(), "files")?;
            cx.hands.read_file(&path).map_err(Error::new)?
        }
        (None, None) => Vec::new(),
        (None, Some(body)) => {
            let (bytes, kind) = encoded(body, args.body_format)?;
            if let Some(kind) = kind.filter(|_| !has_type) {
                headers.push(("Content-Type".into(), kind));
            }
            bytes
        }
    };
    if args.force {
        headers.push(("Cache-Control".into(), "no-cache".into()));
    }
    Ok(http::Request {
        method: args.method.to_uppercase(),
        url: args.url.clone(),
        headers,
        unredirected: args.unredirected_headers.clone(),
        body,
    })
}

/// Returns the body as bytes, and its type.
fn encoded(body: &Value, format: Format) -> Result<(Vec<u8>, Option<String>), Error> {
    match format {
        Format::Json => {
            let text = match body {
                // Text is taken as JSON already.
                Value::Text(text) => text.as_str().to_owned(),
                other => crate::template::dumps(other)
                    .map_err(|error| Error::new(format!("body as JSON: {error}")))?,
            };
            Ok((text.into_bytes(), Some("application/json".into())))
        }
        Format::Form => {
            let text = match body {
                Value::Text(text) => text.as_str().to_owned(),
                other => encode_form(&form_pairs(other)?),
            };
            Ok((text.into_bytes(), Some("application/x-www-form-urlencoded".into())))
        }
        Format::Multipart => super::web::multipart(body).map(|(bytes, kind)| (bytes, Some(kind))),
        Format::Raw => Ok((body.to_string().into_bytes(), None)),
    }
}

fn form_pairs(body: &Value) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    let mut add = |key: &Value, value: &Value| match value.as_list() {
        Some(list) => pairs.extend(list.iter().map(|item| (key.to_string(), item.to_string()))),
        None => pairs.push((key.to_string(), value.to_string())),
    };
    match body {
        Value::Map(map) => map.iter().for_each(|(key, value)| add(key, value)),
        Value::List(list) => {
            for pair in list.iter() {
                match pair.as_list().map(|pair| pair.to_vec()).as_deref() {
                    Some([key, value]) => add(key, value),
                    _ => {
                        return Err(Error::new(
                            "a body of `form-urlencoded` is a dictionary or a list of pairs",
                        ));
                    }
                }
            }
        }
        _ => {
            return Err(Error::new(
                "a body of `form-urlencoded` is a dictionary or a list of pairs",
            ));
        }
    }
    Ok(pairs)
}

async fn report(
    args: &Args,
    answer: &http::Answer,
    body: Vec<u8>,
    started: Instant,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    let redirected = answer.url.to_string() != args.url;
    let message = match (answer.header("content-length"), answer.status) {
        (Some(length), 200) => format!("OK ({length} bytes)"),
        (None, 200) => "OK (unknown bytes)".into(),
        (_, status) => format!("HTTP Error {status}: {}", answer.reason),
    };
    let mut values = web::header_values(answer);
    values.insert("url", answer.url.to_string().into());
    values.insert("status", i64::from(answer.status).into());
    values.insert("elapsed", started.elapsed().as_secs().into());
    values.insert("redirected", redirected.into());
    let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    let text = String::from_utf8_lossy(&body).into_owned();
    if is_json {
        let file = SourceFile::new("<answer>", text.as_str());
        if let Ok(Some(json)) =
            yaml::parse(&file, Trust::Nothing).map(|document| document.nodes.into_iter().next())
        {
            values.insert("json", json.to_value());
        }
    }
    let well = args.status_code.contains(&i64::from(answer.status));
    if args.return_content || !well {
        values.insert("content", text.into());
    }
    if !well {
        let text = format!(
            "Status code was {} and not {}: {message}",
            answer.status,
            listed(&args.status_code)
        );
        let mut failure = Failure::new(text);
        failure.values = values;
        return Err(failure.into());
    }
    values.insert("msg", message.into());
    let outcome = Outcome::done().with_all(values);
    match &args.dest {
        None => Ok(Done::ok(outcome)),
        Some(dest) => save(args, dest, answer, body, outcome, cx).await,
    }
}

/// Puts the body into a file on the host.
async fn save(
    args: &Args,
    dest: &std::path::Path,
    answer: &http::Answer,
    body: Vec<u8>,
    outcome: Outcome,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    let name = answer
        .url
        .path
        .split('?')
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let saved = super::web::save(
        dest,
        name,
        Content::Bytes(body.into()),
        super::web::FileWish {
            owner: args.owner.as_deref(),
            group: args.group.as_deref(),
            mode: args.mode.as_ref(),
            ..Default::default()
        },
        cx,
    )
    .await?;
    let mut outcome = outcome.with_all(saved.outcome.values);
    outcome.values.insert("path", outcome.values.get("dest").cloned().unwrap_or_default());
    Ok(Done {
        changed: saved.changed,
        outcome,
        diffs: saved.diffs,
        warnings: saved.warnings,
        ..Done::default()
    })
}

fn listed(codes: &[i64]) -> String {
    Value::list(codes.iter().copied().map(Value::Int)).repr()
}
