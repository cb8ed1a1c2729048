//! Lines as Python's `str.splitlines` sees them.

/// Returns the lines without their ends; a line feed at the very end starts no further line.
pub(in crate::template) fn splitlines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(at) = rest.find(is_break) else {
            lines.push(rest);
            break;
        };
        lines.push(&rest[..at]);
        let tail = &rest[at..];
        let width = if tail.starts_with("\r\n") {
            2
        } else {
            tail.chars().next().map_or(1, char::len_utf8)
        };
        rest = &tail[width..];
    }
    lines
}

fn is_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(splitlines("a\r\nb\n\nc"), ["a", "b", "", "c"]);
        assert_eq!(splitlines("a\n"), ["a"]);
        assert_eq!(splitlines("a\u{85}b\u{b}"), ["a", "b"]);
        assert!(splitlines("").is_empty());
    }
}
