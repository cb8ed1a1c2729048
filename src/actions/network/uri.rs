//! `uri`: asks a web service, from the host's point of view.
//!
//! Runs on the controller over a stream that the helper opens, so that TLS needs nothing on the host
//! (docs/architecture.md, «HTTP through the helper»).

use std::path::PathBuf;
use std::time::Instant;

use super::answer;
use super::body::{self, Format};
use super::login::{self, Given, Login};
use super::web::{self, Wish};
use crate::actions::{Content, Context, Done, Error};
use crate::base::{Map, Mode, Value, json};
use crate::clusters::http::{self, Redirects};
use crate::module::{Check, Example, Failure, Outcome, Return, Rule, Spec};
use crate::{action, arguments, choices};

choices! {
    /// Which redirects are followed.
    pub(super) enum Follow { All = "all" | "yes", Loose = "urllib2", No = "none" | "no", Safe = "safe" }
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
        /// Whether user and password may come from `~/.netrc` of the host.
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
            Return { name: "cookies_string", about: "The cookies that were set, as the field of the next request has them." },
            Return { name: "json", about: "The body, when it is JSON." },
            Return { name: "content", about: "The body, when asked for." },
        ],
        rules: &[Rule::Exclusive(&["body", "src"])],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    if let Some(reason) = needless(&args, cx).await? {
        let stdout = Value::from(reason.as_str());
        return Ok(Done::ok(Outcome::same(reason).with("stdout", stdout)));
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
            Follow::Loose => Redirects::Loose,
            Follow::No => Redirects::No,
        },
        timeout: args.timeout,
        unix_socket: args.unix_socket.clone(),
        secure: args.url.starts_with("https:"),
    };
    let options = web::options(wish, cx).await?;
    let given = Given {
        user: args.url_username.as_deref(),
        password: args.url_password.as_deref(),
        at_once: args.force_basic_auth,
        netrc: args.use_netrc,
    };
    let login = Login::find(&args.url, given, cx).await?;
    let answer = login::ask(&request, login.as_ref(), &options, cx).await?;
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(error) => return silent(&args, &error, started),
    };
    let body = answer.whole().await.map_err(|error| Error::new(error.to_string()))?;
    let body = web::unpack(body, &answer, args.decompress);
    report(&args, &answer, body, started, cx).await
}

/// Reports that there was no answer, which counts as the status -1.
fn silent(args: &Args, error: &http::Error, started: Instant) -> Result<Done, Error> {
    let values = Map::from_iter([
        ("status", Value::from(-1)),
        ("url", args.url.as_str().into()),
        ("elapsed", started.elapsed().as_secs().into()),
        ("redirected", false.into()),
    ]);
    if args.status_code.contains(&-1) {
        return Ok(Done::ok(Outcome::done().with_all(values).with("msg", error.to_string())));
    }
    let text = format!("Status code was -1 and not {}: {error}", listed(&args.status_code));
    let mut failure = Failure::new(text);
    failure.values = values;
    Err(failure.into())
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
    let mut headers = web::headers(&args.headers, &args.http_agent);
    let (body, kind) = match &args.src {
        Some(src) => {
            let bytes = if args.remote_src {
                web::read(&src.to_string_lossy(), cx).await?
            } else {
                let path = cx.find_file(&src.to_string_lossy(), "files")?;
                cx.hands.read_file(&path).map_err(Error::new)?
            };
            (bytes, args.body_format.kind().map(str::to_owned))
        }
        None => body::encoded(args.body.as_ref(), args.body_format, cx)?,
    };
    // What has a body and no type counts as a form, as Python and curl have it.
    let usual = (!body.is_empty()).then(|| "application/x-www-form-urlencoded".to_owned());
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(kind) = kind.or(usual).filter(|_| !has_type) {
        headers.push(("Content-Type".into(), kind));
    }
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

async fn report(
    args: &Args,
    answer: &http::Answer,
    body: Vec<u8>,
    started: Instant,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    let asked = http::Url::parse(&args.url).ok();
    let redirected = asked.is_some_and(|url| url.to_string() != answer.url.to_string());
    let length = answer.header("content-length").unwrap_or("unknown");
    let message = match answer.status {
        200..300 => format!("OK ({length} bytes)"),
        status => format!("HTTP Error {status}: {}", answer.reason),
    };
    let mut values = answer::header_values(answer);
    if answer.status < 300 {
        answer::add_cookies(&mut values, answer);
    }
    let fragment = args.url.find('#').filter(|_| !redirected).map_or("", |at| &args.url[at..]);
    values.insert("url", format!("{}{fragment}", answer.url).into());
    values.insert("status", i64::from(answer.status).into());
    values.insert("elapsed", started.elapsed().as_secs().into());
    values.insert("redirected", redirected.into());
    let text = answer::text(&body, answer);
    if let (true, Ok(json)) = (answer::is_json(answer), json::parse(&text)) {
        values.insert("json", json);
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

/// Puts the body into a file on the host; a folder takes it under the name that the server gives.
async fn save(
    args: &Args,
    dest: &std::path::Path,
    answer: &http::Answer,
    body: Vec<u8>,
    outcome: Outcome,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    let mut dest = dest.display().to_string();
    if web::stat(&dest, "sha1", cx).await?.get("isdir").is_some_and(|it| it.truth()) {
        dest = format!("{}/{}", dest.trim_end_matches('/'), answer::file_name(answer));
    }
    let mut attributes = web::attributes(
        args.mode.as_ref(),
        &[
            ("attributes", &args.attributes),
            ("group", &args.group),
            ("owner", &args.owner),
            ("selevel", &args.selevel),
            ("serole", &args.serole),
            ("setype", &args.setype),
            ("seuser", &args.seuser),
        ],
    );
    attributes.push(("unsafe_writes", args.unsafe_writes.into()));
    let saved = web::save(&dest, Content::Bytes(body.into()), attributes, cx).await?;
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
