//! `~/.netrc`: users and passwords for servers.

use std::path::PathBuf;

/// Returns user and password for a server, when the file has them.
pub(super) fn login(host: &str) -> Option<(String, String)> {
    let named = std::env::var_os("NETRC").map(PathBuf::from);
    let path = named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".netrc")))?;
    parse(&std::fs::read_to_string(path).ok()?, host)
}

fn parse(text: &str, host: &str) -> Option<(String, String)> {
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or_default());
    let lines = lines.filter(|line| !line.trim_start().starts_with('#'));
    let all = lines.collect::<Vec<_>>().join("\n");
    let mut words = all.split_whitespace();
    let (mut applies, mut user, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => {
                if applies && password.is_some() {
                    break;
                }
                applies = word == "default" || words.next() == Some(host);
                (user, password) = (None, None);
            }
            "login" | "user" => user = words.next(),
            "password" => password = words.next(),
            "account" => drop(words.next()),
            _ => {}
        }
    }
    applies.then_some(())?;
    Some((user.unwrap_or_default().to_owned(), password?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<(&str, &str)>) {
        let expected = expected.map(|(user, password)| (user.to_owned(), password.to_owned()));
        assert_eq!(parse(text, "b"), expected);
    }

    #[test]
    fn the_entry_of_the_host_counts_and_else_the_default() {
        case(
            "machine a login x password y\nmachine b\n  login u\n  password p\n",
            Some(("u", "p")),
        );
        case("machine b login u password p machine c login x password y", Some(("u", "p")));
        case("machine a login x password y\ndefault login d password e", Some(("d", "e")));
        case("# machine b login u password p\nmachine a login x password y", None);
        case("", None);
    }
}
