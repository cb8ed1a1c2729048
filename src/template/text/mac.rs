//! Hardware addresses in text.

/// Reads a MAC address in any of the usual forms, or as a number.
pub(in crate::template) fn parse(text: &str) -> Option<u64> {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    for mark in [':', '-'] {
        let parts: Vec<&str> = text.split(mark).collect();
        let wide = match parts.len() {
            6 => 2,
            3 => 4,
            2 => 6,
            _ => continue,
        };
        if parts.iter().all(|part| !part.is_empty() && part.len() <= wide && hex(part)) {
            let digits: String = parts.iter().map(|part| format!("{part:0>wide$}")).collect();
            return u64::from_str_radix(&digits, 16).ok();
        }
    }
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && hex(part))
    {
        let digits: String = parts.iter().map(|part| format!("{part:0>4}")).collect();
        return u64::from_str_radix(&digits, 16).ok();
    }
    if text.len() == 12 && hex(text) {
        return u64::from_str_radix(text, 16).ok();
    }
    None
}
