//! Reads `key=value` words.

/// Splits `key=value` where the first `=` stands outside of quotes and templates.
pub(super) fn pair(word: &str) -> Option<(&str, &str)> {
    let (key, value) = word.split_once('=')?;
    let name = key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (name && !key.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        assert_eq!(pair("a=b=c"), Some(("a", "b=c")));
        assert_eq!(pair("/x=y"), None);
    }
}
