//! How lines are laid out: words in a column, times at the right edge, lists of hosts folded to what fits.

use std::sync::Arc;
use std::time::Duration;

use crate::base::words;
use crate::report::colors::Role;
use crate::report::settings::{Place, Settings};
use crate::report::text;

/// Columns in front of the word of a line.
const INDENT: &str = "  ";

/// Columns of the words, so that hosts stand below each other.
const WORD: usize = 7;

/// Where hosts and blocks begin.
pub(super) const COLUMN: usize = INDENT.len() + WORD + 2;

/// Times below this are not worth showing.
const SHORT: Duration = Duration::from_millis(50);

/// What lines look like.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) settings: Settings,
}

/// Characters that a C locale cannot show, and what stands for them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Glyph {
    Between,
    Branch,
    Check,
    Ellipsis,
    LastBranch,
    Rule,
    Running,
    Trunk,
}

impl Look {
    /// Returns a character that the locale can show.
    pub(super) fn glyph(&self, glyph: Glyph) -> &'static str {
        let (fine, plain) = match glyph {
            Glyph::Between => ("·", "-"),
            Glyph::Branch => ("├ ", "| "),
            Glyph::Check => ("✓", "ok:"),
            Glyph::Ellipsis => ("…", "..."),
            Glyph::LastBranch => ("└ ", "` "),
            Glyph::Rule => ("─", "-"),
            Glyph::Running => ("▸", ">"),
            Glyph::Trunk => ("│ ", "| "),
        };
        if self.settings.unicode { fine } else { plain }
    }

    /// Returns text in the color of its role.
    pub(super) fn paint(&self, role: Role, text: &str) -> String {
        self.settings.colors.paint(role, text)
    }

    /// Returns whether results are gathered and folded.
    pub(super) fn folds(&self) -> bool {
        self.settings.place == Place::Terminal
    }

    /// Returns the text with something at the right edge of a terminal, elsewhere two columns behind it.
    pub(super) fn with_right(&self, text: &str, right: &str) -> String {
        if right.is_empty() {
            return text.to_owned();
        }
        let last = text.rsplit('\n').next().unwrap_or_default();
        let used = text::width(&text::harmless(last));
        let space = match self.settings.place {
            Place::Terminal => self.settings.width.saturating_sub(used + text::width(right)).max(2),
            Place::Stream => 2,
        };
        format!("{text}{}{}", " ".repeat(space), self.paint(Role::Dim, right))
    }

    /// Returns a heading with a rule up to what stands at the right edge.
    pub(super) fn ruled(&self, heading: &str, right: &str) -> String {
        let used = text::width(heading) + text::width(right) + 2;
        let rule = self.glyph(Glyph::Rule).repeat(self.settings.width.saturating_sub(used).max(3));
        format!("{} {} {right}", self.paint(Role::Heading, heading), self.paint(Role::Dim, &rule))
    }

    /// Returns the beginning of a line: the word in its column and color.
    pub(super) fn word(&self, role: Role, word: &str) -> String {
        let padding = " ".repeat(WORD.saturating_sub(word.len()));
        format!("{INDENT}{}{padding}  ", self.paint(role, word))
    }

    /// Returns the names of hosts: all of them in a stream, what fits on a terminal.
    pub(super) fn hosts(&self, hosts: &[Arc<str>], room: usize) -> String {
        let all = hosts.join(" ");
        if !self.folds() || text::width(&all) <= room {
            return all;
        }
        let mut named = String::new();
        for (index, host) in hosts.iter().enumerate() {
            let rest = format!(" and {} more", hosts.len() - index);
            if text::width(&named) + 1 + text::width(host) + rest.len() > room {
                let few = index < 2;
                return if few { words::count(hosts.len(), "host") } else { named + &rest };
            }
            if index > 0 {
                named.push(' ');
            }
            named.push_str(host);
        }
        named
    }

    /// Returns the columns that names of hosts may take.
    pub(super) fn room(&self) -> usize {
        self.settings.width.saturating_sub(COLUMN + 12).max(20)
    }
}

/// Returns a time as it is shown; nothing for one that is not worth it.
pub(super) fn time(took: Duration) -> String {
    if took < SHORT { String::new() } else { words::duration(took) }
}

/// Returns how far something is: `1.2 of 3.4 GiB`, `12 of 30 files`.
pub(super) fn progress(what: &str, done: u64, all: u64) -> String {
    // Paths are counted in bytes, everything else is a noun.
    let noun = !what.is_empty() && !what.contains(['/', '.']);
    match (noun, all) {
        (true, 0) => format!("{done} {what}"),
        (true, all) => format!("{done} of {all} {what}"),
        (false, 0) => words::size(done),
        (false, all) => {
            let (done, all) = (words::size(done), words::size(all));
            match (done.split_once(' '), all.split_once(' ')) {
                (Some((number, unit)), Some((_, other))) if unit == other => {
                    format!("{number} of {all}")
                }
                _ => format!("{done} of {all}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(place: Place) -> Look {
        Look { settings: Settings { place, width: 60, ..Settings::default() } }
    }

    #[test]
    fn hosts_fold_to_what_fits() {
        let hosts: Vec<Arc<str>> = (1..=40).map(|n| Arc::from(format!("cache-{n}"))).collect();
        let look = look(Place::Terminal);
        assert_eq!(look.hosts(&hosts[..3], 40), "cache-1 cache-2 cache-3");
        assert_eq!(look.hosts(&hosts, 40), "cache-1 cache-2 cache-3 and 37 more");
        assert_eq!(look.hosts(&hosts, 20), "40 hosts");
    }

    #[test]
    fn times_stand_at_the_right_edge_of_a_terminal() {
        let line = look(Place::Terminal).with_right("  changed  a", "8.1 s");
        assert_eq!((line.len(), &line[55..]), (60, "8.1 s"));
        assert_eq!(look(Place::Stream).with_right("  changed  a", "8.1 s"), "  changed  a  8.1 s");
    }

    #[test]
    fn how_far_it_is() {
        assert_eq!(progress("/i.tar", 1_288_490_189, 3_650_722_201), "1.2 of 3.4 GiB");
        assert_eq!(progress("/i.tar", 1024, 3_650_722_201), "1.0 KiB of 3.4 GiB");
        assert_eq!(progress("files", 12, 30), "12 of 30 files");
        assert_eq!(progress("/i.tar", 2048, 0), "2.0 KiB");
    }
}
