//! Splitting a line into words as a POSIX shell would, with quotes, escapes and `#` comments.

/// Splits a line; each word comes with the column it starts in, counted from one.
pub(super) fn split(line: &str) -> Result<Vec<(String, u32)>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<(String, u32)> = None;
    let mut chars = (1..).zip(line.chars());
    while let Some((column, c)) = chars.next() {
        match c {
            c if c.is_ascii_whitespace() => words.extend(word.take()),
            // As in Python's shlex a comment may begin in the middle of a word.
            '#' => break,
            '\'' | '"' => {
                let text = &mut word.get_or_insert_with(|| (String::new(), column)).0;
                quoted(c, &mut chars, text)?;
            }
            '\\' => {
                let (_, next) = chars.next().ok_or("a backslash needs a character behind it")?;
                word.get_or_insert_with(|| (String::new(), column)).0.push(next);
            }
            c => word.get_or_insert_with(|| (String::new(), column)).0.push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing quote. In double quotes a backslash escapes itself and the quote only.
fn quoted(
    quote: char,
    chars: &mut impl Iterator<Item = (u32, char)>,
    text: &mut String,
) -> Result<(), &'static str> {
    const OPEN: &str = "a quote is never closed";
    loop {
        match chars.next().ok_or(OPEN)?.1 {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match chars.next().ok_or(OPEN)?.1 {
                c @ ('"' | '\\') => text.push(c),
                c => text.extend(['\\', c]),
            },
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: &[&str]) {
        let words: Vec<_> = split(line).unwrap().into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, expected, "{line}");
    }

    #[test]
    fn words() {
        case("a b=1  c='x y'", &["a", "b=1", "c=x y"]);
        case("a # b", &["a"]);
        case("a p=x#y z", &["a", "p=x"]);
        case("a p='x#y' z", &["a", "p=x#y", "z"]);
        case(r#"a b="x \"y\" \n" c=d\ e"#, &["a", r#"b=x "y" \n"#, "c=d e"]);
        case("a ''", &["a", ""]);
        assert_eq!(split("a 'b"), Err("a quote is never closed"));
        assert_eq!(split("a \\"), Err("a backslash needs a character behind it"));
        assert_eq!(split("ab  c=1").unwrap()[1].1, 5);
    }
}
