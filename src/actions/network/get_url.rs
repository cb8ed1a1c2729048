//! `get_url`: fetches a file from a web server on to the host.
//!
//! The bytes come through the helper to the controller and back (docs/architecture.md, «HTTP through the helper»): TLS
//! needs nothing on the host, at the price of sending the file twice over the connection.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use super::answer;
use super::digests;
use super::login::{self, Given, Login};
use super::web::{self, Attributes, Wish};
use crate::actions::{Content, Context, Done, Error};
use crate::base::{Map, Mode, Value};
use crate::clusters::http::{self, Redirects, Url};
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
        /// Whether user and password may come from `~/.netrc` of the host.
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
    let asking = Asking::new(&args, cx).await?;
    let wanted = asking.wanted_digest().await?;
    let target = Target::look(&args, wanted.as_ref(), cx).await?;
    if target.is_right(wanted.as_ref()) && !args.force {
        return asking.keep(&target.path, "file already exists", Map::new()).await;
    }
    if let Some(path) = args.url.strip_prefix("file://") {
        return asking.copy(path, &target, wanted.as_ref()).await;
    }
    let request = asking.request(&args.url, target.since.filter(|_| wanted.is_none()));
    let answer = asking.fetch(&request).await?;
    let mut answer = answer.map_err(|error| asking.failed(-1, &error.to_string()))?;
    if answer.status == 304 {
        let values = Map::from_iter([("status_code", Value::from(304))]);
        return asking.keep(&target.path, "HTTP Error 304: Not Modified", values).await;
    }
    if answer.status != 200 {
        let text = format!("HTTP Error {}: {}", answer.status, answer.reason);
        return Err(asking.failed(answer.status.into(), &text));
    }
    let (dest, before) = target.settle(&answer, cx).await?;
    let file = receive(&mut answer, &args).await?;
    if let Some((algorithm, digest)) = &wanted {
        let got = digests::digest_of(file.path(), algorithm)?;
        if got != *digest {
            return Err(asking.wrong_digest(&dest, digest, &got));
        }
    }
    let content = Content::File(file.path().to_owned());
    let mut attributes = asking.attributes();
    attributes.push(("backup", args.backup.into()));
    attributes.push(("unsafe_writes", args.unsafe_writes.into()));
    let saved = web::save(&dest, content, attributes, cx).await?;
    let length = answer.header("content-length").unwrap_or("unknown");
    let mut values = saved.outcome.values.clone();
    values.insert("src", file.path().display().to_string().into());
    values.insert("md5sum", digests::digest_of(file.path(), "md5")?.into());
    values.insert("checksum_src", digests::digest_of(file.path(), "sha1")?.into());
    values.insert("checksum_dest", before);
    values.insert("status_code", i64::from(answer.status).into());
    values.insert("msg", format!("OK ({length} bytes)").into());
    asking.report(saved, values)
}

/// The file on the host as it was found.
struct Target {
    /// Where it is, or the folder for it.
    path: String,
    is_folder: bool,
    /// Its digest by the wanted algorithm, or SHA-1; nothing when there is no file.
    digest: Option<String>,
    /// When it was changed last, unless it is fetched anyway.
    since: Option<i64>,
}

impl Target {
    async fn look(
        args: &Args,
        wanted: Option<&(String, String)>,
        cx: &Context<'_>,
    ) -> Result<Self, Error> {
        let mut path = args.dest.display().to_string();
        let algorithm = wanted.map_or("sha1", |(algorithm, _)| algorithm);
        let mut stat = web::stat(&path, algorithm, cx).await?;
        let truth = |stat: &Value, name: &str| stat.get(name).is_some_and(Value::truth);
        let mut is_folder = truth(&stat, "isdir");
        if !truth(&stat, "exists") {
            let folder = std::path::Path::new(path.trim_end_matches('/')).parent();
            let folder = if path.ends_with('/') {
                path.trim_end_matches('/').to_owned()
            } else {
                folder.map(|folder| folder.display().to_string()).unwrap_or_default()
            };
            let known =
                web::stat(if folder.is_empty() { "." } else { &folder }, "sha1", cx).await?;
            // In check mode an earlier task may be the one that makes it.
            if !truth(&known, "isdir") && !cx.stage.check {
                return Err(Failure::new(format!("Destination {folder} does not exist"))
                    .with("dest", path.as_str())
                    .with("url", args.url.as_str())
                    .into());
            }
        } else if let (true, Some((_, _)), Ok(url)) = (is_folder, wanted, Url::parse(&args.url)) {
            // With a digest a file of the name in the address may be right already.
            let inner = format!("{}/{}", path.trim_end_matches('/'), answer::name_in(&url));
            let known = web::stat(&inner, algorithm, cx).await?;
            if truth(&known, "exists") {
                (path, stat, is_folder) = (inner, known, false);
            }
        }
        let text = |name: &str| stat.get(name).map(ToString::to_string);
        let since = stat.get("mtime").and_then(Value::as_float).map(|time| time as i64);
        Ok(Self {
            digest: text("checksum").filter(|_| !is_folder && truth(&stat, "exists")),
            since: since.filter(|_| !is_folder && !args.force),
            path,
            is_folder,
        })
    }

    fn is_right(&self, wanted: Option<&(String, String)>) -> bool {
        wanted.is_some_and(|(_, digest)| self.digest.as_ref() == Some(digest))
    }

    /// Returns the path of the file, whose name in a folder the answer decides, and the SHA-1 of what is there.
    async fn settle(
        &self,
        answer: &http::Answer,
        cx: &Context<'_>,
    ) -> Result<(String, Value), Error> {
        let path = if self.is_folder || self.path.ends_with('/') {
            format!("{}/{}", self.path.trim_end_matches('/'), answer::file_name(answer))
        } else {
            self.path.clone()
        };
        let stat = web::stat(&path, "sha1", cx).await?;
        Ok((path, stat.get("checksum").cloned().unwrap_or(Value::Null)))
    }
}

/// How the server is asked.
struct Asking<'a> {
    args: &'a Args,
    cx: &'a Context<'a>,
    login: Option<Login>,
    options: http::Options,
    started: Instant,
}

impl<'a> Asking<'a> {
    async fn new(args: &'a Args, cx: &'a Context<'a>) -> Result<Self, Error> {
        let started = Instant::now();
        let identity = args.client_cert.as_deref();
        let wish = Wish {
            verify: args.validate_certs,
            authorities: None,
            identity: identity.map(|cert| (cert, args.client_key.as_deref().unwrap_or(cert))),
            use_proxy: args.use_proxy,
            redirects: Redirects::All,
            timeout: args.timeout,
            unix_socket: None,
            secure: args.url.starts_with("https:") || args.checksum.contains(":https:"),
        };
        let options = web::options(wish, cx).await?;
        let given = Given {
            user: args.url_username.as_deref(),
            password: args.url_password.as_deref(),
            at_once: args.force_basic_auth,
            netrc: args.use_netrc,
        };
        let login = Login::find(&args.url, given, cx).await?;
        Ok(Self { args, cx, login, options, started })
    }

    fn request(&self, url: &str, since: Option<i64>) -> http::Request {
        let given = self.args.headers.clone().unwrap_or_default();
        let mut headers = web::headers(&given, &self.args.http_agent);
        if let Some(time) = since.and_then(|time| jiff::Timestamp::from_second(time).ok()) {
            let text = time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            headers.push(("If-Modified-Since".into(), text));
        } else if self.args.force {
            headers.push(("Cache-Control".into(), "no-cache".into()));
        }
        http::Request {
            method: "GET".into(),
            url: url.to_owned(),
            headers,
            unredirected: self.args.unredirected_headers.clone(),
            body: Vec::new(),
        }
    }

    async fn fetch(
        &self,
        request: &http::Request,
    ) -> Result<Result<http::Answer, http::Error>, Error> {
        login::ask(request, self.login.as_ref(), &self.options, self.cx).await
    }

    /// Returns the algorithm and digest that the file has to have.
    async fn wanted_digest(&self) -> Result<Option<(String, String)>, Error> {
        if self.args.checksum.is_empty() {
            return Ok(None);
        }
        let (algorithm, digest) = digests::split(&self.args.checksum)?;
        if !digest.contains("://") {
            return Ok(Some((algorithm, digests::normal(digest)?)));
        }
        let list = if let Some(path) = digest.strip_prefix("file://") {
            web::read(path, self.cx).await?
        } else {
            let answer = self.fetch(&self.request(digest, None)).await?;
            let broken = |error: http::Error| Error::new(format!("the list of digests: {error}"));
            let mut answer = answer.map_err(broken)?;
            if answer.status != 200 {
                let text = format!("HTTP Error {}: {}", answer.status, answer.reason);
                return Err(self.failed(answer.status.into(), &format!("{digest}: {text}")));
            }
            answer.whole().await.map_err(broken)?
        };
        let name = Url::parse(&self.args.url).map(|url| answer::name_in(&url)).unwrap_or_default();
        match digests::in_list(&String::from_utf8_lossy(&list), &name) {
            Some(found) => Ok(Some((algorithm, digests::normal(&found)?))),
            None => Err(Error::new(format!(
                "Unable to find a checksum for file '{name}' in '{digest}'"
            ))),
        }
    }

    fn attributes(&self) -> Attributes {
        web::attributes(
            self.args.mode.as_ref(),
            &[
                ("attributes", &self.args.attributes),
                ("group", &self.args.group),
                ("owner", &self.args.owner),
                ("selevel", &self.args.selevel),
                ("serole", &self.args.serole),
                ("setype", &self.args.setype),
                ("seuser", &self.args.seuser),
            ],
        )
    }

    /// Leaves the content as it is and sees to owner and mode.
    async fn keep(&self, path: &str, message: &str, mut values: Map) -> Result<Done, Error> {
        let mut file = Map::from_iter([("path", Value::from(path)), ("state", "file".into())]);
        for (name, value) in self.attributes() {
            file.insert(name, value);
        }
        let done = match self.cx.module("file", file, Vec::new()).await {
            Ok(done) => done,
            // A server may say 304 of a file that is not there.
            Err(_) if values.contains_key("status_code") => Done::default(),
            Err(error) => return Err(error),
        };
        let message = match done.changed {
            true if values.is_empty() => "file already exists but file attributes changed",
            _ => message,
        };
        values.insert("dest", path.into());
        values.insert("msg", message.into());
        let mut all = done.outcome.values.clone();
        all.extend(values);
        self.report(done, all)
    }

    /// Copies a file of the host itself.
    async fn copy(
        &self,
        src: &str,
        target: &Target,
        wanted: Option<&(String, String)>,
    ) -> Result<Done, Error> {
        let algorithm = wanted.map_or("sha1", |(algorithm, _)| algorithm);
        let stat = web::stat(src, algorithm, self.cx).await?;
        let Some(got) = stat.get("checksum").map(ToString::to_string) else {
            return Err(self.failed(-1, &format!("there is no file `{src}` on the host")));
        };
        if let Some((_, digest)) = wanted.filter(|(_, digest)| *digest != got) {
            return Err(self.wrong_digest(&target.path, digest, &got));
        }
        let mut args = Map::from_iter([
            ("src", Value::from(src)),
            ("dest", target.path.as_str().into()),
            ("remote_src", true.into()),
            ("backup", self.args.backup.into()),
        ]);
        for (name, value) in self.attributes() {
            args.insert(name, value);
        }
        let done = self.cx.module("copy", args, Vec::new()).await?;
        let mut values = done.outcome.values.clone();
        values.insert("checksum_src", values.get("checksum").cloned().unwrap_or_default());
        values.insert("status_code", Value::Null);
        let size = stat.get("size").cloned().unwrap_or_default();
        values.insert("msg", format!("OK ({size} bytes)").into());
        self.report(done, values)
    }

    fn report(&self, done: Done, mut values: Map) -> Result<Done, Error> {
        values.insert("url", self.shown_url().into());
        values.insert("elapsed", self.started.elapsed().as_secs().into());
        Ok(Done { outcome: Outcome { values, ..done.outcome }, ..done })
    }

    /// Returns the address without the password in it.
    fn shown_url(&self) -> String {
        crate::actions::context::without_login(&self.args.url)
    }

    fn wrong_digest(&self, dest: &str, digest: &str, got: &str) -> Error {
        Failure::new(format!("The checksum for {dest} did not match {digest}; it was {got}."))
            .with("url", self.shown_url())
            .with("dest", dest)
            .into()
    }

    fn failed(&self, status: i64, reason: &str) -> Error {
        Failure::new(format!("Request failed: {reason}"))
            .with("url", self.shown_url())
            .with("dest", self.args.dest.display().to_string())
            .with("status_code", status)
            .with("elapsed", self.started.elapsed().as_secs())
            .into()
    }
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
