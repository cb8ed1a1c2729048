//! Regular expressions of Python: any pattern is translated or refused; matching ends.
//!
//! The lines: a pattern, a replacement, the text.

use fcplay::base::pyregex::{Flags, Pattern, escape};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let mut parts = input.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (pattern, by, text) = (part(), part(), part());
    for flags in [Flags::NONE, Flags::IGNORECASE | Flags::MULTILINE] {
        let Ok(pattern) = Pattern::new(pattern, flags) else { continue };
        let _ = (pattern.match_(text), pattern.fullmatch(text), pattern.split(text, 0));
        if let Ok(Some(found)) = pattern.search(text) {
            let groups: Vec<_> = (0..=pattern.groups()).map(|group| found.group(group)).collect();
            assert_eq!(groups[0], Some(found.as_str()));
        }
        let _ = pattern.replace_all(text, by, 0);
    }
    let literal = Pattern::new(&escape(text), Flags::NONE).expect("escaped text is a pattern");
    let found = literal.fullmatch(text).expect("literal text takes no effort");
    assert!(found.is_some(), "escaped text does not match itself");
}
