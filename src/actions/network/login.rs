//! Who asks: user and password from the task, the address or `~/.netrc` of the host, and what a server wants of them.

use super::web;
use crate::actions::{Context, Error};
use crate::clusters::http::{self, Url};

/// User and password, and when they are sent.
pub(super) struct Login {
    user: String,
    password: String,
    /// Whether they are sent without being asked for.
    at_once: bool,
}

/// Where user and password may come from.
pub(super) struct Given<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
    pub(super) at_once: bool,
    pub(super) netrc: bool,
}

impl Login {
    /// Returns user and password for an address, when there are any.
    pub(super) async fn find(
        url: &str,
        given: Given<'_>,
        cx: &Context<'_>,
    ) -> Result<Option<Self>, Error> {
        let password = given.password.unwrap_or_default();
        if let Some(user) = given.user.filter(|user| !user.is_empty()) {
            let (user, password) = (user.to_owned(), password.to_owned());
            return Ok(Some(Self { user, password, at_once: given.at_once }));
        }
        let Ok(url) = Url::parse(url) else { return Ok(None) };
        if let Some((user, password)) = url.user {
            return Ok(Some(Self { user, password, at_once: given.at_once }));
        }
        if !given.netrc {
            return Ok(None);
        }
        let named = cx.environment.iter().find(|(name, _)| name == "NETRC");
        let path = named.map_or("~/.netrc", |(_, path)| path);
        // Hardly any host has one; that it cannot be read says nothing.
        let Ok(text) = web::read(path, cx).await else { return Ok(None) };
        let found = entry(&String::from_utf8_lossy(&text), &url.host);
        Ok(found.map(|(user, password)| Self { user, password, at_once: true }))
    }

    /// Adds user and password to a request when they are sent at once, in place of what the task gave.
    fn announce(&self, request: &mut http::Request) {
        if self.at_once {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            let value = http::basic(&self.user, &self.password);
            request.headers.push(("Authorization".into(), value));
        }
    }

    /// Returns what answers the challenges of a server.
    fn answer(&self, answer: &http::Answer, request: &http::Request) -> Option<String> {
        let fields = answer.headers.get_all("www-authenticate");
        let challenges: Vec<String> =
            fields.iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into()).collect();
        let client = uuid::Uuid::new_v4().simple().to_string();
        let login = (self.user.as_str(), self.password.as_str());
        let path = &answer.url.path;
        let digest = |text: &String| http::digest(text, login, request, path, &client);
        let basic = |text: &String| text.trim().to_ascii_lowercase().starts_with("basic");
        challenges
            .iter()
            .find_map(digest)
            .or_else(|| challenges.iter().any(basic).then(|| http::basic(login.0, login.1)))
            .filter(|_| !self.at_once)
    }
}

/// Sends a request from the host; when the server asks who it is, once more with user and password.
pub(super) async fn ask(
    request: &http::Request,
    login: Option<&Login>,
    options: &http::Options,
    cx: &Context<'_>,
) -> Result<Result<http::Answer, http::Error>, Error> {
    let mut request = request.clone();
    if let Some(login) = login {
        login.announce(&mut request);
    }
    let answer = web::send(&request, options, cx).await?;
    let (Ok(first), Some(login)) = (&answer, login) else { return Ok(answer) };
    match login.answer(first, &request).filter(|_| first.status == 401) {
        Some(value) => {
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            request.headers.push(("Authorization".into(), value));
            web::send(&request, options, cx).await
        }
        None => Ok(answer),
    }
}

/// Returns user and password for a host in the text of a `.netrc`; `default` is for every host.
fn entry(text: &str, host: &str) -> Option<(String, String)> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut words = lines.flat_map(str::split_whitespace);
    let mut ours = false;
    let mut found: Option<(String, String)> = None;
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" if ours => break,
            "machine" => ours = words.next() == Some(host),
            "default" => ours = true,
            "login" | "password" if ours => {
                let value = words.next().unwrap_or_default().trim_matches('"').to_owned();
                let (user, password) = found.get_or_insert_default();
                *(if word == "login" { user } else { password }) = value;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_netrc() {
        let text = "# x\nmachine a login u password p\nmachine b\n  login v\n  password \"q\"\ndefault login w password r\n";
        let case = |host| entry(text, host).map(|(user, password)| format!("{user}:{password}"));
        assert_eq!(case("a").as_deref(), Some("u:p"));
        assert_eq!(case("b").as_deref(), Some("v:q"));
        assert_eq!(case("c").as_deref(), Some("w:r"));
        assert_eq!(entry("machine a login u", "c"), None);
    }
}
