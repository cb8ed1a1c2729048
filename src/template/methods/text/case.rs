//! Upper and lower case, and what kinds of characters a text has.

/// Returns a text with a large first letter and small ones after it.
pub(super) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        large(first).chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

/// Returns a letter as it starts a word: of several that stand for it, only the first one is large.
fn large(c: char) -> impl Iterator<Item = char> {
    let mut chars = c.to_uppercase();
    chars.next().into_iter().chain(chars.flat_map(char::to_lowercase))
}

fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// Returns a text with small letters for large ones and large ones for small ones.
pub(super) fn swap_case(text: &str) -> String {
    let swap = |c: char| -> String {
        if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
    };
    text.chars().map(swap).collect()
}

/// Returns a text in which each word starts with a large letter.
pub(super) fn title(text: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(large(c));
        }
        inside = is_cased(c);
    }
    out
}

/// Answers the methods that start with `is`.
pub(super) fn is(text: &str, name: &str) -> bool {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let cased = |test: fn(char) -> bool, against: fn(char) -> bool| {
        text.chars().any(test) && !text.chars().any(against)
    };
    match name {
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => text.is_ascii(),
        "isdecimal" => all(|c| c.is_ascii_digit()),
        "isdigit" => all(|c| c.is_ascii_digit() || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹')),
        "isidentifier" => {
            !text.starts_with(|c: char| c.is_numeric()) && all(|c| c == '_' || c.is_alphanumeric())
        }
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "isnumeric" => all(char::is_numeric),
        "isprintable" => text.chars().all(|c| !c.is_control() && (c == ' ' || !c.is_whitespace())),
        "isspace" => all(char::is_whitespace),
        "istitle" => text.chars().any(is_cased) && title(text) == text,
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        _ => false,
    }
}
