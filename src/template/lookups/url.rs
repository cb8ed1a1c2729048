//! `url`: what a server answers to the control machine.

use std::io;
use std::time::Duration;

use super::netrc;
use crate::base::{Map, Value};
use crate::clusters::http::{self, Error, Options, Redirects, Request};
use crate::clusters::{Dial, Dialing, Line};
use crate::template::table::builtin;
use crate::template::text::lines::splitlines;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[builtin(&["url"], url)];

const NAMES: [&str; 17] = [
    "ca_path",
    "ciphers",
    "follow_redirects",
    "force",
    "force_basic_auth",
    "headers",
    "http_agent",
    "password",
    "split_lines",
    "timeout",
    "unix_socket",
    "unredirected_headers",
    "use_gssapi",
    "use_netrc",
    "use_proxy",
    "username",
    "validate_certs",
];

/// Options that are also variables and variables of the environment, where these have another name.
const OTHER_NAMES: [(&str, &str); 2] =
    [("http_agent", "agent"), ("unredirected_headers", "unredir_headers")];

/// Options that are given in the call alone.
const CALL_ONLY: [&str; 6] =
    ["headers", "password", "split_lines", "use_proxy", "username", "validate_certs"];

fn url(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&NAMES)?;
    let given = gather(call)?;
    if flag(&given, "use_gssapi", false) {
        return Err(Reason::new("cannot authenticate by Kerberos (`use_gssapi`)"));
    }
    let mut out = Vec::new();
    for address in call.terms() {
        let (options, request) = (options(&given, &address)?, request(&given, &address)?);
        let body = fetch(request, options, &address)?;
        let text = String::from_utf8_lossy(&body);
        if flag(&given, "split_lines", true) {
            out.extend(splitlines(&text).into_iter().map(Value::from));
        } else {
            out.push(text.as_ref().into());
        }
    }
    Ok(Value::list(out))
}

/// Returns the options: those of the call, then those that variables and the environment give.
fn gather(call: &Call<'_>) -> Result<Map, Reason> {
    let mut all = Map::new();
    for name in NAMES {
        let mut value = call.option_value(name).cloned();
        if value.is_none() && !CALL_ONLY.contains(&name) {
            let other = OTHER_NAMES.iter().find(|(own, _)| *own == name);
            let other = format!("ansible_lookup_url_{}", other.map_or(name, |(_, other)| other));
            value = call.cx.variable(&other)?;
            let of_environment = || std::env::var(other.to_uppercase()).ok().map(Value::from);
            value = value.or_else(of_environment);
        }
        if let Some(value) = value.filter(|value| !value.is_null()) {
            all.insert(name, value);
        }
    }
    Ok(all)
}

fn options(given: &Map, address: &str) -> Result<Options, Reason> {
    let verify = flag(given, "validate_certs", true);
    let mut options = Options {
        redirects: match text(given, "follow_redirects").as_deref() {
            Some("no" | "none" | "False" | "false") => Redirects::No,
            Some("all" | "yes" | "True" | "true") => Redirects::All,
            _ => Redirects::Safe,
        },
        verify,
        unix_socket: text(given, "unix_socket"),
        timeout: Duration::from_secs_f64(seconds(given)?),
        ..Options::default()
    };
    if verify && !address.starts_with("http:") {
        options.authorities = authorities(text(given, "ca_path"))?;
    }
    if flag(given, "use_proxy", true) {
        let variable = |name: &str| {
            let found = std::env::var(name).or_else(|_| std::env::var(name.to_uppercase()));
            found.ok().filter(|value| !value.is_empty())
        };
        options.http_proxy = variable("http_proxy");
        options.https_proxy = variable("https_proxy");
        let direct = variable("no_proxy").unwrap_or_default();
        options.no_proxy = direct.split(',').map(|host| host.trim().to_owned()).collect();
        options.no_proxy.retain(|host| !host.is_empty());
    }
    Ok(options)
}

fn seconds(given: &Map) -> Result<f64, Reason> {
    let Some(value) = given.get("timeout") else { return Ok(10.0) };
    let number = value.as_float().or_else(|| value.to_string().trim().parse().ok());
    let number = number.filter(|number| (0.0..1e9).contains(number));
    number.ok_or_else(|| Reason::new(format!("`timeout` must be a number of seconds: {value}")))
}

fn authorities(given: Option<String>) -> Result<Vec<u8>, Reason> {
    if let Some(path) = given {
        return std::fs::read(&path)
            .map_err(|error| Reason::new(format!("cannot read `{path}`: {error}")));
    }
    http::BUNDLES.iter().find_map(|path| std::fs::read(path).ok()).ok_or_else(|| {
        Reason::new("there are no certificates of authorities on this machine; give `ca_path`")
    })
}

fn request(given: &Map, address: &str) -> Result<Request, Reason> {
    let agent = text(given, "http_agent").unwrap_or_else(|| "ansible-httpget".into());
    let mut headers = vec![("User-Agent".to_owned(), agent)];
    if flag(given, "force", false) {
        headers.push(("Cache-Control".into(), "no-cache".into()));
    }
    if let Some(more) = given.get("headers") {
        let Some(map) = more.as_map() else {
            return Err(Reason::new(format!("`headers` must be a dictionary: {more}")));
        };
        headers.extend(map.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    }
    let user = text(given, "username").map(|user| {
        let password = text(given, "password").unwrap_or_default();
        (user, password)
    });
    let host = http::Url::parse(address).map(|url| url.host).unwrap_or_default();
    let kept = || netrc::login(&host).filter(|_| flag(given, "use_netrc", true));
    if let Some((user, password)) = user.or_else(kept) {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        headers.push(("Authorization".into(), http::basic(&user, &password)));
    }
    let unredirected = given.get("unredirected_headers").map(|list| match list.as_list() {
        Some(list) => list.iter().map(ToString::to_string).collect(),
        None => list.to_string().split(',').map(|name| name.trim().to_owned()).collect(),
    });
    Ok(Request {
        method: "GET".into(),
        url: address.into(),
        headers,
        unredirected: unredirected.unwrap_or_default(),
        ..Request::default()
    })
}

/// Sends the request, on a thread of its own: templates are evaluated where nothing may wait.
fn fetch(request: Request, options: Options, address: &str) -> Result<Vec<u8>, Reason> {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Connect(request.url.clone(), error))?;
        runtime.block_on(async {
            let mut answer = http::send(&Direct, &request, &options).await?;
            let body = answer.whole().await?;
            Ok::<_, Error>((answer.status, answer.reason.clone(), body))
        })
    };
    let done = std::thread::spawn(work).join();
    let done = done.map_err(|_| Reason::new(format!("the request to {address} broke off")))?;
    match done {
        Ok((200..=399, _, body)) => Ok(body),
        Ok((status, reason, _)) => Err(Reason::new(format!(
            "Received HTTP error for {address} : HTTP Error {status}: {reason}"
        ))),
        Err(Error::Tls(host, why)) => Err(Reason::new(format!(
            "Error validating the server's certificate for {address}: {host}: {why}"
        ))),
        Err(error @ (Error::Address(..) | Error::Redirects(..))) => {
            Err(Reason::new(format!("Failed lookup url for {address} : {error}")))
        }
        Err(error) => Err(Reason::new(format!("Error connecting to {address}: {error}"))),
    }
}

fn text(given: &Map, name: &str) -> Option<String> {
    given.get(name).map(ToString::to_string)
}

fn flag(given: &Map, name: &str, default: bool) -> bool {
    given.get(name).map_or(default, |value| match value {
        Value::Text(text) => crate::base::fold::truth(text.as_str()).unwrap_or(default),
        other => other.truth(),
    })
}

/// Opens streams from this machine.
struct Direct;

impl Dial for Direct {
    fn tcp<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect((host, port)).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Line>)
        })
    }

    fn unix<'a>(&'a self, path: &'a str) -> Dialing<'a> {
        Box::pin(async move {
            let stream: io::Result<_> = tokio::net::UnixStream::connect(path).await;
            Ok(Box::new(stream?) as Box<dyn Line>)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// Answers one request with `status` and what was asked.
    fn server(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/x", listener.local_addr().unwrap());
        let serve = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).unwrap();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\n\r\na\nb\n");
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        };
        (address, std::thread::spawn(serve))
    }

    #[test]
    fn a_page_is_fetched_with_what_was_asked_for() {
        let (address, served) = server("200 OK");
        let given = Map::from_iter([
            ("username", Value::from("me")),
            ("http_agent", Value::from("agent")),
            ("use_proxy", false.into()),
        ]);
        let request = request(&given, &address).unwrap();
        let body = fetch(request, options(&given, &address).unwrap(), &address).unwrap();
        assert_eq!(body, b"a\nb\n");
        let asked = served.join().unwrap().to_lowercase();
        assert!(asked.contains("user-agent: agent\r\n"), "{asked}");
        assert!(asked.contains("authorization: basic "), "{asked}");
    }

    #[test]
    fn a_status_of_an_error_is_one() {
        let (address, _served) = server("404 Not Found");
        let given = Map::from_iter([("use_proxy", Value::from(false))]);
        let error =
            fetch(request(&given, &address).unwrap(), options(&given, &address).unwrap(), &address);
        assert_eq!(
            error.unwrap_err().to_string(),
            format!("Received HTTP error for {address} : HTTP Error 404: Not Found")
        );
    }
}
