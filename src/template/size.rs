//! How large a value may get that a template makes: an error that says so comes before the memory of the machine ends.

use super::Reason;

/// Longest text, in bytes.
const TEXT: usize = 64 << 20;
/// Longest list.
const ITEMS: usize = 2_000_000;
/// Largest integer, in bits: some 300,000 digits.
const BITS: u64 = 1 << 20;

/// Refuses a text that would have so many bytes.
pub(super) fn text(length: usize) -> Result<(), Reason> {
    if length <= TEXT {
        return Ok(());
    }
    Err(Reason::new(format!("the result would be a text of more than {} MiB", TEXT >> 20)))
}

/// Refuses a list that would have so many items.
pub(super) fn items(count: usize) -> Result<(), Reason> {
    if count <= ITEMS {
        return Ok(());
    }
    Err(Reason::new(format!("the result would be a list of more than {ITEMS} items")))
}

/// Refuses an integer that would have so many bits.
pub(super) fn bits(count: u64) -> Result<(), Reason> {
    if count <= BITS {
        return Ok(());
    }
    Err(Reason::new(format!("the result would be a number of more than {BITS} bits")))
}

/// Returns a text so many times.
pub(super) fn repeated(chars: &str, count: usize) -> Result<String, Reason> {
    text(chars.len().saturating_mul(count))?;
    Ok(chars.repeat(count))
}

/// Returns a text with the first `count` places of another one replaced.
pub(super) fn replaced(chars: &str, old: &str, new: &str, count: usize) -> Result<String, Reason> {
    if new.len() > old.len() {
        let places = chars.matches(old).take(count).count();
        text(chars.len().saturating_add(places.saturating_mul(new.len() - old.len())))?;
    }
    Ok(chars.replacen(old, new, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused() {
        assert!(text(TEXT).is_ok() && items(ITEMS).is_ok() && bits(BITS).is_ok());
        let said = |result: Result<(), Reason>| result.unwrap_err().to_string();
        assert_eq!(said(text(TEXT + 1)), "the result would be a text of more than 64 MiB");
        assert_eq!(
            said(items(usize::MAX)),
            "the result would be a list of more than 2000000 items"
        );
        assert_eq!(said(bits(u64::MAX)), "the result would be a number of more than 1048576 bits");
        assert_eq!(repeated("ab", 2).unwrap(), "abab");
        assert!(repeated("ab", usize::MAX).is_err());
        assert_eq!(replaced("abab", "b", "cc", 1).unwrap(), "accab");
        assert_eq!(replaced("ab", "", "-", usize::MAX).unwrap(), "-a-b-");
        let long = "a".repeat(100_000);
        assert!(replaced(&long, "a", &long, usize::MAX).is_err());
    }
}
