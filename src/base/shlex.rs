//! Splits a command line into words as a POSIX shell does, expanding nothing, and quotes words for one.

/// Returns the words of a line; quotes and backslashes are taken off.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("No closing quotation")? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or("No escaped character")?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads what stands in double quotes: a backslash protects only quotes and itself there.
fn quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut String,
) -> Result<(), &'static str> {
    loop {
        match chars.next().ok_or("No closing quotation")? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or("No closing quotation")? {
                c @ ('"' | '\\') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// Returns a word as a shell reads it back.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\"'\"'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: &[&str]) {
        assert_eq!(split(line).unwrap(), expected);
    }

    #[test]
    fn lines_are_split() {
        case("a  b\tc\n", &["a", "b", "c"]);
        case("a 'b c' \"d e\"", &["a", "b c", "d e"]);
        case("a'b'\"c\"d", &["abcd"]);
        case("'' \"\"", &["", ""]);
        case(r#"a\ b "\n\"\\" '\'"#, &["a b", r#"\n"\"#, r"\"]);
        assert_eq!(split("echo 'x"), Err("No closing quotation"));
        assert_eq!(split("echo \\"), Err("No escaped character"));
    }

    #[test]
    fn words_are_quoted() {
        for word in ["a", "a b", "it's", "", "$x"] {
            assert_eq!(split(&quote(word)).unwrap(), [word]);
        }
        assert_eq!(quote("/etc/x-1.conf"), "/etc/x-1.conf");
    }
}
