//! The recap, in the form that wrappers of Ansible read.

use std::fmt::Display;

use super::colors::{Palette, Role};
use super::text;
use crate::event::Stats;

/// Returns a heading with stars up to the column.
pub(super) fn banner(heading: &str, columns: usize) -> String {
    let stars = columns.saturating_sub(text::width(heading)).max(3);
    format!("{heading} {}", "*".repeat(stars))
}

/// Returns the line of a host.
pub(super) fn line(host: &str, stats: &Stats, colors: &Palette) -> String {
    let Stats { ok, changed, unreachable, failed, skipped, rescued, ignored } = *stats;
    let role = match () {
        () if failed > 0 || unreachable > 0 => Role::Error,
        () if changed > 0 => Role::Changed,
        () => Role::Ok,
    };
    let field = |name: &str, number: u32, role: Role| {
        let text = format!("{name}={number:<4}");
        if number > 0 { colors.paint(role, &text) } else { text }
    };
    let padding = " ".repeat(26_usize.saturating_sub(text::width(host)));
    let fields: [&dyn Display; 7] = [
        &field("ok", ok, Role::Ok),
        &field("changed", changed, Role::Changed),
        &field("unreachable", unreachable, Role::Unreachable),
        &field("failed", failed, Role::Error),
        &field("skipped", skipped, Role::Skipped),
        &field("rescued", rescued, Role::Ok),
        &field("ignored", ignored, Role::Warning),
    ];
    let fields = fields.map(ToString::to_string).join(" ");
    format!("{}{padding} : {fields}", colors.paint(role, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_ansible() {
        let stats = Stats {
            ok: 31,
            changed: 13,
            failed: 1,
            skipped: 3,
            rescued: 1,
            ignored: 5,
            unreachable: 0,
        };
        assert_eq!(
            line("h1", &stats, &Palette::plain()),
            "h1                         : ok=31   changed=13   unreachable=0    failed=1    skipped=3    rescued=1    ignored=5   "
        );
        assert_eq!(banner("PLAY RECAP", 79).len(), 80);
        assert_eq!(banner(&"x".repeat(90), 79).len(), 94);
    }
}
