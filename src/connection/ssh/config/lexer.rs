//! Lines of an OpenSSH client configuration, cut into a keyword and its words.
//!
//! `Keyword value`, `Keyword=value` and `Keyword = value` are the same; words may be quoted with `"` or `'`; a `#` that
//! starts a word ends the line. Commands keep the rest of their line as it is.

/// One line that says something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Statement {
    /// The keyword, in lower case.
    pub(super) keyword: String,
    /// Its words.
    pub(super) words: Vec<String>,
}

/// Keywords whose value is a command line for a shell, quotes and all.
const COMMANDS: &[&str] = &["knownhostscommand", "localcommand", "proxycommand", "remotecommand"];

/// Reads a line; empty lines and comments are `None`.
pub(super) fn statement(line: &str) -> Result<Option<Statement>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == '"').unwrap_or(line.len());
    let keyword = line[..end].to_ascii_lowercase();
    let mut rest = line[end..].trim_start();
    if let Some(after) = rest.strip_prefix('=') {
        rest = after.trim_start();
    }
    if keyword.is_empty() {
        return Err("a line must start with a keyword");
    }
    if COMMANDS.contains(&keyword.as_str()) {
        let words = if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] };
        return Ok(Some(Statement { keyword, words }));
    }
    Ok(Some(Statement { keyword, words: words(rest)? }))
}

/// Splits a value into words.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        match chars.peek() {
            None | Some('#') => return Ok(words),
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(&next) = chars.peek() {
            if quote.is_none() && next.is_whitespace() {
                break;
            }
            chars.next();
            match (quote, next) {
                (_, '\\') if chars.peek().is_some_and(|&c| escapable(c, quote)) => {
                    word.extend(chars.next());
                }
                (None, '"' | '\'') => quote = Some(next),
                (Some(open), close) if open == close => quote = None,
                (_, plain) => word.push(plain),
            }
        }
        if quote.is_some() {
            return Err("a quote is not closed");
        }
        words.push(word);
    }
}

/// Returns whether a backslash takes away the meaning of the character after it.
fn escapable(next: char, quote: Option<char>) -> bool {
    matches!(next, '"' | '\'' | '\\') || (quote.is_none() && next == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, keyword: &str, words: &[&str]) {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(statement(line), Ok(Some(Statement { keyword: keyword.to_owned(), words })));
    }

    #[test]
    fn keywords_and_words() {
        case("Host a b !c", "host", &["a", "b", "!c"]);
        case("\tPort=2222", "port", &["2222"]);
        case("Port = 2222 # the other one", "port", &["2222"]);
        case("IdentityFile \"~/my keys/id\"", "identityfile", &["~/my keys/id"]);
        case("IdentityFile ~/my\\ keys/id", "identityfile", &["~/my keys/id"]);
        case("User='a b'", "user", &["a b"]);
        case("HostName a#b", "hostname", &["a#b"]);
        case("User \"say \\\"x\\\"\"", "user", &["say \"x\""]);
        case("Compression", "compression", &[]);
    }

    #[test]
    fn commands_stay_whole() {
        case(
            "ProxyCommand = ssh -W '%h:%p' gate # x",
            "proxycommand",
            &["ssh -W '%h:%p' gate # x"],
        );
    }

    #[test]
    fn lines_that_say_nothing_or_too_little() {
        assert_eq!(statement("  # x"), Ok(None));
        assert_eq!(statement(""), Ok(None));
        assert_eq!(statement("User \"a"), Err("a quote is not closed"));
        assert_eq!(statement("= x"), Err("a line must start with a keyword"));
    }
}
