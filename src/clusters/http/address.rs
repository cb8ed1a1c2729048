//! Addresses of HTTP, and the encoding of forms.

use super::Error;

/// An address in its parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Url {
    /// Whether it is `https`.
    pub secure: bool,
    /// The user in it.
    pub user: Option<(String, String)>,
    /// The host, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, beginning with a slash.
    pub path: String,
}

impl Url {
    /// Parses an address.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why| Error::Address(text.to_owned(), why);
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it has no scheme"))?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(wrong("only http and https are known")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                (Some((decode(name), decode(password))), place)
            }
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        let port = match port.filter(|port| !port.is_empty()) {
            Some(port) => port.parse().map_err(|_| wrong("its port is no number"))?,
            None => {
                if secure {
                    443
                } else {
                    80
                }
            }
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { secure, user, host: host.to_owned(), port, path: sendable(&path) })
    }

    /// Returns the address that a `Location` means.
    pub fn join(&self, location: &str) -> Result<Self, Error> {
        if location.contains("://") {
            return Self::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("{}://{rest}", self.scheme()));
        }
        let mut next = self.clone();
        next.path = if location.starts_with('/') {
            location.to_owned()
        } else if location.starts_with('?') {
            format!("{}{location}", self.path.split('?').next().unwrap_or_default())
        } else {
            let folder = self.path.split('?').next().unwrap_or_default();
            let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{location}")
        };
        next.path = sendable(next.path.split('#').next().unwrap_or_default());
        Ok(next)
    }

    /// Returns `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Returns host and port as the `Host` field has them.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

impl std::fmt::Display for Url {
    /// Writes the address without the user in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority(), self.path)
    }
}

/// Encodes what cannot stand in a request line: spaces, control characters, and whatever is not ASCII.
fn sendable(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        match byte {
            b'!'..=b'~' => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Decodes `%20` and the like.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = bytes.get(index + 1..index + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex
            .filter(|_| bytes[index] == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        {
            Some(byte) => {
                out.push(byte);
                index += 3;
            }
            None => {
                out.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Encodes pairs as a form.
pub fn encode_form(pairs: &[(String, String)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    out.push(byte.into());
                }
                b' ' => out.push('+'),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
            out
        })
    };
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let url = Url::parse("https://u:p%40w@db-1:8443/a/b?x=1#f").unwrap();
        assert_eq!(url.to_string(), "https://db-1:8443/a/b?x=1");
        assert_eq!(url.user, Some(("u".into(), "p@w".into())));
        assert_eq!(Url::parse("http://[::1]").unwrap().authority(), "[::1]");
        assert!(Url::parse("ftp://x").is_err());
        assert!(Url::parse("x").is_err());
    }

    #[test]
    fn locations() {
        let url = Url::parse("http://h/a/b?x").unwrap();
        let case = |location: &str| url.join(location).unwrap().to_string();
        assert_eq!(case("/c"), "http://h/c");
        assert_eq!(case("c"), "http://h/a/c");
        assert_eq!(case("/c d?é#f"), "http://h/c%20d?%C3%A9");
        assert_eq!(case("?y"), "http://h/a/b?y");
        assert_eq!(case("//g/z"), "http://g/z");
        assert_eq!(case("https://g"), "https://g/");
    }

    #[test]
    fn forms() {
        let pairs = [("a b".to_owned(), "ü&=".to_owned()), ("c".to_owned(), "1".to_owned())];
        assert_eq!(encode_form(&pairs), "a+b=%C3%BC%26%3D&c=1");
    }
}
