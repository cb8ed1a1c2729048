//! Splits `key=value` text into words: quotes and `{{ … }}` keep what is in them together.

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
}
