//! What is said of hosts: one word, one message, maybe a block below. Hosts of which the same is said share it.

use std::sync::Arc;
use std::time::Duration;

use super::layout::{COLUMN, Glyph, Look, time};
use crate::report::colors::Role;
use crate::report::diff::Line;
use crate::report::text;

/// The word at the beginning of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    Changed,
    Failed,
    Ignored,
    Ok,
    Retry,
    Skipped,
    Unreachable,
    WouldChange,
}

impl Word {
    /// Returns the word itself.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Ignored => "ignored",
            Self::Ok => "ok",
            Self::Retry => "retry",
            Self::Skipped => "skipped",
            Self::Unreachable => "unreachable",
            Self::WouldChange => "would change",
        }
    }

    /// Returns its role.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Changed | Self::WouldChange => Role::Changed,
            Self::Failed => Role::Error,
            Self::Ignored => Role::Warning,
            Self::Ok => Role::Ok,
            Self::Retry => Role::Verbose,
            Self::Skipped => Role::Skipped,
            Self::Unreachable => Role::Unreachable,
        }
    }

    /// Returns whether the block below explains a failure.
    fn explains(self) -> bool {
        matches!(self, Self::Failed | Self::Ignored | Self::Unreachable)
    }
}

/// What is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Said {
    pub(super) word: Word,
    /// What stands behind the hosts, one line.
    pub(super) message: String,
    /// Lines below.
    pub(super) more: Vec<String>,
    /// What changed inside files.
    pub(super) diff: Vec<(Line, String)>,
}

impl Said {
    /// Returns a word and nothing else.
    pub(super) fn word(word: Word) -> Self {
        Self { word, message: String::new(), more: Vec::new(), diff: Vec::new() }
    }

    /// Returns a word and a message.
    pub(super) fn message(word: Word, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::word(word) }
    }
}

/// What is said of hosts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) said: Said,
    /// The items of a loop it is about; none when it is about the whole task.
    pub(super) items: Vec<String>,
    pub(super) hosts: Vec<Arc<str>>,
}

/// How many items are named.
const ITEMS: usize = 8;

impl Entry {
    /// Returns the lines of the entry.
    pub(super) fn lines(&self, look: &Look, took: Duration) -> Vec<String> {
        let Said { word, message, more, diff } = &self.said;
        let mut first = look.word(word.role(), word.text());
        first += &look.hosts(&self.hosts, look.room());
        first += &self.items(look);
        if !message.is_empty() {
            first += ": ";
            first += message;
        }
        let mut lines = vec![look.with_right(&first, &time(took))];
        let column = " ".repeat(COLUMN);
        let last = more.iter().rposition(|line| !line.starts_with(' '));
        for (index, line) in more.iter().enumerate() {
            let branch = match last {
                _ if !word.explains() => "",
                Some(last) if index > last => "  ",
                _ if line.starts_with(' ') => look.glyph(Glyph::Trunk),
                Some(last) if index == last => look.glyph(Glyph::LastBranch),
                Some(_) | None => look.glyph(Glyph::Branch),
            };
            lines.push(format!("{column}{branch}{line}").trim_end().to_owned());
        }
        for (kind, line) in diff {
            let line = text::harmless(line);
            let line = match crate::report::ansible::role_of(*kind) {
                Some(role) => look.paint(role, &line),
                None => line,
            };
            lines.push(format!("    {line}").trim_end().to_owned());
        }
        lines
    }

    fn items(&self, look: &Look) -> String {
        if self.items.is_empty() {
            return String::new();
        }
        let named = self
            .items
            .iter()
            .take(ITEMS)
            .map(|item| text::cut(item, 60, look.glyph(Glyph::Ellipsis)));
        let mut named: Vec<String> = named.collect();
        if self.items.len() > ITEMS {
            named.push(format!("{} more", self.items.len() - ITEMS));
        }
        format!(" ({})", named.join(", "))
    }
}
