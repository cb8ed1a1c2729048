//! `get_url`: fetches a file from a web server on to the host.
//!
//! The bytes come through the helper to the controller and back (docs/architecture.md, «HTTP through the helper»): TLS
//! needs nothing on the host, at the price of sending the file twice over the connection.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use sha1::Digest;

use super::web::{self, FileWish, Wish};
use crate::actions::{Content, Context, Done, Error};
use crate::base::{Map, Mode, Value};
use crate::clusters::http::{self, Redirects};
use crate::module::{Check, Example, Failure, Outcome, Return, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `get_url`.
    pub(super) struct Args {
        /// The address.
        url: String,
        /// The file on the host, or a folder for it.
        dest: PathBuf,
        /// The digest the file has to have, as `sha256:…`, or the address of a list of digests.
        checksum: String = String::new(),
        /// Whether the file is fetched although there is one.
        force: bool = false,
        /// Whether the file that is replaced is kept.
        backup: bool = false,
        /// Header fields.
        headers: Option<Map>,
        /// The user.
        url_username ["username"]: Option<String>,
        /// The password.
        url_password ["password"]: Option<String>,
        /// Whether user and password are sent without being asked for.
        force_basic_auth: bool = false,
        /// How long to wait for anything to happen, in seconds.
        timeout: u64 = 10,
        /// Where the file is kept while it comes; it is kept beside `dest`.
        tmp_dest: Option<PathBuf>,
        /// Whether certificates are checked.
        validate_certs: bool = true,
        /// The client's certificate on the host, as PEM.
        client_cert: Option<String>,
        /// The client's key on the host, as PEM.
        client_key: Option<String>,
        /// Ciphers; TLS of today chooses by itself.
        ciphers: Option<Vec<String>>,
        /// Whether compressed answers are unpacked.
        decompress: bool = true,
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
        /// The owner.
        owner: Option<String>,
        /// The group.
        group: Option<String>,
        /// The mode.
        mode: Option<Mode>,
        /// Attributes.
        attributes ["attr"]: Option<String>,
        /// The SELinux level.
        selevel: Option<String>,
        /// The SELinux role.
        serole: Option<String>,
        /// The SELinux type.
        setype: Option<String>,
        /// The SELinux user.
        seuser: Option<String>,
        /// Whether the file may be written in place.
        unsafe_writes: bool = false,
    }
}

action! {
    /// The action.
    GetUrl,
    Spec {
        name: "get_url",
        summary: "Fetches a file from a web server on to the host.",
        check: Check::Partial,
        examples: &[Example {
            about: "Fetch a program and check its digest.",
            task: "get_url: {url: 'https://example.com/tool', dest: /usr/local/bin/tool, mode: '0755', checksum: 'sha256:ab…'}",
        }],
        returns: &[
            Return { name: "dest", about: "The file." },
            Return { name: "checksum_src", about: "The SHA-1 of what came." },
            Return { name: "status_code", about: "The status of the answer." },
        ],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let started = Instant::now();
    let wish = Wish {
        verify: args.validate_certs,
        authorities: None,
        identity: args
            .client_cert
            .as_deref()
            .map(|cert| (cert, args.client_key.as_deref().unwrap_or(cert))),
        use_proxy: args.use_proxy,
        redirects: Redirects::All,
        timeout: args.timeout,
        unix_socket: None,
        secure: args.url.starts_with("https:"),
    };
    let options = web::options(wish, cx).await?;
    let wanted = wanted_digest(&args, &options, cx).await?;
    let (dest, known) = destination(&args, wanted.as_ref(), cx).await?;
    if let Some(known) = known.filter(|known| is_current(&args, wanted.as_ref(), known)) {
        return keep(&args, &dest, &known, cx).await;
    }
    let mut request = request(&args, &args.url);
    let mut answer = fetch(&mut request, &options, &args, cx)
        .await?
        .map_err(|error| failed(&args, &dest, -1, &error.to_string()))?;
    if answer.status == 304 {
        return Ok(Done::ok(
            Outcome::same("HTTP Error 304: Not Modified")
                .with("status_code", 304)
                .with("dest", dest.as_str()),
        ));
    }
    if answer.status != 200 {
        let text = format!("HTTP Error {}: {}", answer.status, answer.reason);
        return Err(failed(&args, &dest, answer.status.into(), &text));
    }
    let file = receive(&mut answer, &args).await?;
    if let Some((algorithm, digest)) = &wanted {
        let got = digest_of(file.path(), algorithm)?;
        if got != *digest {
            let text = format!("The checksum for {dest} did not match {digest}; it was {got}.");
            return Err(failed(&args, &dest, answer.status.into(), &text));
        }
    }
    let sha1 = digest_of(file.path(), "sha1")?;
    let saved = save(&args, &dest, Content::File(file.path().to_owned()), cx).await?;
    let mut values = saved.outcome.values.clone();
    values.insert("url", args.url.as_str().into());
    values.insert("src", file.path().display().to_string().into());
    values.insert("checksum_src", sha1.into());
    values.insert("status_code", i64::from(answer.status).into());
    values.insert("elapsed", started.elapsed().as_secs().into());
    values.insert(
        "msg",
        format!("OK ({} bytes)", answer.header("content-length").unwrap_or("unknown")).into(),
    );
    Ok(Done { outcome: Outcome { values, ..saved.outcome }, ..saved })
}

fn request(args: &Args, url: &str) -> http::Request {
    let login = args.url_username.as_deref().filter(|_| args.force_basic_auth);
    let login = login.map(|user| (user, args.url_password.as_deref().unwrap_or_default()));
    http::Request {
        method: "GET".into(),
        url: url.to_owned(),
        headers: web::headers(
            args.headers.as_ref().unwrap_or(&Map::new()),
            &args.http_agent,
            login,
        ),
        unredirected: args.unredirected_headers.clone(),
        body: Vec::new(),
    }
}

async fn fetch(
    request: &mut http::Request,
    options: &http::Options,
    args: &Args,
    cx: &Context<'_>,
) -> Result<Result<http::Answer, http::Error>, Error> {
    let answer = web::send(request, options, cx).await?;
    match (&answer, &args.url_username) {
        (Ok(first), Some(user)) if first.status == 401 && !args.force_basic_auth => {
            let value = http::basic(user, args.url_password.as_deref().unwrap_or_default());
            request.headers.push(("Authorization".into(), value));
            web::send(request, options, cx).await
        }
        _ => Ok(answer),
    }
}

/// Returns the algorithm and digest that the file has to have.
async fn wanted_digest(
    args: &Args,
    options: &http::Options,
    cx: &Context<'_>,
) -> Result<Option<(String, String)>, Error> {
    if args.checksum.is_empty() {
        return Ok(None);
    }
    let Some((algorithm, digest)) = args.checksum.split_once(':') else {
        return Err(Error::new(
            "The checksum parameter has to be in format <algorithm>:<checksum>",
        ));
    };
    let algorithm = algorithm.to_lowercase();
    if !digest.contains("://") {
        return Ok(Some((algorithm, digest.trim().to_lowercase())));
    }
    let mut request = request(args, digest);
    let answer = fetch(&mut request, options, args, cx).await?;
    let mut answer = answer.map_err(|error| Error::new(format!("the list of digests: {error}")))?;
    let body = answer.whole().await.map_err(|error| Error::new(error.to_string()))?;
    let name = file_name(&args.url);
    match digest_in_list(&String::from_utf8_lossy(&body), &name) {
        Some(found) => Ok(Some((algorithm, found))),
        None => {
            Err(Error::new(format!("Unable to find a checksum for file '{name}' in '{digest}'")))
        }
    }
}

/// Returns the digest of a file in a list as `sha256sum` writes it, or the only digest there is.
fn digest_in_list(list: &str, name: &str) -> Option<String> {
    let lines: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<_>| !words.is_empty())
        .collect();
    if let [only] = lines.as_slice()
        && only.len() == 1
    {
        return Some(only[0].to_lowercase());
    }
    let named = |words: &&Vec<&str>| {
        words.get(1).is_some_and(|file| {
            file.trim_start_matches(['*', '.', '/']).rsplit('/').next() == Some(name)
        })
    };
    lines.iter().find(named).map(|words| words[0].to_lowercase())
}

/// What is known of the file on the host.
struct Known {
    digest: String,
}

/// Returns the file's path, and what is known of it when it exists.
async fn destination(
    args: &Args,
    wanted: Option<&(String, String)>,
    cx: &Context<'_>,
) -> Result<(String, Option<Known>), Error> {
    let dest = args.dest.display().to_string();
    let algorithm = wanted.map_or("sha1", |(algorithm, _)| algorithm);
    let stat = stat(&dest, algorithm, cx).await?;
    let truth = |stat: &Value, name: &str| stat.get(name).is_some_and(Value::truth);
    let (dest, stat) = if truth(&stat, "isdir") {
        let dest = format!("{}/{}", dest.trim_end_matches('/'), file_name(&args.url));
        let inner = self::stat(&dest, algorithm, cx).await?;
        (dest, inner)
    } else {
        (dest, stat)
    };
    let known = truth(&stat, "exists").then(|| Known {
        digest: stat.get("checksum").map(ToString::to_string).unwrap_or_default(),
    });
    Ok((dest, known))
}

async fn stat(path: &str, algorithm: &str, cx: &Context<'_>) -> Result<Value, Error> {
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

fn is_current(args: &Args, wanted: Option<&(String, String)>, known: &Known) -> bool {
    match wanted {
        Some((_, digest)) => known.digest == *digest,
        None => !args.force,
    }
}

/// Leaves the content as it is and sees to owner and mode.
async fn keep(args: &Args, dest: &str, known: &Known, cx: &Context<'_>) -> Result<Done, Error> {
    let mut file = Map::from_iter([("path", Value::from(dest)), ("state", "file".into())]);
    let wishes = [
        ("owner", args.owner.clone()),
        ("group", args.group.clone()),
        ("mode", args.mode.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in wishes {
        if let Some(value) = value {
            file.insert(name, value.into());
        }
    }
    let done = cx.module("file", file, Vec::new()).await?;
    let mut values = done.outcome.values.clone();
    values.insert("url", args.url.as_str().into());
    values.insert("dest", dest.into());
    values.insert("checksum_dest", known.digest.as_str().into());
    let message = if args.checksum.is_empty() {
        "file already exists"
    } else {
        "file already exists but file attributes changed"
    };
    let message =
        if done.changed || args.checksum.is_empty() { message } else { "file already exists" };
    values.insert("msg", message.into());
    Ok(Done { outcome: Outcome { values, ..done.outcome }, ..done })
}

/// Takes the body into a file of the controller.
async fn receive(answer: &mut http::Answer, args: &Args) -> Result<tempfile::NamedTempFile, Error> {
    let broken = |error: std::io::Error| {
        Error::new(format!("cannot keep the file on the controller: {error}"))
    };
    let packed = args.decompress
        && answer.header("content-encoding").is_some_and(|encoding| encoding == "gzip");
    if packed {
        let body = answer.whole().await.map_err(|error| Error::new(error.to_string()))?;
        let mut file = tempfile::NamedTempFile::new().map_err(broken)?;
        file.write_all(&web::unpack(body, answer, true)).map_err(broken)?;
        return Ok(file);
    }
    let mut file = tempfile::NamedTempFile::new().map_err(broken)?;
    while let Some(piece) = answer.piece().await.map_err(|error| Error::new(error.to_string()))? {
        file.write_all(&piece).map_err(broken)?;
    }
    file.flush().map_err(broken)?;
    Ok(file)
}

async fn save(args: &Args, dest: &str, content: Content, cx: &Context<'_>) -> Result<Done, Error> {
    let wish = FileWish {
        owner: args.owner.as_deref(),
        group: args.group.as_deref(),
        mode: args.mode.as_ref(),
        backup: args.backup,
        unsafe_writes: args.unsafe_writes,
    };
    web::save(std::path::Path::new(dest), &file_name(&args.url), content, wish, cx).await
}

fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    match path.split_once('/') {
        Some((_, rest)) if !rest.is_empty() => {
            rest.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
        }
        _ => "index.html".into(),
    }
}

fn failed(args: &Args, dest: &str, status: i64, reason: &str) -> Error {
    Failure::new(format!("Request failed: {reason}"))
        .with("url", args.url.as_str())
        .with("dest", dest)
        .with("status_code", status)
        .into()
}

/// Returns the hexadecimal digest of a file of the controller.
fn digest_of(path: &std::path::Path, algorithm: &str) -> Result<String, Error> {
    fn over<D: Digest + Write>(path: &std::path::Path) -> std::io::Result<String> {
        let mut digest = D::new();
        std::io::copy(&mut std::fs::File::open(path)?, &mut digest)?;
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
    let digest = match algorithm {
        "md5" => over::<md5::Md5>(path),
        "sha1" => over::<sha1::Sha1>(path),
        "sha224" => over::<sha2::Sha224>(path),
        "sha256" => over::<sha2::Sha256>(path),
        "sha384" => over::<sha2::Sha384>(path),
        "sha512" => over::<sha2::Sha512>(path),
        other => {
            return Err(Error::new(format!(
                "the digest `{other}` is not known; use sha256 or sha512"
            )));
        }
    };
    digest.map_err(|error| Error::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_addresses() {
        assert_eq!(file_name("https://h/a/b.tar.gz?x=/y"), "b.tar.gz");
        assert_eq!(file_name("https://h"), "index.html");
    }

    #[test]
    fn digests_in_lists() {
        let list = "AA  a.tar\nbb *./b.tar\n";
        assert_eq!(digest_in_list(list, "a.tar").as_deref(), Some("aa"));
        assert_eq!(digest_in_list(list, "b.tar").as_deref(), Some("bb"));
        assert_eq!(digest_in_list(list, "c.tar"), None);
        assert_eq!(digest_in_list("cc\n", "x").as_deref(), Some("cc"));
    }
}
