//! Methods that make a text wider.

use super::Arguments;
use crate::template::{Reason, size};

/// Answers `center`, `expandtabs`, `ljust`, `rjust` and `zfill`.
pub(super) fn pad(text: &str, given: Arguments<'_>) -> Result<String, Reason> {
    if given.method == "expandtabs" {
        return expand(text, given.integer(0, "tabsize", 8)?);
    }
    given.count(1, 2)?;
    let width = usize::try_from(given.integer(0, "width", 0)?).unwrap_or(0);
    size::text(width)?;
    let missing = width.saturating_sub(text.chars().count());
    if given.method == "zfill" {
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(digits) => text.split_at(text.len() - digits.len()),
            None => ("", text),
        };
        return Ok(format!("{sign}{}{digits}", "0".repeat(missing)));
    }
    let fill = given.optional_text(1, "fillchar")?.unwrap_or(" ");
    if fill.chars().count() != 1 {
        return Err(Reason::new("The fill character must be exactly one character long"));
    }
    let (before, after) = match given.method {
        "ljust" => (0, missing),
        "rjust" => (missing, 0),
        // Python puts the odd one to the left when the width is odd.
        _ => {
            let before = missing / 2 + (missing & width & 1);
            (before, missing - before)
        }
    };
    Ok(format!("{}{text}{}", fill.repeat(before), fill.repeat(after)))
}

fn expand(text: &str, tab: i64) -> Result<String, Reason> {
    let tab = usize::try_from(tab).unwrap_or(0);
    let mut out = String::new();
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let blanks = if tab == 0 { 0 } else { tab - column % tab };
                size::text(out.len().saturating_add(blanks))?;
                out.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(out)
}
