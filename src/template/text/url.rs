//! Addresses: quoting, and splitting into parts.

use std::fmt::Write;

use crate::base::{Map, Value};

/// Quotes everything but letters, digits, `_.-~` and the characters in `safe`.
pub(in crate::template) fn quote(text: &str, safe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "_.-~".contains(c) || c.is_ascii() && safe.contains(c) {
            out.push(c);
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string does not fail");
        }
    }
    out
}

/// Quotes for a query: spaces become `+`, and `/` is quoted too.
pub(in crate::template) fn quote_plus(text: &str) -> String {
    quote(text, " ").replace(' ', "+")
}

/// Resolves `%41`; bytes that are no UTF-8 become replacement characters.
pub(in crate::template) fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Splits an address into the parts that `urlsplit` names.
pub(in crate::template) fn split(address: &str) -> Result<Map, String> {
    let address = address.trim_start_matches(|c: char| c <= ' ');
    let valid = |scheme: &&str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let (scheme, rest) = match address.split_once(':').filter(|(scheme, _)| valid(scheme)) {
        Some((scheme, rest)) => (scheme.to_lowercase(), rest),
        None => (String::new(), address),
    };
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, host) =
        netloc.rsplit_once('@').map_or((None, netloc), |(user, host)| (Some(user), host));
    let (username, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
        Some((name, password)) => {
            (Some(name), user.filter(|user| user.contains(':')).map(|_| password))
        }
        None => (None, None),
    };
    let (hostname, port) = host_and_port(host)?;
    Ok([
        ("fragment", Value::from(fragment)),
        ("hostname", hostname.map(|host| host.to_lowercase()).into()),
        ("netloc", netloc.into()),
        ("password", password.into()),
        ("path", path.into()),
        ("port", port.into()),
        ("query", query.into()),
        ("scheme", scheme.into()),
        ("username", username.into()),
    ]
    .into_iter()
    .collect())
}

fn host_and_port(host: &str) -> Result<(Option<&str>, Option<i64>), String> {
    let (name, port) = match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((name, rest)) => (name, rest.strip_prefix(':').unwrap_or("")),
        None => host.split_once(':').unwrap_or((host, "")),
    };
    let port = match port {
        "" => None,
        digits => Some(
            digits
                .parse::<u16>()
                .map_err(|_| format!("the port `{digits}` is not a number from 0 to 65535"))?
                .into(),
        ),
    };
    Ok(((!name.is_empty()).then_some(name), port))
}
