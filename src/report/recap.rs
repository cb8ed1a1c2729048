//! The recap, in the format that scripts read.

use std::sync::Arc;

use super::colour::{Colours, Role};
use crate::event::Stats;

/// Returns a banner: words, and asterisks to the end of the line.
pub(super) fn banner(words: &str, columns: usize) -> String {
    // One more than fits, as Ansible has it.
    format!("{words} {}", "*".repeat(columns.saturating_sub(words.chars().count()).max(3)))
}

/// Returns the lines of the recap.
pub(super) fn lines(stats: &[(Arc<str>, Stats)], colours: Colours) -> Vec<String> {
    stats.iter().map(|(host, stats)| line(host, stats, colours)).collect()
}

fn line(host: &str, stats: &Stats, colours: Colours) -> String {
    let role = if stats.failed > 0 || stats.unreachable > 0 {
        Role::Failed
    } else if stats.changed > 0 {
        Role::Changed
    } else {
        Role::Ok
    };
    let count = |name: &str, number: u32, role: Role| {
        let text = format!("{name}={number:<4}");
        if number > 0 { colours.paint(role, &text) } else { text }
    };
    // A coloured name takes more room than it shows.
    let width = if colours == Colours::On { 37 } else { 26 };
    format!(
        "{:<width$} : {} {} {} {} {} {} {}",
        colours.paint(role, host),
        count("ok", stats.ok, Role::Ok),
        count("changed", stats.changed, Role::Changed),
        count("unreachable", stats.unreachable, Role::Unreachable),
        count("failed", stats.failed, Role::Failed),
        count("skipped", stats.skipped, Role::Skipped),
        count("rescued", stats.rescued, Role::Ok),
        count("ignored", stats.ignored, Role::Changed),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_ansibles() {
        let stats =
            Stats { ok: 31, changed: 7, skipped: 3, rescued: 1, ignored: 1, ..Stats::default() };
        assert_eq!(
            line("a", &stats, Colours::Off),
            "a                          : ok=31   changed=7    unreachable=0    failed=0    skipped=3    rescued=1    ignored=1   "
        );
    }

    #[test]
    fn banners_end_at_the_last_column() {
        assert_eq!(banner("PLAY [all]", 20), "PLAY [all] **********");
        assert_eq!(banner("PLAY [all]", 3), "PLAY [all] ***");
    }
}
