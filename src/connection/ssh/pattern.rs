//! The patterns of OpenSSH: `*` and `?`, and comma lists in which `!` takes hosts out again.

/// Returns whether a text matches one pattern of `*` and `?`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where the last star stood, and how much text it has swallowed so far.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(&c) if c == '?' || c == text[read] => {
                at += 1;
                read += 1;
            }
            Some(_) | None => {
                let Some((star_at, swallowed)) = star else { return false };
                star = Some((star_at, swallowed + 1));
                at = star_at + 1;
                read = swallowed + 1;
            }
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

/// Returns whether a list takes the text in: some pattern matches and no `!` pattern does.
pub(super) fn list_matches<'p>(patterns: impl IntoIterator<Item = &'p str>, text: &str) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if matches(negated, text) => return false,
            Some(_) => {}
            None => found = found || matches(pattern, text),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("10.0.?.1", "10.0.7.1", true),
            ("10.0.?.1", "10.0.77.1", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("[h]:22", "[h]:22", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn lists() {
        let list = |text: &str, host| list_matches(text.split(','), host);
        assert!(list("*.a,!x.a", "y.a"));
        assert!(!list("*.a,!x.a", "x.a"));
        assert!(!list("!x.a", "y.a"), "only negation matches nothing");
    }
}
