//! Where a member of a cluster listens.

use std::fmt;
use std::str::FromStr;

/// Where a member of a cluster listens.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    /// Name or address.
    pub host: String,
    /// Port for clients.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no `host:port`");
        let (host, port) = text.trim().rsplit_once(':').ok_or_else(wrong)?;
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let parsed = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(parsed(" db:27017 ").as_deref(), Ok("db:27017"));
        assert_eq!(parsed("[::1]:1").as_deref(), Ok("[::1]:1"));
        for text in ["db", "db:0", ":1", "a b:1", "db:x"] {
            assert_eq!(parsed(text), Err(format!("`{text}` is no `host:port`")));
        }
    }
}
