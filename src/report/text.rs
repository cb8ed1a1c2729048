//! Text as it stands on a screen: how wide it is, and how to cut it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns the columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the text, cut to so many columns; what is cut ends with the mark.
pub(super) fn cut(text: &str, columns: usize, mark: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(mark));
    let mut used = 0;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect();
    out.push_str(mark);
    out
}

/// Returns what a program wrote without what moves the cursor: color codes, carriage returns, tabs, other controls.
pub(super) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => escape(&mut chars),
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Skips an escape sequence: `ESC [ … letter`, `ESC ] … BEL`, or `ESC` with one character.
fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => {
            for c in chars.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        Some(']') => {
            while let Some(c) = chars.next() {
                if c == '\x07' {
                    break;
                }
                if c == '\x1b' {
                    chars.next();
                    break;
                }
            }
        }
        Some(_) | None => {}
    }
}

/// Returns the last line of what a program wrote that says something; a carriage return begins a line anew.
pub(super) fn last_line(text: &str) -> Option<String> {
    text.split(['\n', '\r'])
        .rev()
        .map(harmless)
        .map(|line| line.trim().to_owned())
        .find(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("数据库-1"), 8);
        assert_eq!(cut("数据库-1", 5, "…"), "数据…");
        assert_eq!(cut("abc", 3, "…"), "abc");
        assert_eq!(cut("abcd", 3, "..."), "...");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(harmless("a\x1b[31mred\x1b[0m\tb\x1b]0;title\x07c\r\x08"), "ared    bc");
        assert_eq!(last_line("10%\r20%\r\n\n").as_deref(), Some("20%"));
        assert_eq!(last_line("\n \x1b[K"), None);
    }
}
