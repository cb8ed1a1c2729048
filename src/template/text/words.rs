//! Python's text methods that several filters need.

use crate::template::{Reason, size};

/// Returns whether Python counts a character as white space.
pub(in crate::template) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Returns the text without white space around it.
pub(in crate::template) fn stripped(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Returns the text with its first letter upper case and the others lower case.
pub(in crate::template) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

/// Returns the text in the middle of so many columns.
pub(in crate::template) fn centered(text: &str, width: usize) -> Result<String, Reason> {
    size::text(width)?;
    let length = text.chars().count();
    let missing = width.saturating_sub(length);
    let left = missing / 2 + (missing & width & 1);
    Ok(format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left)))
}

/// Splits at white space, `most` times at most; what is left over keeps its end.
pub(in crate::template) fn split(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_methods_are_python_s() {
        assert_eq!(centered("ab", 5).unwrap(), "  ab ");
        assert_eq!(centered("abc", 6).unwrap(), " abc  ");
        assert_eq!(split(" a  b c ", 1), ["a", "b c "]);
        assert_eq!(split("  ", usize::MAX), [""; 0]);
        assert_eq!(capitalized("éA"), "Éa");
    }
}
