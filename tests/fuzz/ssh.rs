//! SSH's configuration and files of known hosts. What runs programs or reads other files is left out.

use fcplay::connection::ssh::doors;

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = doors::known_hosts(&text, "web.example.org");
    let lower = text.to_lowercase();
    if lower.contains("exec") || lower.contains("include") {
        return;
    }
    if let Err(bad) = doors::config(&text, "web.example.org") {
        assert!(!bad.to_string().is_empty());
    }
}
