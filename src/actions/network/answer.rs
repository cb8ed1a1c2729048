//! What answers hold: header fields, cookies, text, and the name for a file.

use crate::base::{Map, Value};
use crate::clusters::http::{self, Url};

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
    if let Some(Ok(place)) = answer.header("location").map(|place| answer.url.join(place)) {
        map.insert("location", place.to_string().into());
    }
    map
}

/// Adds the cookies, as a dictionary and as the field of the next request has them.
pub(super) fn add_cookies(map: &mut Map, answer: &http::Answer) {
    let pairs: Vec<_> =
        answer.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    map.insert("cookies_string", pairs.join("; ").into());
    let cookies =
        answer.cookies.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str())));
    map.insert("cookies", Map::from_iter(cookies).into());
}

/// Returns a body as text, in the encoding that the answer names.
pub(super) fn text(body: &[u8], answer: &http::Answer) -> String {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let charset = kind.split("charset=").nth(1).unwrap_or_default();
    let charset = charset.split(';').next().unwrap_or_default().trim_matches(['"', ' ']);
    match charset {
        "iso-8859-1" | "iso8859-1" | "latin-1" | "latin1" => {
            body.iter().copied().map(char::from).collect()
        }
        _ => String::from_utf8_lossy(body).into_owned(),
    }
}

/// Returns whether the body is JSON, as the answer says.
pub(super) fn is_json(answer: &http::Answer) -> bool {
    let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.contains("json") || kind.contains("javascript")
}

/// Returns the name of a file that takes the body in a folder: the one that the server gives, or the one in the address.
pub(super) fn file_name(answer: &http::Answer) -> String {
    let given = answer.header("content-disposition").and_then(disposed);
    given.unwrap_or_else(|| name_in(&answer.url))
}

/// Returns the last part of an address.
pub(super) fn name_in(url: &Url) -> String {
    let path = url.path.split(['?', '#']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    safe(&http::decode(name)).unwrap_or_else(|| "index.html".into())
}

/// Returns the name in `attachment; filename="x"`; `filename*=UTF-8''x` counts more.
fn disposed(field: &str) -> Option<String> {
    let mut plain = None;
    for part in field.split(';').skip(1) {
        let Some((name, value)) = part.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "filename*" => return safe(&http::decode(value.rsplit('\'').next().unwrap_or(value))),
            "filename" => plain = safe(value),
            _ => {}
        }
    }
    plain
}

/// Returns the last part of a name that a server gives; nothing when it is none.
fn safe(name: &str) -> Option<String> {
    let name = name.rsplit('/').next().unwrap_or_default();
    (!matches!(name, "" | "." | "..") && !name.contains('\0')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_servers() {
        #[track_caller]
        fn case(field: &str, name: Option<&str>) {
            assert_eq!(disposed(field).as_deref(), name);
        }
        case("attachment; filename=\"a b.txt\"", Some("a b.txt"));
        case("attachment; filename=\"../../x\"", Some("x"));
        case("attachment; filename=x; filename*=UTF-8''n%20x.txt", Some("n x.txt"));
        case("attachment; filename=..", None);
        case("inline", None);
    }

    #[test]
    fn names_in_addresses() {
        let case = |url: &str| name_in(&Url::parse(url).unwrap());
        assert_eq!(case("https://h/a/b.tar.gz?x=/y"), "b.tar.gz");
        assert_eq!(case("https://h/a%20b/"), "a b");
        assert_eq!(case("https://h"), "index.html");
    }
}
