//! Shell patterns as Python's `fnmatch` reads them: `*`, `?`, `[a-z]`, `[!a-z]`; a slash is a character like others.

/// Returns whether a text holds characters that make it a pattern.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Returns whether the whole text matches a pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // The last star, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match step(&pattern[at..], text[place]) {
            Step::Star => {
                star = Some((at, place));
                at += 1;
            }
            Step::Match(width) => {
                at += width;
                place += 1;
            }
            Step::Differs => match star {
                Some((start, taken)) => {
                    star = Some((start, taken + 1));
                    at = start + 1;
                    place = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

enum Step {
    Star,
    Match(usize),
    Differs,
}

fn step(pattern: &[char], c: char) -> Step {
    match pattern {
        ['*', ..] => Step::Star,
        ['?', ..] => Step::Match(1),
        ['[', rest @ ..] => match class(rest, c) {
            Some((true, width)) => Step::Match(width + 1),
            Some((false, _)) => Step::Differs,
            // Without an end it is an ordinary bracket.
            None if c == '[' => Step::Match(1),
            None => Step::Differs,
        },
        [first, ..] if *first == c => Step::Match(1),
        _ => Step::Differs,
    }
}

/// Returns whether a character is in a class and how wide the class is; nothing when it has no end.
fn class(pattern: &[char], c: char) -> Option<(bool, usize)> {
    let negated = pattern.first() == Some(&'!');
    let start = usize::from(negated);
    // A bracket right at the beginning belongs to the class.
    let end = start + 1 + pattern.get(start + 1..)?.iter().position(|c| *c == ']')?;
    let mut members = &pattern[start..end];
    let mut found = false;
    while let Some(first) = members.first() {
        match members {
            [low, '-', high, rest @ ..] => {
                found |= (*low..=*high).contains(&c);
                members = rest;
            }
            _ => {
                found |= *first == c;
                members = &members[1..];
            }
        }
    }
    Some((found != negated, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn as_python_does() {
        case("linux-*", "linux-image", true);
        case("linux-*", "linux", false);
        case("*", "", true);
        case("?", "", false);
        case("a*b*c", "a-b-b-c", true);
        case("a*b*c", "a-b-b-d", false);
        case("[a-c]x", "bx", true);
        case("[!a-c]x", "bx", false);
        case("[]x]y", "]y", true);
        case("[x", "[x", true);
        case("1.0*", "1.0-2+deb12u1", true);
        case("*.tar/*", "a.tar/b/c", true);
        case("abc", "abcd", false);
    }
}
