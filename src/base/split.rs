//! Splits `key=value` text into words: quotes and `{{ … }}` keep what is in them together. Then the words themselves:
//! backslashes, quotes around a value.

/// Returns the words of a text as they are written, quotes included.
pub fn split_words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut depth: u32 = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (quote, c) {
            (_, '\\') if depth == 0 => {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (_, '{') if matches!(next, Some('{' | '%' | '#')) => {
                depth += 1;
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            (_, '}' | '%' | '#') if depth > 0 && next == Some('}') => {
                depth -= 1;
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            (None, c) if c.is_whitespace() && depth == 0 => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if quote.is_some() || depth > 0 {
        return Err("unbalanced jinja2 block or quotes".into());
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// Reads the sequences with a backslash that Ansible reads in a `key=value` word, also outside of quotes: those of a
/// Python string, but for octal numbers and names of characters. Others stay as they are written.
pub fn unescape(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        match escaped(after) {
            Some((c, length)) => {
                out.push(c);
                rest = &after[length..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

/// Returns the character that is meant by what stands behind a backslash, and how many bytes that takes.
fn escaped(after: &str) -> Option<(char, usize)> {
    let code = |digits: usize| {
        let number = u32::from_str_radix(after.get(1..=digits)?, 16).ok()?;
        Some((char::from_u32(number)?, 1 + digits))
    };
    let c = match after.chars().next()? {
        'U' => return code(8),
        'u' => return code(4),
        'x' => return code(2),
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        c @ ('\\' | '"' | '\'') => c,
        _ => return None,
    };
    Some((c, 1))
}

/// Returns a word without the quotes around it.
pub fn unquote(word: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.ends_with('\\')) {
            return inner;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        assert_eq!(split_words(text).unwrap(), expected);
    }

    #[test]
    fn words() {
        case("a=1 b='x y' c", &["a=1", "b='x y'", "c"]);
        case("src={{ a | default('x y') }} dest=/x", &["src={{ a | default('x y') }}", "dest=/x"]);
        case("echo \"a b\"  c", &["echo", "\"a b\"", "c"]);
        case("a=\"{{ x }} y\"", &["a=\"{{ x }} y\""]);
        case(r"a\ b", &[r"a\ b"]);
        assert!(split_words("a='b").is_err());
        assert!(split_words("a={{ b").is_err());
    }

    #[test]
    fn backslashes() {
        #[track_caller]
        fn case(word: &str, expected: &str) {
            assert_eq!(unescape(word), expected);
        }
        case(r"a\tb\x41\u00e9\n\\z\q\=x", "a\tbA\u{e9}\n\\z\\q\\=x");
        case(r"\bword\b", "\x08word\x08");
        case(r"\\b", r"\b");
        case(r"\x4 \uzzzz \", r"\x4 \uzzzz \");
        case("é", "é");
    }

    #[test]
    fn quotes() {
        assert_eq!(unquote("'a b'"), "a b");
        assert_eq!(unquote("\"a"), "\"a");
        assert_eq!(unquote("'"), "'");
    }
}
